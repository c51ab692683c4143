"""Short ways to API Management artifacts in tests: files of the APIOps layout from few words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml


def information(name: str, properties: Mapping[str, Any]) -> str:
    """ARM's envelope."""
    return json.dumps({"properties": dict(properties)}, indent=2)


def api(
    name: str,
    operations: Mapping[str, str] | None = None,
    *,
    policy: str | None = None,
    policies: Mapping[str, str] | None = None,
    specification: Mapping[str, Any] | str | None = None,
    **properties: Any,
) -> dict[str, str]:
    """One API's files: `operations` are ids with `METHOD /template`, `policies` documents by operation."""
    given = {"path": name, "displayName": name, "protocols": ["http"], **properties}
    paths: dict[str, Any] = {}
    for id_, where in (operations if operations is not None else {"get": "GET /"}).items():
        method, _, template = where.partition(" ")
        entry = {"operationId": id_, "summary": f"the {id_}", "responses": {"200": {"description": "ok"}}}
        paths.setdefault(template, {})[method.lower()] = entry
    if specification is None:
        specification = {"openapi": "3.0.1", "info": {"title": name, "version": "1"}, "paths": paths}
    text = specification if isinstance(specification, str) else yaml.safe_dump(specification, sort_keys=False)
    files = {f"apis/{name}/apiInformation.json": information(name, given), f"apis/{name}/specification.yaml": text}
    if policy is not None:
        files[f"apis/{name}/policy.xml"] = policy
    for operation, document in (policies or {}).items():
        files[f"apis/{name}/operations/{operation}/policy.xml"] = document
    return files


def product(name: str, *apis: str, policy: str | None = None, **properties: Any) -> dict[str, str]:
    """One product's files."""
    files = {f"products/{name}/productInformation.json": information(name, {"displayName": name, **properties})}
    files |= {f"products/{name}/apis/{each}/productApiInformation.json": "{}" for each in apis}
    if policy is not None:
        files[f"products/{name}/policy.xml"] = policy
    return files


def subscription(name: str, scope: str, key: str | None = None, **properties: Any) -> dict[str, str]:
    """One subscription's file."""
    given = {"scope": scope, "displayName": name, **({"primaryKey": key} if key else {}), **properties}
    return {f"subscriptions/{name}/subscriptionInformation.json": information(name, given)}


def named_value(name: str, **properties: Any) -> dict[str, str]:
    """One named value's file."""
    return {f"named values/{name}/namedValueInformation.json": information(name, {"displayName": name, **properties})}


def document(
    inbound: str = "<base />", *, backend: str = "<base />", outbound: str = "<base />", on_error: str = "<base />"
) -> str:
    """A document that keeps what is around it, but for what is said."""
    return (
        f"<policies>\n<inbound>{inbound}</inbound>\n<backend>{backend}</backend>\n"
        f"<outbound>{outbound}</outbound>\n<on-error>{on_error}</on-error>\n</policies>\n"
    )


def mark(name: str, value: str) -> str:
    """Append a value to a header: shows which documents ran, and in which order."""
    return f'<set-header name="{name}" exists-action="append"><value>{value}</value></set-header>'
