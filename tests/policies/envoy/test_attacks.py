"""What somebody tries who wants past the policies, through real Envoy."""

from __future__ import annotations

import time

import pytest

from policy_envoy import Answer, Lab, Route
from policy_programs import document_text, set_header, validate_jwt
from policy_tokens import claims, token, unsigned

pytestmark = pytest.mark.e2e

WHEN = "<choose><when condition='@(context.Request.Headers.ContainsKey(\"X-In\"))'>{}</when></choose>"


def hit(answer: Answer) -> bool:
    """Whether it came from the cache."""
    return answer.header("age") is not None


CALLED = "<retry condition='@(false)' count='1' interval='0'><forward-request /></retry>"
"""The backend is called by the program, not by Envoy's router."""


# -- headers that backends trust


@pytest.mark.parametrize(
    ("inbound", "backend"),
    [
        (WHEN.format(set_header("X-User-Role", "admin")), "<forward-request />"),
        (
            WHEN.format(set_header("X-User-Role", "admin")),
            CALLED,
        ),
        (set_header("X-Other", "1") + WHEN.format(set_header("X-User-Role", "admin")), "<forward-request />"),
        (WHEN.format(set_header("X-User-Role", "admin")), set_header('@("X-Any")', "1") + "<forward-request />"),
    ],
)
def test_a_branch_that_did_not_run_vouches_for_nothing(lab: Lab, inbound: str, backend: str) -> None:
    """What a policy sets in one branch is the client's own word in the other, and is not said to be the gateway's."""
    route = lab.serve(document_text(inbound, backend=backend))
    forged = ("X-User-Role", "root")
    taken, other = route.get(forged, ("X-In", "1")), route.get(forged)
    assert taken.got("x-user-role") == ["admin"]
    assert "x-user-role" in ",".join(taken.got("x-gateway-headers")).split(",")
    assert "x-user-role" not in ",".join(other.got("x-gateway-headers")).split(",")


def test_what_comes_behind_the_backend_was_not_there_before(lab: Lab) -> None:
    """A header that is set after the call of the backend was the client's in that call."""
    backend = CALLED + set_header("X-User-Role", "a")
    answer = lab.serve(document_text(backend=backend)).get(("X-User-Role", "root"))
    assert answer.got("x-gateway-headers") == []


def test_both_branches_vouch(lab: Lab) -> None:
    """Whichever ran."""
    both = (
        "<choose><when condition='@(context.Request.Headers.ContainsKey(\"X-In\"))'>"
        + set_header("X-User-Role", "a")
        + "</when><otherwise>"
        + set_header("X-User-Role", "b")
        + "</otherwise></choose>"
    )
    route = lab.serve(document_text(both + set_header("X-Other", "1")))
    for headers in ((("X-In", "1"),), ()):
        assert route.get(*headers).got("x-gateway-headers") == ["x-other,x-user-role"]


# -- other people's cached answers


def cached(lab: Lab, *, inbound: str = "", children: str = "") -> Route:
    """A route whose answers are kept."""
    policy = f"<cache-lookup vary-by-developer='false' vary-by-developer-groups='false'>{children}</cache-lookup>"
    return lab.serve(document_text(policy + inbound, outbound="<cache-store duration='60' />"))


def test_duplicate_and_escaped_parameters_have_answers_of_their_own(lab: Lab) -> None:
    """A backend takes the first or the last of two parameters of one name, and reads `%69d` as `id`."""
    route = cached(lab)
    assert [hit(route.get(path=p)) for p in ("?id=1&id=2", "?id=2&id=1", "?id=1&id=2")] == [False, False, True]
    named = cached(lab, children="<vary-by-query-parameter>id</vary-by-query-parameter>")
    assert [hit(named.get(path=p)) for p in ("?x=1", "?%69d=5", "?i%64=5", "?x=2")] == [False, False, False, True]


def test_a_header_that_a_policy_sets_behind_the_lookup_finds_nobody_elses(lab: Lab) -> None:
    """The response varies by who calls, and who calls is known only behind cache-lookup."""
    who = '@(context.Request.Headers.GetValueOrDefault("X-Key", ""))'
    route = cached(lab, inbound=set_header("X-User", who.replace('"', "&quot;")))
    path = "?header=Vary:X-User"
    route.get(("X-Key", "alice"), path=path)
    stolen = route.get(("X-Key", "mallory"), ("X-User", "alice"), path=path)
    assert stolen.got("x-user") == ["mallory"]
    branch = cached(lab, inbound=WHEN.format(set_header("X-User", "alice")))
    branch.get(("X-In", "1"), path=path)
    assert branch.get(("X-User", "alice"), path=path).got("x-in") == []


# -- workers that never come back


LONG = 'context.Request.Headers.GetValueOrDefault("X-Long", "")'


@pytest.mark.parametrize(
    "inbound",
    [
        f"<set-method>@({LONG})</set-method>",
        f"<ip-filter action='allow'><address>@({LONG})</address></ip-filter>",
        f"<set-backend-service base-url='@({LONG})' />",
        f"<rewrite-uri template='@(\"/\" + {LONG})' />",
        *(
            f"<set-variable name='v' value='@({expression})' />"
            for expression in (
                f"Guid.Parse({LONG})",
                f"TimeSpan.Parse({LONG})",
                f"DateTime.Parse({LONG})",
                f"int.Parse({LONG})",
                f"double.Parse({LONG})",
                f"decimal.Parse({LONG})",
                f"Convert.FromBase64String({LONG})",
                f"{LONG}.Trim().Length",
                f"{LONG}.AsJwt()",
                f"{LONG}.AsBasic()",
            )
        ),
    ],
)
def test_white_space_costs_no_square_of_its_length(lab: Lab, inbound: str) -> None:
    """50 kB of a header in a text that is looked through."""
    route = lab.serve(document_text(inbound))
    for text in ("a" + " " * 50_000 + "b", "1" * 50_000 + "x", "." * 25_000 + "/" * 25_000 + "!"):
        began = time.monotonic()
        route.get(("X-Long", text))
        assert time.monotonic() - began < 20


# -- what the backend chooses


def test_redirects_take_no_keys_to_other_hosts(lab: Lab) -> None:
    """Whoever answers a followed request says where it goes next."""
    backend = '<forward-request follow-redirects="true" />'
    keys = ("Authorization", "Cookie", "X-Functions-Key", "Api-Key", "Ocp-Apim-Subscription-Key", "X-Api-Key")
    sent = [(name, "secret") for name in keys]
    choose = f'<set-backend-service base-url="{lab.url()}" />'
    route = lab.serve(document_text(choose, backend=backend))
    near = route.get(*sent, path=f"?status=302&header=Location:{lab.url()}/next")
    assert near.got("x-functions-key") == ["secret"]
    other = lab.url(host="dead.test")
    for location in (other, f"{lab.url()}/next%3Fstatus=302%26header=Location:{other}"):
        far = route.get(*sent, path=f"?status=302&header=Location:{location}/")
        assert (far.status, far.got("host")) == (200, [other.removeprefix("http://")])
        assert "secret" not in far.body


# -- what ends a line


@pytest.mark.parametrize("end", ["%0d%0a", "%0a", "%0d", "%00"])
def test_nothing_that_is_worked_out_ends_a_line(lab: Lab, end: str) -> None:
    """Wherever a policy writes what a client chose, the message has no header more."""
    text = 'context.Request.Url.Query.GetValueOrDefault("x", "")'
    answer = "<return-response>{}<set-body>b</set-body></return-response>"
    documents = [
        document_text(set_header("X-A", f"@({text})")),
        document_text(set_header(f'@("X-A" + {text})', "1")),
        document_text(f"<set-method>@({text})</set-method>"),
        document_text(f"<rewrite-uri template='@(\"/\" + {text})' />"),
        document_text(f"<set-query-parameter name='@({text})'><value>@({text})</value></set-query-parameter>"),
        document_text(set_header("Host", f"@({text})")),
        document_text(answer.format(f"<set-status code='200' reason='@({text})' />")),
        document_text(answer.format(set_header("X-B", f"@({text})"))),
        document_text(outbound=set_header("X-B", f"@({text})")),
        document_text(f"<authentication-basic username='@({text})' password='p' />"),
        document_text(f"<set-backend-service base-url='@(\"{lab.url()}/\" + {text})' />"),
        document_text(
            "<send-request mode='new' response-variable-name='r' timeout='5'>"
            f'<set-url>@("{lab.url()}/" + {text})</set-url><set-method>@("GET" + {text})</set-method></send-request>'
        ),
    ]
    for document in documents:
        got = lab.serve(document).get(path=f"?x=a{end}X-Evil:%201")
        assert got.header("x-evil") is None
        if got.status == 200 and got.body.startswith("{"):
            assert got.got("x-evil") == []


# -- tokens


def test_what_is_verified_is_what_is_read(lab: Lab) -> None:
    """Two tokens in two lines, or in two query parameters: the one that counts is the one that was verified."""
    good, evil = token(claims(sub="good")), unsigned(claims(sub="evil"))
    read = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Subject ?? "none"'
    inbound = validate_jwt('header-name="Authorization"') + set_header("X-Sub", f"@({read})".replace('"', "&quot;"))
    route = lab.serve(document_text(inbound))
    assert route.get(("Authorization", f"Bearer {good}")).got("x-sub") == ["good"]
    pairs = [(good, evil), (evil, good)]
    for first, second in pairs:
        lines = (("Authorization", f"Bearer {first}"), ("Authorization", f"Bearer {second}"))
        for headers in (lines, (("Authorization", f"Bearer {first}, Bearer {second}"),)):
            answer = route.get(*headers)
            assert answer.status == 401 or answer.got("x-sub") == ["good"]
    read = 'context.Request.Url.Query.GetValueOrDefault("token", "").AsJwt()?.Subject ?? "none"'
    inbound = validate_jwt('query-parameter-name="token"') + set_header("X-Sub", f"@({read})".replace('"', "&quot;"))
    route = lab.serve(document_text(inbound))
    assert route.get(path=f"?token={good}").got("x-sub") == ["good"]
    for first, second in pairs:
        for names in (("token", "token"), ("Token", "token"), ("token", "TOKEN"), ("t%6fken", "token")):
            answer = route.get(path=f"?{names[0]}={first}&{names[1]}={second}")
            assert answer.status == 401 or answer.got("x-sub") == ["good"]
