"""`context` through real Envoy, in whole documents: bodies, URLs, headers, variables with types, times, callers."""

from __future__ import annotations

import re

import pytest

from policy_envoy import Answer, Lab
from policy_programs import document_text, set_header


def shown(lab: Lab, *expressions: str, inbound: str = "", **request: str) -> list[str]:
    """What the backend gets of the values of inbound expressions."""
    headers = "".join(set_header(f"V{n}", f"@({text})") for n, text in enumerate(expressions))
    answer = ask(lab, document_text(inbound + headers), **request)
    assert answer.status == 200, answer
    return [answer.got(f"v{n}")[0] for n in range(len(expressions))]


def ask(lab: Lab, document: str, **request: str) -> Answer:
    """One request."""
    return lab.serve(document).get(("a", "1"), ("ab", "2"), ("ab", "3"), **request)  # type: ignore[arg-type]  # names are free


def test_bodies(lab: Lab) -> None:
    """In every type, kept, and null without one; what follows a pause still finds its headers."""
    text, method = "context.Request.Body.As<string>(preserveContent: true)", "context.Request.Method"
    assert shown(lab, f"{text} + {method}", f'{method} + {text} + context.Request.Headers.GetValueOrDefault("a", "")',
                 method="POST", body="abc") == ["abcPOST", "POSTabc1"]  # fmt: skip
    json = '{"a": {"b": [1, 2]}}'
    assert shown(
        lab,
        '(string)context.Request.Body.As<JObject>(true)["a"]["b"][1]',
        'context.Request.Body.As<JToken>(true).SelectToken("a.b[0]").ToString()',
        "context.Request.Body.As<byte[]>(true).Length",
        method="POST",
        body=json,
    ) == ["2", "1", str(len(json))]
    assert shown(lab, 'context.Request.Body?.As<string>() ?? "null"') == ["null"]
    form = 'string.Join("|", context.Request.Body.AsFormUrlEncodedContent().Select(x => x.Key + "=" + x.Value[0]))'
    assert shown(lab, form, method="POST", body="a=1&b=x+y%21&a=2") == ["a=1|b=x y!"]
    twice = set_header("V", "@(context.Request.Body.As<string>() + context.Request.Body.As<string>())")
    assert ask(lab, document_text(twice), method="POST", body="abc").status == 500
    wrong = set_header("V", "@(context.Request.Body.As<JObject>().Count)")
    answer = ask(lab, document_text(wrong, on_error=set_header("M", "@(context.LastError.Message)")),
                 method="POST", body="no json")  # fmt: skip
    assert (answer.status, bool(answer.header("m"))) == (500, True)


def test_body_of_the_response(lab: Lab) -> None:
    """Read, changed with set-body, and by return-response."""
    path = '@(context.Response.Body.As<JObject>(true)["path"].ToString())'
    answer = ask(lab, document_text(outbound=set_header("V", path)), path="/x")
    assert (answer.header("v") or "").endswith("/x")
    assert answer.json["method"] == "GET"
    whole = "<set-body>@(context.Response.Body.As<string>().Length.ToString())</set-body>"
    for outbound in (whole, f"<return-response>{whole}</return-response>"):
        assert int(ask(lab, document_text(outbound=outbound)).body) > 50
    answer = ask(
        lab, document_text('<return-response><set-body>@("of " + context.Request.Method)</set-body></return-response>')
    )
    assert (answer.status, answer.body) == (200, "of GET")


def test_headers(lab: Lab) -> None:
    """One by one, as arrays, and as a dictionary."""
    assert shown(
        lab,
        'context.Request.Headers["ab"].Length + context.Request.Headers["AB"][1]',
        'context.Request.Headers.GetValueOrDefault("ab")',
        'context.Request.Headers.ContainsKey("A") && !context.Request.Headers.ContainsKey("b")',
        'string.Join("|", context.Request.Headers.Keys.Where(k => k.StartsWith("a")).OrderBy(k => k))',
    ) == ["23", "2,3", "True", "a|ab"]
    headers = "context.Response.Headers"
    names = f'@(string.Join("|", {headers}.Keys) + {headers}.GetValueOrDefault("Content-Length"))'
    answer = ask(lab, document_text(outbound=set_header("V", names)), path="?body=four&header=x-one:1")
    assert answer.header("v") == "x-one|content-length4"
    reason = "@(context.Response.StatusCode + context.Response.StatusReason)"
    assert ask(lab, document_text(outbound=set_header("V", reason)), path="?status=404").header("v") == "404Not Found"


def test_urls(lab: Lab) -> None:
    """Parts, and the whole; the query as a dictionary."""
    url = "context.Request.Url"
    path, *rest = shown(
        lab, f"{url}.Path", f"{url}.QueryString", f'{url}.Query["Q"][1]', f'{url}.Query.GetValueOrDefault("q")',
        f'{url}.Query.ContainsKey("z")', "context.Request.OriginalUrl.Host + context.Request.OriginalUrl.Port",
        f"{url}.ToString()", f'"" + {url}', f'{url}.Query.GetValueOrDefault("z", "none")', path="/p%20q?q=1&q=a%20b",
    )  # fmt: skip
    assert path.endswith("/p%20q")
    whole = f"http://gateway.test{path}?q=1&q=a%20b"
    assert rest == ["?q=1&q=a%20b", "a b", "1,a b", "False", "gateway.test80", whole, whole, "none"]


def test_variables_keep_their_types(lab: Lab) -> None:
    """Through the table, through locals, and until the response."""
    values = {
        "d": "1.5", "l": "5000000000", "b": 'context.Request.Method == "GET"', "c": "'x'", "i": "7",
        "j": 'new JObject(new JProperty("a", 1))', "a": 'new[] {"p", "q"}', "m": "1.10m",
        "t": "new DateTime(2026, 1, 2)", "n": "context.Request.Headers.GetValueOrDefault(\"none\")",
    }  # fmt: skip
    inbound = "".join(f'<set-variable name="{name}" value="@({text})" />' for name, text in values.items())
    reads = [
        '(double)context.Variables["d"] * 2', '(long)context.Variables["l"] + 1', '(bool)context.Variables["b"]',
        '(char)context.Variables["c"] + "!"', '(int)context.Variables["i"] / 2',
        '(string)((JObject)context.Variables["j"])["a"]', '((string[])context.Variables["a"])[1]',
        '(decimal)context.Variables["m"] + 1m', '((DateTime)context.Variables["t"]).Year',
        'context.Variables.ContainsKey("n") && (string)context.Variables["n"] == null',
        'context.Variables.GetValueOrDefault<int>("i", 1) + context.Variables.GetValueOrDefault<int>("none", 1)',
    ]  # fmt: skip
    expected = ["3", "5000000001", "True", "x!", "3", "1", "q", "2.10", "2026", "True", "8"]
    assert shown(lab, *reads, inbound=inbound) == expected
    late = "".join(set_header(f"V{n}", f"@({text})") for n, text in enumerate(reads))
    answer = ask(lab, document_text(inbound, outbound=late))
    assert [answer.header(f"v{n}") for n in range(len(reads))] == expected
    for wrong in ('(int)context.Variables["d"]', '(string)context.Variables["i"]', '(JObject)context.Variables["d"]'):
        document = document_text(inbound + set_header("V", f"@({wrong})"))
        assert ask(lab, document).status == 500, wrong


def test_times_and_ids(lab: Lab) -> None:
    """The same in both directions; time goes on."""
    names = {
        "Id": "context.RequestId",
        "T": 'context.Timestamp.ToString("o")',
        "E": "context.Elapsed.TotalMilliseconds",
    }
    headers = "".join(set_header(name, f"@({text})") for name, text in names.items())
    answer = ask(lab, document_text(headers, outbound=headers))
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.got("id")[0])
    assert (answer.got("id"), answer.got("t")) == ([answer.header("id")], [answer.header("t")])
    assert 0 <= float(answer.got("e")[0]) < float(answer.header("e") or "")


def test_where_nothing_is_known(lab: Lab) -> None:
    """A route that is no API Management operation has no API, product or caller."""
    assert shown(
        lab, 'context.User?.Email ?? "nobody"', 'context.Product == null ? "none" : context.Product.Name',
        "context.Api == null", "context.Subscription == null", "context.Deployment.GatewayId != null",
        'context.Request.MatchedParameters.GetValueOrDefault("id", "none")', "context.Request.Certificate == null",
    ) == ["nobody", "none", "True", "True", "True", "none", "True"]  # fmt: skip


@pytest.mark.parametrize(
    "block", ["while (true) { }", "for (var i = 0; i >= 0; i = i) { }", 'var s = "a"; while (true) { s = s + s; }']
)
def test_endless_loops_end(lab: Lab, block: str) -> None:
    """With a .NET-like exception: no policy keeps a worker from serving others."""
    document = document_text(
        f'<set-variable name="x" value="@{{ {block} return 1; }}" />',
        on_error=set_header("M", "@(context.LastError.Source)"),
    )
    answer = ask(lab, document)
    assert (answer.status, answer.header("m")) == (500, "set-variable")


def test_the_response_outlives_a_call(lab: Lab) -> None:
    """Envoy's handles die while a call waits; what expressions ask behind it is answered all the same."""
    call = (
        '<send-request mode="new" response-variable-name="r" timeout="30">'
        f"<set-url>{lab.url()}/x</set-url><set-method>GET</set-method></send-request>"
    )
    text = (
        '@(context.Response.StatusCode + "/" + ((IResponse)context.Variables["r"]).StatusCode + "/"'
        ' + context.Response.Headers.GetValueOrDefault("x-one", "?") + "/" + context.Request.Method)'
    )
    before = set_header("A", "@(context.Response.StatusCode)")
    answer = ask(lab, document_text(outbound=before + call + set_header("B", text)), path="?status=201&header=x-one:1")
    assert (answer.header("a"), answer.header("b")) == ("201", "201/200/1/GET")
