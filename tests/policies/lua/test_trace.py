"""Who may have a trace, and what stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import runtime

TOKEN = "a-token-of-many-letters"
PROGRAM = b"""
local R = ...
return { abi = 1, steps = { { source = "set-header" }, { source = "set-header" } }, inbound = function(q)
  q.step = 1
  R.set(q.request, "x-a", "1" .. (q.request:get("x-my-key") or ""))
  local var1_who = "ada"
  q.step = 2
  R.set(q.request, "authorization", "Bearer abc")
  R.set(q.request, "x-t", "Bearer abc.def")
end }
"""
RUN = b"""
return function(address, asked, uuid, key)
  R.uuid = function() return uuid end
  R.ip_address = function() return address end
  local path = key and "/a?my-key=" .. key or "/a"
  local headers = R.new_headers({ [":method"] = "GET", [":path"] = path, [":authority"] = "a.test" })
  if asked then headers:replace("tidegate-trace", asked) end
  if key then headers:replace("x-my-key", key) end
  R.facts = function() return { api = { subscription_header = "x-my-key", subscription_query = "my-key" } } end
  local q = { h = {}, request = headers, step = 0, variables = false }
  local chunk = load(PROGRAM, "=p", "t")
  local program = chunk(R)
  program.chunk, program.digest = chunk, "d"
  q.program = R.trace_request(q, program)
  q.program.inbound(q)
  local answer = R.new_headers({ [":status"] = "200" })
  R.trace_end(q, answer, "gateway")
  return headers:get("tidegate-trace"), answer:get("tidegate-trace"), q.step
end
"""

Run = Callable[..., tuple[Any, ...]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A program, traced or not, in a VM whose traces go to the test's folder."""
    monkeypatch.setenv("TIDEGATE_TRACES", str(tmp_path))
    monkeypatch.setenv("TIDEGATE_TRACE_TOKEN", TOKEN)
    vm: LuaRuntime = runtime()
    vm.globals()[b"PROGRAM"] = PROGRAM
    traced = vm.execute(RUN)

    def once(address: str, asked: str | None, key: str | None = None) -> tuple[Any, ...]:
        given = asked.encode() if asked is not None else None
        found = traced(address.encode(), given, b"0123abcd-0000", key.encode() if key else None)
        return tuple(each.decode() if isinstance(each, bytes) else each for each in found)

    return once


@pytest.mark.parametrize(
    ("address", "asked", "is_traced"),
    [
        ("127.0.0.1", "1", True),
        ("::1", "1", True),
        ("10.0.0.1", TOKEN, True),
        ("10.0.0.1", "1", False),
        ("10.0.0.1", TOKEN + "x", False),
        ("10.0.0.1", "", False),
        ("127.0.0.1.example.com", "1", False),
        ("127.0.0.1", None, False),
    ],
)
def test_who_may(run: Run, tmp_path: Path, address: str, asked: str | None, is_traced: bool) -> None:
    """This machine, or who knows the token; the header goes no further either way."""
    header, id_, step = run(address, asked)
    assert header is None
    assert step == 2
    assert (id_ is not None) == is_traced
    assert [file.name for file in tmp_path.iterdir()] == ([f"{id_}.json"] if is_traced else [])


def test_what_stands_in_it(run: Run, tmp_path: Path) -> None:
    """Statements in order, with what they asked for and changed; secrets do not."""
    _, id_, _ = run("127.0.0.1", "1")
    text = (tmp_path / f"{id_}.json").read_text()
    trace = json.loads(text)
    assert (trace["status"], trace["by"], trace["method"], trace["url"]) == ("200", "gateway", "GET", "a.test/a")
    first, second = trace["events"]
    assert first["calls"] == [{"name": "set", "inputs": ['"x-a"', '"1"']}]
    assert first["changes"] == [["request header", "x-a", False, "1"], ["variable", "who", False, '"ada"']]
    assert second["changes"] == [
        ["request header", "authorization", False, "(redacted)"],
        ["request header", "x-t", False, "Bearer (redacted)"],
    ]
    assert "abc" not in text.replace("0123abcd", "")


@pytest.mark.parametrize("key", ["0123456789abcdef", 'a"b.c%5d(e)[f]+', "k\\1-2%41"])
def test_a_subscriptions_key_is_nowhere(run: Run, tmp_path: Path, key: str) -> None:
    """Under the names that the API gives it, in the URL, and where a policy has put it."""
    _, id_, _ = run("127.0.0.1", "1", key)
    text = (tmp_path / f"{id_}.json").read_text()
    assert json.loads(text)["url"] == "a.test/a?my-key=(redacted)"
    assert json.dumps(key)[1:-1] not in text
    assert ["request header", "x-a", False, "1(redacted)"] in json.loads(text)["events"][0]["changes"]


def test_files_are_few(run: Run, tmp_path: Path) -> None:
    """A client that asks for a thousand traces fills no disk."""
    for _ in range(130):
        run("127.0.0.1", "1")
    assert len(list(tmp_path.iterdir())) == 64
