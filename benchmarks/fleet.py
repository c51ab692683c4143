"""Manifests of any number of routes, laid out as teams keep them: one file a route, written by rename as editors do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMESPACE: Final = "fleet"
GATEWAY: Final = f"{NAMESPACE}/edge"
SHARED_HOST: Final = "all.fleet.test"
HTTP_PORT: Final = 80
HTTPS_PORT: Final = 443
ROUTES_PER_SERVICE: Final = 10

_GATEWAY: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: edge
  namespace: fleet
spec:
  gatewayClassName: tidegate
  listeners:
    - name: http
      port: 80
      protocol: HTTP
"""

_HTTPS: Final = """\
    - name: https
      port: 443
      protocol: HTTPS
      tls:
        certificateRefs:
          - name: edge
"""

_SERVICE: Final = """\
apiVersion: v1
kind: Service
metadata:
  name: service-{number:04}
  namespace: fleet
  annotations:
    tidegate.dev/endpoints: "127.0.0.1:{port}"
spec:
  ports:
    - port: 80
"""

_ROUTE: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: route-{number:04}
  namespace: fleet
spec:
  parentRefs:
    - name: edge
  hostnames:
    - {host}
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: {path}
      filters:
        - type: ResponseHeaderModifier
          responseHeaderModifier:
            set:
              - name: x-edit
                value: "{edit}"
      backendRefs:
        - name: service-{service:04}
          port: 80
"""


def write(file: Path, text: str) -> None:
    """Save as editors do: a new file, renamed over the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


@dataclass(frozen=True, slots=True)
class Fleet:
    """A directory with one Gateway, `routes` HTTPRoutes and a Service for every ten of them."""

    directory: Path
    routes: int
    backend_port: int
    by_host: bool
    """Each route has a host of its own; otherwise all share one host and differ by path."""

    def write(self, *, present: int | None = None, https: bool = False) -> None:
        """Write all of it, or only the first `present` routes."""
        write(self.directory / "gateway.yaml", _GATEWAY + (_HTTPS if https else ""))
        services = range(-(-self.routes // ROUTES_PER_SERVICE))
        texts = (_SERVICE.format(number=number, port=self.backend_port) for number in services)
        write(self.directory / "services.yaml", "---\n".join(texts))
        for number in range(self.routes if present is None else present):
            self.write_route(number)

    def write_route(self, number: int, *, edit: int = 0) -> None:
        """Write one route. An edit changes what it answers with, where it answers, and which Service does."""
        service = (number // ROUTES_PER_SERVICE + edit) % -(-self.routes // ROUTES_PER_SERVICE)
        text = _ROUTE.format(number=number, host=self.host(number), path=self.path(number), edit=edit, service=service)
        write(self.directory / "routes" / f"route-{number:04}.yaml", text)

    def host(self, number: int) -> str:
        """The host at which a route answers."""
        return f"route-{number:04}.fleet.test" if self.by_host else SHARED_HOST

    def path(self, number: int) -> str:
        """The path prefix at which a route answers."""
        return "/" if self.by_host else f"/route-{number:04}"
