"""One ADS stream: what is sent to one Envoy, and when. No I/O: requests and snapshots in, effects out.

Order is make before break (xDS protocol, "Eventual consistency considerations"). A new snapshot reaches an Envoy in
three steps, and each waits for the one before:

    1. secrets, clusters, endpoints       until all are accepted, and whatever a new cluster needs as well
    2. listeners, routes, stream proxies  until all are accepted, and whatever a new listener needs as well
    3. removals: listeners, then clusters

so a route never points to a cluster that is not ready, and a cluster goes when no route points to it. What an Envoy
refuses stays refused until its content changes; it keeps serving the last good version, so as long as a listener or a
route is refused nothing is removed that the old one may use. Endpoints, routes and secrets are never removed from here:
Envoy drops them itself with the cluster or listener that used them.

Clusters whose endpoints are probed come last, and nothing waits for them. Envoy accepts a cluster when it is ready, and
such a one is ready when every endpoint has been probed once: one that hangs would hold up everything. So an Envoy that
does not have the cluster gets it without probes at first; the probed version replaces it, or an older one, beside the
traffic and in its own time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tidegate.envoy import (
    CLUSTER,
    ENDPOINT,
    EXTENSION,
    LISTENER,
    ROUTE,
    SECRET,
    TYPE_URLS,
    JsonObject,
    ResourceName,
    Snapshot,
)
from tidegate.envoy.health_checks import FIRST, are_exchanged, without_probes
from tidegate.envoy.parts import needs_of
from tidegate.xds.messages import Accepted, Effect, Refused, Request, Send, Settled
from tidegate.xds.nack import culprits
from tidegate.xds.subscription import InFlight, Subscription

_STEPS: Final = ((SECRET, CLUSTER, ENDPOINT), (EXTENSION, LISTENER, ROUTE))
_REMOVABLE: Final = (LISTENER, CLUSTER)

# In these types Envoy applies every good resource of a response that it refuses for a bad one, and names the bad ones.
_APPLIES_THE_REST: Final = frozenset({CLUSTER, LISTENER})


class AdsStream:
    """The state of one stream. Feed it with `receive` and `publish`; perform the effects in order."""

    def __init__(self) -> None:
        self._subscriptions = {type_url: Subscription(type_url) for type_url in TYPE_URLS}
        self._snapshot: Snapshot | None = None
        self._versions: dict[str, Mapping[str, str]] = {}
        self._nonce = 0
        self._patient = True
        self._settled = ""
        self._probed_later: dict[str, str] = {}
        """Clusters that are aimed at without probes for now -> their version with them."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot whose resources the effects name."""
        return self._snapshot

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to send or to wait for."""
        return self._snapshot is None or self._settled == self._snapshot.digest

    def publish(self, snapshot: Snapshot) -> list[Effect]:
        """Aim at a new snapshot."""
        before, self._snapshot = self._snapshot, snapshot
        self._versions = {table.type_url: table.versions for table in snapshot.tables}
        self._defer_probed(snapshot, before)
        for type_url, subscription in self._subscriptions.items():
            subscription.prune(self._versions[type_url])
        self._patient = True
        return list(self._advance())

    def receive(self, request: Request) -> list[Effect]:
        """Take in a request. One for a type that is not served changes nothing."""
        subscription = self._subscriptions.get(request.type_url)
        if subscription is None:
            return []
        effects = list(self._answered(subscription, request))
        if not subscription.started or request.subscribe or request.unsubscribe:
            self._settled = ""
        subscription.change(
            subscribe=request.subscribe, unsubscribe=request.unsubscribe, initial_versions=request.initial_versions
        )
        return [*effects, *self._advance()]

    def stop_waiting(self) -> list[Effect]:
        """Go on although the client has not asked for something that its clusters or listeners should need.

        The shell calls this after some seconds, so that a client that never asks is not served stale routes for ever.
        """
        self._patient = False
        return list(self._advance())

    def _answered(self, subscription: Subscription, request: Request) -> Iterator[Effect]:
        in_flight = subscription.in_flight
        left_alone = subscription.left_alone.pop(request.nonce, None)
        if left_alone is not None:
            yield from self._answered_late(subscription, request, left_alone)
            return
        # A nonce that is not the last one answers something older; xDS protocol: ignore it.
        if in_flight is None or request.nonce != in_flight.nonce:
            return
        if request.error is None:
            subscription.accepted(in_flight)
            names = (*in_flight.upserts, *in_flight.removals)
            yield Accepted(request.type_url, names, in_flight.version)
            return
        sent = tuple(in_flight.upserts)
        named = culprits(request.error, sent) if request.type_url in _APPLIES_THE_REST else ()
        guilty = named or (sent if len(sent) == 1 else ())
        subscription.rejected(in_flight, guilty, rest_applied=bool(named))
        # What was refused may not be meant any more.
        subscription.prune(self._versions[request.type_url])
        if guilty or not sent:
            yield Refused(request.type_url, guilty or in_flight.removals, request.error, in_flight.version)

    def _answered_late(self, subscription: Subscription, request: Request, answered: InFlight) -> Iterator[Effect]:
        """The client has probed the endpoints of some clusters, or refuses to."""
        if request.error is None:
            yield Accepted(request.type_url, (*answered.upserts, *answered.removals), answered.version)
            return
        guilty = culprits(request.error, answered.upserts) or tuple(answered.upserts)
        subscription.refused_late(answered, guilty)
        yield Refused(request.type_url, guilty, request.error, answered.version)

    def _advance(self) -> Iterator[Effect]:
        if self._snapshot is None:
            return
        for step in _STEPS:
            for type_url in step:
                yield from self._upsert(type_url)
            self._take_clusters_for_granted()
            if not all(self._is_done(type_url) for type_url in step):
                return
        # A client that is connecting again has listeners that it has not spoken of yet; they may use what it holds.
        if not self._subscriptions[LISTENER].started:
            return
        # What was refused goes on in its old version, and that may need what the new snapshot no longer has.
        if not any(self._subscriptions[type_url].refused for type_url in (EXTENSION, LISTENER, ROUTE)):
            for type_url in _REMOVABLE:
                subscription = self._subscriptions[type_url]
                removals = subscription.removals(self._versions[type_url])
                if removals and subscription.in_flight is None:
                    yield self._send(subscription, {}, removals)
                self._take_clusters_for_granted()
                if subscription.in_flight is not None:
                    return
        yield from self._send_probed()
        if not self.settled:
            self._settled = self._snapshot.digest
            refused = (ResourceName(url, name) for url, s in self._subscriptions.items() for name in s.refused)
            yield Settled(self._snapshot.digest, tuple(sorted(refused)))

    def _defer_probed(self, snapshot: Snapshot, before: Snapshot | None) -> None:
        """Aim at what the client has of clusters with probes, or else at what it can have at once.

        One whose endpoints are all exchanged for others is as good as new: none of them has been probed.
        """
        clusters, versions = self._subscriptions[CLUSTER], self._versions[CLUSTER]
        resources = snapshot.table(CLUSTER).resources
        self._probed_later = {
            name: versions[name]
            for name in clusters.compared(versions).missing
            if without_probes(resources[name]) is not None
        }
        aims = {name: clusters.held.get(name, version + FIRST) for name, version in self._probed_later.items()}
        endpoints = snapshot.table(ENDPOINT).resources
        for name in self._subscriptions[ENDPOINT].compared(self._versions[ENDPOINT]).missing:
            if before is None or name not in clusters.held or clusters.held[name] != versions.get(name):
                continue
            old: JsonObject = before.table(ENDPOINT).resources.get(name, {})
            if without_probes(resources[name]) is not None and are_exchanged(old, endpoints.get(name, {})):
                self._probed_later[name] = versions[name]
                aims[name] = versions[name] + FIRST
        if aims:
            self._versions[CLUSTER] = {**versions, **aims}

    def _take_clusters_for_granted(self) -> None:
        """Envoy keeps back every answer about clusters while one is being probed.

        That another one is ready is seen by its endpoints, which are asked for and accepted meanwhile.
        """
        clusters = self._subscriptions[CLUSTER]
        if clusters.in_flight is None or not clusters.left_alone:
            return
        for name in clusters.in_flight.upserts.keys() - clusters.held.keys():
            targets = self._needs(CLUSTER, name)
            if not any(target.type_url == ENDPOINT for target in targets) or not all(map(self._is_ready, targets)):
                return
        clusters.leave_alone()

    def _send_probed(self) -> Iterator[Effect]:
        """Replace clusters by their probed versions; the answer comes when the endpoints have been probed."""
        clusters = self._subscriptions[CLUSTER]
        later = {name: v for name, v in self._probed_later.items() if name in clusters.held}
        self._probed_later = {}
        if not later:
            return
        self._versions[CLUSTER] = {**self._versions[CLUSTER], **later}
        self._expect_again(CLUSTER, later)
        yield self._send(clusters, later, ())
        clusters.leave_alone()
        yield from self._upsert(ENDPOINT)

    def _upsert(self, type_url: str) -> Iterator[Effect]:
        subscription = self._subscriptions[type_url]
        if subscription.in_flight is not None or not subscription.started:
            return
        versions = self._versions[type_url]
        upserts = subscription.upserts(versions)
        absent = subscription.absent(versions)
        if not upserts and not absent and not subscription.owes_answer:
            return
        together = {name: version for name, version in upserts.items() if name not in subscription.alone}
        if not together and upserts:
            first = next(iter(upserts))
            together = {first: upserts[first]}
        self._expect_again(type_url, together)
        yield self._send(subscription, together, absent)

    def _expect_again(self, type_url: str, upserts: Mapping[str, str]) -> None:
        """An updated cluster warms up anew, and Envoy wants its endpoints again though it does not ask for them."""
        if type_url != CLUSTER:
            return
        endpoints = self._subscriptions[ENDPOINT]
        for name in upserts.keys() & self._subscriptions[CLUSTER].held.keys():
            for target in self._needs(CLUSTER, name):
                if target.type_url == ENDPOINT:
                    endpoints.send_again(target.name)

    def _send(self, subscription: Subscription, upserts: Mapping[str, str], removals: tuple[str, ...]) -> Send:
        if self._snapshot is None:
            raise ValueError("there is nothing to send before the first snapshot")
        self._nonce += 1
        in_flight = InFlight(str(self._nonce), upserts, removals, self._snapshot.digest)
        subscription.sent(in_flight)
        first = frozenset(name for name, version in upserts.items() if version.endswith(FIRST))
        return Send(subscription.type_url, tuple(upserts), removals, in_flight.nonce, in_flight.version, first)

    def _is_done(self, type_url: str) -> bool:
        """Whether the client has all of a type, and all that those resources need."""
        subscription = self._subscriptions[type_url]
        if subscription.in_flight is not None or subscription.upserts(self._versions[type_url]):
            return False
        if not self._patient or self._snapshot is None or type_url == ROUTE:
            return True
        missing = {
            ResourceName(url, name)
            for url, other in self._subscriptions.items()
            for name in other.compared(self._versions[url]).missing
        }
        # Mostly nothing is missing, or nothing that this type needs; then there is no need to look at each of it.
        if missing.isdisjoint(self._snapshot.table(type_url).needs):
            return True
        return all(
            missing.isdisjoint(self._needs(type_url, name))
            for name, version in self._versions[type_url].items()
            if subscription.held.get(name) == version
        )

    def _is_ready(self, target: ResourceName) -> bool:
        subscription = self._subscriptions[target.type_url]
        return target.name not in subscription.compared(self._versions[target.type_url]).missing

    def _needs(self, type_url: str, name: str) -> frozenset[ResourceName]:
        if self._snapshot is None:
            return frozenset()
        return needs_of(self._snapshot.resources[type_url][name], type_url)
