"""What a client subscribes to in one resource type, what it has, and what it refused. No I/O.

Facts only; `stream` decides what is sent when. Terms are those of the xDS protocol's incremental variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tidegate.envoy import CLUSTER, LISTENER

WILDCARD: Final = "*"

# xDS protocol, "How the client specifies what resources to return": only these know the old spelling of a wildcard, a
# first request without names.
_LEGACY_WILDCARD: Final = frozenset({CLUSTER, LISTENER})

_SOME_VERSION: Final = "some version"
"""Of what a client has, when it is not known which: no version is equal to it."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """A response that was sent and not answered yet."""

    nonce: str
    upserts: Mapping[str, str]
    """Name -> version."""
    removals: tuple[str, ...]
    version: str


@dataclass(slots=True)
class Subscription:
    """One type on one stream."""

    type_url: str
    started: bool = False
    """The client has sent a request of this type."""
    wildcard: bool = False
    names: set[str] = field(default_factory=set)
    """Asked for by name."""
    held: dict[str, str] = field(default_factory=dict)
    """Name -> version that the client has applied."""
    refused: dict[str, str] = field(default_factory=dict)
    """Name -> version that the client refused; not sent again until the content changes."""
    alone: set[str] = field(default_factory=set)
    """To be sent in a response of their own: a response that held them was refused without naming the culprit."""
    again: set[str] = field(default_factory=set)
    """To be sent once more though the client has it: it needs it again and does not ask."""
    told_absent: set[str] = field(default_factory=set)
    """Asked for by name, not in the snapshot, and the client knows."""
    owes_answer: bool = False
    """A client that starts with nothing waits for a first response, even an empty one."""
    in_flight: InFlight | None = None
    """At most one: a change that comes meanwhile is sent with the next."""
    left_alone: dict[str, InFlight] = field(default_factory=dict)
    """By nonce: responses whose answer may take long and that nothing waits for. They count as applied."""

    def change(
        self, *, subscribe: Iterable[str], unsubscribe: Iterable[str], initial_versions: Mapping[str, str]
    ) -> None:
        """Apply a request's subscription changes."""
        subscribe = set(subscribe)
        if not self.started:
            self.started = True
            self.held.update(initial_versions)
            self.wildcard = not subscribe and self.type_url in _LEGACY_WILDCARD
            self.owes_answer = self.wildcard and not initial_versions
        if WILDCARD in subscribe and not self.wildcard:
            self.wildcard = True
            self.owes_answer = not initial_versions
        for name in subscribe - {WILDCARD}:
            self.names.add(name)
            # Whoever asks again has forgotten what it had, unless this very request says otherwise.
            if name not in initial_versions:
                self._forget(name)
        for name in set(unsubscribe):
            if name == WILDCARD:
                self.wildcard = False
                for other in set(self.held) - self.names:
                    self._forget(other)
            else:
                self.names.discard(name)
                if not self.wildcard:
                    self._forget(name)

    def wants(self, name: str) -> bool:
        """Whether the client asked for this resource."""
        return self.started and (self.wildcard or name in self.names)

    def upserts(self, versions: Mapping[str, str]) -> dict[str, str]:
        """What the client wants, does not have and has not refused, of `versions` (name -> version)."""
        names = versions if self.wildcard else sorted(self.names & versions.keys())
        return {
            name: versions[name]
            for name in (names if self.started else ())
            if versions[name] != self.refused.get(name)
            and (versions[name] != self.held.get(name) or name in self.again)
        }

    def removals(self, versions: Mapping[str, str]) -> tuple[str, ...]:
        """What the client has by wildcard and is no longer there."""
        if not self.wildcard:
            return ()
        return tuple(sorted(self.held.keys() - versions.keys()))

    def absent(self, versions: Mapping[str, str]) -> tuple[str, ...]:
        """What the client asked for by name, has never had and cannot get. It waits until it is told.

        What it has already it keeps until it unsubscribes: something that it still serves may need it.
        """
        return tuple(sorted(self.names - versions.keys() - self.held.keys() - self.told_absent))

    def sent(self, in_flight: InFlight) -> None:
        """Remember a response until it is answered."""
        self.in_flight = in_flight
        self.owes_answer = False
        self.alone -= in_flight.upserts.keys()
        self.again -= in_flight.upserts.keys()
        self.told_absent -= in_flight.upserts.keys()
        self.told_absent |= self.names.intersection(in_flight.removals)

    def leave_alone(self) -> None:
        """Wait no longer for the answer to the response in flight, and go on as if it were applied."""
        if self.in_flight is not None:
            self.left_alone[self.in_flight.nonce] = self.in_flight
            self.accepted(self.in_flight)

    def refused_late(self, in_flight: InFlight, culprits: Iterable[str]) -> None:
        """The client refused, after all, what it was taken to have applied. It still has what it had before."""
        for name in culprits:
            if self.held.get(name) == in_flight.upserts[name]:
                self.refused[name] = in_flight.upserts[name]
                self.held[name] = _SOME_VERSION

    def accepted(self, in_flight: InFlight) -> None:
        """The client applied a response."""
        self.in_flight = None
        self._applied(in_flight.upserts, in_flight.removals)

    def rejected(self, in_flight: InFlight, culprits: Iterable[str], *, rest_applied: bool) -> None:
        """The client refused a response because of `culprits`; none means that each is to be tried alone."""
        self.in_flight = None
        culprits = set(culprits)
        rest = {name: version for name, version in in_flight.upserts.items() if name not in culprits}
        self.refused.update({name: in_flight.upserts[name] for name in culprits & in_flight.upserts.keys()})
        if rest_applied:
            self._applied(rest, in_flight.removals)
        else:
            self.alone.update(rest)

    def prune(self, versions: Mapping[str, str]) -> None:
        """Forget refusals of content that is no longer meant."""
        self.refused = {name: version for name, version in self.refused.items() if versions.get(name) == version}
        self.alone &= versions.keys()
        self.again &= versions.keys()

    def _applied(self, upserts: Mapping[str, str], removals: Iterable[str]) -> None:
        self.held.update({name: version for name, version in upserts.items() if self.wants(name)})
        for name in removals:
            self.held.pop(name, None)

    def _forget(self, name: str) -> None:
        self.held.pop(name, None)
        self.again.discard(name)
        self.told_absent.discard(name)
