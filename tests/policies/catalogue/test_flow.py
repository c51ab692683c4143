"""What the policies of flow refuse, and what they become. What they do is in tests/policies/envoy/test_flow.py."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program, set_header

ONE = '<when condition="true" />'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("<choose />", ["TG2009"]),
        ("<choose><when /></choose>", ["TG2011"]),
        ('<choose><when condition="perhaps" /></choose>', ["TG2012"]),
        ('<choose><when condition="@(1)" /></choose>', ["TG3109"]),
        (f"<choose>{ONE}<otherwise /><otherwise /></choose>", ["TG2007"]),
        (f"<choose>{ONE}text</choose>", ["TG2004"]),
        (f"<choose>{ONE}{set_header('A', '1')}</choose>", ["TG2008"]),
        ('<choose><when condition="true"><forward-request /></when></choose>', ["TG2006"]),
        ('<choose><when condition="true"><cors /></when></choose>', ["TG2016"]),
        ('<choose><when condition="true"><base /></when></choose>', ["TG2017"]),
        ('<choose><when condition="true"><nonsense /></when></choose>', ["TG2005"]),
        ('<set-variable value="1" />', ["TG2011"]),
        ('<set-variable name="@(context.Request.Method)" value="1" />', ["TG2014"]),
        ('<retry condition="true" count="51" interval="1"><base /></retry>', ["TG2012", "TG2017"]),
        ('<retry condition="true" count="0" interval="-1" />', ["TG2012", "TG2012"]),
        ('<retry condition="true" count="1" interval="1" />', ["TG2009"]),
        ("<retry />", ["TG2011", "TG2011", "TG2011"]),
        ("<wait />", ["TG2009"]),
        ('<wait for="some"><choose><when condition="true" /></choose></wait>', ["TG2012"]),
        (f"<wait>{set_header('A', '1')}</wait>", ["TG2006"]),
        ("<return-response><set-variable name='a' value='1' /></return-response>", ["TG2008"]),
        ('<return-response><set-status code="99" /></return-response>', ["TG2012"]),
        ('<return-response><set-status code="600" /></return-response>', ["TG2012"]),
        ('<set-status code="200" />', ["TG2006"]),
        ("<set-method>G T</set-method>", ["TG2012"]),
        ('<mock-response status-code="99" />', ["TG2012"]),
        ('<mock-response index="1" />', ["TG2302"]),
        ("<trace />", ["TG2011"]),
        ('<trace source="s" />', ["TG2009"]),
        ('<trace source="s">m</trace>', []),
        ('<trace source="s">@("m")</trace>', []),
        ('<trace source="s">m<message>m</message></trace>', ["TG2004"]),
        ('<trace source="s" severity="loud"><message>m</message></trace>', ["TG2012"]),
        ('<trace source="s"><message>m</message><metadata name="n" /></trace>', ["TG2011"]),
        ('<set-header name="A" exists-action="@(1)"><value>1</value></set-header>', []),
        ('<set-header name="X-Envoy-A"><value>1</value></set-header>', ["TG2401"]),
    ],
)
def test_findings(policy: str, expected: list[str]) -> None:
    """All of them."""
    assert sorted(p.split(" ")[1] for p in problems(document_text(policy))) == sorted(expected)


def test_what_is_never_reached_is_told() -> None:
    """Behind what ends the request, in any depth; a choose ends where all of its branches do."""
    ends = "<return-response />"
    when = f'<when condition="@(context.Request.Method == "A")">{ends}</when>'
    both = f"<choose>{when}<otherwise>{ends}</otherwise></choose>"
    some = f"<choose>{when}</choose>"
    header = set_header("A", "1")
    for text, count in ((ends + header, 1), (both + header, 1), (some + header, 0), (header + ends, 0)):
        nested = f'<retry condition="true" count="1" interval="1">{text}</retry>'
        for document in (document_text(text), document_text(nested)):
            assert len([p for p in problems(document) if "TG2021" in p]) == count, document


def test_the_router_forwards_where_nothing_follows() -> None:
    """`return false` leaves it to Envoy; elsewhere the policy calls by itself."""
    forward = "<forward-request />"
    inside = f'<choose><when condition="true">{forward}</when><otherwise>{forward}</otherwise></choose>'
    retry = f'<retry condition="true" count="1" interval="1">{forward}</retry>'
    for backend, native, called in (
        (forward, 1, 0), (inside, 2, 0), (inside + set_header("A", "1"), 0, 2), (retry, 0, 1), (forward * 2, 1, 1),
    ):  # fmt: skip
        lua = program(document_text(backend=backend)).lua
        assert (lua.count("return false"), lua.count("R.forward(")) == (native, called), backend


def test_steps_are_numbered_in_order() -> None:
    """Each statement, nested ones too, with its place among those of its name."""
    inner = set_header("A", "1")
    choose = f'<choose><when condition="true">{inner}{inner}</when><otherwise>{inner}</otherwise></choose>'
    built = program(document_text(inner + choose + choose))
    assert [step.depth for step in built.steps] == [0, 0, 1, 1, 1, 0, 1, 1, 1, 0]
    assert built.lua.count("q.step = ") == 10
    assert '["path"] = "choose[2]/otherwise"' in built.lua


def test_a_loop_forgets_types() -> None:
    """What the content sets has, when it runs again, the type that it had then."""
    inside = (
        set_header("A", '@((string)context.Variables["x"])')
        + '<set-variable name="x" value="@(context.Request.Method)" />'
    )
    text = '<set-variable name="x" value="1" />' + f'<retry condition="true" count="1" interval="0">{inside}</retry>'
    assert 'R.get_variable(variables, "x")' in program(document_text(text)).lua
