"""xml-to-json in real Envoy: the body as JSON, and when it is made."""

from __future__ import annotations

import pytest

from body_lab import ACCEPT_JSON, JSON, XML, answered
from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


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


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ('<xml-to-json kind="nice" apply="always" />', "outbound", "TG2012"),
        ('<xml-to-json apply="always" />', "outbound", "TG2011"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
