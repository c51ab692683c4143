"""json-to-xml, xml-to-json, find-and-replace, jsonp and redirect-content-urls in real Envoy: every attribute."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from policy_envoy import Answer, Lab, Route
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e

JSON, XML = "application/json", "text/xml"
ACCEPT_XML, ACCEPT_JSON = ("Accept", "text/html, application/xml;q=0.5"), ("Accept", "application/vnd.api+json")


def answered(route: Route, body: str, kind: str, *headers: tuple[str, str], query: str = "") -> Answer:
    """The answer to a request whose backend sends this body."""
    return route.get(*headers, path=f"?body={quote(body)}&header=content-type:{quote(kind)}{query}")


# -- json-to-xml


def test_json_to_xml_as_its_page_has_it(lab: Lab) -> None:
    """The example of the page "json-to-xml policy"."""
    policy = (
        '<json-to-xml apply="always" consider-accept-header="false" parse-date="false" namespace-separator=":" '
        'namespace-prefix="xmlns" attribute-block-name="#attrs" />'
    )
    body = {
        "soapenv:Envelope": {
            "xmlns:soapenv": "http://schemas.xmlsoap.org/soap/envelope/",
            "xmlns:v1": "http://localdomain.com/core/v1",
            "soapenv:Header": {},
            "soapenv:Body": {"v1:QueryList": {"#attrs": {"queryName": "test"}, "v1:QueryItem": {"name": "dummy text"}}},
        }
    }
    answer = answered(lab.serve(document_text(outbound=policy)), json.dumps(body), JSON)
    assert answer.body == (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:v1="http://localdomain.com/core/v1"><soapenv:Header /><soapenv:Body><v1:QueryList queryName="test">'
        "<v1:QueryItem><name>dummy text</name></v1:QueryItem></v1:QueryList></soapenv:Body></soapenv:Envelope>"
    )
    assert answer.header("content-type") == "text/xml"


def test_json_to_xml_accept(lab: Lab) -> None:
    """By default the client must ask for XML; a wildcard does not."""
    route = lab.serve(document_text(outbound='<json-to-xml apply="always" />'))
    assert answered(route, '{"a":1}', "text/plain", ACCEPT_XML).body == "<a>1</a>"
    for headers in ((), (("Accept", "*/*"),), (("Accept", "application/xml;q=0"),)):
        assert answered(route, '{"a":1}', JSON, *headers).body == '{"a":1}'


def test_json_to_xml_content_type(lab: Lab) -> None:
    """content-type-json leaves other bodies as they are; in inbound it is the request's body and type."""
    route = lab.serve(
        document_text(outbound='<json-to-xml apply="content-type-json" consider-accept-header="false" />')
    )
    assert answered(route, '{"a":1}', "application/problem+json; charset=utf-8").body == "<a>1</a>"
    assert answered(route, '{"a":1}', "text/plain").body == '{"a":1}'
    inbound = lab.serve(document_text('<json-to-xml apply="content-type-json" consider-accept-header="false" />'))
    answer = inbound.get(("Content-Type", JSON), method="POST", body='{"a":[1,null]}')
    assert answer.json["body"].startswith("<Document><a>1</a><a xsi:nil=")
    assert answer.got("content-type") == ["text/xml"]


def test_json_to_xml_dates(lab: Lab) -> None:
    """parse-date: a date of Microsoft's old format becomes ISO, or stays."""
    body = '{"d":"/Date(1198908717056)/"}'
    parsed = lab.serve(document_text(outbound='<json-to-xml apply="always" consider-accept-header="false" />'))
    assert answered(parsed, body, JSON).body == "<d>2007-12-29T06:11:57.056Z</d>"
    policy = '<json-to-xml apply="always" consider-accept-header="false" parse-date="false" />'
    assert answered(lab.serve(document_text(outbound=policy)), body, JSON).body == "<d>/Date(1198908717056)/</d>"


def test_json_to_xml_errors(lab: Lab) -> None:
    """No JSON is a failure of the policy; without a body there is nothing to do."""
    policy = '<json-to-xml apply="always" consider-accept-header="false" />'
    route = lab.serve(document_text(outbound=policy, on_error="<set-body>@(context.LastError.Source)</set-body>"))
    assert answered(route, "{", JSON).body == "json-to-xml"
    assert lab.serve(document_text(policy)).get().json["path"]


# -- xml-to-json

SOAP = '<?xml version="1.0"?><s:E xmlns:s="u"><s:B a="1"><I>x</I><I>y</I><N/></s:B></s:E>'


def test_xml_to_json_kinds(lab: Lab) -> None:
    """direct has XML's own names, javascript-friendly names without a colon."""
    direct = lab.serve(
        document_text(outbound='<xml-to-json kind="direct" apply="always" consider-accept-header="false" />')
    )
    answer = answered(direct, SOAP, XML)
    assert answer.body == ('{"?xml":{"@version":"1.0"},"s:E":{"@xmlns:s":"u","s:B":{"@a":"1","I":["x","y"],"N":null}}}')
    assert answer.header("content-type") == JSON
    friendly = lab.serve(
        document_text(
            outbound='<xml-to-json kind="javascript-friendly" apply="always" consider-accept-header="false"/>'
        )
    )
    assert answered(friendly, SOAP, XML).body == (
        '{"version":"1.0","s$E":{"@xmlns$s":"u","s$B":{"@a":"1","I":["x","y"],"N":null}}}'
    )


def test_xml_to_json_arrays(lab: Lab) -> None:
    """always-array-child-elements: single children are arrays, too."""
    policy = (
        '<xml-to-json kind="direct" apply="always" consider-accept-header="false" always-array-child-elements="true" />'
    )
    assert answered(lab.serve(document_text(outbound=policy)), "<r><a>1</a></r>", XML).body == '{"r":{"a":["1"]}}'


def test_xml_to_json_conditions(lab: Lab) -> None:
    """Accept and Content-Type decide, each by its attribute; attributes may be expressions."""
    route = lab.serve(document_text(outbound='<xml-to-json kind="direct" apply="content-type-xml" />'))
    assert answered(route, "<a>1</a>", "application/soap+xml", ACCEPT_JSON).body == '{"a":"1"}'
    assert answered(route, "<a>1</a>", "text/plain", ACCEPT_JSON).body == "<a>1</a>"
    assert answered(route, "<a>1</a>", XML).body == "<a>1</a>"
    policy = (
        '<xml-to-json kind=\'@("direct")\' apply=\'@(context.Request.Headers.GetValueOrDefault("X-A", "always"))\' '
        "consider-accept-header='@(false)' />"
    )
    computed = lab.serve(document_text(outbound=policy))
    assert answered(computed, "<a>1</a>", "text/plain").body == '{"a":"1"}'
    assert answered(computed, "<a>1</a>", XML, ("X-A", "maybe")).status == 500


def test_xml_without_dtd(lab: Lab) -> None:
    """A DTD is refused, and with it every entity of its own."""
    policy = '<xml-to-json kind="direct" apply="always" consider-accept-header="false" />'
    route = lab.serve(document_text(outbound=policy, on_error="<set-body>@(context.LastError.Message)</set-body>"))
    answer = answered(route, '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', XML)
    assert answer.status == 500
    assert answer.body.startswith("For security reasons DTD is prohibited in this XML document.")


# -- find-and-replace


def test_find_and_replace(lab: Lab) -> None:
    """All places, upper and lower case apart, no patterns; requests and responses."""
    policy = '<find-and-replace from="a.b" to="x%1" />'
    route = lab.serve(document_text(policy, outbound='<find-and-replace from="x" to="" />'))
    assert lab.serve(document_text(policy)).get(method="POST", body="a.b A.B aab a.b").json["body"] == "x%1 A.B aab x%1"
    assert answered(route, "xaxx", "text/plain").body == "a"
    assert lab.serve(document_text(policy)).get().json["path"]


def test_find_and_replace_expressions(lab: Lab) -> None:
    """Both attributes may be expressions; nothing can be looked for only when it is known."""
    policy = '<find-and-replace from=\'@(context.Request.Headers.GetValueOrDefault("X-From", ""))\' to=\'@("é")\' />'
    route = lab.serve(document_text(outbound=policy, on_error="<set-body>@(context.LastError.Message)</set-body>"))
    assert answered(route, "one two", "text/plain", ("X-From", "two")).body == "one é"
    assert answered(route, "one", "text/plain").body == "String cannot be of zero length. (Parameter 'oldValue')"


# -- jsonp


def test_jsonp(lab: Lab) -> None:
    """Only with the parameter, and only JSON."""
    route = lab.serve(document_text(outbound='<jsonp callback-parameter-name="cb" />'))
    assert answered(route, '{"a":1}', JSON).body == '{"a":1}'
    wrapped = answered(route, '{"a":1}', JSON, query="&cb=app.on_data")
    assert (wrapped.body, wrapped.header("content-type")) == ('app.on_data({"a":1})', "application/javascript")
    assert answered(route, "<a/>", XML, query="&cb=f").body == "<a/>"


def test_jsonp_takes_no_script(lab: Lab) -> None:
    """What is no name is refused with its reason."""
    route = lab.serve(
        document_text(
            outbound='<jsonp callback-parameter-name="cb" />',
            on_error="<set-body>@(context.LastError.Reason)</set-body>",
        )
    )
    for callback in ("alert(1)//", "a;b", "", "1a", "a..b", "a" * 200):
        assert answered(route, "{}", JSON, query=f"&cb={quote(callback)}").body == "CallbackParameterInvalid"


# -- redirect-content-urls


def test_redirect_content_urls(lab: Lab) -> None:
    """Links of the backend's base URL become the gateway's in answers, and the other way in requests."""
    base = f"http://origin.test:{lab.ports['origin']}"
    document = document_text(
        f'<set-backend-service base-url="{base}/v1" /><redirect-content-urls />', outbound="<redirect-content-urls />"
    )
    route = lab.serve(document)
    text = f"{base}/v1/a {base}/v1 {base}/v12 http://other/v1"
    assert answered(route, text, "text/plain").body == (
        f"http://gateway.test/a http://gateway.test {base}/v12 http://other/v1"
    )
    inbound = lab.serve(document_text(f'<set-backend-service base-url="{base}/v1" /><redirect-content-urls />'))
    sent = inbound.get(method="POST", body='{"next":"http://gateway.test/a?b"}').json["body"]
    assert sent == f'{{"next":"{base}/v1/a?b"}}'


# -- what is refused


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ("<json-to-xml />", "inbound", "TG2011"),
        ('<json-to-xml apply="sometimes" />', "inbound", "TG2012"),
        ('<json-to-xml apply="always" parse-date="maybe" />', "inbound", "TG2012"),
        ('<xml-to-json kind="nice" apply="always" />', "outbound", "TG2012"),
        ('<xml-to-json apply="always" />', "outbound", "TG2011"),
        ('<find-and-replace from="" to="x" />', "inbound", "TG2012"),
        ('<find-and-replace from="x" />', "inbound", "TG2011"),
        ("<jsonp />", "outbound", "TG2011"),
        ('<jsonp callback-parameter-name="cb" />', "inbound", "TG2006"),
        ('<redirect-content-urls to="x" />', "inbound", "TG2010"),
        ('<jsonp callback-parameter-name="a" /><jsonp callback-parameter-name="b" />', "outbound", "TG2007"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
