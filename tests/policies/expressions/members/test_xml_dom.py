"""XmlDocument and XmlReader in expressions. Source: the .NET reference of System.Xml, SelectSingleNode's examples."""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module."""
    return runtime()


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('{ var x = new XmlDocument(); x.LoadXml("<k><o>7</o><o t=\\"1\\">8</o></k>"); var s = x.DocumentElement.Name;'
         ' foreach (XmlNode n in x.SelectNodes("//o")) { s += n.InnerText; } return s +'
         ' x.SelectSingleNode("/k/o[2]/@t").Value'
         ' + x.GetElementsByTagName("o").Count + x.DocumentElement["o"].OuterXml; }', "k78" + "12<o>7</o>"),
        ('{ var x = new XmlDocument(); x.LoadXml("<p:k xmlns:p=\\"u\\"><p:o>7</p:o></p:k>");'
         ' var m = new XmlNamespaceManager(x.NameTable); m.AddNamespace("q", "u");'
         ' return x.SelectSingleNode("/q:k/q:o", m).InnerText; }', "7"),
        ('{ var x = new XmlDocument(); x.LoadXml("<k/>"); var e = x.CreateElement("n"); e.SetAttribute("a", "1");'
         ' e.InnerText = "<"; x.DocumentElement.AppendChild(e); return x.OuterXml; }', '<k><n a="1">&lt;</n></k>'),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, code: str, value: str) -> None:
    """Members by what they give."""
    assert evaluate(code, vm=vm) == value


def test_a_reader_extracts_a_value(vm: LuaRuntime) -> None:
    """XmlReader as a sample of API Management uses it."""
    code = (
        '{ var ret = ""; using (XmlReader reader = XmlReader.Create(new StringReader("<s><a/><b><N>AB</N></b></s>"))) {'
        ' reader.MoveToContent(); reader.Read(); while (!reader.EOF && ret == "") { if (reader.Name == "N") {'
        ' var el = XNode.ReadFrom(reader) as XElement; ret = el == null ? "" : el.Value; } else { reader.Read(); } } }'
        " return ret; }"
    )
    assert evaluate(code, vm=vm) == "AB"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('{ var x = new XmlDocument(); x.LoadXml("<a/>"); return x.SelectSingleNode("q:a").InnerText; }',
         "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function."),
        ('{ var x = new XmlDocument(); x.LoadXml("<a>"); return ""; }',
         "Unexpected end of file has occurred. The following elements are not closed: a. Line 1, position 4."),
        ('{ var x = new XmlDocument(); x.LoadXml("<a/>"); return x.SelectSingleNode("b").InnerText; }',
         "Object reference not set to an instance of an object."),
        ('{ var r = XmlReader.Create(new StringReader("<a><b/></a>")); r.MoveToContent(); '
         'return r.ReadElementContentAsString(); }',
         "Unexpected node type element. ReadElementContentAsString method can only be called on elements with simple "
         "or empty content."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, code: str, message: str) -> None:
    """Exceptions say what .NET's say."""
    with pytest.raises(Thrown) as thrown:
        evaluate(code, vm=vm)
    assert str(thrown.value) == message
