"""Each command, without a running instance; with one, tests/e2e."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.cli import check, demo, explain, instance, options, simulate, status, token, up
from tidegate.cli.entry import run

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:9"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_module_has_its_command() -> None:
    modules = (check, demo, explain, simulate, status, token, up)
    assert [module.command.name for module in modules] == [module.__name__.rpartition(".")[2] for module in modules]


def test_check_is_0_when_all_is_well(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.yaml").write_text(GATEWAY)
    assert run(["check"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "no errors or warnings in 1 file\n"


def test_check_shows_places_relative_to_here_and_exits_with_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.yaml").write_text(GATEWAY.replace("listeners", "listener"))
    assert run(["check", "a.yaml", "--output-format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("a.yaml:6:3: error[TG")


def test_check_can_deny_warnings(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.yaml").write_text(GATEWAY.replace("gatewayClassName: tidegate", "gatewayClassName: azure-alb"))
    assert run(["check", "a.yaml", "--output-format", "concise"]) == 0
    assert "warning[" in capsys.readouterr().out
    assert run(["check", "a.yaml", "--deny", "warnings"]) == 1


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check_speaks_to_machines(here: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    (here / "a.yaml").write_text(GATEWAY)
    assert run(["check", "a.yaml", "--output-format", form]) == 0
    json.loads(capsys.readouterr().out)


def test_check_lists_what_statements_became(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the findings, for people only."""
    policy = (
        "<policies><inbound><set-method>PUT</set-method></inbound><backend><forward-request /></backend></policies>"
    )
    attached = {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "cart"}]}
    spec = {**attached, "policy": {"inline": policy}}
    object_ = {
        "apiVersion": "tidegate.dev/v1alpha1",
        "kind": "ApimPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
    }
    (here / "a.yaml").write_text(f"{GATEWAY}---\n{json.dumps({**object_, 'spec': spec})}\n")
    assert run(["check", "--steps"]) == 0
    said = capsys.readouterr().out
    assert "    program  set-method PUT  (a.yaml:" in said
    assert "    router   forward-request  (a.yaml:" in said
    assert run(["check", "--steps", "--output-format", "json"]) == 2


def test_check_of_a_path_that_is_not_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().out


def test_explain_reads_files_without_a_running_instance(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.yaml").write_text(GATEWAY)
    assert run(["explain", "GET", "http://127.0.0.1:8080/x", "a.yaml"]) == 0
    assert "shop/cart" in capsys.readouterr().out
    assert run(["explain", "get", "http://127.0.0.1:8080/x", "a.yaml", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["method"] == "GET"


def test_explain_knows_codes_and_slugs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "tg9101"]) == 0
    by_code = capsys.readouterr().out
    assert run(["explain", "port-in-use"]) == 0
    assert capsys.readouterr().out == by_code
    assert by_code.startswith("# TG9101 port-in-use")


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["token", "--user", "a", "--scope", "b"],
        ["simulate", "rotate-keys"],
        ["explain", "GET", "http://x/"],
    ],
)
def test_without_a_running_instance_it_is_3(here: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    del here
    assert run(words) == 3
    said = capsys.readouterr().err
    assert "no tidegate runs on the state directory" in said
    assert len(said.splitlines()) == 1


def test_a_state_directory_that_is_a_file_is_3(here: Path) -> None:
    (here / "a.yaml").write_text(GATEWAY)
    (here / "state").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "tidegate", "up", "a.yaml", "--state", "state"],
        capture_output=True,
        text=True,
        check=False,
        cwd=here,
    )
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "--state" in done.stderr


def test_a_name_that_is_no_ip_address_is_refused_for_bind(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["up", "--bind", "localhost"]) == 2
    assert "--bind" in capsys.readouterr().err


def test_sets_are_names_with_values() -> None:
    assert options._sets(None, None, ("A=1", "B=x=y", "C=")) == {"A": "1", "B": "x=y", "C": ""}  # type: ignore[arg-type]  # options passed on by name


def test_the_demo_finds_its_example_and_says_what_works_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = demo.find_example()
    assert (manifests / "gateway.yaml").is_file()
    monkeypatch.chdir(manifests.parent)
    text = demo.what_to_try(manifests, state="my state", port_offset=9000)
    assert "http://127.0.0.1:9080/tasks" in text
    assert "--state 'my state'" in text
    assert "manifests" in text
    assert "{" not in text.replace('{"title"', "")


LISTED = {
    "items": [
        {
            "kind": "HTTPRoute",
            "metadata": {"namespace": "shop", "name": "cart"},
            "status": {
                "parents": [
                    {
                        "conditions": [
                            {"type": "Accepted", "status": "True"},
                            {"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "message": "no x"},
                        ]
                    }
                ]
            },
        },
        {
            "kind": "Gateway",
            "metadata": {"namespace": "shop", "name": "edge"},
            "status": {
                "conditions": [{"type": "Accepted", "status": "True"}],
                "listeners": [{"conditions": [{"type": "Conflicted", "status": "False"}]}],
            },
        },
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "cart"}},
    ],
    "tidegate": {
        "serving": {
            "gateways": {"shop/edge": {"listeners": {"http": {"address": "127.0.0.1", "port": 8080}}}},
            "identity": {"authority": "https://localhost:8444", "ca": "ca.pem"},
        },
        "replicas": {},
        "programmed": True,
        "diagnostics": [],
    },
}


def test_the_table_shows_what_is_wrong_and_why() -> None:
    table = status._table(LISTED).splitlines()
    assert table[1] == "HTTPRoute  shop/cart  ResolvedRefs=False  BackendNotFound: no x"
    assert table[2] == "Gateway    shop/edge  Accepted"
    assert "Gateway shop/edge listener http: 127.0.0.1:8080" in table


def test_an_instance_is_asked_by_its_state_directory(tmp_path: Path) -> None:
    with pytest.raises(instance.Failure) as caught:
        instance.ask_instance(os.fspath(tmp_path), {"command": "status"})
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("url", ["http://[::1/x", "http://x:99999/", "/tasks", "http://", "ftp://x/", "http://x:port/"])
def test_explain_refuses_what_is_no_url(here: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    (here / "a.yaml").write_text(GATEWAY)
    assert run(["explain", "GET", url, "a.yaml"]) == 2
    assert "is no URL of a request; write http://HOST/PATH" in capsys.readouterr().err


def test_explain_of_files_that_are_not_there_explains_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del here
    assert run(["explain", "GET", "http://x/", "nowhere"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "error: nowhere does not exist\n"


@pytest.mark.parametrize("words", [["up"], ["status"], ["demo"], ["explain", "GET", "http://x/"]])
def test_a_state_directory_without_a_name_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--state", ""]) == 2
    assert "the name is empty" in capsys.readouterr().err


def test_the_table_counts_one_error_as_one_and_brackets_an_ipv6_address() -> None:
    listed = {
        "items": [],
        "tidegate": {
            "serving": {
                "gateways": {"shop/edge": {"listeners": {"http": {"address": "::1", "port": 8080}}}},
                "identity": {"authority": "https://localhost:8444", "ca": "ca.pem"},
            },
            "replicas": {},
            "programmed": True,
            "diagnostics": [{"severity": "error"}],
        },
    }
    table = status._table(listed)
    assert "listener http: [::1]:8080\n" in table
    assert "1 error in the files" in table
