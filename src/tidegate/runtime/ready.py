"""The content of the ready file (design section 4), and the lines that tell the same to a person."""

from __future__ import annotations

from typing import Any, Final

from tidegate.model import Gateway, Listener, ObjectName, World
from tidegate.runtime.options import UpOptions

APIM: Final = ObjectName("apim", "apim")
"""The gateway of API Management artifacts."""

_MOST_ROWS: Final = 20


def ready_content(world: World, *, options: UpOptions, ca_file: str) -> dict[str, Any]:
    """Where everything is reached; the supervisor adds its pid."""
    gateways: dict[str, Any] = {}
    apim: dict[str, Any] | None = None
    for gateway in world.gateways:
        listeners = {
            listener.name: {"address": gateway.address, "port": listener.port + options.port_offset}
            for listener in gateway.listeners
        }
        if gateway.name == APIM:
            apim = next(iter(listeners.values()), None)
        else:
            gateways[str(gateway.name)] = {"address": gateway.address, "listeners": listeners}
    content: dict[str, Any] = {"gateways": gateways}
    if apim is not None:
        content["apim"] = apim
    content["identity"] = {"authority": options.authority, "ca": ca_file}
    return content


def summary(world: World, *, options: UpOptions, ca_file: str, replicas: str) -> str:
    """The same for people."""
    sockets: dict[str, list[tuple[Gateway, Listener]]] = {}
    for gateway in world.gateways:
        for listener in gateway.listeners:
            host = f"[{gateway.address}]" if ":" in gateway.address else gateway.address
            url = f"{listener.protocol.lower()}://{host}:{listener.port + options.port_offset}"
            sockets.setdefault(url, []).append((gateway, listener))
    rows = [(url, _served(served)) for url, served in list(sockets.items())[:_MOST_ROWS]]
    if len(sockets) > _MOST_ROWS:
        rows.append(("...", f"and {len(sockets) - _MOST_ROWS} more sockets; `tidegate status` lists them"))
    rows.append((options.authority, f"token service; its CA is {ca_file}"))
    width = max(len(url) for url, _ in rows)
    lines = [f"  {url:<{width}}  {what}" for url, what in rows]
    if replicas:
        lines.append(f"  replicas: {replicas}")
    elif world.workloads:
        count = _count(len(world.workloads), "Deployment")
        lines.append(f"  {count} can run on this machine (tidegate.dev/run): start with --run")
    if options.hint:
        lines.append(options.hint)
    return "\n".join(lines)


def _served(served: list[tuple[Gateway, Listener]]) -> str:
    """What is behind one socket."""
    gateway, listener = served[0]
    routes = sum(len(each.routes) + len(each.stream_routes) for _, each in served)
    if gateway.name == APIM:
        what = "API Management"
    elif len(served) == 1:
        what = f"Gateway {gateway.name} listener {listener.name}"
    else:
        names = dict.fromkeys(str(each.name) for each, _ in served)
        what = f"Gateway {' and '.join(list(names)[:3])}, {len(served)} listeners"
    return f"{what}, {_count(routes, 'route')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
