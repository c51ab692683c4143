"""From XML to JSON and back.

Source: Newtonsoft's page "Converting between JSON and XML" (its rules and examples), and the observed results of
json-to-xml for objects with several roots, nulls and empty arrays.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from json_lab import call

TO_JSON = "return R.xml_to_json(R.xml_parse(a), {friendly = b == 'friendly', arrays = b == 'arrays'})"
TO_XML = "return R.xml_text(R.token_to_xml(R.json_parse(a), {separator = '_', attribute_block = b ~= '' and b or nil}))"


@pytest.mark.parametrize(
    ("xml", "json"),
    [
        ("<?xml version='1.0' standalone='no'?><root><person"
         " id='1'><name>Alan</name><url>a</url></person><person id='2'>"
         "<name>Louis</name></person></root>",
         '{"?xml":{"@version":"1.0","@standalone":"no"},"root":{"person":[{"@id":"1","name":"Alan","url":"a"},'
         '{"@id":"2","name":"Louis"}]}}'),
        ("<a/>", '{"a":null}'),
        ("<a></a>", '{"a":""}'),
        ("<a b='c'/>", '{"a":{"@b":"c"}}'),
        ("<a b='c'>t</a>", '{"a":{"@b":"c","#text":"t"}}'),
        ("<a>t<b/>u</a>", '{"a":{"#text":["t","u"],"b":null}}'),
        ("<a><![CDATA[<>]]></a>", '{"a":{"#cdata-section":"<>"}}'),
        ("<a><b>1</b><c/><b>2</b></a>", '{"a":{"b":["1","2"],"c":null}}'),
        ("<p:a xmlns:p='u' p:b='c'/>", '{"p:a":{"@xmlns:p":"u","@p:b":"c"}}'),
        ("<a><!-- gone -->1</a>", '{"a":{"#text":"1"}}'),
        ("<?x y?><a/>", '{"?x":"y","a":null}'),
    ],
)  # fmt: skip
def test_xml_to_json(vm: LuaRuntime, xml: str, json: str) -> None:
    """Attributes, texts, repeated elements, empty ones."""
    assert call(vm, TO_JSON, xml, "") == json


def test_arrays_and_names(vm: LuaRuntime) -> None:
    """always-array-child-elements, and names without a colon."""
    assert call(vm, TO_JSON, "<a><b>1</b><c x='1'/></a>", "arrays") == '{"a":{"b":["1"],"c":[{"@x":"1"}]}}'
    assert call(vm, TO_JSON, "<p:a xmlns:p='u'/>", "friendly") == '{"p$a":{"@xmlns$p":"u"}}'


XSI = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


@pytest.mark.parametrize(
    ("json", "xml"),
    [
        ('{"root":{"a":1,"b":"x","c":true,"d":1.5}}', "<root><a>1</a><b>x</b><c>true</c><d>1.5</d></root>"),
        ('{"a":1,"b":2}', "<Document><a>1</a><b>2</b></Document>"),
        ('{"r":{"a":[1,2,{"b":3}]}}', "<r><a>1</a><a>2</a><a><b>3</b></a></r>"),
        ('{"r":[1,2]}', "<Document><r>1</r><r>2</r></Document>"),
        ("[1,2]", "<Document><Array>1</Array><Array>2</Array></Document>"),
        ('{"r":{"a":null,"b":[],"c":{},"d":""}}', f"<r><a {XSI} /><b /><c /><d></d></r>"),
        ('{"r":{"@id":"1","@":"x","#text":"t","#cdata-section":"<"}}',
         '<r id="1"><_x0040_>x</_x0040_>t<![CDATA[<]]></r>'),
        ('{"a b":{"1":"x","é":"&<>"}}', "<a_x0020_b><_x0031_>x</_x0031_><é>&amp;&lt;&gt;</é></a_x0020_b>"),
        ('{"r":{"@xmlns:p":"u","p_a":1,"q_a":2}}', '<r xmlns:p="u"><p:a>1</p:a><q_a>2</q_a></r>'),
        ('"x"', "<Document>x</Document>"),
    ],
)  # fmt: skip
def test_json_to_xml(vm: LuaRuntime, json: str, xml: str) -> None:
    """One root, several, arrays, null, names that XML does not take."""
    assert call(vm, TO_XML, json, "") == xml


def test_attribute_block(vm: LuaRuntime) -> None:
    """What stands in the named object becomes attributes."""
    text = '{"r":{"#attrs":{"a":"<","b":1},"c":1}}'
    assert call(vm, TO_XML, text, "#attrs") == '<r a="&lt;" b="1"><c>1</c></r>'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab<&\x01é", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("@a#x: \x01é_", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_any_json_becomes_xml(vm: LuaRuntime, value: object) -> None:
    """The XML is well-formed; a character that XML has not is an exception."""
    import json

    source = TO_XML.replace("return ", "local text = ") + " R.xml_parse(text) return true"
    result = call(vm, source, json.dumps(value), "")
    assert result is True or "is an invalid character" in result or "duplicate attribute" in result
