"""cors in real Envoy: preflights and simple requests."""

from __future__ import annotations

import pytest

from policy_envoy import Lab, Route
from policy_programs import document_text, validate_jwt
from policy_tokens import bearer, token

pytestmark = pytest.mark.e2e

CORS = """<cors{attributes}>
<allowed-origins><origin>https://App.example.com:443</origin><origin>http://localhost:5173/</origin></allowed-origins>
<allowed-methods preflight-result-max-age="300"><method>GET</method><method>put</method></allowed-methods>
<allowed-headers><header>Authorization</header><header>X-Custom</header></allowed-headers>
<expose-headers><header>Retry-After</header><header>X-Id</header></expose-headers>
</cors>"""
APP = ("Origin", "https://app.example.com")
EVIL = ("Origin", "https://evil.example.com")


def preflight(method: str = "PUT", headers: str | None = None) -> list[tuple[str, str]]:
    """What a browser asks besides its origin."""
    asked = [("Access-Control-Request-Method", method)]
    return asked if headers is None else [*asked, ("Access-Control-Request-Headers", headers)]


def cors_headers(answer: object) -> dict[str, str]:
    return {n: v for n, v in answer.headers if n.startswith("access-control") or n == "vary"}  # type: ignore[attr-defined]  # Answer


@pytest.fixture(scope="module")
def route(lab: Lab) -> Route:
    """cors behind the policy that asks for a token: preflights do not meet that one."""
    return lab.serve(document_text(validate_jwt() + CORS.format(attributes="")))


def test_preflight_of_an_allowed_origin(route: Route) -> None:
    """200 and an empty body; no token is asked for, and no backend."""
    answer = route.get(APP, *preflight("PUT", "authorization, x-custom"), method="OPTIONS")
    assert (answer.status, answer.body) == (200, "")
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://app.example.com",
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "Authorization,X-Custom",
        "access-control-max-age": "300",
        "vary": "Origin",
    }


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("https://evil.example.com", "PUT", None),
        ("http://app.example.com", "PUT", None),
        ("https://app.example.com:444", "PUT", None),
        ("https://app.example.com.evil.com", "PUT", None),
        ("null", "PUT", None),
        ("https://app.example.com", "DELETE", None),
        ("https://app.example.com", "PUT", "authorization,x-other"),
    ],
)
def test_unmatched_preflight(route: Route, origin: str, method: str, headers: str | None) -> None:
    """An empty 200 without CORS headers; the backend is not called."""
    answer = route.get(("Origin", origin), *preflight(method, headers), method="OPTIONS")
    assert (answer.status, answer.body, cors_headers(answer)) == (200, "", {})


def test_origins_are_compared_by_scheme_host_and_port(route: Route) -> None:
    """Case of the host and the default port make no difference."""
    for origin in ("https://APP.example.com", "https://app.example.com:443", "http://localhost:5173"):
        answer = route.get(("Origin", origin), *preflight(), method="OPTIONS")
        assert answer.header("access-control-allow-origin") == origin


def test_options_without_preflight_headers_is_a_request(lab: Lab) -> None:
    """OPTIONS without Origin or without a requested method runs the program."""
    route = lab.serve(document_text(CORS.format(attributes="")))
    for headers in ((), (APP,), tuple(preflight())):
        assert route.get(*headers, method="OPTIONS").received


def test_simple_request(lab: Lab) -> None:
    """The backend's answer gets the headers; its own Vary stays."""
    route = lab.serve(document_text(CORS.format(attributes=' allow-credentials="true"')))
    answer = route.get(APP, path="?header=Vary:Accept&header=Access-Control-Allow-Origin:http://other")
    assert answer.received
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://app.example.com",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "Retry-After,X-Id",
        "vary": "Accept, Origin",
    }
    assert cors_headers(route.get()) == {}


def test_failures_carry_the_headers_too(lab: Lab) -> None:
    """A page can read why it was refused, or that the backend is away."""
    refusing = lab.serve(document_text(CORS.format(attributes="") + validate_jwt()))
    answer = refusing.get(APP)
    assert (answer.status, answer.header("access-control-allow-origin")) == (401, "https://app.example.com")
    away = lab.serve(document_text(CORS.format(attributes="")), cluster="dead")
    answer = away.get(APP)
    assert (answer.status, answer.header("access-control-allow-origin")) == (500, "https://app.example.com")


def test_unmatched_simple_request(lab: Lab) -> None:
    """GET and HEAD end with an empty 200; others, and all where that is switched off, go on without headers."""
    strict = lab.serve(document_text(CORS.format(attributes="")))
    for method in ("GET", "HEAD"):
        answer = strict.get(EVIL, method=method)
        assert (answer.status, answer.body, cors_headers(answer)) == (200, "", {})
    assert strict.get(EVIL, method="POST").received
    lenient = lab.serve(document_text(CORS.format(attributes=' terminate-unmatched-request="false"')))
    answer = lenient.get(EVIL)
    assert answer.received
    assert cors_headers(answer) == {}


def test_any_origin_method_and_header(lab: Lab) -> None:
    """`*` answers with what was asked for; the origin as `*`, which needs no Vary."""
    everything = (
        "<cors><allowed-origins><origin>*</origin></allowed-origins><allowed-methods><method>*</method>"
        "</allowed-methods><allowed-headers><header>*</header></allowed-headers></cors>"
    )
    route = lab.serve(document_text(everything))
    answer = route.get(EVIL, *preflight("PATCH", "x-a,x-b"), method="OPTIONS")
    assert cors_headers(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "PATCH",
        "access-control-allow-headers": "x-a,x-b",
    }


def test_scopes_have_one_cors_policy_each(lab: Lab) -> None:
    """A preflight tries the next policy only where the one before says so; a simple request meets the first."""
    inner = "<cors{0}><allowed-origins><origin>https://a.example</origin></allowed-origins></cors>"
    outer = document_text(CORS.format(attributes=""))
    last = lab.serve(outer, document_text(inner.format("") + "<base />"))
    assert cors_headers(last.get(APP, *preflight(), method="OPTIONS")) == {}
    passing = lab.serve(outer, document_text(inner.format(' terminate-unmatched-request="false"') + "<base />"))
    assert passing.get(APP, *preflight(), method="OPTIONS").header("access-control-max-age") == "300"
    assert cors_headers(passing.get(APP)) == {}


def test_requests_with_a_token_and_an_origin(route: Route) -> None:
    """The whole of it together."""
    answer = route.get(APP, bearer(token()))
    assert answer.received
    assert answer.header("access-control-allow-origin") == "https://app.example.com"


def test_what_the_client_may_read_follows_its_own_origin(lab: Lab) -> None:
    """Also where a policy tells the backend another one: responses are then not worked out from the request."""
    set_origin = (
        '<set-header name="Origin" exists-action="override"><value>https://evil.example.com</value></set-header>'
    )
    route = lab.serve(document_text(CORS.format(attributes="") + set_origin))
    assert cors_headers(route.get(APP))["access-control-allow-origin"] == "https://app.example.com"
    assert cors_headers(route.get(EVIL)) == {}
