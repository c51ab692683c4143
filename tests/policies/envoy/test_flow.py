"""The order of things through real Envoy: branches, early ends, sections and scopes, on-error, and who forwards."""

from __future__ import annotations

import pytest

from policy_envoy import Lab
from policy_programs import document_text, set_header

OUT = set_header("X-Out", "@(context.Response.StatusCode)")
LAST_ERROR = "".join(
    set_header(f"X-{name}", f'@(context.LastError.{name} ?? "none")')
    for name in ("Source", "Reason", "Message", "Scope", "Section", "Path", "PolicyId")
)
THROWS = '@((string)context.Variables["missing"])'
FORWARD = "<forward-request />"


def when(condition: str, content: str) -> str:
    """A choose with one branch."""
    return f'<choose><when condition="{condition}">{content}</when></choose>'


def has(header: str) -> str:
    """The condition that the request has a header."""
    return f'@(context.Request.Headers.ContainsKey("{header}"))'


def returns(status: int, *headers: str) -> str:
    """A return-response."""
    return f'<return-response><set-status code="{status}" />{"".join(headers)}</return-response>'


def test_first_true_branch_runs(lab: Lab) -> None:
    """Later conditions are not worked out; otherwise runs where none was true; nothing is an answer too."""
    content = (
        f'<choose><when condition="{has("a")}">{set_header("R", "a")}</when>'
        f'<when condition="{has("b")}">{set_header("R", "b")}{when(has("c"), set_header("R", "b and c"))}</when>'
        '<when condition="@((context.Request.Headers.GetValueOrDefault("d")?.Length ?? 0) > 2)">'
        f"{set_header('R', 'd')}</when>"
        f'<when condition="@(context.Request.Headers["e"][0] == "1")">{set_header("R", "e")}</when>'
        f"<otherwise>{set_header('R', 'none')}</otherwise></choose>"
    )
    route = lab.serve(document_text(content))
    assert route.get(("a", ""), ("b", "")).got("r") == ["a"]
    assert route.get(("b", "")).got("r") == ["b"]
    assert route.get(("b", ""), ("c", "")).got("r") == ["b and c"]
    assert route.get(("d", "123")).got("r") == ["d"]
    assert route.get(("d", "12"), ("e", "1")).got("r") == ["e"]
    assert route.get(("d", "12"), ("e", "0")).got("r") == ["none"]
    # Nothing was true before the last condition, which throws without its header.
    assert route.get().status == 500
    assert lab.serve(document_text(when(has("a"), set_header("R", "a")))).get().got("r") == []


def test_variables_over_branches(lab: Lab) -> None:
    """Set in every branch, in some, with several types, with null; a missing one throws."""
    set_x = '<set-variable name="x" value="{}" />'.format
    show = set_header("R", '@((string)context.Variables["x"])')
    both = f'<choose><when condition="{has("a")}">{set_x("1")}</when><otherwise>{set_x("2")}</otherwise></choose>'
    route = lab.serve(document_text(both + show))
    assert (route.get(("a", "")).got("r"), route.get().got("r")) == (["1"], ["2"])
    route = lab.serve(document_text(when(has("a"), set_x("1")) + show))
    assert (route.get(("a", "")).got("r"), route.get().status) == (["1"], 500)
    route = lab.serve(document_text(set_x("0") + when(has("a"), set_x("@(5)")) + show))
    assert (route.get(("a", "")).status, route.get().got("r")) == (500, ["0"])
    null = set_x('@(context.Request.Headers.GetValueOrDefault("none"))')
    known = set_header("K", '@(context.Variables.ContainsKey("x"))')
    default = set_header("D", '@(context.Variables.GetValueOrDefault<string>("x", "d"))')
    answer = lab.serve(document_text(null + show + known + default)).get()
    assert (answer.got("r"), answer.got("k"), answer.got("d")) == ([""], ["True"], ["d"])


def test_variables_last_until_the_response(lab: Lab) -> None:
    """With their types, also where only ContainsKey or GetValueOrDefault asks for them."""
    inbound = '<set-variable name="n" value="@(41)" /><set-variable name="s" value="41" />'
    outbound = (
        set_header("N", '@((int)context.Variables["n"])')
        + set_header("S", '@((string)context.Variables["s"] + 1)')
        + set_header("C", '@(context.Variables.ContainsKey("n"))')
    )
    answer = lab.serve(document_text(inbound, outbound=outbound)).get()
    assert [answer.header(name) for name in ("n", "s", "c")] == ["41", "411", "True"]
    answer = lab.serve(document_text(inbound, outbound=set_header("C", '@(context.Variables.ContainsKey("n"))'))).get()
    assert answer.header("c") == "True"
    default = set_header("C", '@(context.Variables.GetValueOrDefault<int>("n"))')
    assert lab.serve(document_text(inbound, outbound=default)).get().header("c") == "41"


def test_return_response_ends_everything(lab: Lab) -> None:
    """In inbound, backend, outbound and on-error; nothing of any scope runs behind it."""
    ends = returns(403, set_header("R", "@(context.Request.Method)"))
    wide = document_text(outbound=set_header("Wide", "1"), on_error=set_header("Wide", "2"))
    for document in (
        document_text(when("true", ends) + set_header("B", "1"), outbound="<base />", on_error="<base />"),
        document_text(backend=when("true", when("true", ends)) + FORWARD, outbound="<base />"),
        document_text(outbound=ends + "<base />"),
        document_text(set_header("B", THROWS), outbound="<base />", on_error=ends + "<base />"),
    ):
        route = lab.serve(wide, document)
        answer = route.get()
        assert (answer.status, answer.header("r"), answer.header("wide"), answer.body) == (403, "GET", None, "")
        head = route.get(method="HEAD")
        assert (head.status, head.header("r"), head.body) == (403, "HEAD", "")
        assert route.get(method="POST", body="a" * 100_000).status == 403


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(lab: Lab, status: int) -> None:
    """Whatever the backend or a policy wanted to send, nothing stands behind such a status."""
    for document in (
        document_text(returns(status)),
        document_text(outbound=returns(status)),
        document_text(outbound=f'<set-status code="{status}" />'),
        document_text(set_header("B", THROWS), on_error=f'<set-status code="{status}" />'),
    ):
        answer = lab.serve(document).get()
        assert (answer.status, answer.body, answer.header("content-length")) == (status, "", None)


def test_set_status(lab: Lab) -> None:
    """By expressions too; what is no status throws; the body of the backend stays."""
    plain = lab.serve(document_text(outbound='<set-status code="202" reason="As you wish" />' + OUT)).get()
    assert (plain.status, plain.header("x-out"), plain.json["method"]) == (202, "202", "GET")
    by_count = '<set-status code="@(context.Request.Headers.ContainsKey("a") ? 201 : 99)" reason="@("r")" />'
    route = lab.serve(document_text(outbound=by_count))
    assert (route.get(("a", "")).status, route.get().status) == (201, 500)


def test_set_method(lab: Lab) -> None:
    """The backend is asked with it; whether the client gets a body is decided by what the client asked with."""
    route = lab.serve(document_text("<set-method>@(context.Request.Headers.GetValueOrDefault("
                                    '"m", "POST"))</set-method>', outbound=OUT))  # fmt: skip
    assert route.get().status == 200
    assert route.get().json["method"] == "POST"
    head = route.get(method="HEAD")
    assert (head.status, head.body) == (200, "")
    assert route.get(("m", "G T")).status == 500


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


def test_mock_response_and_trace(lab: Lab) -> None:
    """Empty where the description has no example; a trace's expressions run whether anybody looks or not."""
    mock = '<mock-response status-code="201" content-type="application/json" />'
    answer = lab.serve(document_text(mock + set_header("A", "1"), outbound=OUT)).get()
    assert (answer.status, answer.body, answer.header("x-out")) == (201, "", None)
    trace = '<trace source="tests" severity="error"><message>{}</message><metadata name="n" value="v" /></trace>'
    lab.serve(document_text(trace.format('@("said\\t" + context.Request.Method)'))).get()
    assert "tests: said GET n=v" in lab.log
    assert lab.serve(document_text(trace.format(THROWS))).get().status == 500


def test_retry(lab: Lab) -> None:
    """The content runs at most count + 1 times, once if the condition is false; the response is the last one's."""
    log = '<trace source="{}" severity="error"><message>run</message></trace>'.format
    retry = '<retry condition="{}" count="2" interval="0">{}</retry>'.format
    lab.serve(document_text(retry("true", log("twice more")))).get()
    assert lab.log.count("twice more: run") == 3
    lab.serve(document_text(retry("@(false)", log("no more")))).get()
    assert lab.log.count("no more: run") == 1
    backend = retry("@(context.Response.StatusCode == 503)", FORWARD + log("forwarded")) + set_header("A", "1")
    route = lab.serve(document_text(backend=backend, outbound=OUT))
    assert route.get(path="/?status=503").header("x-out") == "503"
    assert lab.log.count("forwarded: run") == 3
    assert route.get(method="POST", body="sent").json["body"] == "sent"
    assert lab.log.count("forwarded: run") == 4
    stops = retry("true", when("true", returns(418)) + log("never"))
    assert (lab.serve(document_text(stops)).get().status, "never: run" in lab.log) == (418, False)


def test_wait(lab: Lab) -> None:
    """All children run, one after the other; with `any`, the first."""
    inner = "".join(when("true", f'<set-variable name="{n}" value="{n}" />') for n in ("a", "b"))
    show = "".join(set_header(n, f'@(context.Variables.ContainsKey("{n}"))') for n in ("a", "b"))
    answer = lab.serve(document_text(f"<wait>{inner}</wait>{show}")).get()
    assert (answer.got("a"), answer.got("b")) == (["True"], ["True"])
    answer = lab.serve(document_text(f'<wait for="any">{inner}</wait>{show}')).get()
    assert (answer.got("a"), answer.got("b")) == (["True"], ["False"])


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
