"""Ten times the limits of Application Gateway for Containers in one configuration: its start, its memory."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from benchmarks import tidegate
from benchmarks.authority import Authority
from benchmarks.changes import backend
from benchmarks.fleet import NAMESPACE, write
from benchmarks.probe import Probe

LISTENERS_A_GATEWAY: Final = 64
"""The Gateway API's own limit, and the product's."""

_GATEWAY: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: gateway-{number:02}, namespace: fleet}}
spec:
  gatewayClassName: tidegate
  listeners:
"""
_LISTENER: Final = """\
    - name: host-{number:04}
      port: 443
      protocol: HTTPS
      hostname: {host}
      tls: {{certificateRefs: [{{name: certificate-{number:04}}}]}}
"""
_SERVICE: Final = """\
apiVersion: v1
kind: Service
metadata: {{name: service-{number:04}, namespace: fleet}}
spec: {{ports: [{{name: http, port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: service-{number:04}-1, namespace: fleet, labels: {{kubernetes.io/service-name: service-{number:04}}}}}
addressType: IPv4
ports: [{{name: http, port: {port}}}]
endpoints:
"""
_ENDPOINT: Final = "  - {{addresses: [{address}], conditions: {{ready: true}}}}\n"
_ROUTE: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: route-{number:04}, namespace: fleet}}
spec:
  parentRefs: [{{name: gateway-{gateway:02}}}]
  hostnames: [{host}]
  rules:
    - matches: [{{path: {{type: PathPrefix, value: /part-{part}}}}}]
      backendRefs: [{{name: service-{service:04}, port: 80}}]
"""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of everything."""

    routes: int = 2000
    services: int = 1000
    endpoints: int = 50_000
    certificates: int = 1000


def amounts(*, most: int) -> Amounts:
    """All of it for 3,000 routes, less in proportion for fewer."""
    share = min(1.0, most / 3000)
    full = Amounts()
    return Amounts(
        *(max(1, round(share * each)) for each in (full.routes, full.services, full.endpoints, full.certificates))
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What one large configuration took."""

    amounts: Amounts
    start_s: float
    """From the start of the process to the first answer by the last route."""
    control_mb: float
    """Resident memory of the control process, the highest it had while it started."""
    control_now_mb: float
    """The same when all is quiet."""
    envoy_mb: float
    statistics: int
    """Counters, gauges and histograms of Envoy."""


def measure(directory: Path, *, say: Callable[[str], None], wanted: Amounts) -> Size:
    """Start the whole of it once, with a fresh state directory."""
    manifests, state = directory / "fleet-large", directory / "state-large"
    authority = Authority()
    with backend(directory) as port:
        write_manifests(manifests, wanted, authority, backend_port=port)
        began = time.perf_counter()
        with tidegate.up(manifests, state=state, core=None, directory=directory) as instance:
            _answer(instance, wanted, authority)
            start_s = time.perf_counter() - began
            control = instance.pid_of("tidegate.runtime.control")
            size = Size(
                wanted,
                start_s,
                control_mb=memory_mb(control, "VmHWM"),
                control_now_mb=memory_mb(control, "VmRSS"),
                envoy_mb=memory_mb(instance.envoy_pid(), "VmRSS"),
                statistics=statistics(instance.state),
            )
    shutil.rmtree(manifests)
    shutil.rmtree(state)
    say(
        f"{wanted}: first answer after {size.start_s:.1f} s; control {size.control_mb:.0f} MB at most, "
        f"{size.control_now_mb:.0f} MB now; Envoy {size.envoy_mb:.0f} MB, {size.statistics:,} statistics"
    )
    return size


def write_manifests(directory: Path, amounts: Amounts, authority: Authority, *, backend_port: int) -> None:
    """One listener, host and certificate each; routes and endpoints evenly over them."""
    for first in range(0, amounts.certificates, LISTENERS_A_GATEWAY):
        numbers = range(first, min(first + LISTENERS_A_GATEWAY, amounts.certificates))
        gateway = _gateway(first)
        text = _GATEWAY.format(number=gateway) + "".join(
            _LISTENER.format(number=number, host=host(number)) for number in numbers
        )
        write(directory / "gateways" / f"gateway-{gateway:02}.yaml", text)
    for number in range(amounts.certificates):
        secret = authority.issue(host(number)).secret(f"certificate-{number:04}")
        write(directory / "certificates" / f"certificate-{number:04}.yaml", secret)
    each = amounts.endpoints // amounts.services
    choose = random.Random(1)  # the same addresses every time
    for number in range(amounts.services):
        # One real endpoint and the rest on addresses of loopback where nothing listens: they are never asked.
        addresses = ["127.0.0.1", *_addresses(choose, each - 1)]
        text = _SERVICE.format(number=number, port=backend_port)
        text += "".join(_ENDPOINT.format(address=address) for address in addresses)
        write(directory / "services" / f"service-{number:04}.yaml", text)
    for number in range(amounts.routes):
        at = number % amounts.certificates
        text = _ROUTE.format(
            number=number,
            gateway=_gateway(at),
            host=host(at),
            part=number // amounts.certificates,
            service=number % amounts.services,
        )
        write(directory / "routes" / f"route-{number:04}.yaml", text)


def host(number: int) -> str:
    """The host of one certificate."""
    return f"host-{number:04}.fleet.test"


def memory_mb(pid: int, field: str) -> float:
    """VmRSS or VmHWM of a process in MB (10^6 bytes)."""
    found = re.search(rf"^{field}:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def statistics(state: Path) -> int:
    """How many statistics Envoy keeps, by its admin interface."""
    elsewhere = state / "run-dir"
    sockets = Path(elsewhere.read_text(encoding="utf-8").strip()) if elsewhere.exists() else state
    transport = httpx2.HTTPTransport(uds=str(next(sockets.glob("*admin*.sock"))))
    with httpx2.Client(transport=transport, base_url="http://admin", trust_env=False, timeout=60) as client:
        return len(client.get("/stats").text.splitlines())


def _answer(instance: tidegate.Instance, amounts: Amounts, authority: Authority) -> None:
    """Wait for the last route. Its Service has one endpoint that serves among many, so any answer of Envoy's counts."""
    last = amounts.routes - 1
    at = last % amounts.certificates
    gateway = f"{NAMESPACE}/gateway-{_gateway(at):02}"
    place = instance.ready["gateways"][gateway]["listeners"][f"host-{at:04}"]
    probe = Probe(
        int(place["port"]), address=str(place["address"]), tls=authority.client_context(), server_name=host(at)
    )
    path = f"/part-{last // amounts.certificates}"
    probe.until(path, host=host(at), good=lambda answer: answer.status in {200, 503}, what="the last route")
    probe.close()


def _addresses(choose: random.Random, count: int) -> list[str]:
    return [f"127.{choose.randrange(1, 255)}.{choose.randrange(256)}.{choose.randrange(1, 255)}" for _ in range(count)]


def _gateway(listener: int) -> int:
    return listener // LISTENERS_A_GATEWAY
