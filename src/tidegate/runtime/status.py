"""`tidegate status`: the resources as a Kubernetes List, `.status` completed by what Envoy said."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from tidegate.diagnostics import Diagnostic
from tidegate.envoy.snapshot import LISTENER
from tidegate.model import ObjectKey, World
from tidegate.runtime.compiler import Compiled

_GATEWAYS: Final = "gateway.networking.k8s.io"


def status_list(
    compiled: Compiled,
    *,
    programmed: bool,
    refused: frozenset[tuple[str, str]],
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """Every object that was read, with its status. `extra` goes under `metadata.annotations`' place for programs."""
    compilation = compiled.compilation
    items: list[dict[str, Any]] = []
    for key in sorted(compilation.documents):
        item = copy.deepcopy(compilation.documents[key])
        status = compilation.statuses.get(key)
        if status is not None:
            item["status"] = copy.deepcopy(status)
            if (
                key.group == _GATEWAYS
                and key.kind in ("Gateway", "ListenerSet")
                and not (programmed and not _hit(key, compiled, refused))
            ):
                _not_programmed(item["status"], pending=not refused)
        items.append(item)
    return {
        "apiVersion": "v1",
        "kind": "List",
        "metadata": {},
        "items": items,
        "tidegate": {**extra, "diagnostics": [_as_json(one) for one in compiled.diagnostics]},
    }


def _hit(key: ObjectKey, compiled: Compiled, refused: frozenset[tuple[str, str]]) -> bool:
    """Whether Envoy refused a listener of this Gateway or ListenerSet."""
    spans = {
        listener.span
        for gateway in compiled.compilation.world.gateways
        for listener in gateway.listeners
        if (
            gateway.name == (key.namespace, key.name)
            if key.kind == "Gateway"
            else listener.name.startswith(f"{key.namespace}/{key.name}/")
        )
    }
    source_map = compiled.compilation.source_map
    return any(
        name.type_url == LISTENER and (name.type_url, name.name) in refused and span in spans
        for name, span in source_map.items()
    )


def _not_programmed(status: dict[str, Any], *, pending: bool) -> None:
    """Gateway API: Programmed is about the data plane, which only the shell sees."""
    reason, message = ("Pending", "Envoy has not applied it yet") if pending else ("Invalid", "Envoy refused it")
    for holder in (status, *status.get("listeners", ())):
        for condition in holder.get("conditions", ()):
            if condition.get("type") == "Programmed" and condition.get("status") == "True":
                condition.update(status="False", reason=reason, message=message)


def _as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code.code,
        "slug": diagnostic.code.slug,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "place": str(diagnostic.span) if diagnostic.span else None,
    }


def counts(world: World) -> dict[str, int]:
    """Sizes, for the head of the table."""
    return {
        "gateways": len(world.gateways),
        "listeners": sum(len(gateway.listeners) for gateway in world.gateways),
        "routes": sum(
            len(listener.routes) + len(listener.stream_routes)
            for gateway in world.gateways
            for listener in gateway.listeners
        ),
        "backends": len(world.backends),
        "workloads": len(world.workloads),
    }
