"""Filter chains: what is served on one kind of connection of a port.

A chain that means what it meant is the very object that it was. With a thousand hostnames on a port, a new one or a new
certificate costs the making of one chain; and Envoy leaves the connections of all others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tidegate.compilers.hosts import own_hostname
from tidegate.compilers.streams import compile_proxy, first_route, routes_by_server_name
from tidegate.compilers.tls import downstream_socket, verifies_clients
from tidegate.envoy.connection_manager import connection_manager
from tidegate.envoy.listeners import plain_filter_chain, tls_filter_chain
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import EXTENSION, JsonObject, ResourceName
from tidegate.envoy.streams import connection_proxy
from tidegate.model import Listener, StreamRoute


@dataclass(frozen=True, eq=False, slots=True)
class Chain:
    """A filter chain, and all that it depends on."""

    key: tuple[object, ...]
    part: Part


Chains: TypeAlias = Mapping[str, Chain]
"""By name."""


class ChainMaker:
    """Makes the chains of one port; takes over those of `before` that mean the same.

    `runtime` is the Lua library of policy programs: only the chains whose listeners have such a program hold it.
    """

    def __init__(self, port: str, *, runtime: str, log: bool, before: Chains) -> None:
        self._port, self._runtime, self._log, self._before = port, runtime, log, before
        self.made: dict[str, Chain] = {}
        self.proxies: list[tuple[ResourceName, JsonObject]] = []
        """Where the connections of streams go."""

    def plain_http(self, listeners: Sequence[Listener], *, beside_tls: bool) -> None:
        """HTTP in the clear, for all listeners together: the Host header tells them apart."""
        programs = any(map(has_programs, listeners))
        self._keep(
            "http",
            (beside_tls, programs),
            lambda: plain_filter_chain(
                "http", self._manager(plain_table(self._port), programs=programs), beside_tls=beside_tls
            ),
        )

    def tcp(self, listeners: Sequence[Listener]) -> None:
        """Whatever is said on the port."""
        proxy = self._proxy("tcp", first_route(listeners))
        self._keep("tcp", (), lambda: plain_filter_chain("tcp", connection_proxy(proxy), beside_tls=False))

    def https(self, one: Listener) -> None:
        """HTTP over TLS, for one hostname."""
        programs, verified, name = has_programs(one), verifies_clients(one.tls), own_hostname(one)
        self._keep(
            f"https/{name}",
            (programs, one.tls, _names(one)),
            lambda: tls_filter_chain(
                f"https/{name}",
                name,
                self._manager(secure_table(self._port, one), programs=programs, verified_clients=verified),
                transport_socket=self._socket(one, http=True),
            ),
        )

    def streams(self, one: Listener, owners: Mapping[str, Listener]) -> None:
        """Other things over TLS, by server name. `owners` are all TLS listeners of the port."""
        for server_name, route in routes_by_server_name(one, owners).items():
            proxy = self._proxy(f"tls/{server_name}", route)
            self._keep(
                f"tls/{server_name}",
                (one.tls, _names(one)),
                lambda server_name=server_name, proxy=proxy: tls_filter_chain(  # type: ignore[misc]  # bound now
                    f"tls/{server_name}",
                    server_name,
                    connection_proxy(proxy),
                    transport_socket=None if one.tls.passthrough else self._socket(one, http=False),
                ),
            )

    def _proxy(self, chain: str, route: StreamRoute | None) -> str:
        name = f"{chain}/{self._port}"
        self.proxies.append((ResourceName(EXTENSION, name), compile_proxy(name, route, log=self._log)))
        return name

    def _keep(self, name: str, key: tuple[object, ...], make: Callable[[], JsonObject]) -> None:
        known = self._before.get(name)
        self.made[name] = known if known is not None and known.key == key else Chain(key, Part(make()))

    def _manager(self, table: str, *, programs: bool, verified_clients: bool = False) -> JsonObject:
        return connection_manager(
            routes=table,
            runtime=self._runtime if programs else "",
            log_requests=self._log,
            verified_clients=verified_clients,
        )

    def _socket(self, one: Listener, *, http: bool) -> JsonObject:
        return downstream_socket(one.tls, one.certificates, authorities=authorities_of(self._port, one), http=http)


def plain_table(port: str) -> str:
    """The name of the route table of HTTP in the clear."""
    return f"http/{port}"


def secure_table(port: str, one: Listener) -> str:
    """The name of the route table of one HTTPS listener."""
    return f"https/{port}/{own_hostname(one)}"


def authorities_of(port: str, one: Listener) -> str:
    """The name of the secret with the authorities that vouch for a listener's clients."""
    return f"authorities/{port}/{own_hostname(one)}"


def _names(one: Listener) -> tuple[object, ...]:
    """A certificate's content is no part of a chain: it comes by SDS."""
    return tuple(certificate.name for certificate in one.certificates)


def has_programs(one: Listener) -> bool:
    """Whether a route of the listener has a policy program."""
    return any(route.program is not None for route in one.routes)
