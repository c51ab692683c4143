"""What can be read of a malformed object, and that cutting never widens what it matches."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tidegate.diagnostics import Found
from tidegate.manifests.check import check
from tidegate.manifests.salvage import salvage
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.alb import AlbBackendTLSPolicy, FrontendTLSPolicy, HealthCheckPolicy
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.gateway_api import (
    BackendTLSPolicy,
    Gateway,
    GRPCRoute,
    HTTPRoute,
    ListenerSet,
    TCPRoute,
    TLSRoute,
)
from tidegate.manifests.schema.tidegate import ApimPolicy, RateLimitPolicy
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml

META = {"apiVersion": "v1", "kind": "K", "metadata": {"name": "r"}}


def salvaged(schema: type[Resource], spec: object, **extra: object) -> Resource | None:
    text = yaml.safe_dump({**META, "spec": spec, **extra})
    (node,) = read_yaml(Source("a.yaml", text), Found(), {})
    assert isinstance(node, Mapping)
    body, wrong = check(node, schema, subject="it", found=Found())
    assert body is None
    rest = salvage(node, schema, wrong, subject="it")
    return rest[0] if rest else None


def paths(route: Resource | None) -> list[list[str]]:
    assert isinstance(route, HTTPRoute)
    return [[match.path.value for match in rule.matches] for rule in route.spec.rules]


def test_filters_go_and_matches_stay() -> None:
    """The requests that the rule wanted are known, so they can be refused."""
    rule = {"matches": [{"path": {"value": "/a"}}], "filters": [{"type": "CORS"}], "retry": {}}
    assert paths(salvaged(HTTPRoute, {"rules": [rule]})) == [["/a"]]


def test_match_that_cannot_be_read_goes_whole() -> None:
    """And a rule without matches left goes with it: it would match everything."""
    wrong = {"path": {"value": "/a"}, "queryParameters": []}
    rules = [{"matches": [wrong, {"path": {"value": "/b"}}]}, {"matches": [wrong]}, {"matches": wrong}]
    assert paths(salvaged(HTTPRoute, {"rules": rules})) == [["/b"]]


@pytest.mark.parametrize(
    "spec",
    [
        {"hostnames": ["A.com"], "rules": [{}]},
        {"hostnames": [7, "B.com"], "rules": [{}]},
        {"hostnames": "a.com"},
        {"rules": "none"},
        {"rules": [{"matches": [{"path": "/"}]}]},
        [],
    ],
)
def test_route_whose_hosts_or_rules_cannot_be_read_is_not_salvaged(spec: object) -> None:
    """Without its hostnames it would refuse the requests of others."""
    assert salvaged(HTTPRoute, spec) is None


def test_hostname_that_cannot_be_read_goes_alone() -> None:
    """While another is left: its requests are still refused."""
    route = salvaged(HTTPRoute, {"hostnames": ["A.com", "b.com"], "rules": [{}]})
    assert isinstance(route, HTTPRoute)
    assert route.spec.hostnames == ("b.com",)


def test_rule_between_fields_takes_only_what_it_is_about() -> None:
    """A redirect beside backends: the filters go, matches and name stay."""
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}
    backend = {"name": "a", "port": 80}
    rule = {"name": "one", "matches": [{"path": {"value": "/a"}}], "filters": [redirect], "backendRefs": [backend]}
    route = salvaged(HTTPRoute, {"rules": [rule]})
    assert isinstance(route, HTTPRoute)
    (kept,) = route.spec.rules
    assert (kept.name, paths(route), kept.filters) == ("one", [["/a"]], ())
    hidden = salvaged(HTTPRoute, {"rules": [{**rule, "name": "N"}]})
    assert paths(hidden) == [["/a"]]  # the wrong name hid the redirect, which is cut in a second round


def test_matches_and_hosts_by_another_name_widen_nothing() -> None:
    """`match` and `hostname` are easily written for `matches` and `hostnames`: without them all requests match."""
    assert paths(salvaged(HTTPRoute, {"rules": [{"matchs": []}, {"matches": [{"path": {"value": "/a"}}]}]})) == [["/a"]]
    assert salvaged(HTTPRoute, {"hostname": "a.com", "rules": [{}]}) is None
    assert salvaged(HTTPRoute, {"hosts": ["a.com"], "rules": [{}]}) is None
    assert salvaged(HTTPRoute, {"hostname": "a.com", "hostnames": ["b.com"], "rules": [{}]}) is not None


def test_rule_that_is_no_mapping_goes() -> None:
    """Nothing of it can be read; the others still refuse."""
    assert paths(salvaged(HTTPRoute, {"rules": ["x", {"matches": [{"path": {"value": "/a"}}]}]})) == [["/a"]]


def test_limits_on_numbers_do_not_hide_matches() -> None:
    """A route with too many matches, rules or host names refuses all of them: none may reach a wider route."""
    matches = [{"path": {"value": f"/{number}"}} for number in range(65)]
    assert paths(salvaged(HTTPRoute, {"rules": [{"matches": matches}]})) == [[f"/{n}" for n in range(65)]]
    twice = salvaged(HTTPRoute, {"rules": [{"name": "a", "matches": matches[:1]}] * 2})
    assert paths(twice) == [["/0"], ["/0"]]
    many = salvaged(HTTPRoute, {"rules": [{"matches": matches[:10]}] * 17})
    assert len(paths(many)) == 17
    hosts = salvaged(HTTPRoute, {"hostnames": [f"h{number}.com" for number in range(17)], "rules": [{}]})
    assert isinstance(hosts, HTTPRoute)
    assert len(hosts.spec.hostnames) == 17


def test_grpc_route_keeps_the_methods_that_can_be_read() -> None:
    """As an HTTPRoute does; a rule that lost its matches would take every call."""
    rules = [
        {"matches": [{"method": {"service": "a.B"}}, {"method": {"service": "a/B"}}], "filters": [{"type": "CORS"}]},
        {"matches": [{"method": {}}]},
    ]
    route = salvaged(GRPCRoute, {"rules": rules})
    assert isinstance(route, GRPCRoute)
    assert [[m.method.service for m in rule.matches if m.method] for rule in route.spec.rules] == [["a.B"]]


def test_stream_route_refuses_its_connections() -> None:
    """Without the backends that cannot be read; without its host names a TLSRoute would stand for every name."""
    route = salvaged(TCPRoute, {"rules": [{"backendRefs": [{"name": "a", "port": "x"}]}]})
    assert isinstance(route, TCPRoute)
    assert route.spec.rules[0].backend_refs == ()
    tls = salvaged(TLSRoute, {"hostnames": ["a.com", "A.com"], "rules": [{"backendRefs": []}]})
    assert isinstance(tls, TLSRoute)
    assert tls.spec.hostnames == ("a.com",)
    assert salvaged(TLSRoute, {"hostnames": ["A.com"], "rules": [{"backendRefs": []}]}) is None


def test_listener_set_is_salvaged_like_a_gateway() -> None:
    """Unless its parent cannot be read."""
    good = {"name": "a", "port": 80, "protocol": "HTTP", "tls": {"certificateRefs": [{"name": "c"}]}}
    parts = salvaged(ListenerSet, {"parentRef": {"name": "g"}, "listeners": [good]})
    assert isinstance(parts, ListenerSet)
    assert [listener.tls for listener in parts.spec.listeners] == [None]
    assert salvaged(ListenerSet, {"parentRef": {"name": "G"}, "listeners": [good]}) is None


def test_name_that_is_wrong_is_not_salvaged() -> None:
    """What cannot be named cannot be told apart."""
    assert salvaged(HTTPRoute, {"rules": [{}]}, metadata={"name": "A_B"}) is None
    assert salvaged(HTTPRoute, {"rules": [{}]}, metadata={"name": "a", "labels": {"a": 1}}) is not None


def test_gateway_keeps_the_listeners_that_can_be_read() -> None:
    """Their ports open and answer 503."""
    good = {"name": "a", "port": 80, "protocol": "HTTP", "color": "red"}
    gateway = salvaged(Gateway, {"gatewayClassName": "x", "listeners": [good, {**good, "name": "b", "port": "x"}]})
    assert isinstance(gateway, Gateway)
    assert [listener.name for listener in gateway.spec.listeners] == ["a"]


def test_policy_keeps_its_targets() -> None:
    """So that what it was to protect can be closed; a section that cannot be read closes the whole of it."""
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "r", "sectionName": 7}
    policy = salvaged(ApimPolicy, {"targetRefs": [target], "policy": {"file": 1}})
    assert isinstance(policy, ApimPolicy)
    assert [(reference.name, reference.section_name) for reference in policy.spec.target_refs] == [("r", None)]


@pytest.mark.parametrize(
    "targets", [[], ["r"], [{"group": "gateway.networking.k8s.io", "kind": "Htproute", "name": "r"}]]
)
def test_policy_with_a_target_that_cannot_be_read_is_not_salvaged(targets: object) -> None:
    """It may have meant any: everything of its namespace is closed, which is for those that ask what was refused."""
    assert salvaged(ApimPolicy, {"targetRefs": targets, "policy": {"inline": ""}}) is None


def test_backend_tls_policy_trusts_nobody_when_it_cannot_be_read() -> None:
    """It keeps its targets, so that they can be closed; and should anyone use it, nobody has that certificate."""
    target = {"group": "", "kind": "Service", "name": "s", "sectionName": "https"}
    policy = salvaged(BackendTLSPolicy, {"targetRefs": [target], "validation": {"hostname": "*.a"}})
    assert isinstance(policy, BackendTLSPolicy)
    assert [(each.name, each.section_name) for each in policy.spec.target_refs] == [("s", "https")]
    assert policy.spec.validation.hostname.endswith(".invalid")
    assert policy.spec.validation.well_known_ca_certificates is None


def test_policies_of_application_gateway_for_containers_keep_their_target() -> None:
    """The whole of it, where its sections cannot be read; those that protect nothing are left out."""
    target = {"group": "", "kind": "Service", "name": "s", "sectionNames": [7]}
    policy = salvaged(AlbBackendTLSPolicy, {"targetRef": target, "default": {"sni": ""}})
    assert isinstance(policy, AlbBackendTLSPolicy)
    assert (policy.spec.target_ref.name, policy.spec.target_ref.section_names) == ("s", ())
    gateway = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g"}
    front = salvaged(FrontendTLSPolicy, {"targetRef": gateway, "default": {"verify": {}}})
    assert isinstance(front, FrontendTLSPolicy)
    assert salvaged(FrontendTLSPolicy, {"targetRef": {**gateway, "name": "G"}}) is None
    assert salvaged(HealthCheckPolicy, {"targetRef": target}) is None


def test_rate_limit_policy_keeps_its_targets() -> None:
    """Its limits cannot be kept; what it was to limit is closed."""
    target = {"group": "gateway.networking.k8s.io", "kind": "GRPCRoute", "name": "r"}
    policy = salvaged(RateLimitPolicy, {"targetRefs": [target], "limits": [{"calls": "many"}]})
    assert isinstance(policy, RateLimitPolicy)
    assert [each.name for each in policy.spec.target_refs] == ["r"]


def test_other_kinds_are_not_salvaged() -> None:
    """Half a Secret is no Secret."""
    assert salvaged(Secret, {}) is None


MATCH = st.fixed_dictionaries(
    {},
    optional={
        "path": st.sampled_from([{"value": "/a"}, {"value": 1}]),
        "queryParameters": st.just([]),
        "odd": st.just(1),
    },
)
RULE = st.fixed_dictionaries({"x": st.just(1)}, optional={"matches": st.lists(MATCH, max_size=2)})


@settings(deadline=None)
@given(st.lists(RULE, min_size=1, max_size=3))
def test_salvaged_matches_are_among_those_written(rules: list[dict[str, object]]) -> None:
    """Whatever is wrong, no match appears that the author did not write."""
    rest = salvaged(HTTPRoute, {"rules": rules})
    if rest is None:
        return
    written = [rule.get("matches") or [{}] for rule in rules]
    plain = [
        [{"path": {"value": match.path.value}} if match.path.value != "/" else {} for match in rule.matches] or [{}]
        for rule in rest.spec.rules  # type: ignore[attr-defined]  # an HTTPRoute
    ]
    for rule in plain:
        assert any(all(match in each for match in rule) for each in written)  # type: ignore[operator]  # lists of dicts


WHOLE = {
    "parentRefs": [{"name": "g", "sectionName": "s", "port": 80}],
    "hostnames": ["a.com", "*.b.com"],
    "rules": [
        {
            "name": "one",
            "matches": [
                {"path": {"type": "Exact", "value": "/a"}, "headers": [{"name": "h", "value": "v"}]},
                {"path": {"value": "/b"}, "queryParams": [{"name": "q", "value": "v"}], "method": "GET"},
            ],
            "filters": [
                {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "x", "value": "1"}]}},
                {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "m", "port": 80}, "percent": 5}},
                {"type": "CORS", "cors": {"allowOrigins": ["https://a.com"], "maxAge": 9}},
            ],
            "backendRefs": [{"name": "s", "port": 80, "weight": 1, "filters": []}],
            "timeouts": {"request": "10s", "backendRequest": "1s"},
            "retry": {"codes": [503], "attempts": 2, "backoff": "25ms"},
            "sessionPersistence": {"type": "Cookie", "sessionName": "c"},
        },
        {
            "matches": [{"path": {"value": "/c"}}],
            "filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}],
        },
    ],
}
"""A route with nearly everything."""

JUNK = (7, "?!", [], {}, True, {"odd": 1}, ["odd"])


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place below a value."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [place for step, each in inner for place in ((*path, step), *places(each, (*path, step)))]


def spoilt(path: tuple[str | int, ...], junk: object, spec: object = WHOLE) -> dict[str, Any]:
    """The whole with something else at one place."""
    whole: Any = copy.deepcopy(spec)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = junk
    return whole  # type: ignore[no-any-return]  # a spec


def matched(spec: Any) -> list[list[Any]]:
    """What each rule matches; a rule without matches matches everything."""
    return [[match.model_dump() for match in rule.matches] or [{}] for rule in spec.rules]


@settings(deadline=None)
@given(st.sampled_from(places(WHOLE)), st.sampled_from(JUNK))
def test_whatever_is_spoilt_nothing_is_widened_and_nothing_else_is_lost(
    path: tuple[str | int, ...], junk: object
) -> None:
    """One wrong value anywhere: no new match, no new host; and all matches that are not concerned still refuse."""
    whole, _ = checked(HTTPRoute, WHOLE)
    body, wrong = checked(HTTPRoute, spoilt(path, junk))
    assert isinstance(whole, HTTPRoute)
    assume(body is None)
    (node,) = read_yaml(Source("a.yaml", yaml.safe_dump({**META, "spec": spoilt(path, junk)})), Found(), {})
    assert isinstance(node, Mapping)
    rest = salvage(node, HTTPRoute, wrong, subject="it")
    if rest is None:
        assert path in {("hostnames",), ("rules",), ("parentRefs",)}
        return
    route = rest[0]
    assert isinstance(route, HTTPRoute)
    before, after = matched(whole.spec), matched(route.spec)
    assert set(route.spec.hostnames) <= set(whole.spec.hostnames)
    assert route.spec.hostnames
    said = [*before, [{}]] if len(path) == 2 else before  # another rule may be one without matches
    assert all(any(match in rule for rule in said) for rule in after for match in rule)
    for index, rule in enumerate(before):
        touched = path[:2] == ("rules", index) and path[2:3] in ((), ("matches",))
        assert touched or rule in after


def checked(schema: type[Resource], spec: object) -> tuple[Resource | None, Any]:
    (node,) = read_yaml(Source("a.yaml", yaml.safe_dump({**META, "spec": spec})), Found(), {})
    return check(node, schema, subject="it", found=Found())


SECTION = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "a", "sectionName": "one"}
SERVICE = {"group": "", "kind": "Service", "name": "a", "sectionName": "https"}
GATEWAY = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g", "sectionNames": ["l"]}
SECRET = {"group": "", "kind": "Secret", "name": "ca"}
POLICIES: list[tuple[type[Resource], dict[str, Any]]] = [
    (ApimPolicy, {"targetRefs": [SECTION, {**SECTION, "name": "b"}], "policy": {"inline": "<policies />"}}),
    (RateLimitPolicy, {"targetRefs": [SECTION, {**SECTION, "name": "b"}], "limits": [{"calls": 1, "period": "1m"}]}),
    (
        BackendTLSPolicy,
        {
            "targetRefs": [SERVICE, {**SERVICE, "name": "b"}],
            "validation": {"hostname": "a.b", "wellKnownCACertificates": "System"},
        },
    ),
    (
        AlbBackendTLSPolicy,
        {
            "targetRef": {"group": "", "kind": "Service", "name": "a", "sectionNames": ["https"]},
            "default": {"sni": "a.b", "ports": [{"port": 443}], "verify": {"caCertificateRef": SECRET}},
        },
    ),
    (FrontendTLSPolicy, {"targetRef": GATEWAY, "default": {"verify": {"caCertificateRef": SECRET}}}),
]


def targets(spec: Any) -> list[tuple[str, str, str]]:
    each = spec.target_refs if hasattr(spec, "target_refs") else [spec.target_ref]
    return [(target.group, target.kind, target.name) for target in each]


@settings(deadline=None)
@given(st.data())
def test_protecting_policy_loses_no_target(data: st.DataObject) -> None:
    """One wrong value anywhere: it closes all that it targeted, or nobody can tell, and all is closed."""
    schema, spec = data.draw(st.sampled_from(POLICIES))
    path = data.draw(st.sampled_from(places(spec)))
    bad = spoilt(path, data.draw(st.sampled_from(JUNK)), spec)
    whole, _ = checked(schema, spec)
    body, wrong = checked(schema, bad)
    assert whole is not None
    assume(body is None)
    (node,) = read_yaml(Source("a.yaml", yaml.safe_dump({**META, "spec": bad})), Found(), {})
    assert isinstance(node, Mapping)
    rest = salvage(node, schema, wrong, subject="it")
    if rest is None:
        assert path[0] in ("targetRef", "targetRefs")
        return
    assert targets(rest[0].spec) == targets(whole.spec)  # type: ignore[attr-defined]  # policies have a spec
