"""URLs that a document writes out: checked where they stand."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tidegate.diagnostics.codes import destinations as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.settings import Setting

_BAD: Final = re.compile(r"[\x00-\x20\x7f\\]")
_PORTS: Final = {"http": 80, "https": 443}
SERVICE: Final = (".svc", ".svc.cluster.local")
"""What names of Services end with."""
_GUARDED: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "::/96", "fe80::/10")
)


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """An absolute http or https URL."""

    scheme: str
    host: str
    """Lower case; an IPv6 address without brackets."""
    port: int
    path: str
    query: str

    @property
    def shown_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """As Host says it: without the scheme's own port."""
        return self.shown_host if self.port == _PORTS[self.scheme] else f"{self.shown_host}:{self.port}"


def parse_url(text: str) -> ParsedUrl | str:
    """The URL, or what is wrong with it."""
    if _BAD.search(text):
        return "it holds spaces, control characters or backslashes"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as reason:
        return str(reason)
    if parts.scheme not in _PORTS:
        return "its scheme is not http or https"
    if not parts.hostname:
        return "it names no host"
    if parts.username is not None or parts.password is not None:
        return "it holds credentials"
    if port == 0:
        return "its port is 0"
    return ParsedUrl(parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme], parts.path or "/", parts.query)


def is_outside_tls(url: str) -> bool:
    """Whether it is the https URL of a host outside: such can be shown a client certificate."""
    parsed = parse_url(url)
    return isinstance(parsed, ParsedUrl) and parsed.scheme == "https" and not parsed.host.endswith(SERVICE)


def check_destination(reader: ElementReader, url: Setting) -> None:
    """Report a literal URL that no call can go to."""
    if not isinstance(url.literal, str):
        return
    parsed = parse_url(url.literal)
    if isinstance(parsed, str):
        reader.error(codes.URL_MALFORMED, at=url.span, url=url.shown, reason=parsed)
    elif is_guarded(parsed.host):
        reader.found.add(
            codes.DESTINATION_GUARDED,
            at=url.span,
            host=parsed.host,
            help=f"start with `--allow-egress {parsed.host}`, or declare it as a backend",
        )


def is_guarded(host: str) -> bool:
    """Whether calls to this host are refused unless somebody allows or declares it. Names are judged when they have
    been resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _GUARDED)
