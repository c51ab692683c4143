"""Attached policies in tests: manifests from text, and what policies come to, in few words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from cryptography import x509

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb import backend_settings, frontend_tls, policy_statuses, route_settings
from tidegate.manifests.conditions import JsonObject
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import Service
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, GRPCRoute, HTTPRoute
from tidegate.model import Certificate, ObjectKey, ObjectName


def manifests_of(files: str | Mapping[str, str], found: Found | None = None) -> Manifests:
    """What one text (as `a.yaml`) or texts by path declare."""
    texts = {"a.yaml": files} if isinstance(files, str) else files
    return gather(sources_of(texts), Memory(), Found() if found is None else found).manifests


def ancestors_of(manifests: Manifests) -> dict[ObjectName, frozenset[ObjectKey]]:
    """The Gateways that HTTPRoutes lead to each Service from, by the names alone."""
    ancestors: dict[ObjectName, set[ObjectKey]] = {}
    for route in manifests.of(HTTPRoute):
        gateways = {
            ObjectKey(GROUP, "Gateway", parent.namespace or route.key.namespace, parent.name)
            for parent in route.body.spec.parent_refs
        }
        for rule in route.body.spec.rules:
            for reference in rule.backend_refs:
                name = ObjectName(reference.namespace or route.key.namespace, reference.name)
                ancestors.setdefault(name, set()).update(gateways)
    return {name: frozenset(keys) for name, keys in ancestors.items()}


def settings_text(manifests: Manifests, found: Found) -> str:
    """Everything that policies come to: ports of Services, routes, listeners."""
    lines: list[str] = []
    for service in manifests.of(Service):
        for port in service.body.spec.ports:
            value = backend_settings(manifests, service.name, port.port, found)
            lines.append(f"{service.key} port {port.port}: {brief(value)}")
    for route in (*manifests.of(HTTPRoute), *manifests.of(GRPCRoute)):
        lines.append(f"{route.key}: {brief(route_settings(manifests, route.key, found))}")
    for gateway in manifests.of(Gateway):
        for listener in gateway.body.spec.listeners:
            lines.append(
                f"{gateway.key} {listener.name}: {brief(frontend_tls(manifests, gateway.key, listener.name, found))}"
            )
    return "\n".join(lines)


def brief(value: object) -> str:
    """A value without what is as always; certificates by the name of their subject."""
    if isinstance(value, Certificate):
        return f"certificate {value.name}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_changed(value))})"
    if isinstance(value, tuple):
        return f"({' '.join(brief(each) for each in value)})"
    if isinstance(value, str) and value.startswith("-----BEGIN"):
        return " ".join(_subject(each) for each in x509.load_pem_x509_certificates(value.encode()))
    return str(value) if not isinstance(value, str) or value.isalnum() else repr(value)


def _changed(value: object) -> Iterator[str]:
    for field in dataclasses.fields(value):  # type: ignore[arg-type]  # the caller knows that it is one
        own = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        if own != default:
            yield f"{field.name}={brief(own)}"


def _subject(certificate: x509.Certificate) -> str:
    return f"<{certificate.subject.rfc4514_string()}>"


def statuses_text(manifests: Manifests, found: Found) -> str:
    """The status of every policy, a condition in a line."""
    lines: list[str] = []
    for key, status in policy_statuses(manifests, ancestors_of(manifests), found).items():
        lines += [str(key), *(f"  {line}" for line in _conditions(status.get("conditions", ())))]
        for part in (*status.get("ancestors", ()), *status.get("targets", ())):
            reference = part.get("ancestorRef") or part["targetRef"]
            lines.append(f"  {reference['kind']} {reference['namespace']}/{reference['name']}")
            lines += (f"    {line}" for line in _conditions(part["conditions"]))
    return "\n".join(lines)


def _conditions(conditions: Iterable[JsonObject]) -> Iterator[str]:
    for each in conditions:
        said = f"{each['type']}={each['status']} {each['reason']} @{each['observedGeneration']} {each['message']}"
        yield said.rstrip()


def reasons(manifests: Manifests, name: str = "p") -> dict[str, str]:
    """The reasons of the conditions of the policy called `name`, of its first target or ancestor."""
    found = Found()
    statuses = policy_statuses(manifests, ancestors_of(manifests), found)
    (status,) = [status for key, status in statuses.items() if key.name == name]
    part = next(iter((*status.get("ancestors", ()), *status.get("targets", ()))), status)
    return {each["type"]: each["reason"] for each in part["conditions"]}
