"""Conversations with `AdsStream`: small snapshots, and a client that asks as Envoy does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET, JsonObject, ResourceName, Snapshot, references
from tidegate.xds.messages import Effect, Request, Send
from tidegate.xds.stream import AdsStream

SHORT = {CLUSTER: "cds", ENDPOINT: "eds", LISTENER: "lds", ROUTE: "rds", SECRET: "sds"}
LONG = {short: url for url, short in SHORT.items()}


def snapshot(routes: Mapping[str, Mapping[str, Iterable[str]]], **revisions: str) -> Snapshot:
    """Listener -> route configuration -> clusters it sends to. `revisions` change a resource's content: `cds_a="2"`.

    A cluster with a revision of `probe_a` has its endpoints probed; `at_a` is the address of its one endpoint.
    """
    resources: dict[str, dict[str, JsonObject]] = {url: {} for url in SHORT}
    for listener, tables in routes.items():
        resources[LISTENER][listener] = {
            "name": listener,
            "revision": revisions.get(f"lds_{listener}", "1"),
            "uses": [{"route_config_name": table} for table in tables],
        }
        for table, clusters in tables.items():
            resources[ROUTE][table] = {
                "name": table,
                "revision": revisions.get(f"rds_{table}", "1"),
                "virtual_hosts": [{"routes": [{"route": {"cluster": cluster}} for cluster in clusters]}],
            }
            for cluster in clusters:
                resources[CLUSTER][cluster] = {
                    "name": cluster,
                    "type": "EDS",
                    "eds_cluster_config": {},
                    "revision": revisions.get(f"cds_{cluster}", "1"),
                    "proof": {"name": f"proof-{cluster}", "sds_config": {}},
                    **({"health_checks": [revisions[f"probe_{cluster}"]]} if f"probe_{cluster}" in revisions else {}),
                }
                resources[ENDPOINT][cluster] = {
                    "cluster_name": cluster,
                    "revision": revisions.get(f"eds_{cluster}", "1"),
                    **_endpoint(revisions.get(f"at_{cluster}")),
                }
                secret = f"proof-{cluster}"
                resources[SECRET][secret] = {"name": secret, "revision": revisions.get(f"sds_{cluster}", "1")}
    return Snapshot.of(resources)


def _endpoint(address: str | None) -> JsonObject:
    if address is None:
        return {}
    socket = {"socket_address": {"address": address, "port_value": 1}}
    return {"endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket}}]}]}


def shown(effects: Iterable[Effect]) -> list[str]:
    """Effects in one line each: `cds +a -b #1`."""
    lines = []
    for effect in effects:
        match effect:
            case Send():
                parts = [
                    SHORT[effect.type_url],
                    *(f"+{n}" for n in effect.upserts),
                    *(f"-{n}" for n in effect.removals),
                ]
                lines.append(" ".join([*parts, f"#{effect.nonce}"]))
            case _:
                names = getattr(effect, "names", getattr(effect, "refused", ()))
                kind = SHORT.get(getattr(effect, "type_url", ""), "")
                words = [type(effect).__name__.lower(), kind, *(getattr(n, "name", n) for n in names)]
                lines.append(" ".join(filter(None, words)))
    return lines


def ask(kind: str, *names: str, drop: tuple[str, ...] = (), having: Mapping[str, str] | None = None) -> Request:
    """A request that changes a subscription."""
    return Request(LONG[kind], subscribe=names, unsubscribe=drop, initial_versions=having or {})


def ack(kind: str, nonce: int) -> Request:
    return Request(LONG[kind], nonce=str(nonce))


def nack(kind: str, nonce: int, error: str) -> Request:
    return Request(LONG[kind], nonce=str(nonce), error=error)


class ModelEnvoy:
    """A naive Envoy: holds what it accepted, asks for what its resources refer to, refuses what it is told to refuse.

    It checks the protocol on everything that it is sent.
    """

    def __init__(self, refuses: set[tuple[str, str, str]] | None = None) -> None:
        self.refuses = refuses if refuses is not None else set()
        """(type URL, name, revision)."""
        self.held: dict[str, dict[str, JsonObject]] = {url: {} for url in SHORT}
        self.versions: dict[str, dict[str, str]] = {url: {} for url in SHORT}
        self.subscribed: dict[str, set[str]] = {url: set() for url in SHORT}
        self.warming: set[str] = set()
        """Clusters that were updated and wait for their endpoints."""
        self.refused_versions: list[tuple[str, str, str]] = []
        self.stream = AdsStream()
        self.inbox: list[Send] = []
        self.effects: list[Effect] = []
        self._last_nonce = 0
        self._snapshots: dict[str, Snapshot] = {}
        self._current: Snapshot | None = None

    def connect(self) -> None:
        """Open a stream: Envoy tells what it has, wildcard types first."""
        self.stream = AdsStream()
        self.inbox = []
        self.warming.clear()
        self._last_nonce = 0
        for url in (CLUSTER, LISTENER):
            self._take(self.stream.receive(Request(url, initial_versions=dict(self.versions[url]))))
        for url in (ENDPOINT, SECRET, ROUTE):
            if self.subscribed[url]:
                names = tuple(sorted(self.subscribed[url]))
                self._take(self.stream.receive(Request(url, names, initial_versions=dict(self.versions[url]))))

    def publish(self, this: Snapshot) -> None:
        self._snapshots[this.digest] = this
        self._current = this
        # What is not meant any more may be tried again when it is.
        self.refused_versions = [each for each in self.refused_versions if self._is_meant(each)]
        self._take(self.stream.publish(this))

    def step(self) -> bool:
        """Handle the oldest response; False if there is none."""
        if not self.inbox:
            return False
        send = self.inbox.pop(0)
        this = self._snapshots[send.version]
        bad = []
        for name in send.upserts:
            resource = this.resources[send.type_url][name]
            if (send.type_url, name, resource["revision"]) in self.refuses:
                bad.append(name)
        applies_rest = send.type_url in (CLUSTER, LISTENER)
        for name in send.upserts:
            if name not in bad and (applies_rest or not bad):
                self._apply(this, send.type_url, name)
        for name in send.removals:
            self.held[send.type_url].pop(name, None)
            self.versions[send.type_url].pop(name, None)
        error = None
        if bad:
            for name in bad:
                key = (send.type_url, name, this.versions[ResourceName(send.type_url, name)])
                if applies_rest or len(send.upserts) == 1:
                    assert key not in self.refused_versions, f"{key} was refused and sent again"
                    if self._is_meant(key):
                        self.refused_versions.append(key)
            error = (
                f"Error adding/updating: {', '.join(f'{n}: bad' for n in bad)}" if applies_rest else "something is bad"
            )
        self._take(self.stream.receive(Request(send.type_url, nonce=send.nonce, error=error)))
        self._resubscribe()
        return True

    def _is_meant(self, key: tuple[str, str, str]) -> bool:
        url, name, version = key
        return self._current is not None and self._current.versions.get(ResourceName(url, name)) == version

    def run(self) -> None:
        """Until nothing is left to handle."""
        for _ in range(10_000):
            if not self.step():
                return
        raise AssertionError("the conversation does not end")

    def _apply(self, this: Snapshot, url: str, name: str) -> None:
        resource = this.resources[url][name]
        if url == ROUTE:
            # Make before break: whatever a route sends to is there, with what it needs.
            for target in references(ROUTE, resource):
                if not self._was_refused(this, target):
                    assert target.name in self.held[CLUSTER], f"route {name} needs cluster {target.name}"
                    assert target.name in self.held[ENDPOINT] or self._was_refused(
                        this, ResourceName(ENDPOINT, target.name)
                    )
        if url == CLUSTER and name in self.held[CLUSTER]:
            self.warming.add(name)
        if url == ENDPOINT:
            self.warming.discard(name)
        self.held[url][name] = resource
        self.versions[url][name] = this.versions[ResourceName(url, name)]

    def _was_refused(self, this: Snapshot, target: ResourceName) -> bool:
        return (target.type_url, target.name, this.versions[target]) in self.refused_versions

    def _resubscribe(self) -> None:
        for url in (ENDPOINT, SECRET, ROUTE):
            needed = {
                target.name
                for kind in (CLUSTER, LISTENER)
                for resource in self.held[kind].values()
                for target in references(kind, resource)
                if target.type_url == url
            }
            added, dropped = needed - self.subscribed[url], self.subscribed[url] - needed
            self.subscribed[url] = needed
            for name in dropped:
                self.held[url].pop(name, None)
                self.versions[url].pop(name, None)
            if added or dropped:
                self._take(self.stream.receive(Request(url, tuple(sorted(added)), tuple(sorted(dropped)))))

    def _take(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effects.append(effect)
            if isinstance(effect, Send):
                assert int(effect.nonce) == self._last_nonce + 1, "nonces rise by one"
                self._last_nonce += 1
                assert set(effect.upserts).isdisjoint(effect.removals)
                self.inbox.append(effect)
