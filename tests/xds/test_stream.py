"""Conversations with one Envoy: what is sent, in which order, and what never is."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET, ResourceName, Snapshot
from tidegate.xds.messages import Send, Settled
from tidegate.xds.stream import AdsStream
from xds_playbooks import SHORT, ModelEnvoy, ack, ask, nack, shown, snapshot


def versions(this: Snapshot, url: str) -> dict[str, str]:
    return {name.name: version for name, version in this.versions.items() if name.type_url == url}


def play(stream: AdsStream, *steps: tuple[object, list[str]]) -> None:
    """Each step is an event and the effects it must have; unexpected effects fail."""
    for event, expected in steps:
        effects = stream.publish(event) if isinstance(event, Snapshot) else stream.receive(event)  # type: ignore[arg-type]  # a table of two kinds of event
        assert shown(effects) == expected, f"{event} led to {shown(effects)}"


def served() -> AdsStream:
    """A client that has listener l with routes r to cluster a."""
    stream = AdsStream()
    play(
        stream,
        (snapshot({"l": {"r": ["a"]}}), []),
        (ask("cds"), ["cds +a #1"]),
        (ack("cds", 1), ["accepted cds a"]),
        (ask("eds", "a"), ["eds +a #2"]),
        (ask("sds", "proof-a"), ["sds +proof-a #3"]),
        (ask("lds"), []),
        (ack("eds", 2), ["accepted eds a"]),
        (ack("sds", 3), ["accepted sds proof-a", "lds +l #4"]),
        (ack("lds", 4), ["accepted lds l"]),
        (ask("rds", "r"), ["rds +r #5"]),
        (ack("rds", 5), ["accepted rds r", "settled"]),
    )
    return stream


def test_a_new_client_is_served_in_order() -> None:
    """Listeners wait until the clusters, their endpoints and their secrets are there."""
    served()


def probed(**revisions: str) -> tuple[AdsStream, Snapshot]:
    """A client that has cluster a, whose endpoints are being probed: that it keeps its answer back stops nothing."""
    this = snapshot({"l": {"r": ["a"]}}, **({"probe_a": "1"} | revisions))
    stream = AdsStream()
    play(
        stream,
        (this, []),
        (ask("cds"), ["cds +a #1"]),
        (ack("cds", 1), ["accepted cds a"]),
        (ask("eds", "a"), ["eds +a #2"]),
        (ask("sds", "proof-a"), ["sds +proof-a #3"]),
        (ask("lds"), []),
        (ack("eds", 2), ["accepted eds a"]),
        (ack("sds", 3), ["accepted sds proof-a", "lds +l #4"]),
        (ack("lds", 4), ["accepted lds l"]),
        (ask("rds", "r"), ["rds +r #5"]),
        (ack("rds", 5), ["accepted rds r", "cds +a #6", "eds +a #7", "settled"]),
    )
    return stream, this


def test_a_new_cluster_comes_without_its_probes_and_gets_them_when_all_is_done() -> None:
    """An Envoy takes a new one into service only when every endpoint was probed, and accepts it no sooner."""
    stream = AdsStream()
    stream.publish(snapshot({"l": {"r": ["a"]}}, probe_a="1"))
    (first,) = stream.receive(ask("cds"))
    assert isinstance(first, Send)
    assert first.first == {"a"}
    stream, this = probed()
    play(stream, (ack("eds", 7), ["accepted eds a"]), (ack("cds", 6), ["accepted cds a"]), (this, []))


def test_while_a_cluster_is_probed_others_come_change_and_go() -> None:
    """A new one is ready when its endpoints are accepted."""
    stream, _ = probed()
    play(
        stream,
        (ack("eds", 7), ["accepted eds a"]),
        (snapshot({"l": {"r": ["b"]}}), ["cds +b #8"]),
        (ask("eds", "b"), ["eds +b #9"]),
        (ask("sds", "proof-b"), ["sds +proof-b #10"]),
        (ack("eds", 9), ["accepted eds b"]),
        (ack("sds", 10), ["accepted sds proof-b", "rds +r #11"]),
        (ack("rds", 11), ["accepted rds r", "cds -a #12", "settled"]),
        (ack("cds", 6), ["accepted cds a"]),
        (ack("cds", 8), ["accepted cds b"]),
        (ack("cds", 12), ["accepted cds a"]),
    )


def test_a_probed_cluster_changes_last() -> None:
    """Its old version serves while the new one is probed; endpoints alone do not touch it."""
    stream, _ = probed()
    play(
        stream,
        (ack("eds", 7), ["accepted eds a"]),
        (ack("cds", 6), ["accepted cds a"]),
        (snapshot({"l": {"r": ["a"]}}, probe_a="1", eds_a="2"), ["eds +a #8"]),
        (ack("eds", 8), ["accepted eds a", "settled"]),
        (snapshot({"l": {"r": ["a"]}}, probe_a="2", eds_a="2", rds_r="2"), ["rds +r #9"]),
        (ack("rds", 9), ["accepted rds r", "cds +a #10", "eds +a #11", "settled"]),
    )


def test_a_probed_cluster_whose_endpoints_are_all_exchanged_is_as_good_as_new() -> None:
    """It goes without probes until the new ones serve."""
    stream, _ = probed(at_a="192.0.2.1")
    play(
        stream,
        (ack("eds", 7), ["accepted eds a"]),
        (ack("cds", 6), ["accepted cds a"]),
        (snapshot({"l": {"r": ["a"]}}, probe_a="1", at_a="192.0.2.2"), ["cds +a #8", "eds +a #9"]),
        (ack("cds", 8), ["accepted cds a"]),
        (ack("eds", 9), ["accepted eds a", "cds +a #10", "eds +a #11", "settled"]),
    )


def test_probes_that_are_refused_are_not_sent_again() -> None:
    """The cluster goes on without them, and the refusal is told."""
    stream, this = probed()
    play(
        stream,
        (ack("eds", 7), ["accepted eds a"]),
        (nack("cds", 6, "Error adding/updating cluster(s) a: no"), ["refused cds a"]),
        (this, []),
        (snapshot({"l": {"r": ["a"]}}, probe_a="1", eds_a="2"), ["eds +a #8"]),
        (ack("eds", 8), ["accepted eds a", "settled a"]),
        (snapshot({"l": {"r": ["a"]}}, probe_a="2", eds_a="2"), ["cds +a #9", "eds +a #10", "settled"]),
    )


def test_a_client_that_comes_before_the_first_snapshot_waits() -> None:
    """Nothing is answered until there is something to serve, not even with nothing."""
    play(
        AdsStream(),
        (ask("cds"), []),
        (snapshot({}), ["cds #1"]),
        (ack("cds", 1), ["accepted cds"]),
        (ask("lds"), ["lds #2"]),
        (ack("lds", 2), ["accepted lds", "settled"]),
    )


def test_an_equal_snapshot_changes_nothing() -> None:
    """Content decides, not identity."""
    stream = served()
    play(stream, (snapshot({"l": {"r": ["a"]}}), []))


def test_a_new_backend_is_made_before_the_old_one_is_broken() -> None:
    """Cluster, endpoints and secret; then the route; then the old cluster goes."""
    play(
        served(),
        (snapshot({"l": {"r": ["b"]}}), ["cds +b #6"]),
        (ack("cds", 6), ["accepted cds b"]),
        (ask("eds", "b"), ["eds +b #7"]),
        (ask("sds", "proof-b"), ["sds +proof-b #8"]),
        (ack("sds", 8), ["accepted sds proof-b"]),
        (ack("eds", 7), ["accepted eds b", "rds +r #9"]),
        (ack("rds", 9), ["accepted rds r", "cds -a #10"]),
        (ack("cds", 10), ["accepted cds a", "settled"]),
        (ask("eds", drop=("a",)), ["settled"]),
        (ask("sds", drop=("proof-a",)), ["settled"]),
    )


def test_a_listener_goes_before_its_clusters() -> None:
    """Whoever refers to something goes first."""
    play(
        served(),
        (snapshot({}), ["lds -l #6"]),
        (ack("lds", 6), ["accepted lds l", "cds -a #7"]),
        (ask("rds", drop=("r",)), []),
        (ack("cds", 7), ["accepted cds a", "settled"]),
    )


def test_changed_endpoints_are_sent_alone() -> None:
    """A replica more is one small message."""
    play(
        served(),
        (snapshot({"l": {"r": ["a"]}}, eds_a="2"), ["eds +a #6"]),
        (ack("eds", 6), ["accepted eds a", "settled"]),
    )


def test_an_updated_cluster_gets_its_endpoints_again() -> None:
    """Envoy warms the cluster anew and does not ask."""
    play(
        served(),
        (snapshot({"l": {"r": ["a"]}}, cds_a="2"), ["cds +a #6", "eds +a #7"]),
        (ack("cds", 6), ["accepted cds a"]),
        (ack("eds", 7), ["accepted eds a", "settled"]),
    )


def test_endpoints_under_way_are_sent_again_after_their_cluster() -> None:
    """Those under way reach the old cluster; the new one needs them after it."""
    play(
        served(),
        (snapshot({"l": {"r": ["a"]}}, eds_a="2"), ["eds +a #6"]),
        (snapshot({"l": {"r": ["a"]}}, eds_a="2", cds_a="2"), ["cds +a #7"]),
        (ack("eds", 6), ["accepted eds a", "eds +a #8"]),
        (ack("cds", 7), ["accepted cds a"]),
        (ack("eds", 8), ["accepted eds a", "settled"]),
    )


def test_a_client_that_reconnects_is_sent_what_changed() -> None:
    """It says what it has; a restarted control plane sends only the difference."""
    this = snapshot({"l": {"r": ["a"]}}, eds_a="2")
    stream = AdsStream()
    play(
        stream,
        (this, []),
        (ask("cds", having=versions(this, CLUSTER)), []),
        (ask("eds", "a", having={"a": "old"}), ["eds +a #1"]),
        (ask("sds", "proof-a", having=versions(this, SECRET)), []),
        (ask("lds", having=versions(this, LISTENER)), []),
        (ask("rds", "r", having=versions(this, ROUTE)), []),
        (ack("eds", 1), ["accepted eds a", "settled"]),
    )


def test_what_a_reconnecting_client_should_no_longer_have_is_removed() -> None:
    """Resources of a snapshot that this control plane never saw."""
    this = snapshot({"l": {"r": ["a"]}})
    play(
        AdsStream(),
        (this, []),
        (ask("cds", having={**versions(this, CLUSTER), "old": "1"}), []),
        (ask("eds", "a", having=versions(this, ENDPOINT)), []),
        (ask("sds", "proof-a", having=versions(this, SECRET)), []),
        (ask("lds", having={**versions(this, LISTENER), "gone": "1"}), []),
        (ask("rds", "r", having=versions(this, ROUTE)), ["lds -gone #1"]),
        (ack("lds", 1), ["accepted lds gone", "cds -old #2"]),
        (ack("cds", 2), ["accepted cds old", "settled"]),
    )


def test_a_refused_cluster_is_named_and_not_sent_again() -> None:
    """Envoy applied the good one; the routes go on."""
    play(
        served(),
        (snapshot({"l": {"r": ["a", "b", "c"]}}), ["cds +b +c #6"]),
        (nack("cds", 6, "Error adding/updating cluster(s) b: no such thing"), ["refused cds b"]),
        (ask("eds", "c"), ["eds +c #7"]),
        (ask("sds", "proof-c"), ["sds +proof-c #8"]),
        (ack("eds", 7), ["accepted eds c"]),
        (ack("sds", 8), ["accepted sds proof-c", "rds +r #9"]),
        (ack("rds", 9), ["accepted rds r", "settled b"]),
        (snapshot({"l": {"r": ["a", "b", "c"]}}, eds_a="2"), ["eds +a #10"]),
        (ack("eds", 10), ["accepted eds a", "settled b"]),
    )


def test_a_refused_route_keeps_the_backends_of_the_old_one() -> None:
    """Nothing is removed while the last good version may need it; the correction is taken."""
    play(
        served(),
        (snapshot({"l": {"r": ["b"]}}), ["cds +b #6"]),
        (ack("cds", 6), ["accepted cds b"]),
        (ask("eds", "b"), ["eds +b #7"]),
        (ask("sds", "proof-b"), ["sds +proof-b #8"]),
        (ack("eds", 7), ["accepted eds b"]),
        (ack("sds", 8), ["accepted sds proof-b", "rds +r #9"]),
        (nack("rds", 9, "missing ): ("), ["refused rds r", "settled r"]),
        (snapshot({"l": {"r": ["b"]}}, rds_r="2"), ["rds +r #10"]),
        (ack("rds", 10), ["accepted rds r", "cds -a #11"]),
        (ack("cds", 11), ["accepted cds a", "settled"]),
    )


def test_the_culprit_among_several_routes_is_found_by_sending_each_alone() -> None:
    """Envoy does not say which one, nor whether it applied the others."""
    stream = AdsStream()
    this = snapshot({"l": {"r": [], "s": [], "t": []}})
    play(
        stream,
        (this, []),
        (ask("cds"), ["cds #1"]),
        (ask("lds"), []),
        (ack("cds", 1), ["accepted cds", "lds +l #2"]),
        (ack("lds", 2), ["accepted lds l"]),
        (ask("rds", "r", "s", "t"), ["rds +r +s +t #3"]),
        (nack("rds", 3, "missing ): ("), ["rds +r #4"]),
        (ack("rds", 4), ["accepted rds r", "rds +s #5"]),
        (nack("rds", 5, "missing ): ("), ["refused rds s", "rds +t #6"]),
        (ack("rds", 6), ["accepted rds t", "settled s"]),
    )


def test_one_response_of_a_type_is_in_flight_and_later_changes_are_joined() -> None:
    """A slow client is not flooded: it gets the newest content next."""
    play(
        served(),
        (snapshot({"l": {"r": ["a"]}}, eds_a="2"), ["eds +a #6"]),
        (snapshot({"l": {"r": ["a"]}}, eds_a="3"), []),
        (snapshot({"l": {"r": ["a"]}}, eds_a="4"), []),
        (ack("eds", 6), ["accepted eds a", "eds +a #7"]),
        (ack("eds", 7), ["accepted eds a", "settled"]),
    )


def test_an_answer_to_something_older_is_ignored() -> None:
    """Only the last nonce counts."""
    play(
        served(),
        (snapshot({"l": {"r": ["a"]}}, eds_a="2"), ["eds +a #6"]),
        (ack("eds", 2), []),
        (nack("eds", 99, "what"), []),
        (ack("eds", 6), ["accepted eds a", "settled"]),
    )


def test_a_name_that_does_not_exist_is_answered_once() -> None:
    """The client stops waiting for it, and gets it when it appears."""
    play(
        served(),
        (ask("eds", "z"), ["eds -z #6"]),
        (ack("eds", 6), ["accepted eds z", "settled"]),
        (snapshot({"l": {"r": ["a"]}, "m": {"s": ["z"]}}), ["cds +z #7", "eds +z #8"]),
    )


def test_who_asks_again_is_sent_again() -> None:
    """A client that dropped a name has forgotten it."""
    play(
        served(),
        (ask("eds", drop=("a",)), []),
        (ask("eds", "a"), ["eds +a #6"]),
        (ack("eds", 6), ["accepted eds a", "settled"]),
    )


def test_a_client_that_never_asks_for_endpoints_is_not_left_on_old_routes() -> None:
    """After the shell's patience the routes go out."""
    stream = served()
    play(
        stream,
        (snapshot({"l": {"r": ["b"]}}), ["cds +b #6"]),
        (ack("cds", 6), ["accepted cds b"]),
    )
    assert shown(stream.stop_waiting()) == ["rds +r #7"]


def test_types_that_are_not_served_are_ignored() -> None:
    """A client may ask for what comes later."""
    stream = served()
    request = ask("cds")
    assert stream.receive(type(request)("type.googleapis.com/envoy.service.runtime.v3.Runtime", ("x",))) == []


def test_a_refusal_of_what_is_no_longer_meant_holds_nothing_back() -> None:
    """It came late: the listener was already to go, and so were the clusters that it used."""
    envoy = ModelEnvoy({(LISTENER, "l", "2")})
    envoy.connect()
    envoy.publish(snapshot({"l": {"r": ["a"]}}, lds_l="2"))
    while not any(send.type_url == LISTENER and send.upserts for send in envoy.inbox):
        assert envoy.step()
    envoy.publish(snapshot({}))
    envoy.run()
    assert envoy.held[CLUSTER] == {}


_TABLES = st.dictionaries(
    st.sampled_from(["l", "m"]),
    st.dictionaries(
        st.sampled_from(["r", "s"]), st.lists(st.sampled_from(["a", "b", "c"]), unique=True), min_size=1, max_size=2
    ),
    max_size=2,
)
_REVISIONS = st.dictionaries(
    st.sampled_from(
        [
            f"{kind}_{name}"
            for kind, names in (("cds", "abc"), ("eds", "abc"), ("lds", "lm"), ("rds", "rs"))
            for name in names
        ]
    ),
    st.sampled_from(["1", "2"]),
)


def _distinct(tables: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    """A route configuration belongs to one listener."""
    return {listener: {f"{listener}-{t}": c for t, c in named.items()} for listener, named in tables.items()}


class Conversation(RuleBasedStateMachine):
    """Any order of snapshots, answers, refusals and reconnections ends with the client having what it should."""

    @initialize()
    def start(self) -> None:
        self.envoy = ModelEnvoy()
        self.envoy.connect()
        self.wanted: Snapshot | None = None

    @rule(tables=_TABLES, revisions=_REVISIONS)
    def publish(self, tables: dict[str, dict[str, list[str]]], revisions: dict[str, str]) -> None:
        self.wanted = snapshot(_distinct(tables), **revisions)
        self.envoy.publish(self.wanted)

    @rule(count=st.integers(1, 4))
    def answer(self, count: int) -> None:
        for _ in range(count):
            self.envoy.step()

    @rule(
        url=st.sampled_from([CLUSTER, LISTENER, ROUTE]),
        name=st.sampled_from(["a", "l", "m", "l-r", "m-s"]),
        revision=st.sampled_from(["1", "2"]),
    )
    def start_refusing(self, url: str, name: str, revision: str) -> None:
        self.envoy.refuses.add((url, name, revision))

    @precondition(lambda self: self.wanted is not None)
    @rule()
    def reconnect(self) -> None:
        """A new stream remembers no refusals: what was refused is tried once more."""
        self.envoy.refused_versions.clear()
        self.envoy.connect()
        if self.wanted is not None:
            self.envoy.publish(self.wanted)

    @precondition(lambda self: self.wanted is not None)
    @rule()
    def settle(self) -> None:
        self.envoy.run()
        this = self.wanted
        assert this is not None
        refused = {
            ResourceName(url, name)
            for url, name, version in self.envoy.refused_versions
            if this.versions.get(ResourceName(url, name)) == version
        }
        for name, resource in this:
            if name in refused or name.type_url in (ENDPOINT, SECRET, ROUTE):
                continue
            assert self.envoy.held[name.type_url].get(name.name) == resource, f"{name} did not arrive"
        for url in (ENDPOINT, SECRET, ROUTE):
            for wanted in self.envoy.subscribed[url] & this.resources[url].keys():
                if ResourceName(url, wanted) not in refused:
                    assert self.envoy.held[url].get(wanted) == this.resources[url][wanted]
        if not any(name.type_url in (LISTENER, ROUTE) for name in refused):
            for url in (CLUSTER, LISTENER):
                extra = self.envoy.held[url].keys() - this.resources[url].keys()
                assert not extra, f"{SHORT[url]} {extra} should be gone"
        # One that is only held because a refused listener may use it has no endpoints in the snapshot any more.
        assert not self.envoy.warming & self.envoy.held[CLUSTER].keys() & this.resources[CLUSTER].keys()
        settled = [effect for effect in self.envoy.effects if isinstance(effect, Settled)]
        assert settled[-1].version == this.digest

    @invariant()
    def routes_lead_somewhere(self) -> None:
        """Whatever the client serves, no cluster was taken from under a route."""
        if not hasattr(self, "envoy"):
            return
        held = self.envoy.held
        ever_refused = {name for url, name, _ in self.envoy.refuses if url == CLUSTER}
        for table in self.envoy.subscribed[ROUTE] & held[ROUTE].keys():
            for host in held[ROUTE][table]["virtual_hosts"]:
                for one in host["routes"]:
                    cluster = one["route"]["cluster"]
                    assert cluster in held[CLUSTER] or cluster in ever_refused, f"{table} sends to {cluster}: gone"


Conversation.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None, derandomize=True)
TestConversation = Conversation.TestCase
