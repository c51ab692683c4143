"""json-to-xml in real Envoy: the body as XML, and when it is made."""

from __future__ import annotations

import json

import pytest

from body_lab import ACCEPT_XML, JSON, answered
from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


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


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ("<json-to-xml />", "inbound", "TG2011"),
        ('<json-to-xml apply="sometimes" />', "inbound", "TG2012"),
        ('<json-to-xml apply="always" parse-date="maybe" />', "inbound", "TG2012"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
