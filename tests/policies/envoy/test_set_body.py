"""set-body in real Envoy: texts, expressions and Liquid, in each section and in the messages that policies make."""

from __future__ import annotations

import json

import pytest

from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e

JSON = ("Content-Type", "application/json")


def liquid(template: str, attributes: str = "") -> str:
    """The policy's element with a template."""
    return f'<set-body template="liquid"{attributes}>{template}</set-body>'


def test_request(lab: Lab) -> None:
    """A text in inbound and backend; the last one counts, and Content-Length is the new body's."""
    route = lab.serve(document_text("<set-body>Hello &lt;world&gt;</set-body>"))
    answer = route.get(method="POST", body="a much longer body than that one is")
    assert answer.json["body"] == "Hello <world>"
    assert answer.got("content-length") == ["13"]
    assert route.get(method="POST", body="").json["body"] == "Hello <world>"
    later = lab.serve(document_text("<set-body>1</set-body>", backend="<set-body>22</set-body><forward-request />"))
    assert later.get(method="POST", body="x").json["body"] == "22"


def test_response(lab: Lab) -> None:
    """outbound sees the backend's body; 204, 304 and HEAD have none."""
    route = lab.serve(document_text(outbound='<set-body>@(context.Response.Body.As&lt;string&gt;() + "!")</set-body>'))
    answer = route.get(path="?body=hey")
    assert (answer.body, answer.header("content-length")) == ("hey!", "4")
    fixed = lab.serve(document_text(outbound="<set-body>new</set-body>"))
    assert fixed.get().body == "new"
    for code in (204, 304):
        empty = lab.serve(document_text(outbound=f'<set-status code="{code}" /><set-body>new</set-body>'))
        assert (empty.get().status, empty.get().body) == (code, "")
    assert fixed.get(method="HEAD").body == ""


def test_markup_is_text(lab: Lab) -> None:
    """Elements inside are the body as written."""
    route = lab.serve(document_text(outbound="<set-body><a b='1'>&amp;</a>\n<c/></set-body>"))
    assert route.get().body == "<a b='1'>&amp;</a>\n<c/>"


def test_on_error(lab: Lab) -> None:
    """Practice has it in on-error, too: the error's own body is replaced."""
    route = lab.serve(
        document_text(
            "<set-header name='A'><value>@((string)null + context.Request.Headers[\"none\"][0])</value></set-header>",
            on_error="<set-body>@(context.LastError.Source)</set-body>",
        )
    )
    answer = route.get()
    assert (answer.status, answer.body) == (500, "set-header")


def test_return_response(lab: Lab) -> None:
    """The answer's own body."""
    route = lab.serve(document_text("<return-response><set-body>stop</set-body></return-response>"))
    assert route.get().body == "stop"
    templated = lab.serve(document_text(f"<return-response>{liquid('[{{body.a}}]')}</return-response>"))
    assert templated.get(JSON, method="POST", body='{"a":1}').body == "[]"


def test_send_request(lab: Lab) -> None:
    """A template of a call sees the request's body; the request keeps it."""
    document = document_text(
        '<send-request mode="new" response-variable-name="r">'
        f"<set-url>http://origin.test:{lab.ports['origin']}/call</set-url><set-method>POST</set-method>"
        f"{liquid('[{{body.a}}]')}</send-request>"
        '<set-header name="X-Sent"><value>@((string)((IResponse)context.Variables["r"]).Body.As&lt;JObject>()["body"])'
        "</value></set-header>"
    )
    answer = lab.serve(document).get(JSON, method="POST", body='{"a":1}')
    assert answer.got("x-sent") == ["[1]"]
    assert answer.json["body"] == '{"a":1}'


def test_liquid_of_json(lab: Lab) -> None:
    """`body` is the message's JSON; named values of the same spelling are none; white space stays."""
    template = '{"order":{"id":"{{body.customer.id}}","when":"{{body.at | Date: \'yyyy\'}}"}}'
    route = lab.serve(document_text(liquid(template), outbound=liquid("{{body.headers.size}} <x>{{body.path}}</x>")))
    answer = route.get(JSON, path="?header=content-type:text/json", method="POST", body='{"customer":{"id":7}}')
    assert answer.body.endswith("</x>")
    inbound = lab.serve(document_text(liquid(template)))
    sent = inbound.get(JSON, method="POST", body='{"customer":{"id":7},"at":"2020-05-06T07:08:09Z"}').json["body"]
    assert json.loads(sent) == {"order": {"id": "7", "when": "2020"}}
    # Without a content type that says how to read it, the body is a text.
    assert inbound.get(method="POST", body="{}").json["body"] == '{"order":{"id":"","when":""}}'


def test_liquid_of_xml(lab: Lab) -> None:
    """XML bodies, xsi:nil and its two readings."""
    template = "{% if body.r.n %}[{{body.r.n}}]{% else %}null{% endif %}{{body.r.v}}"
    body = '<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><n xsi:nil="true"/><v>é</v></r>'
    for attributes, shown in (("", "[]é"), (' xsi-nil="blank"', "[]é"), (' xsi-nil="null"', "nullé")):
        route = lab.serve(document_text(liquid(template, attributes)))
        assert route.get(("Content-Type", "text/xml; charset=utf-8"), method="POST", body=body).json["body"] == shown


def test_liquid_dates(lab: Lab) -> None:
    """parse-date: dates become DateTime, or stay as they are."""
    body = '{"d":"2012-03-21T05:40:00Z"}'
    parsed = lab.serve(document_text(liquid("{{body.d}}")))
    assert parsed.get(JSON, method="POST", body=body).json["body"] == "03/21/2012 05:40:00"
    copied = lab.serve(document_text(liquid("{{body.d}}", ' parse-date="false"')))
    assert copied.get(JSON, method="POST", body=body).json["body"] == "2012-03-21T05:40:00Z"


def test_liquid_context(lab: Lab) -> None:
    """What a template binds to of `context`."""
    document = document_text(
        '<set-variable name="v" value="@(new JObject(new JProperty(&quot;a&quot;, 5)))" />'
        + liquid(
            "{{context.Request.Method}} {{context.Request.Headers['X-A']}} {{context.Variables.v.a}} "
            "{{context.Variables.none}} {{context.Request.OriginalUrl.Path}} "
            "{% if context.Request.HasBody %}b{% endif %}"
        )
    )
    route = lab.serve(document)
    answer = route.get(("X-A", "one"), path="/p", method="POST", body="x").json["body"]
    assert answer == f"POST one 5  {route.path}/p b"


def test_liquid_lists_headers(lab: Lab) -> None:
    """A loop over all headers, as a sample of API Management's has it; each is a pair."""
    template = "{% for header in context.Request.Headers %}{{- header.Key }}: {{ header.Value }};{% endfor %}"
    route = lab.serve(document_text(f"<return-response>{liquid(template)}</return-response>"))
    assert "x-own: a b;" in route.get(("X-Own", "a b")).body


def test_bodies_as_json_and_xml(lab: Lab) -> None:
    """As<JObject> and As<XDocument> of both messages, changed and set again."""
    inbound = (
        '<set-body>@{ var b = context.Request.Body.As<JObject>(preserveContent: true); b["n"] = (int)b["n"] + 1; '
        "return b.ToString(Newtonsoft.Json.Formatting.None); }</set-body>"
    )
    outbound = (
        '<set-body>@{ var x = context.Response.Body.As<XDocument>(); x.Root.Element("b").Remove(); '
        "return x.ToString(SaveOptions.DisableFormatting); }</set-body>"
    )
    assert (
        lab.serve(document_text(inbound)).get(JSON, method="POST", body='{"n":1,"z":[]}').json["body"]
        == '{"n":2,"z":[]}'
    )
    answer = lab.serve(document_text(outbound=outbound)).get(path="?body=%3Ca%3E%3Cb/%3E%3Cc/%3E%3C/a%3E")
    assert answer.body == "<a><c /></a>"
    failed = lab.serve(document_text(inbound, on_error="<set-body>@(context.LastError.Message)</set-body>"))
    assert failed.get(method="POST", body="[").body == (
        "Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. "
        "Path '', line 1, position 1."
    )


def test_liquid_errors(lab: Lab) -> None:
    """A body that is not what its content type says is a failure of the policy."""
    route = lab.serve(document_text(liquid("{{body.a}}"), on_error="<set-body>@(context.LastError.Message)</set-body>"))
    answer = route.get(JSON, method="POST", body='{"a":')
    assert answer.status == 500
    assert answer.body == "Unexpected end of content while loading JObject. Path 'a', line 1, position 5."


def test_what_is_refused() -> None:
    """Attributes of templates need one, and there is one language of templates."""
    assert problems(document_text('<set-body xsi-nil="null">x</set-body>')) == [
        '2:20 TG2608 `xsi-nil` of `<set-body>` belongs to template="liquid"'
    ]
    assert problems(document_text('<set-body template="razor">x</set-body>'))[0].startswith("2:30 TG2012")
    assert problems(document_text(liquid("{{ a | Nope }}")))[0].startswith("2:45 TG2603")
