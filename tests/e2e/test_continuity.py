"""No request fails while the configuration changes: routes come, change and go, certificates rotate, processes die.

A small form of what `make bench` measures at 3,000 routes.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography import x509

from benchmarks.authority import Authority
from benchmarks.fleet import GATEWAY, Fleet, write
from benchmarks.probe import Answer, Probe
from benchmarks.traffic import Sender, Target
from recording_backends import Backend, Background, running
from system import System, until
from system import running as running_system

pytestmark = pytest.mark.e2e

ROUTES = 110
FIRST = 10


@dataclass
class Site:
    """A running gateway, the fleet it serves, and who signs its certificates."""

    system: System
    fleet: Fleet
    authority: Authority
    backend: Backend

    def port(self, listener: str) -> int:
        return int(self.system.ready["gateways"][GATEWAY]["listeners"][listener]["port"])

    def target(self, number: int) -> Target:
        return self.fleet.host(number), self.fleet.path(number)

    def edited(self, number: int, edit: int) -> None:
        """Wait until a route is as an edit left it."""
        probe = Probe(self.port("http"))

        def good(answer: Answer) -> bool:
            return answer.status == 200 and answer.headers.get("x-edit") == str(edit)

        probe.until(self.fleet.path(number), host=self.fleet.host(number), good=good, what=f"edit {edit} of {number}")
        probe.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("continuity")
    background, backend, authority = Background(), Backend("fleet"), Authority()
    with running(background, backend):
        fleet = Fleet(folder / "in", ROUTES, backend.port, by_host=True)
        fleet.write(present=FIRST, https=True)
        write(fleet.directory / "certificate.yaml", authority.issue("*.fleet.test").secret("edge"))
        with running_system(folder / "run", [fleet.directory]) as system:
            yield Site(system, fleet, authority, backend)
    background.stop()


def test_routes_are_added_one_by_one(site: Site) -> None:
    """100 routes under traffic to all that answer already; then each of them answers."""
    targets = [site.target(number) for number in range(FIRST)]
    with Sender(site.port("http"), lambda: targets) as sender:
        for number in range(FIRST, ROUTES):
            site.fleet.write_route(number)
            if number % 10 == 9:
                site.edited(number, 0)
                targets.append(site.target(number))
        until(lambda: sender.requests >= 200, what="requests")
    assert sender.result().failed == 0, sender.result().examples
    for number in range(FIRST, ROUTES):
        site.edited(number, 0)


def test_a_live_route_is_edited(site: Site) -> None:
    """Each edit changes the Service too, and takes effect."""
    with Sender(site.port("http"), lambda: [site.target(0)]) as sender:
        for edit in range(1, 16):
            site.fleet.write_route(0, edit=edit)
            site.edited(0, edit)
        until(lambda: sender.requests >= 100, what="requests")
    assert sender.result().failed == 0, sender.result().examples


def test_routes_are_removed(site: Site) -> None:
    """Those that stay do not notice; those that went answer 404."""
    site.fleet.write_route(1, edit=1)
    site.edited(1, 1)
    gone = range(ROUTES - 20, ROUTES)
    with Sender(site.port("http"), lambda: [site.target(number) for number in range(5)]) as sender:
        for number in gone:
            (site.fleet.directory / "routes" / f"route-{number:04}.yaml").unlink(missing_ok=True)
        probe = Probe(site.port("http"))
        for number in gone:
            host, path = site.target(number)
            probe.until(path, host=host, good=lambda answer: answer.status == 404, what=f"the end of route {number}")
        probe.close()
        until(lambda: sender.requests >= 100, what="requests")
    assert sender.result().failed == 0, sender.result().examples


def test_a_certificate_is_rotated(site: Site) -> None:
    """Old and new connections go on; whoever connects after a rotation sees the new certificate."""
    host, _ = site.target(0)
    context, port = site.authority.client_context(), site.port("https")
    with Sender(port, lambda: [site.target(0)], tls=context, server_name=host) as sender:
        for _ in range(4):
            issued = site.authority.issue("*.fleet.test")
            write(site.fleet.directory / "certificate.yaml", issued.secret("edge"))
            until(lambda issued=issued: _serial(port, context, host) == issued.serial, what="the new certificate")
        until(lambda: sender.requests >= 100, what="requests")
    assert sender.result().failed == 0, sender.result().examples


def test_endpoints_move(site: Site) -> None:
    """A Service's endpoint is replaced by another, and nothing is sent to where nobody is any more."""
    background, backend = Background(), Backend("second")
    with running(background, backend):
        with Sender(site.port("http"), lambda: [site.target(number) for number in range(5)]) as sender:
            file = site.fleet.directory / "services.yaml"
            before = file.read_text()
            write(file, before.replace(f"127.0.0.1:{site.backend.port}", f"127.0.0.1:{backend.port}"))
            until(lambda: backend.received, what="a request at the new endpoint")
            write(file, before)
            count = len(site.backend.received)
            until(lambda: len(site.backend.received) > count, what="a request at the old endpoint")
            until(lambda: sender.requests >= 100, what="requests")
        assert sender.result().failed == 0, sender.result().examples
        site.fleet.write_route(2, edit=2)
        site.edited(2, 2)
    background.stop()


def test_the_control_plane_is_killed(site: Site) -> None:
    """kill -9: traffic does not notice, and the next edit takes effect."""
    with Sender(site.port("http"), lambda: [site.target(number) for number in range(5)]) as sender:
        os.kill(site.system.pid_of("tidegate.runtime.control"), signal.SIGKILL)
        site.fleet.write_route(3, edit=31)
        site.edited(3, 31)
        until(lambda: sender.requests >= 100, what="requests")
    assert sender.result().failed == 0, sender.result().examples


def _serial(port: int, context: ssl.SSLContext, host: str) -> int:
    """The serial number of the certificate that a new connection is shown."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        certificate = secure.getpeercert(binary_form=True)
    assert certificate is not None
    return x509.load_der_x509_certificate(certificate).serial_number
