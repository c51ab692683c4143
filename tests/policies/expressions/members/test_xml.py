"""System.Xml.Linq in expressions.

Source: the .NET pages "LINQ to XML overview", "Create XML trees in C#", "How to change namespace prefixes",
and the reference of XElement's explicit conversions.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module."""
    return runtime()


DATA = '<r xmlns:p="u" v="1"><a id="1">x</a><a id="2">y<b>5</b></a><p:a>n</p:a><e/></r>'


def said(vm: LuaRuntime, code: str) -> str:
    """The value of an expression in which `d` is DATA as an XDocument."""
    quoted = DATA.replace('"', '\\"')
    text = code if code.startswith("{") else f"return {code};"
    return str(
        evaluate(f'{{ var d = XDocument.Parse("{quoted}"); {text.removeprefix("{").removesuffix("}")} }}', vm=vm)
    )


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("d.Root.Name.LocalName", "r"),
        ('d.Root.Attribute("v").Value', "1"),
        ('(d.Root.Attribute("none") == null).ToString()', "True"),
        ('d.Root.Element("a").Value', "x"),
        ('string.Join(",", d.Root.Elements("a").Select(e => e.Value))', "x,y5"),
        ('d.Root.Elements().Count() + "," + d.Descendants().Count() + "," + d.Descendants("a").Count()', "4,6,2"),
        ('d.Descendants().Where(e => e.Name.LocalName == "a").Last().Value', "n"),
        ('{ XNamespace p = "u"; return d.Root.Element(p + "a").Value; }', "n"),
        ('(d.Root.Element("{u}a").Name == XName.Get("a", "u")).ToString()', "True"),
        ('d.Root.Element("{u}a").Name.ToString() + d.Root.Element("{u}a").Name.NamespaceName', "{u}au"),
        ('((int)d.Descendants("b").First() + 1).ToString()', "6"),
        ('((bool)d.Root.Attribute("v")).ToString()', "True"),
        ('((int?)d.Root.Element("none") == null).ToString()', "True"),
        ('((string)d.Root.Attribute("none") ?? "no")', "no"),
        ('d.Descendants("b").First().Parent.Attribute("id").Value + d.Descendants("b").First().Ancestors().Count()',
         "22"),
        ('d.Root.Element("a").ElementsAfterSelf().First().Attribute("id").Value', "2"),
        ('d.Root.Elements("a").Elements("b").Single().Value + d.Root.Elements().Attributes("id").Count()', "52"),
        ('d.Root.Element("e").IsEmpty + "," + d.Root.HasAttributes + "," + d.Root.HasElements', "True,True,True"),
        ("d.Root.FirstNode.ToString() + d.Root.LastNode", '<a id="1">x</a><e />'),
        ('d.XPathSelectElement("//a[@id=2]/b").Value + d.XPathSelectElements("/r/a").Count()', "52"),
        # -- texts
        ('d.Root.Elements("a").Last().ToString()', '<a id="2">y<b>5</b></a>'),
        ('XElement.Parse("<a><b/><c>1</c></a>").ToString()', "<a>\r\n  <b />\r\n  <c>1</c>\r\n</a>"),
        ('XElement.Parse("<a> <b/> </a>").ToString(SaveOptions.DisableFormatting)', "<a><b /></a>"),
        ('XElement.Parse("<a> <b/> </a>", LoadOptions.PreserveWhitespace).ToString()', "<a> <b /> </a>"),
        ('d.Root.Element("{u}a").ToString()', '<p:a xmlns:p="u">n</p:a>'),
        ('d.Root.Attribute("v").ToString()', 'v="1"'),
        # -- building
        ('new XElement("a", new XAttribute("x", 1), new XElement("b", "<"), 5,'
         ' true).ToString(SaveOptions.DisableFormatting)',
         '<a x="1"><b>&lt;</b>5true</a>'),
        ('new XElement("a", new[] { new XElement("b"), new XElement("c", "")'
         ' }).ToString(SaveOptions.DisableFormatting)',
         "<a><b /><c></c></a>"),
        ('{ XNamespace n = "urn:x"; return new XElement(n + "a", new XAttribute("k", "v"), new XElement(n + "b"),'
         ' new XElement("c")).ToString(SaveOptions.DisableFormatting); }', '<a k="v" xmlns="urn:x"><b /><c'
         ' xmlns="" /></a>'),
        ('{ XNamespace n = "urn:x"; return new XElement(n + "a", new XAttribute(XNamespace.Xmlns + "p", n),'
         ' new XAttribute(n + "k", 1)).ToString(); }', '<p:a xmlns:p="urn:x" p:k="1" />'),
        ('new XDocument(new XDeclaration("1.0", "utf-8", null), new XElement("a")).ToString()', "<a />"),
        ('new XElement("a", new XCData("<b>"), new XComment("c")).ToString(SaveOptions.DisableFormatting)',
         "<a><![CDATA[<b>]]><!--c--></a>"),
        # -- changing
        ('{ d.Root.Element("a").Remove(); d.Root.Add(new XElement("z", 1)); d.Root.SetAttributeValue("v", null);'
         ' d.Root.SetElementValue("e", 2); d.Descendants("b").Remove(); return'
         ' d.Root.ToString(SaveOptions.DisableFormatting); }',
         '<r xmlns:p="u"><a id="2">y</a><p:a>n</p:a><e>2</e><z>1</z></r>'),
        ('{ var a = d.Root.Element("a"); a.Value = "new"; a.Name = "q"; a.SetAttributeValue("id", 9);'
         ' a.ReplaceWith(new XElement("w", a)); return d.Root.Element("w").ToString(SaveOptions.DisableFormatting); }',
         '<w><q id="9">new</q></w>'),
        ('{ foreach (var e in d.Root.Elements("a")) { e.SetAttributeValue("id", null); } return'
         ' d.Root.Element("a").ToString(); }',
         "<a>x</a>"),
        # -- from one to the other
        ('JsonConvert.SerializeObject(XDocument.Parse("<a><b>1</b></a>"))', '{"a":{"b":"1"}}'),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, code: str, value: str) -> None:
    """Members by what they give."""
    assert said(vm, code) == value


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('XDocument.Parse("<a>").ToString()',
         "Unexpected end of file has occurred. The following elements are not closed: a. Line 1, position 4."),
        ('d.Root.Element("none").Value', "Object reference not set to an instance of an object."),
        ('(int)d.Root.Element("a") + ""', "Input string was not in a correct format."),
        ('new XElement("a b").ToString()', "The 'a' character, hexadecimal value 0x61, cannot be included in a name."),
        ('new XElement("a", new XAttribute("x", 1), new XAttribute("x", 2)).ToString()', "Duplicate attribute."),
        ('{ d.Root.Element("a").Remove(); var e = new XElement("q"); e.Remove(); return ""; }',
         "The parent is missing."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, code: str, message: str) -> None:
    """Exceptions say what .NET's say."""
    with pytest.raises(Thrown) as thrown:
        said(vm, code)
    assert str(thrown.value) == message
