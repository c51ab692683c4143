"""The content of the ready file (design section 4), and the lines that tell the same to a person."""

from __future__ import annotations

from typing import Any, Final

from tidegate.model import ObjectName, Protocol, World
from tidegate.runtime.options import UpOptions

APIM: Final = ObjectName("apim", "apim")
"""The gateway of API Management artifacts."""


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
    rows: list[tuple[str, str]] = []
    for gateway in world.gateways:
        for listener in gateway.listeners:
            scheme = "http" if listener.protocol is Protocol.HTTP else "https"
            host = f"[{gateway.address}]" if ":" in gateway.address else gateway.address
            url = f"{scheme}://{host}:{listener.port + options.port_offset}"
            what = "API Management" if gateway.name == APIM else f"Gateway {gateway.name} listener {listener.name}"
            rows.append((url, f"{what}, {_count(len(listener.routes), 'route')}"))
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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
