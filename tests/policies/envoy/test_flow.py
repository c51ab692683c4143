"""Sections through real Envoy: who forwards, on-error, and documents of any size."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import FORWARD, LAST_ERROR, OUT, THROWS, has, returns, when
from policy_programs import document_text, set_header


def test_backend_without_forward_request(lab: Lab) -> None:
    """Outbound runs right behind inbound, over an empty 200."""
    answer = lab.serve(document_text(set_header("A", "1"), backend="", outbound=OUT)).get()
    assert (answer.status, answer.header("x-out"), answer.body) == (200, "200", "")
    route = lab.serve(document_text(backend=when(has("a"), FORWARD), outbound=OUT))
    assert (route.get(("a", "")).json["path"], route.get().body) == (route.path, "")
    throws = lab.serve(document_text(backend="", outbound=set_header("A", THROWS), on_error=LAST_ERROR)).get()
    assert (throws.status, throws.header("x-section")) == (500, "outbound")


def test_statements_behind_forward_request(lab: Lab) -> None:
    """They run when the backend has answered, and see its response."""
    backend = FORWARD + '<set-variable name="s" value="@(context.Response.StatusCode)" />'
    outbound = OUT + set_header("S", '@((int)context.Variables["s"])')
    route = lab.serve(document_text(backend=backend, outbound=outbound))
    answer = route.get(path="/x?status=503")
    assert (answer.status, answer.header("x-out"), answer.header("s")) == (503, "503", "503")
    assert route.get(method="POST", body="sent").json["body"] == "sent"
    head = route.get(method="HEAD")
    assert (head.status, head.body) == (200, "")


def test_on_error_knows_what_failed(lab: Lab) -> None:
    """Every field of LastError, at any depth; the response is the failure's, and may be changed as a whole."""
    wide = document_text(
        backend=FORWARD, on_error=LAST_ERROR + set_header("X-Status", "@(context.Response.StatusCode)")
    )
    nested = (
        '<choose><when condition="@(false)"><trace source="s"><message>m</message></trace></when>'
        f'<when condition="true"><set-header name="A" id="mine"><value>{THROWS}</value></set-header></when></choose>'
    )
    narrow = document_text(when("true", "") + when("@(1 > 2)", "") + nested, backend="<base />", on_error="<base />")
    answer = lab.serve(wide, narrow).get()
    found = {name: answer.header(f"x-{name}") for name in ("source", "reason", "section", "path", "policyid", "status")}
    assert found == {
        "source": "set-header",
        "reason": "ExpressionValueEvaluationFailure",
        "section": "inbound",
        "path": "choose[3]/when[2]",
        "policyid": "mine",
        "status": "500",
    }
    assert answer.header("x-message") == "The given key 'missing' was not present in the dictionary."
    body = answer.json
    assert (body["statusCode"], body["message"], len(body["activityId"])) == (500, "Internal server error", 36)
    # A failure in on-error is answered without it.
    again = lab.serve(document_text(set_header("A", THROWS), on_error=set_header("B", "1") + set_header("A", THROWS)))
    answer = again.get()
    assert (answer.status, answer.header("b")) == (500, None)


def test_failures_of_the_backend_reach_on_error(lab: Lab) -> None:
    """Whether Envoy's router has called it or a policy."""
    for backend in (FORWARD, FORWARD + set_header("A", "1")):
        document = document_text(backend=backend, outbound=OUT, on_error=LAST_ERROR + '<set-status code="502" />')
        answer = lab.serve(document, cluster="dead").get()
        assert (answer.status, answer.header("x-out")) == (502, None)
        assert (answer.header("x-source"), answer.header("x-section")) == ("forward-request", "backend")
        assert answer.header("x-reason") == "BackendConnectionFailure"


def test_a_big_document_runs(lab: Lab) -> None:
    """Lua's limits of one function's locals, jumps and constants are nobody's business: it becomes many functions."""
    many = "".join(
        f'<set-variable name="v{n}" value="@("{n}" + context.Request.Method)" />'
        + when(f'@((string)context.Variables["v{n}"] == "{n}GET")', set_header(f"X-{n % 7}", f"{n}"))
        for n in range(700)
    )
    deep = set_header("Deep", '@((string)context.Variables["v699"])')
    for _ in range(25):
        deep = when("true", deep)
    ends = when("true", when("true", many + when(has("end"), returns(418))))
    route = lab.serve(document_text(many + deep + ends, outbound=set_header("V", '@((string)context.Variables["v3"])')))
    answer = route.get()
    assert (answer.got("x-6"), answer.got("deep"), answer.header("v")) == (["699"], ["699GET"], "3GET")
    assert route.get(("end", "")).status == 418
