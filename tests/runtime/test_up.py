"""What must hold before the first process is started."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.clock import SystemClock
from tidegate.diagnostics import Diagnostic, Found, Span
from tidegate.diagnostics.codes.config import PORT_IN_USE
from tidegate.diagnostics.codes.reading import PATH_MISSING
from tidegate.envoy.snapshot import LISTENER, ResourceName, Snapshot
from tidegate.model import Gateway, Listener, ObjectKey, ObjectName, Protocol, World
from tidegate.pipeline import Compilation
from tidegate.runtime.compiler import Compiled
from tidegate.runtime.options import UpOptions
from tidegate.runtime.ready import ready_content, summary
from tidegate.runtime.start_checks import objection
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.status import counts, status_list
from tidegate.runtime.up import own_processes, run_up
from tidegate.sources import Mapping, Source, SourceSet, read_yaml

SPAN = Span("a.yaml", 6, 3, 6, 9)


def gateway(namespace: str, name: str, *listeners: tuple[str, int, Protocol]) -> Gateway:
    made = tuple(Listener(one, port, protocol, None, (), (), SPAN) for one, port, protocol in listeners)
    return Gateway(ObjectName(namespace, name), "127.0.0.1", made, SPAN)


WORLD = World(
    gateways=(
        gateway("apim", "apim", ("http", 81, Protocol.HTTP)),
        gateway("shop", "edge", ("http", 80, Protocol.HTTP), ("https", 443, Protocol.HTTPS)),
    )
)


def options(folder: Path, **more: Any) -> UpOptions:
    return UpOptions(paths=("a.yaml",), state=str(folder / "state"), working_directory=str(folder), **more)


def test_a_port_of_the_token_service_in_use_is_3_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = run_up(options(tmp_path, port_offset=port - 444), environment={}, clock=SystemClock(), began=0.0)
    assert code == 3
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert f"127.0.0.1:{port}" in said
    assert "--port-offset" in said
    assert StateDirectory(tmp_path / "state").holder() is None


def test_a_ready_file_that_cannot_be_replaced_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ready").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    chosen = options(tmp_path, ready_file=str(tmp_path / "ready"), port_offset=free - 444)
    assert run_up(chosen, environment={}, clock=SystemClock(), began=0.0) == 3
    assert "ready file" in capsys.readouterr().err


def test_an_error_stops_a_start_only_when_it_should(tmp_path: Path) -> None:
    """`--strict` asks for it; a path that is not there cannot be served at all."""
    strict = objection(compiled(), options(tmp_path, strict=True))
    assert strict is not None
    assert strict.exit_code == 1
    assert "--strict" in strict.text
    missing = Diagnostic(PATH_MISSING, "nowhere does not exist", None)
    gone = objection(replace(compiled(), diagnostics=(missing,)), options(tmp_path))
    assert gone is not None
    assert (gone.text, gone.exit_code) == ("not started: nowhere does not exist", 1)


def test_a_listener_on_the_token_services_port_is_told_whose_it_is(tmp_path: Path) -> None:
    """There is nothing else that could be stopped."""
    mine = replace(compiled().compilation, world=World(gateways=(gateway("shop", "edge", ("x", 444, Protocol.HTTP)),)))
    with socket.socket() as token_service:
        token_service.bind(("127.0.0.1", 0))
        token_service.listen()
        offset = token_service.getsockname()[1] - 444
        refused = objection(replace(compiled(), compilation=mine), options(tmp_path, port_offset=offset))
    assert refused is not None
    assert refused.exit_code == 3
    assert "the token service has port 444 plus the port offset" in refused.text


def test_no_option_with_a_secret_stands_in_a_command(tmp_path: Path) -> None:
    """Command lines can be read by every user of the machine."""
    chosen = options(tmp_path, sets={"SECRET": "hunter2"})
    specs = own_processes(chosen, state=StateDirectory(tmp_path / "state"), environment={"A": "b"})
    assert [spec.name for spec in specs] == ["control", "identity"]
    assert all(spec.critical for spec in specs)
    assert "hunter2" not in " ".join(word for spec in specs for word in spec.command)


def test_the_ready_file_tells_where_everything_is_reached(tmp_path: Path) -> None:
    content = ready_content(WORLD, options=options(tmp_path), ca_file="ca.pem")
    assert content == {
        "gateways": {
            "shop/edge": {
                "address": "127.0.0.1",
                "listeners": {
                    "http": {"address": "127.0.0.1", "port": 8080},
                    "https": {"address": "127.0.0.1", "port": 8443},
                },
            }
        },
        "apim": {"address": "127.0.0.1", "port": 8081},
        "identity": {"authority": "https://localhost:8444", "ca": "ca.pem"},
    }


def test_the_summary_tells_people_the_same(tmp_path: Path) -> None:
    text = summary(WORLD, options=options(tmp_path, hint="try this"), ca_file="ca.pem", replicas="shop/cart 2/2")
    for part in ("http://127.0.0.1:8081", "https://127.0.0.1:8443", "shop/cart 2/2", "try this", "0 routes"):
        assert part in text


def test_an_ipv6_address_stands_in_brackets(tmp_path: Path) -> None:
    world = replace(WORLD, gateways=tuple(replace(each, address="::1") for each in WORLD.gateways))
    text = summary(world, options=options(tmp_path), ca_file="ca.pem", replicas="")
    assert "http://[::1]:8081" in text


def test_many_listeners_are_not_all_told(tmp_path: Path) -> None:
    """Those that share a socket are one line; of hundreds the first are shown, and how many more there are."""
    one = WORLD.gateways[0].listeners[0]
    same = tuple(replace(one, name=f"a{i}", hostname=f"a{i}.example.com") for i in range(3))
    many = tuple(replace(one, name=f"b{i}", port=100 + i) for i in range(40))
    raw = replace(one, name="raw", port=99, protocol=Protocol.UDP)
    shop = ObjectName("shop", "edge")
    world = replace(WORLD, gateways=(replace(WORLD.gateways[0], name=shop, listeners=(*same, raw, *many)),))
    text = summary(world, options=options(tmp_path), ca_file="ca.pem", replicas="")
    assert "3 listeners" in text
    assert "udp://127.0.0.1:8099" in text
    assert "more sockets" in text
    assert len(text.splitlines()) < 30


GATEWAY_KEY = ObjectKey("gateway.networking.k8s.io", "Gateway", "shop", "edge")


def compiled() -> Compiled:
    condition = {"type": "Programmed", "status": "True", "reason": "Programmed", "message": ""}
    (gateway,) = read_yaml(Source("a.yaml", "kind: Gateway\nmetadata: {namespace: shop, name: edge}\n"), Found())
    assert isinstance(gateway, Mapping)
    compilation = Compilation(
        world=WORLD,
        snapshot=Snapshot.of({}),
        proof_secrets={},
        statuses={GATEWAY_KEY: {"conditions": [dict(condition)], "listeners": [{"conditions": [dict(condition)]}]}},
        nodes={GATEWAY_KEY: gateway},
        diagnostics=(),
        source_map={ResourceName(LISTENER, "127.0.0.1:8080"): SPAN},
        issuers_needed=(),
    )
    found = Diagnostic(PORT_IN_USE, "no", SPAN)
    return Compiled(compilation, SourceSet(), (found,), 0.01)


@pytest.mark.parametrize(
    ("programmed", "refused", "reason"),
    [
        (True, frozenset(), "Programmed"),
        (False, frozenset(), "Pending"),
        (True, frozenset({(LISTENER, "127.0.0.1:8080")}), "Invalid"),
        (True, frozenset({(LISTENER, "another")}), "Programmed"),
    ],
)
def test_programmed_is_what_envoy_said(programmed: bool, refused: frozenset[tuple[str, str]], reason: str) -> None:
    now = compiled()
    listed = status_list(now, programmed=programmed, refused=refused, extra={"counts": counts(WORLD)})
    (item,) = listed["items"]
    for holder in (item["status"], item["status"]["listeners"][0]):
        assert holder["conditions"][0]["reason"] == reason
    # What was compiled is not changed by showing it.
    assert now.compilation.statuses[GATEWAY_KEY]["conditions"][0]["status"] == "True"
    assert listed["tidegate"]["diagnostics"][0]["place"] == "a.yaml:6:3"
    assert listed["tidegate"]["counts"]["listeners"] == 3
