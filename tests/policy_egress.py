"""Egress in tests of policies: the product's own listeners and clusters, names of a test's own, and hosts to call.

Nothing outside is asked: names are resolved by a server on loopback, and what is refused is refused by address.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authorities import Authority
from tidegate.envoy.bootstrap import INTERNAL_LISTENERS
from tidegate.envoy.egress import EgressRules, Resolver, egress_resources
from tidegate.envoy.egress_routes import Declared, egress_routes
from tidegate.envoy.resources import CLUSTER, LISTENER

OPEN_NETWORK = "127.0.0.8/31"
ALLOWED = ("origin.test", "secure.test", "dead.test", "silent.test", "six.test")
RULES = EgressRules(hosts=ALLOWED, networks=(OPEN_NETWORK,))
NAMES: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(ALLOWED, ("127.0.0.1",)),
    "six.test": ("::1",),
    "open.test": ("127.0.0.9",),
    "loopback.test": ("127.0.0.1",),
    "loopback6.test": ("::1",),
    "mapped.test": ("::ffff:127.0.0.1",),
    # An address that calls may reach, where nobody listens, and behind it one that they may not.
    "many.test": ("127.0.0.9", "127.0.0.1"),
    # One at a time, now this and now that.
    "rebind.test": ("127.0.0.9", "127.0.0.1"),
    "metadata.test": ("169.254.169.254",),
}


class Names:
    """A DNS server that knows NAMES, and remembers what it was asked."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def resolver(self) -> Resolver:
        return Resolver("127.0.0.1", self._socket.getsockname()[1])

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                query, client = self._socket.recvfrom(4096)
                self._socket.sendto(self._answer(query), client)
            except OSError:
                return

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += query[at] + 1
        (kind,) = struct.unpack(">H", query[at + 1 : at + 3])
        name = ".".join(labels).lower()
        self.asked.append(name)
        known = NAMES.get(name, ())
        if name == "rebind.test":
            known = known[len(self.asked) % 2 :][:1]
        family, version = (socket.AF_INET6, 6) if kind == 28 else (socket.AF_INET, 4)
        addresses = [a for a in known if kind in (1, 28) and ipaddress.ip_address(a).version == version]
        head = struct.pack(">HHHHH", 0x8180 if name in NAMES else 0x8183, 1, len(addresses), 0, 0)
        records = [
            b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(raw)) + raw
            for raw in (socket.inet_pton(family, address) for address in addresses)
        ]
        return query[:2] + head + query[12 : at + 5] + b"".join(records)


@dataclass
class Egress:
    """The egress of one lab."""

    folder: Path
    names: Names = field(default_factory=Names)
    authority: Authority = field(default_factory=Authority)
    declared: list[Declared] = field(default_factory=list)
    again: dict[str, dict[str, Any]] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """What the bootstrap has of it."""
        roots = self.folder / "roots.pem"
        roots.write_text(self.authority.pem)
        made = dict(egress_resources(RULES, system_roots=str(roots), resolver=self.names.resolver))
        listeners = [each for name, each in made.items() if name.type_url == LISTENER]
        for listener in listeners:
            manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
            if "rds" in manager:
                manager["rds"]["config_source"] = {"path_config_source": {"path": str(self.folder / "egress.json")}}
        return {
            "bootstrap_extensions": INTERNAL_LISTENERS,
            "listeners": listeners,
            "clusters": [each for name, each in made.items() if name.type_url == CLUSTER],
        }

    def routes(self, version: str) -> dict[str, Any]:
        """The file that Envoy watches."""
        table = egress_routes(self.declared, self.again)
        kind = {"@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"}
        return {"version_info": version, "resources": [{**kind, **table}]}
