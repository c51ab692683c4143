"""set-header in real Envoy: actions, several values, and names that the client must not choose."""

from __future__ import annotations

import pytest

from policy_envoy import Lab
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

ORIGINAL = (("X-A", "1"), ("X-A", "2"))


@pytest.mark.parametrize(
    ("policy", "before", "after"),
    [
        (set_header("X-A", "n"), ORIGINAL, ["n"]),
        (set_header("X-A", "n"), (), ["n"]),
        (set_header("X-A", "n", "m"), ORIGINAL, ["n,m"]),
        (set_header("X-A", "n", action="append"), ORIGINAL, ["1,2,n"]),
        (set_header("X-A", "n", "m", action="append"), (), ["n,m"]),
        (set_header("X-A", "n", action="skip"), ORIGINAL, ["1", "2"]),
        (set_header("X-A", "n", "m", action="skip"), (), ["n,m"]),
        (set_header("X-A", action="delete"), ORIGINAL, []),
        (set_header("X-A", action="delete"), (), []),
        (set_header("X-A", ""), ORIGINAL, [""]),
    ],
)
def test_request_header(lab: Lab, policy: str, before: tuple[tuple[str, str], ...], after: list[str]) -> None:
    """override, append, skip and delete; several values of one header are joined by commas."""
    for document in (document_text(policy), document_text(backend=policy + "<forward-request />")):
        assert lab.serve(document).get(*before).got("x-a") == after


def test_lines_that_may_not_be_joined(lab: Lab) -> None:
    """Dates, cookies and challenges stay lines of their own."""
    documents = document_text(
        set_header("Cookie", "a=1", "b=2") + set_header("Warning", "199 - a", action="append"),
        outbound=set_header("Set-Cookie", "a=1", "b=2", action="append")
        + set_header("WWW-Authenticate", "Bearer", "Basic"),
    )
    answer = lab.serve(documents).get(("Warning", "110 - b"), path="?header=Set-Cookie:c=3&header=WWW-Authenticate:x")
    assert answer.got("warning") == ["110 - b", "199 - a"]
    assert [v for n, v in answer.headers if n == "set-cookie"] == ["c=3", "a=1", "b=2"]
    assert [v for n, v in answer.headers if n == "www-authenticate"] == ["Bearer", "Basic"]


def test_response_header(lab: Lab) -> None:
    """In outbound the response changes, and only it; scopes in their order."""
    outer = document_text(outbound=set_header("X-Order", "outer", action="append"))
    inner = document_text(
        "<base />",
        backend="<base />",
        outbound=set_header("X-Order", "before", action="append")
        + "<base />"
        + set_header("X-Order", "after", action="append")
        + set_header("Server", "mine")
        + set_header("X-Powered-By", action="delete")
        + set_header("X-Status", '@("was " + context.Response.StatusCode)'),
    )
    answer = lab.serve(outer, inner).get(path="?header=X-Powered-By:x&status=404&header=X-Order:backend")
    assert answer.status == 404
    assert answer.header("x-order") == "backend,before,outer,after"
    assert answer.header("server") == "mine"
    assert answer.header("x-powered-by") is None
    assert answer.header("x-status") == "was 404"
    assert answer.got("x-order") == []


def test_every_spelling_of_a_trusted_header_is_removed(lab: Lab) -> None:
    """Whatever the client sends under a name that some reader takes for a header that a policy sets."""
    route = lab.serve(document_text(set_header("X-User-Roles", "Reader") + set_header("X-Gone", action="delete")))
    answer = route.get(
        ("X-User-Roles", "Admin"), ("x-user-roles", "Admin"), ("X_User_Roles", "Admin"), ("x.user.roles", "Admin"),
        ("X-User_Roles", "Admin"), ("x_USER-roles", "Admin"), ("X-User.Roles", "Admin"), ("X_Gone", "1"),
        ("X-User-Role", "kept"), ("X_Other_Name", "kept"), ("x.a", "kept"),
    )  # fmt: skip
    named = [(name, value) for name, value in answer.received if "roles" in name or "gone" in name]
    assert named == [("x-user-roles", "Reader")]
    assert [value for _, value in answer.received].count("kept") == 3


def test_a_policy_may_set_several_spellings(lab: Lab) -> None:
    """What policies themselves set stays, whatever its spelling."""
    route = lab.serve(document_text(set_header("X_User", "a") + set_header("X-User", "b")))
    answer = route.get(("X.User", "evil"), ("X-User", "evil"), ("X_User", "evil"))
    assert {(n, v) for n, v in answer.received if "user" in n} == {("x_user", "a"), ("x-user", "b")}


def test_skip_and_append_keep_what_the_client_sent(lab: Lab) -> None:
    """They build on the client's value, so nothing of it is removed."""
    route = lab.serve(document_text(set_header("X-Trace-Id", "new", action="skip")))
    answer = route.get(("X_Trace_Id", "1"), ("X-Trace-Id", "2"))
    assert (answer.got("x_trace_id"), answer.got("x-trace-id")) == (["1"], ["2"])


def test_computed_values(lab: Lab) -> None:
    """Expressions see what earlier policies did; null is an empty header; other types become text."""
    route = lab.serve(
        document_text(
            set_header("X-B", '@(context.Request.Headers.GetValueOrDefault("X-A", "none"))')
            + set_header("X-A", "changed")
            + set_header("X-C", '@(context.Request.Headers.GetValueOrDefault("X-A") + "!" + 7 + true)')
            + set_header("X-D", '@(context.Request.Headers.GetValueOrDefault("X-None"))')
            + set_header("X-E", "@(context.Request.IpAddress)", "@(context.Request.Method)")
            + set_header("X-F", '@(context.Request.Headers.ContainsKey("x-a"))')
        )
    )
    answer = route.get(("X-A", "a"), ("X-A", "b"))
    assert [answer.got(f"x-{n}") for n in "bcdef"] == [["a,b"], ["changed!7True"], [""], ["127.0.0.1,GET"], ["True"]]


def test_forwarded_for_does_not_choose_the_address(lab: Lab) -> None:
    """IpAddress is the peer of the connection."""
    route = lab.serve(document_text(set_header("X-Ip", "@(context.Request.IpAddress)")))
    assert route.get(("X-Forwarded-For", "9.9.9.9"), ("X-Real-Ip", "9.9.9.9")).got("x-ip") == ["127.0.0.1"]


def test_url_of_the_request(lab: Lab) -> None:
    """OriginalUrl is what the client sent."""
    route = lab.serve(
        document_text(
            set_header("X-Path", "@(context.Request.OriginalUrl.Path)")
            + set_header("X-Query", "@(context.Request.OriginalUrl.QueryString)")
            + set_header("X-Host", "@(context.Request.OriginalUrl.Host)")
            + set_header("X-Scheme", "@(context.Request.OriginalUrl.Scheme)")
        )
    )
    answer = route.get(path="/a%20b?c=d&e", host="Gateway.test:8080")
    assert answer.got("x-path") == [f"{route.path}/a%20b"]
    assert (answer.got("x-query"), answer.got("x-host"), answer.got("x-scheme")) == (
        ["?c=d&e"], ["gateway.test"], ["http"],
    )  # fmt: skip


def test_line_breaks_never_pass(lab: Lab) -> None:
    """A claim that holds CR LF would begin another header: the request is refused instead."""
    from policy_tokens import bearer, claims, token

    value = '@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Subject ?? "none")'
    for action in ("override", "append", "skip"):
        route = lab.serve(document_text(set_header("X-Name", value, action=action)))
        for evil in ("a\r\nX-Admin: 1", "a\nb", "a\rb", "a\0b", "a\x01"):
            answer = route.get(bearer(token(claims(sub=evil))))
            assert (answer.status, answer.json["message"]) == (500, "Internal server error")
        assert route.get(bearer(token(claims(sub="Zoë 名")))).got("x-name")


def test_a_header_that_a_policy_sets_does_not_choose_the_route(lab: Lab) -> None:
    """The route, and with it its policies, is chosen once, by what the client sent."""
    route = lab.serve(document_text(set_header("X-Env", "internal")))
    open_route = {
        "match": {
            "path_separated_prefix": route.path,
            "headers": [{"name": "x-env", "string_match": {"exact": "internal"}}],
        },
        "direct_response": {"status": 200, "body": {"inline_string": "another route"}},
    }
    lab.serve_first(open_route)
    assert route.get().got("x-env") == ["internal"]
    assert route.get(("X-Env", "internal")).body == "another route"


def test_named_values(lab: Lab) -> None:
    """They are filled in before anything is compiled: in literals, in expressions, and as whole expressions."""
    document = document_text(
        set_header("X-{{part}}", "a {{region}} b")
        + set_header("X-E", '@("{{region}}" + context.Request.Method)')
        + set_header("X-W", "{{whole}}")
    )
    values = {"part": "P", "region": "west", "whole": '@(context.Request.Method + "?")'}
    answer = lab.serve(document, named_values=values).get()
    assert (answer.got("x-p"), answer.got("x-e"), answer.got("x-w")) == (["a west b"], ["westGET"], ["GET?"])
