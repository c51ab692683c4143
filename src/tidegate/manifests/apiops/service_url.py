"""`serviceUrl`: where an API's operations are forwarded to."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tidegate.manifests.backends import served_ports
from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import Service
from tidegate.model import BackendId, ExternalBackend, Forward, WeightedBackend

_SERVICES: Final = (".svc", ".svc.cluster.local")


def read_service_url(url: str | None, *, matched: str, manifests: Manifests) -> Forward | str:
    """The forward, or what is wrong with the URL. `matched` is the API's path, which the URL's path replaces.

    A host `NAME.NAMESPACE.svc` (with or without `.cluster.local`) is the Service of that name.
    """
    if url is None:
        return "is missing"
    outside = _outside(url, matched)
    return outside if outside is not None else _service(url, matched, manifests)


@lru_cache(maxsize=4096)  # asked again at every change of any artifact
def _outside(url: str, matched: str) -> Forward | str | None:
    """A host that no Service describes, or what is wrong with the URL; None for a Service."""
    try:
        parts = urlsplit(url)
        port = _port(parts)
    except ValueError:
        return f"is no URL: `{url}`"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"is no http or https URL: `{url}`"
    if parts.query or parts.fragment or parts.username is not None:
        return "has a query, a fragment or credentials"
    if _service_name(parts.hostname) is not None:
        return None
    return _forward(parts, matched, ExternalBackend(parts.hostname, port, tls=parts.scheme == "https"))


def _service(url: str, matched: str, manifests: Manifests) -> Forward | str:
    parts = urlsplit(url)
    name, namespace = _service_name(parts.hostname or "") or ("", "")
    service = manifests.get(Service, group="", namespace=namespace, name=name)
    if service is None:
        return f"names Service {namespace}/{name}, which does not exist"
    if parts.scheme == "https":
        return f"speaks https to Service {namespace}/{name}, which is not supported yet"
    port = _port(parts)
    served = next((id_ for id_ in served_ports(service) if id_.port == port), None)
    if served is None:
        return f"names port {port}, which Service {namespace}/{name} does not have for HTTP"
    return _forward(parts, matched, served)


def _service_name(host: str) -> tuple[str, str] | None:
    """Name and namespace, where a host is a Service's."""
    name, dot, namespace = host.removesuffix(".cluster.local").removesuffix(".svc").partition(".")
    return (name, namespace) if dot and "." not in namespace and host.endswith(_SERVICES) else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _forward(parts: SplitResult, matched: str, backend: BackendId | ExternalBackend) -> Forward:
    host = parts.hostname or ""
    # The Host that the backend sees is the URL's (API Management sends its own name to nobody).
    shown = host if parts.port is None else f"{host}:{parts.port}"
    return Forward((WeightedBackend(backend, 1),), replace_prefix=parts.path or "/", host=shown, matched_prefix=matched)
