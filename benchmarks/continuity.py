"""Requests that fail while the configuration changes under them: there must be none."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from benchmarks import tidegate
from benchmarks.authority import Authority
from benchmarks.changes import backend, edited
from benchmarks.fleet import GATEWAY, Fleet, write
from benchmarks.probe import Answer, Probe
from benchmarks.processes import wait_for
from benchmarks.traffic import Sender, Target, Traffic

_FIRST: Final = 10
"""Routes that are there before others are added."""
_ADDED_EVERY_S: Final = 0.01
_EDITS: Final = 20
_ROTATIONS: Final = 5
_APART_S: Final = 0.1
_SETTLE_S: Final = 1.0
"""Traffic goes on this long after the last change: what breaks late breaks too."""


@dataclass(frozen=True, slots=True)
class Continuity:
    """One kind of change under traffic."""

    what: str
    traffic: Traffic
    seconds: float
    """From the first change to the effect of the last."""


def measure(directory: Path, *, routes: int, say: Callable[[str], None]) -> tuple[Continuity, ...]:
    """Add routes one by one, edit a live one, rotate a certificate, kill the control plane: all under traffic."""
    manifests, state = directory / "fleet-live", directory / "state-live"
    authority = Authority()
    with backend(directory) as port:
        fleet = Fleet(manifests, routes, port, by_host=True)
        fleet.write(present=_FIRST, https=True)
        write(manifests / "certificate.yaml", authority.issue("*.fleet.test").secret("edge"))
        with tidegate.up(manifests, state=state, core=None, directory=directory) as instance:
            http, https = instance.port_of(GATEWAY, "http"), instance.port_of(GATEWAY, "https")
            results = []
            for result in (
                _additions(fleet, http),
                _edits(fleet, http),
                _rotations(fleet, https, authority),
                _restart(fleet, http, instance),
            ):
                say(
                    f"{result.what}: {result.traffic.failed} of {result.traffic.requests:,} requests failed, "
                    f"in {result.seconds:.1f} s {' | '.join(result.traffic.examples[:3])}"
                )
                results.append(result)
    shutil.rmtree(manifests)
    shutil.rmtree(state)
    return tuple(results)


def _additions(fleet: Fleet, port: int) -> Continuity:
    """Routes appear one by one; each is called from the moment when it first answered."""
    probe = Probe(port)
    targets = [_target(fleet, number) for number in range(_FIRST)]
    probe.until(targets[-1][1], host=targets[-1][0], good=_ok, what="the first routes")
    began = time.perf_counter()
    with Sender(port, lambda: targets) as sender:
        waiting = _FIRST
        for number in range(_FIRST, fleet.routes):
            fleet.write_route(number)
            select.select([], [], [], _ADDED_EVERY_S)
            host, path = _target(fleet, waiting)
            if probe.ask(path, host=host).status == 200:
                targets.append((host, path))
                waiting = min(waiting + 1, fleet.routes - 1)
        host, path = _target(fleet, fleet.routes - 1)
        probe.until(path, host=host, good=_ok, what="the last added route")
        seconds = time.perf_counter() - began
        select.select([], [], [], _SETTLE_S)
    probe.close()
    return Continuity(f"adding {fleet.routes - _FIRST:,} routes one by one", sender.result(), seconds)


def _edits(fleet: Fleet, port: int) -> Continuity:
    """The route that all requests go to changes, with its Service."""
    probe, (host, path) = Probe(port), _target(fleet, 0)
    began = time.perf_counter()
    with Sender(port, lambda: [(host, path)]) as sender:
        for edit in range(1, _EDITS + 1):
            fleet.write_route(0, edit=edit)
            probe.until(path, host=host, good=edited(edit), what=f"edit {edit}")
            select.select([], [], [], _APART_S)
        seconds = time.perf_counter() - began
        select.select([], [], [], _SETTLE_S)
    probe.close()
    return Continuity(f"{_EDITS} edits of a live route", sender.result(), seconds)


def _rotations(fleet: Fleet, port: int, authority: Authority) -> Continuity:
    """The listener's certificate is replaced; old and new connections go on."""
    host, path = _target(fleet, 0)
    context = authority.client_context()
    began = time.perf_counter()
    with Sender(port, lambda: [(host, path)], tls=context, server_name=host) as sender:
        for _ in range(_ROTATIONS):
            issued = authority.issue("*.fleet.test")
            write(fleet.directory / "certificate.yaml", issued.secret("edge"))
            _until_served(port, context, host, issued.serial)
            select.select([], [], [], _APART_S)
        seconds = time.perf_counter() - began
        select.select([], [], [], _SETTLE_S)
    return Continuity(f"{_ROTATIONS} rotations of a certificate", sender.result(), seconds)


def _restart(fleet: Fleet, port: int, instance: tidegate.Instance) -> Continuity:
    """kill -9 of the control process; it is back when an edit has its effect."""
    probe, (host, path) = Probe(port), _target(fleet, 1)
    targets = [_target(fleet, number) for number in range(_FIRST)]
    killed = instance.pid_of("tidegate.runtime.control")
    began = time.perf_counter()
    with Sender(port, lambda: targets) as sender:
        os.kill(killed, signal.SIGKILL)
        fleet.write_route(1, edit=1)
        probe.until(path, host=host, good=edited(1), what="an edit after the restart")
        seconds = time.perf_counter() - began
        select.select([], [], [], _SETTLE_S)
    probe.close()
    return Continuity("kill -9 of the control plane, until an edit has its effect again", sender.result(), seconds)


def _until_served(port: int, context: ssl.SSLContext, host: str, serial: int) -> None:
    def served() -> bool:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert(binary_form=True)
        return certificate is not None and x509.load_der_x509_certificate(certificate).serial_number == serial

    wait_for(served, what="the new certificate", log=Path("/dev/null"))


def _target(fleet: Fleet, number: int) -> Target:
    return fleet.host(number), fleet.path(number)


def _ok(answer: Answer) -> bool:
    return answer.status == 200
