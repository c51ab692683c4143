"""HTTPRoutes: what the golden cases do not show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules import codes_of, read, rules_of
from tidegate.diagnostics import Found
from tidegate.manifests.http_routes import resolve_http_route
from tidegate.manifests.routes import INVALID
from tidegate.manifests.schema.gateway_api import HTTPRoute
from tidegate.model import Forward, PathMatch, PathMatchKind, RouteMatch

BACKENDS = st.lists(
    st.tuples(st.sampled_from(["cart", "films", "nobody"]), st.sampled_from([80, 81]), st.integers(0, 5)), max_size=6
)


def test_rule_without_matches_takes_everything() -> None:
    """HTTPRouteRule.matches: the default is the prefix `/`; HTTPRouteSpec.rules: so is the only rule."""
    resolution, _ = rules_of("[{}]")
    assert [each.match for each in resolution.rules[0].matches] == [RouteMatch(PathMatch(PathMatchKind.PREFIX, "/"))]
    manifests, found = read(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {}}"
    )
    (route,) = manifests.of(HTTPRoute)
    (rule,) = resolve_http_route(manifests, route, found).rules
    assert rule.action == Forward(())


def test_prefixes_without_their_slash() -> None:
    """HTTPPathMatch: a trailing slash of a prefix is ignored, of an exact path it is not."""
    resolution, _ = rules_of("[{matches: [{path: {value: /a/}}, {path: {type: Exact, value: /a/}}]}]")
    assert [each.match.path.value for each in resolution.rules[0].matches] == ["/a", "/a/"]


@given(BACKENDS)
def test_shares_are_the_weights(backends: list[tuple[str, int, int]]) -> None:
    """Every reference keeps its place and its weight, also where it leads nowhere."""
    references = ", ".join(f"{{name: {name}, port: {port}, weight: {weight}}}" for name, port, weight in backends)
    resolution, found = rules_of(f"[{{backendRefs: [{references}]}}]")
    action = resolution.rules[0].action
    assert isinstance(action, Forward)
    assert [each.weight for each in action.backends] == [weight for _, _, weight in backends]
    broken = [name == "nobody" or port == 81 for name, port, _ in backends]
    assert [each.backend is None for each in action.backends] == broken
    assert (resolution.resolved.reason == "ResolvedRefs") == (not any(broken))
    assert bool(codes_of(found)) == any(broken)


def test_same_answer_again_and_in_another_file() -> None:
    """Resolutions know no places: a line more above changes none of them."""
    text = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {rules: [{%s}]}}"
    rule = "backendRefs: [{name: a, port: 80}], filters: [{type: CORS, cors: {}}]"
    answers = []
    for lines in ("", "\n\n"):
        manifests, _ = read(lines + text % rule)
        (route,) = manifests.of(HTTPRoute)
        answers.append(resolve_http_route(manifests, route, Found()))
    assert answers[0] == answers[1]


def test_invalid_rule_keeps_its_matches() -> None:
    """Its requests are not handed to a wider rule, which may ask for less."""
    session = "sessionPersistence: {absoluteTimeout: 1h}"
    resolution, _ = rules_of(f"[{{matches: [{{path: {{value: /admin}}}}], {session}}}, {{}}]")
    assert resolution.rules[0].action == INVALID
    assert resolution.rules[0].matches[0].match.path.value == "/admin"
