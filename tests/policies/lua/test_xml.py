"""The reader and writer of XML: well-formedness, namespaces, limits.

Source: XML 1.0 (fifth edition) and Namespaces in XML 1.0; messages of System.Xml.XmlException as .NET's resources and
its users quote them. A second reader of the same texts is expat.
"""

from __future__ import annotations

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from json_lab import call

AGAIN = "return R.xml_text(R.xml_parse(a))"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<a/>", "<a />"),
        ("<a></a>", "<a></a>"),
        ("<a>\n <b> x </b>\n</a>", "<a><b> x </b></a>"),
        ("<a x='1' y=\"'&quot;&lt;&#9;\"/>", '<a x="1" y="\'&quot;&lt;&#x9;" />'),
        ("<a>&amp;&lt;&gt;&#233;&#x1F600;</a>", "<a>&amp;&lt;&gt;é😀</a>"),
        ("<?xml version='1.0' encoding='utf-8'?><!-- c --><a><![CDATA[<x>&]]></a><?p q?>",
         "<!-- c --><a><![CDATA[<x>&]]></a><?p q?>"),
        ("<p:a xmlns:p='u' xmlns='d'><b p:c='1'/></p:a>", '<p:a xmlns:p="u" xmlns="d"><b p:c="1" /></p:a>'),
        ("\ufeff<a>\r\n1\r2</a>", "<a>\n1\n2</a>"),
        ("<é.b-c_d>1</é.b-c_d >", "<é.b-c_d>1</é.b-c_d>"),
    ],
)  # fmt: skip
def test_what_is_read_is_written(vm: LuaRuntime, text: str, written: str) -> None:
    """White space between tags goes, the rest stays."""
    assert call(vm, AGAIN, text) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Root element is missing."),
        ("  ", "Root element is missing."),
        ("x", "Data at the root level is invalid. Line 1, position 1."),
        ("<a>", "Unexpected end of file has occurred. The following elements are not closed: a. Line 1, position 4."),
        ("<a>\n<b></a>",
         "The 'b' start tag on line 2 position 2 does not match the end tag of 'a'. Line 2, position 6."),
        ("<a/><b/>", "There are multiple root elements. Line 1, position 6."),
        ("<a x='1' x='2'/>", "'x' is a duplicate attribute name. Line 1, position 10."),
        ("<p:a/>", "'p' is an undeclared prefix. Line 1, position 2."),
        ("<a>&nbsp;</a>", "Reference to undeclared entity 'nbsp'. Line 1, position 5."),
        ("<a>& b</a>", "An error occurred while parsing EntityName. Line 1, position 5."),
        ("<a x=1/>", "'1' is an unexpected token. The expected token is '\"' or '''. Line 1, position 6."),
        ("<a x='<'/>", "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."),
        ("<1a/>", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."),
        ("<a>]]></a>", "']]>' is not allowed in character data. Line 1, position 4."),
        ("<a><!-- -- --></a>",
         "An XML comment cannot contain '--', and '-' cannot be the last character. Line 1, position 9."),
        (" <?xml version='1.0'?><a/>", "Unexpected XML declaration. The XML declaration must be the first node in the "
         "document, and no white space characters are allowed to appear before it. Line 1, position 4."),
        ("<!DOCTYPE a><a/>", "For security reasons DTD is prohibited in this XML document. To enable DTD"
         " processing set the "
         "DtdProcessing property on XmlReaderSettings to Parse and pass the settings into XmlReader.Create method. "
         "Line 1, position 3."),
        ("<a>\x01</a>", "'\x01', hexadecimal value 0x01, is an invalid character. Line 1, position 4."),
        ("<a>" * 257, "Elements are nested more than 256 deep. Line 1, position 770."),
    ],
)  # fmt: skip
def test_what_is_refused(vm: LuaRuntime, text: str, message: str) -> None:
    """Each rule, with line and position."""
    assert call(vm, AGAIN, text) == f"! {message}"


def accepted_by_expat(data: bytes) -> bool:
    """Whether another reader takes the text: with namespaces, without a DTD."""
    parser = expat.ParserCreate("utf-8", "}")
    seen_doctype = []
    parser.StartDoctypeDeclHandler = lambda *_: seen_doctype.append(True)
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return False
    return not seen_doctype


PIECES = st.sampled_from(
    ["<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "<p:a xmlns:p='u'>", "</p:a>", "&amp;", "&#65;", "&x;", "text", " ",
     "\n", "<!-- c -->", "<![CDATA[d]]>", "<?q r?>", "]]>", "<", ">", "&", "é", "x='2'", "<d x='1' y='2'/>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8).map("".join))
def test_as_expat_reads_it(vm: LuaRuntime, inner: str) -> None:
    """What is well-formed to one is to the other."""
    text = f"<r>{inner}</r>"
    mine = call(vm, AGAIN, text)
    assert (not mine.startswith("! ")) == accepted_by_expat(text.encode())


@given(st.binary(max_size=40) | st.text("<>/='\"&;#x!-[]?ab: \n", max_size=40).map(str.encode))
def test_any_bytes(vm: LuaRuntime, data: bytes) -> None:
    """A document that is read again to the same, or an XmlException."""
    source = """local ok, d = pcall(R.xml_parse, a)
        if not ok then return d.detail ~= nil end
        local once = R.xml_text(d)
        return R.xml_text(R.xml_parse(once)) == once"""
    assert call(vm, source, data) is True


@given(st.text("/@*.[]()='a12|+-<>,: ndor", max_size=20))
def test_any_xpath(vm: LuaRuntime, path: str) -> None:
    """A value, or an XPathException."""
    source = "local ok, v = pcall(R.xpath, R.xml_parse('<a x=\"1\"><b>2</b><b/></a>'), a) return ok or v.detail ~= nil"
    assert call(vm, source, path) is True


NODES = """
local found, texts = R.xpath(R.xml_parse(a), b), {}
if type(found) ~= "table" then return tostring(found) end
for i = 1, found.n do texts[i] = R.xml_value(found[i]) end
return table.concat(texts, ",")
"""
DATA = """<r xmlns:p="u"><a id="1">x</a><a id="2">y<b>z</b></a><p:a>n</p:a><!-- c --><n>3</n><n>4</n></r>"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/r/a", "x,yz"),
        ("//b", "z"),
        ("/r/a[2]/b", "z"),
        ("/r/a[@id='2']/@id", "2"),
        ("/r/*[last()]", "4"),
        ("//n[. > 3]", "4"),
        ("//n[position() = 1]", "3"),
        ("sum(//n) * 2 - 1", "13"),
        ("count(/r/*)", "5"),
        ("//*[local-name()='a']", "x,yz,n"),
        ("//*[local-name()='a' and namespace-uri()='u']", "n"),
        ("//b/..", "yz"),
        ("//b/ancestor::a/@id", "2"),
        ("/r/a/text()", "x,y"),
        ("/r/comment()", " c "),
        ("//n | //b", "3,4,z"),
        ("/r/a[contains(., 'y') or @id = 1]", "x,yz"),
        ("/r/a[not(b)]", "x"),
        ("//n[1]/following-sibling::n", "4"),
        ("string(//a/@id)", "1"),
        ("normalize-space('  a  b ')", "a b"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("concat('a', 1, true())", "a1true"),
        ("5 mod 2 = 1 and 6 div 4 = 1.5", "true"),
        ("//zz", ""),
    ],
)
def test_xpath(vm: LuaRuntime, path: str, found: str) -> None:
    """XPath 1.0: steps, axes, predicates, functions. Source: the recommendation's own examples, sections 2 to 4."""
    assert call(vm, NODES, DATA, path) == found


@pytest.mark.parametrize("path", ["/r/[1]", "//", "a[", "foo()", "p:a", "following::a", "count()", "'a", "1 +"])
def test_bad_xpath(vm: LuaRuntime, path: str) -> None:
    """What is no XPath, or not known here."""
    assert call(vm, NODES, DATA, path).startswith("! ")


def test_large_documents_take_linear_time(vm: LuaRuntime) -> None:
    """Many short texts, and no sign that a reader would look for to the end of the document each time."""
    source = "local d = R.xml_parse(a) return #R.xml_text(d)"
    text = "<r>" + "<a b='c'>text</a>" * 40000 + "</r>"
    vm.execute(b"R.refill()")
    assert call(vm, source, text) == len(text)
    vm.execute(b"R.refill()")
