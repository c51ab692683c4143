"""`serviceUrl`: where an API's operations are forwarded to."""

from __future__ import annotations

from urllib.parse import urlsplit

from tidegate.manifests.backends import served_ports
from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import Service
from tidegate.model import BackendId, ExternalBackend, Forward, WeightedBackend


def read_service_url(url: str | None, *, matched: str, manifests: Manifests) -> Forward | str:
    """The forward, or what is wrong with the URL. `matched` is the API's path, which the URL's path replaces.

    A host `NAME.NAMESPACE.svc` (with or without `.cluster.local`) is the Service of that name.
    """
    if url is None:
        return "is missing, and policies cannot choose a backend yet"
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return f"is no URL: `{url}`"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"is no http or https URL: `{url}`"
    if parts.query or parts.fragment or parts.username is not None:
        return "has a query, a fragment or credentials"
    host = parts.hostname
    # The Host that the backend sees is the URL's (API Management sends its own name to nobody).
    shown = host if parts.port is None else f"{host}:{parts.port}"
    name, dot, rest = host.removesuffix(".cluster.local").removesuffix(".svc").partition(".")
    backend: BackendId | ExternalBackend = ExternalBackend(host, port, tls=parts.scheme == "https")
    if dot and "." not in rest and host.endswith((".svc", ".svc.cluster.local")):
        service = manifests.get(Service, group="", namespace=rest, name=name)
        if service is None:
            return f"names Service {rest}/{name}, which does not exist"
        if parts.scheme == "https":
            return f"speaks https to Service {rest}/{name}, which is not supported yet"
        served = next((id_ for id_ in served_ports(service) if id_.port == port), None)
        if served is None:
            return f"names port {port}, which Service {rest}/{name} does not have for HTTP"
        backend = served
    return Forward((WeightedBackend(backend, 1),), replace_prefix=parts.path or "/", host=shown, matched_prefix=matched)
