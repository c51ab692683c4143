"""What Envoy refused, in the words and at the place of whoever wrote the input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tidegate.diagnostics import Diagnostic, Found, Span
from tidegate.diagnostics.codes.envoy import ENVOY_REJECTED
from tidegate.envoy import CLUSTER, ENDPOINT, EXTENSION, LISTENER, ROUTE, SECRET, JsonObject, ResourceName
from tidegate.xds.messages import Refused

_KINDS: Final = {
    SECRET: "secret",
    CLUSTER: "cluster",
    ENDPOINT: "endpoints",
    EXTENSION: "stream proxy",
    LISTENER: "listener",
    ROUTE: "routes",
}


def culprits(detail: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that Envoy's error detail names: `Error adding/updating cluster(s) NAME: why, NAME: why`."""
    return tuple(name for name in names if re.search(rf"(?<![^\s,'\"(]){re.escape(name)}(?![^\s:,'\")])", detail))


def explain_nack(
    refused: Refused,
    *,
    node_id: str,
    source_map: Mapping[ResourceName, Span],
    resources: Mapping[str, Mapping[str, JsonObject]],
) -> tuple[Diagnostic, ...]:
    """One TG5101 for each refused resource, at the user's own line.

    `resources` are those of the refused snapshot: in a route configuration, the route that Envoy complains about is
    found by the text that it quotes.
    """
    found = Found()
    for name in refused.names or ("",):
        routes = list(_quoted_routes(refused.detail, resources.get(refused.type_url, {}).get(name, {})))
        places = [ResourceName(ROUTE, route) for route in routes if ResourceName(ROUTE, route) in source_map]
        kind = _KINDS.get(refused.type_url, "resource")
        for place in places or [ResourceName(refused.type_url, name)]:
            what = f"route `{place.name}`" if places else f"{kind} `{name}`"
            found.add(
                ENVOY_REJECTED,
                at=source_map.get(place),
                label=f"compiled into {what}",
                notes=(
                    f"Envoy said: {refused.detail}",
                    f"{node_id} keeps serving the last good version; version {refused.version[:12]} of this was not"
                    " applied",
                ),
                node=node_id,
                resource=what,
            )
    return tuple(found)


def _quoted_routes(detail: str, configuration: JsonObject) -> Iterator[str]:
    for host in configuration.get("virtual_hosts", ()):
        for route in host.get("routes", ()):
            regex = route.get("match", {}).get("safe_regex", {}).get("regex")
            if route.get("name") and regex and regex in detail:
                yield route["name"]
