"""Which listener a server name (SNI) or Host belongs to, among those that share a port.

Gateway API, Listener: the one with the most specific hostname: the exact one, else the longest wildcard around it, else
the one for every host.
"""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.compilers.hosts import EVERY_HOST, covering
from tidegate.model import Listener


class ServerNames:
    """The listeners of a port by hostname; of several with one hostname, the first."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._by_hostname: dict[str, Listener] = {}
        for listener in listeners:
            self._by_hostname.setdefault(listener_hostname(listener), listener)

    def owner(self, name: str) -> Listener | None:
        """Whose connections say this name, or fall under this wildcard; None: nobody's."""
        for candidate in covering(name.lower()):
            if candidate in self._by_hostname:
                return self._by_hostname[candidate]
        return None


def listener_hostname(listener: Listener) -> str:
    """The listener's hostname in lower case, `*` for every host."""
    return (listener.hostname or EVERY_HOST).lower()
