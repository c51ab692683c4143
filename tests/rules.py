"""Routes resolved one object at a time, for tests: texts in, resolutions out, and how goldens show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.diagnostics.render import render
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.grpc_routes import resolve_grpc_route
from tidegate.manifests.http_routes import resolve_http_route
from tidegate.manifests.objects import Manifests
from tidegate.manifests.routes import Resolution
from tidegate.manifests.schema.gateway_api import GRPCRoute, HTTPRoute, TCPRoute, TLSRoute, UDPRoute
from tidegate.manifests.stream_routes import StreamResolution, resolve_stream_route
from tidegate.model import BackendId, ExternalBackend, ObjectKey

HEADS: Mapping[str, str] = {
    "HTTPRoute": "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: shop}, ",
    "GRPCRoute": "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: r, namespace: shop}, ",
}
SERVICES = """
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: films, namespace: shop},
 spec: {ports: [{port: 80}, {port: 90, name: h2c, appProtocol: kubernetes.io/h2c}]}}
---
"""


def read(*texts: str) -> tuple[Manifests, Found]:
    """The objects of some files, and what reading found."""
    found = Found()
    files = {f"{chr(ord('a') + index)}.yaml": text for index, text in enumerate(texts)}
    return gather(sources_of(files), Memory(), found).manifests, found


def rules_of(rules: str, *, kind: str = "HTTPRoute", others: str = SERVICES) -> tuple[Resolution, Found]:
    """The only route of its kind, with these rules as YAML, beside `others`."""
    manifests, found = read(others + HEADS[kind] + "spec: {rules: " + rules + "}}")
    if kind == "HTTPRoute":
        (route,) = manifests.of(HTTPRoute)
        return resolve_http_route(manifests, route, found), found
    (other,) = manifests.of(GRPCRoute)
    return resolve_grpc_route(manifests, other, found), found


def resolve_all(manifests: Manifests, found: Found) -> dict[ObjectKey, Resolution | StreamResolution]:
    """Every route of every kind. TLSRoutes as a listener sees them that terminates TLS."""
    resolved: dict[ObjectKey, Resolution | StreamResolution] = {}
    for http in manifests.of(HTTPRoute):
        resolved[http.key] = resolve_http_route(manifests, http, found)
    for grpc in manifests.of(GRPCRoute):
        resolved[grpc.key] = resolve_grpc_route(manifests, grpc, found)
    for schema in (TLSRoute, TCPRoute, UDPRoute):
        for stream in manifests.of(schema):
            resolved[stream.key] = resolve_stream_route(manifests, stream, found)
    return resolved


def rules_text(resolved: Mapping[ObjectKey, Resolution | StreamResolution]) -> str:
    """Resolutions, one field a line; what is as usual is left out."""
    lines: list[str] = []
    for key, resolution in resolved.items():
        lines.append(str(key))
        for name in ("accepted", "partially_invalid", "resolved"):
            verdict = getattr(resolution, name, None)
            if verdict is not None and verdict.message:
                lines.append(f"  {name}: {verdict.reason}: {verdict.message}")
        for rule in resolution.rules:
            lines.append(f"  rule {rule.index} {rule.name}".rstrip())
            for field in fields(rule):
                value = getattr(rule, field.name)
                if field.name in ("index", "name") or value == field.default:
                    continue
                entries = value if isinstance(value, tuple) else (value,)
                lines += [f"    {field.name}: {compact(each)}" for each in entries]
    return "\n".join(lines)


def compact(value: Any) -> str:
    """A value of the model with what differs from its defaults."""
    if isinstance(value, (BackendId, ExternalBackend)):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(compact, value))}]"
    if not is_dataclass(value):
        return repr(value)
    shown = [f"{f.name}={compact(getattr(value, f.name))}" for f in fields(value) if not _usual(f, value)]
    return f"{type(value).__name__}({', '.join(shown)})"


def _usual(field: Any, value: Any) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return bool(getattr(value, field.name) == default)


def found_text(found: Found, files: Mapping[str, str]) -> str:
    """Findings as a user sees them."""
    return render(found, format="full", sources=files)


def codes_of(found: Found) -> list[str]:
    """The codes found, in the order of their places."""
    return [diagnostic.code.code for diagnostic in found.sorted()]
