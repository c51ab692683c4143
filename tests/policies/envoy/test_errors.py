"""Failures in real Envoy: throwing expressions, broken programs, backends that are away; on-error and LastError."""

from __future__ import annotations

import re

import pytest

from policy_envoy import Answer, Lab
from policy_programs import document_text, program, set_header, validate_jwt
from policy_tokens import bearer, claims, token

pytestmark = pytest.mark.e2e

LAST_ERROR = "".join(
    set_header(f"X-{name}", f"@(context.LastError.{name})")
    for name in ("Source", "Reason", "Message", "Section", "Scope", "PolicyId")
) + set_header("X-Status", "@(context.Response.StatusCode)")


def internal_error(answer: Answer) -> None:
    """API Management's answer when an expression throws."""
    assert (answer.status, answer.header("content-type")) == (500, "application/json")
    body = answer.json
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", body.pop("activityId"))
    assert body == {"statusCode": 500, "message": "Internal server error"}


@pytest.mark.parametrize(
    "expression",
    [
        '(string)context.Variables["missing"]',
        '((Jwt)context.Variables.GetValueOrDefault<Jwt>("missing")).Subject',
        'context.Request.Headers["x-missing"].FirstOrDefault()',
        'context.Request.Headers.GetValueOrDefault("x-missing").Contains("a") ? "a" : "b"',
        'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().Subject',
        'context.Request.Headers.GetValueOrDefault(context.Request.Headers.GetValueOrDefault("x-missing"))',
        'new string[0].First()',
        'new [] {"a"}[1]',
    ],
)  # fmt: skip
def test_throwing_expression(lab: Lab, expression: str) -> None:
    """500 with an activity id; the backend is not called; on-error sees the reason."""
    document = document_text(set_header("X-A", f"@({expression})"), on_error=LAST_ERROR)
    answer = lab.serve(document).get()
    internal_error(answer)
    assert answer.header("x-source") == "set-header"
    assert answer.header("x-reason") == "ExpressionValueEvaluationFailure"
    assert answer.header("x-section") == "inbound"


def test_wrong_type_of_variable(lab: Lab) -> None:
    """A cast to another type throws, and so does GetValueOrDefault of another type."""
    jwt = validate_jwt('header-name="Authorization" output-token-variable-name="jwt"')
    for expression in ('(string)context.Variables["jwt"]', 'context.Variables.GetValueOrDefault<string>("jwt", "d")'):
        internal_error(lab.serve(document_text(jwt + set_header("X-A", f"@({expression})"))).get(bearer(token())))


def test_last_error_of_a_refusal(lab: Lab) -> None:
    """on-error runs over the answer that is about to be sent, and may change its headers; its body stays."""
    jwt = validate_jwt('header-name="Authorization" id="the-check"')
    route = lab.serve(document_text(jwt, on_error=LAST_ERROR + set_header("Content-Type", "text/plain")))
    answer = route.get()
    assert (answer.status, answer.json["message"]) == (401, "JWT not present.")
    shown = {name: answer.header(f"x-{name}") for name in ("source", "reason", "message", "section", "policyid")}
    assert shown == {
        "source": "validate-jwt",
        "reason": "TokenNotPresent",
        "message": "JWT not present.",
        "section": "inbound",
        "policyid": "the-check",
    }
    assert (answer.header("x-status"), answer.header("content-type")) == ("401", "text/plain")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ((), "TokenNotPresent"),
        ((bearer("x"),), "JwtInvalid"),
        ((bearer(token(signer="k2")),), "TokenSignatureInvalid"),
        ((bearer(token(kid="k9")),), "TokenSignatureKeyNotFound"),
        ((bearer(token(claims(exp=5))),), "TokenExpired"),
        ((bearer(token(claims(aud="x"))),), "TokenAudienceNotAllowed"),
        ((bearer(token(claims(iss="x"))),), "TokenIssuerNotAllowed"),
        ((bearer(token()),), "TokenClaimNotFound"),
        ((bearer(token(claims(r="b"))),), "TokenClaimValueNotAllowed"),
    ],
)
def test_reasons_of_validate_jwt(lab: Lab, headers: tuple[tuple[str, str], ...], reason: str) -> None:
    """Each failure has API Management's reason."""
    children = (
        "<audiences><audience>api://tasks</audience></audiences>"
        '<required-claims><claim name="r"><value>a</value></claim></required-claims>'
    )
    document = document_text(
        validate_jwt(children=children), on_error=set_header("X-Reason", "@(context.LastError.Reason)")
    )
    assert lab.serve(document).get(*headers).header("x-reason") == reason


def test_on_error_that_fails_itself(lab: Lab) -> None:
    """The answer is the plain 500, without what on-error had begun."""
    on_error = set_header("X-Begun", "1") + set_header("X-A", '@((string)context.Variables["missing"])')
    answer = lab.serve(document_text(validate_jwt(), on_error=on_error)).get()
    internal_error(answer)
    assert answer.header("x-begun") is None


def test_failure_in_outbound(lab: Lab) -> None:
    """The backend's answer is replaced whole; on-error runs once, outbound not again."""
    outbound = set_header("X-Out", "1") + set_header("X-A", '@((string)context.Variables["missing"])')
    route = lab.serve(document_text(outbound=outbound, on_error=LAST_ERROR))
    answer = route.get(path="?header=X-Backend:1&body=secret")
    internal_error(answer)
    assert (answer.header("x-backend"), answer.header("x-out"), answer.header("x-section")) == (None, None, "outbound")
    head = route.get(path="?header=X-Backend:1", method="HEAD")
    assert (head.status, head.body) == (500, "")


def test_backend_that_is_away(lab: Lab) -> None:
    """BackendConnectionFailure, 500, nothing of Envoy's words; outbound does not run."""
    route = lab.serve(document_text(outbound=set_header("X-Out", "1"), on_error=LAST_ERROR), cluster="dead")
    answer = route.get()
    internal_error(answer)
    assert (answer.header("x-source"), answer.header("x-reason")) == ("forward-request", "BackendConnectionFailure")
    assert (answer.header("x-section"), answer.header("x-out"), answer.header("x-status")) == ("backend", None, "500")
    assert answer.header("x-tidegate-reply") is None
    internal_error(lab.serve(document_text(), cluster="dead").get())


def test_backend_that_does_not_answer(lab: Lab) -> None:
    """Timeout, 504."""
    answer = lab.serve(document_text(on_error=LAST_ERROR), cluster="silent").get()
    body = answer.json
    assert body.pop("activityId")
    assert (answer.status, body) == (504, {"statusCode": 504, "message": "Gateway timeout"})
    assert answer.header("x-reason") == "Timeout"


@pytest.mark.parametrize("status", [400, 404, 500, 502, 503, 504])
def test_backends_own_errors_pass(lab: Lab, status: int) -> None:
    """What a backend answers is no failure of the gateway, whatever its status."""
    route = lab.serve(document_text(outbound=set_header("X-Out", "1"), on_error=set_header("X-Error", "1")))
    answer = route.get(path=f"?status={status}&body=mine")
    assert (answer.status, answer.body) == (status, "mine")
    assert (answer.header("x-out"), answer.header("x-error")) == ("1", None)


def test_routes_own_answer_passes(lab: Lab) -> None:
    """A redirect or fixed answer of the route is what the program's forward-request gives."""
    route = lab.serve(
        document_text(outbound=set_header("X-Out", "1"), on_error=set_header("X-Error", "1")),
        action={"direct_response": {"status": 503, "body": {"inline_string": "closed"}}},
    )
    answer = route.get()
    assert (answer.status, answer.body, answer.header("x-out"), answer.header("x-error")) == (503, "closed", "1", None)


def test_backend_cannot_forge_the_marks(lab: Lab) -> None:
    """A backend that claims to be the gateway gains nothing: outbound runs, or its own answer is a failure."""
    route = lab.serve(document_text(outbound=set_header("X-Secret", action="delete")))
    answer = route.get(path="?header=X-Tidegate-Reply:program&header=X-Secret:1")
    assert answer.header("x-secret") is None


BREAKS = {
    "no Lua": lambda lua: lua + " end",
    "raises while loading": lambda lua: "error('x')\n" + lua,
    "returns nothing": lambda _: "return nil",
    "other version": lambda lua: lua.replace("abi = 1", "abi = 2"),
    "no inbound": lambda lua: lua.replace("inbound = function", "other = function"),
    "bytecode": lambda _: "\x1bLJ",
    "empty": lambda _: "",
    "unknown function": lambda lua: lua.replace("q.step = 1", "q.step = 1 R.nothing()"),
    "raises text": lambda lua: lua.replace("q.step = 1", "q.step = 1 error('x')"),
    "raises nil": lambda lua: lua.replace("q.step = 1", "q.step = 1 error(nil)"),
    "raises a table": lambda lua: lua.replace("q.step = 1", "q.step = 1 error({})"),
    "bad step": lambda lua: lua.replace("q.step = 1", "q.step = 99 error('x')"),
    "no steps": lambda lua: lua.replace("steps = {", "ignored = {").replace("q.step = 1", "error('x')"),
    "bad record": lambda lua: lua.replace("q.step = 1", "q.h = nil error('x')"),
    "recursion": lambda lua: lua.replace("q.step = 1", "local function f() return 1 + f() end f()"),
    "bad constant": lambda lua: lua.replace("local K = {", "local K = setmetatable({}, {}) local unused = {"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_broken_program_refuses(lab: Lab, how: str) -> None:
    """Whatever is wrong with a program, the request does not reach the backend."""
    lua = program(document_text(validate_jwt() + set_header("X-A", "1"))).lua
    broken = BREAKS[how](lua)
    assert broken != lua
    route = lab.serve_lua(broken)
    for _ in range(3):
        answer = route.get(bearer(token()))
        assert answer.status == 500
        assert answer.json["message"] == "Internal server error"


def test_broken_outbound_refuses(lab: Lab) -> None:
    """A response that the program could not treat is not given out."""
    lua = program(document_text(outbound=set_header("X-A", "1"))).lua
    for broken in (lua.replace("response:replace", "R.nothing"), lua.replace("q.step = 2", "q.h = nil error('x')")):
        assert broken != lua
        answer = lab.serve_lua(broken).get(path="?body=secret&header=X-Backend:1")
        assert (answer.status, answer.json["message"]) == (500, "Internal server error")
        assert answer.header("x-backend") is None


def test_nothing_of_the_machinery_is_told(lab: Lab) -> None:
    """Texts of Lua's errors go to the log, not to the client."""
    route = lab.serve_lua("local R = ...\nreturn {abi = 1, steps = {}, inbound = function() error('the secret') end}")
    internal_error(route.get())
    assert "the secret" in lab.log


def test_a_failure_is_told_to_who_looks_after_the_gateway(lab: Lab) -> None:
    """Under the id that the client got: which statement, and why; in one line, whatever the client sent."""
    document = document_text(
        '<choose><when condition="@(true)">'
        + set_header("X-A", '@(int.Parse(context.Request.Headers.GetValueOrDefault("X-N", "")).ToString())')
        + "</when></choose>"
    )
    answer = lab.serve(document).get(("X-N", "many\ttimes"))
    id_ = answer.json["activityId"]
    (line,) = [line for line in lab.log.splitlines() if id_ in line]
    assert "ExpressionValueEvaluationFailure in set-header inbound" in line
    assert "choose[1]" in line
    assert "\t" not in line
