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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a client wants against what there is."""

    upserts: Mapping[str, str]
    """What it wants, does not have and has not refused: name -> version."""
    absent: tuple[str, ...]
    """What it asked for by name, has never had and cannot get. It waits until it is told.

    What it has already it keeps until it unsubscribes: something that it still serves may need it.
    """
    missing: frozenset[str]
    """What it neither has nor has refused, whether it asked for it or not."""


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
    _seen: tuple[Mapping[str, str], Comparison] | None = None
    """The versions that were compared with last, and the result; None after every change."""

    def change(
        self, *, subscribe: Iterable[str], unsubscribe: Iterable[str], initial_versions: Mapping[str, str]
    ) -> None:
        """Apply a request's subscription changes."""
        subscribe, unsubscribe = set(subscribe), set(unsubscribe)
        if self.started and not subscribe and not unsubscribe:
            return
        self._seen = None
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
        for name in unsubscribe:
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

    def compared(self, versions: Mapping[str, str]) -> Comparison:
        """Against `versions` (name -> version), which are looked at once while nothing changes here."""
        if self._seen is None or self._seen[0] is not versions:
            self._seen = (versions, self._compared(versions))
        return self._seen[1]

    def _compared(self, versions: Mapping[str, str]) -> Comparison:
        held, refused = self.held, self.refused
        missing = {name: version for name, version in versions.items() if held.get(name) != version}
        if refused:
            missing = {name: version for name, version in missing.items() if refused.get(name) != version}
        wanted = missing
        if self.again:
            again = {name: versions[name] for name in self.again & versions.keys()}
            wanted = missing | {name: version for name, version in again.items() if refused.get(name) != version}
        if not self.started:
            wanted = {}
        elif not self.wildcard:
            wanted = {name: wanted[name] for name in sorted(self.names & wanted.keys())}
        absent = tuple(sorted(self.names - versions.keys() - held.keys() - self.told_absent))
        return Comparison(wanted, absent, frozenset(missing))

    def upserts(self, versions: Mapping[str, str]) -> Mapping[str, str]:
        """What the client wants, does not have and has not refused, of `versions` (name -> version)."""
        return self.compared(versions).upserts

    def absent(self, versions: Mapping[str, str]) -> tuple[str, ...]:
        """What the client asked for by name, has never had and cannot get."""
        return self.compared(versions).absent

    def removals(self, versions: Mapping[str, str]) -> tuple[str, ...]:
        """What the client has by wildcard and is no longer there."""
        if not self.wildcard:
            return ()
        return tuple(sorted(self.held.keys() - versions.keys()))

    def send_again(self, name: str) -> None:
        """The client needs this once more though it has it."""
        self._seen = None
        self.again.add(name)

    def sent(self, in_flight: InFlight) -> None:
        """Remember a response until it is answered."""
        self._seen = None
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
        self._seen = None
        for name in culprits:
            if self.held.get(name) == in_flight.upserts[name]:
                self.refused[name] = in_flight.upserts[name]
                self.held[name] = _SOME_VERSION

    def accepted(self, in_flight: InFlight) -> None:
        """The client applied a response."""
        self._seen = None
        self.in_flight = None
        self._applied(in_flight.upserts, in_flight.removals)

    def rejected(self, in_flight: InFlight, culprits: Iterable[str], *, rest_applied: bool) -> None:
        """The client refused a response because of `culprits`; none means that each is to be tried alone."""
        self._seen = None
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
        if not (self.refused or self.alone or self.again):
            return
        self._seen = None
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
