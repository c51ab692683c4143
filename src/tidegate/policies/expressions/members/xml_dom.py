"""System.Xml: XmlDocument, its nodes, and as much of XmlReader as extracting a value takes.

Source: the .NET reference of System.Xml. Documents are read without DTDs, as .NET reads them by default.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, INDEXER, SETTER, MemberRow
from tidegate.policies.expressions.types import BOOL, ENUMERABLE, INT, OBJECT, STRING, VOID, Type

_NAMESPACE: Final = "System.Xml"

XMLNODE: Final = Type("XmlNode", namespace=_NAMESPACE)
XMLELEMENT: Final = Type("XmlElement", bases=(XMLNODE,), namespace=_NAMESPACE)
XMLATTRIBUTE: Final = Type("XmlAttribute", bases=(XMLNODE,), namespace=_NAMESPACE)
XMLDOCUMENT: Final = Type("XmlDocument", bases=(XMLNODE,), namespace=_NAMESPACE)
XMLTEXT: Final = Type("XmlText", bases=(XMLNODE,), namespace=_NAMESPACE)
NODE_LIST: Final = Type("XmlNodeList", bases=(ENUMERABLE.of(XMLNODE),), namespace=_NAMESPACE)
ATTRIBUTE_LIST: Final = Type("XmlAttributeCollection", namespace=_NAMESPACE)
NAME_TABLE: Final = Type("XmlNameTable", namespace=_NAMESPACE)
MANAGER: Final = Type("XmlNamespaceManager", namespace=_NAMESPACE)
NODE_TYPE: Final = Type("XmlNodeType", is_reference=False, namespace=_NAMESPACE)
READER: Final = Type("XmlReader", namespace=_NAMESPACE)
STRING_READER: Final = Type("StringReader", namespace="System.IO")

TYPES: Final[tuple[Type, ...]] = (
    XMLNODE,
    XMLELEMENT,
    XMLATTRIBUTE,
    XMLDOCUMENT,
    XMLTEXT,
    NODE_LIST,
    ATTRIBUTE_LIST,
    MANAGER,
    NODE_TYPE,
    READER,
    STRING_READER,
)

_S: Final = (STRING,)
_SM: Final = (STRING, MANAGER)
_NODE_TYPES: Final = (
    "None", "Element", "Attribute", "Text", "CDATA", "EntityReference", "Entity", "ProcessingInstruction", "Comment",
    "Document", "DocumentType", "DocumentFragment", "Notation", "Whitespace", "SignificantWhitespace", "EndElement",
    "EndEntity", "XmlDeclaration",
)  # fmt: skip


def _changing(owner: Type, name: str, lua: str, *parameters: Type, result: Type = VOID) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, effect=True)


_NODE_ROWS: Final = (
    MemberRow(XMLNODE, "Name", STRING, "R.xml_node_name({0})"),
    MemberRow(XMLNODE, "LocalName", STRING, "R.xml_node_name({0}, true)"),
    MemberRow(XMLNODE, "NamespaceURI", STRING, '({0}.ns or "")'),
    MemberRow(XMLNODE, "Prefix", STRING, '({0}.prefix or "")'),
    MemberRow(XMLNODE, "NodeType", NODE_TYPE, "R.xml_node_type({0})"),
    MemberRow(XMLNODE, "Value", STRING, "R.xml_node_value({0})", nullable=True),
    MemberRow(XMLNODE, "InnerText", STRING, "R.xml_value({0})"),
    MemberRow(XMLNODE, "InnerXml", STRING, "R.xml_inner({0})"),
    MemberRow(XMLNODE, "OuterXml", STRING, "R.xml_outer({0})"),
    _changing(XMLNODE, "Value" + SETTER, "R.xml_set_text({0}, {1})", STRING),
    _changing(XMLNODE, "InnerText" + SETTER, "R.xml_set_text({0}, {1})", STRING),
    MemberRow(XMLNODE, "ParentNode", XMLNODE, "{0}.parent", nullable=True),
    MemberRow(XMLNODE, "FirstChild", XMLNODE, "{0}[1]", nullable=True),
    MemberRow(XMLNODE, "LastChild", XMLNODE, "R.json_last({0})", nullable=True),
    MemberRow(XMLNODE, "NextSibling", XMLNODE, "R.x_sibling({0}, 1)", nullable=True),
    MemberRow(XMLNODE, "PreviousSibling", XMLNODE, "R.x_sibling({0}, -1)", nullable=True),
    MemberRow(XMLNODE, "HasChildNodes", BOOL, "({0}.n > 0)"),
    MemberRow(XMLNODE, "ChildNodes", NODE_LIST, "R.x_nodes({0})"),
    MemberRow(XMLNODE, "Attributes", ATTRIBUTE_LIST, "{0}", nullable=True),
    MemberRow(XMLNODE, INDEXER, XMLELEMENT, "R.xml_child({0}, {1})", _S, nullable=True),
    MemberRow(XMLNODE, "SelectSingleNode", XMLNODE, "R.xml_select_one({0}, {1})", _S, nullable=True),
    MemberRow(XMLNODE, "SelectSingleNode", XMLNODE, "R.xml_select_one({0}, {1}, {2})", _SM, nullable=True),
    MemberRow(XMLNODE, "SelectNodes", NODE_LIST, "R.xml_select({0}, {1})", _S),
    MemberRow(XMLNODE, "SelectNodes", NODE_LIST, "R.xml_select({0}, {1}, {2})", _SM),
    MemberRow(XMLNODE, "CloneNode", XMLNODE, "R.x_copy({0})", (BOOL,)),
    _changing(XMLNODE, "AppendChild", "R.xml_append({0}, {1})", XMLNODE, result=XMLNODE),
    _changing(XMLNODE, "PrependChild", "R.xml_insert({0}, {1}, 1)", XMLNODE, result=XMLNODE),
    _changing(XMLNODE, "RemoveChild", "R.xml_remove_child({0}, {1})", XMLNODE, result=XMLNODE),
    _changing(XMLNODE, "RemoveAll", "R.x_remove_everything({0})"),
    MemberRow(NODE_LIST, "Count", INT, "{0}.n"),
    MemberRow(NODE_LIST, INDEXER, XMLNODE, "{0}[{1} + 1]", (INT,), nullable=True),
    MemberRow(NODE_LIST, "Item", XMLNODE, "{0}[{1} + 1]", (INT,), nullable=True),
    MemberRow(ATTRIBUTE_LIST, "Count", INT, "{0}.attributes.n"),
    MemberRow(ATTRIBUTE_LIST, INDEXER, XMLATTRIBUTE, "R.xml_attribute_named({0}, {1})", _S, nullable=True),
    MemberRow(ATTRIBUTE_LIST, "GetNamedItem", XMLATTRIBUTE, "R.xml_attribute_named({0}, {1})", _S, nullable=True),
    MemberRow(XMLELEMENT, "GetAttribute", STRING, "R.xml_get_attribute({0}, {1})", _S),
    MemberRow(XMLELEMENT, "HasAttribute", BOOL, "(R.xml_attribute_named({0}, {1}) ~= nil)", _S),
    _changing(XMLELEMENT, "SetAttribute", "R.xml_set_attribute({0}, {1}, {2})", STRING, STRING),
    _changing(XMLELEMENT, "RemoveAttribute", "R.xml_remove_attribute({0}, {1})", STRING),
    MemberRow(XMLELEMENT, "GetElementsByTagName", NODE_LIST, "R.xml_by_tag({0}, {1})", _S),
    MemberRow(XMLELEMENT, "IsEmpty", BOOL, "R.x_is_empty({0})"),
)

_DOCUMENT_ROWS: Final = (
    MemberRow(XMLDOCUMENT, CONSTRUCTOR, XMLDOCUMENT, "R.xml_document()", (), static=True),
    _changing(XMLDOCUMENT, "LoadXml", "R.xml_load({0}, {1})", STRING),
    _changing(XMLDOCUMENT, "PreserveWhitespace" + SETTER, "R.xml_keep_space({0}, {1})", BOOL),
    MemberRow(XMLDOCUMENT, "DocumentElement", XMLELEMENT, "R.xml_root({0})", nullable=True),
    MemberRow(XMLDOCUMENT, "NameTable", NAME_TABLE, "{0}"),
    MemberRow(XMLDOCUMENT, "GetElementsByTagName", NODE_LIST, "R.xml_by_tag({0}, {1})", _S),
    MemberRow(XMLDOCUMENT, "CreateElement", XMLELEMENT, 'R.xml_create("element", {1})', _S),
    MemberRow(XMLDOCUMENT, "CreateElement", XMLELEMENT, 'R.xml_create("element", {1}, {2})', (STRING, STRING)),
    MemberRow(XMLDOCUMENT, "CreateTextNode", XMLTEXT, 'R.xml_create("text", nil, nil, {1})', _S),
    MemberRow(MANAGER, CONSTRUCTOR, MANAGER, "R.xml_namespaces()", (NAME_TABLE,), static=True),
    _changing(MANAGER, "AddNamespace", "R.xml_add_namespace({0}, {1}, {2})", STRING, STRING),
    *(MemberRow(NODE_TYPE, name, NODE_TYPE, str(value), static=True) for value, name in enumerate(_NODE_TYPES)),
)

_READER_ROWS: Final = (
    MemberRow(STRING_READER, CONSTRUCTOR, STRING_READER, "{1}", _S, static=True, not_null=(0,)),
    MemberRow(STRING_READER, "ReadToEnd", STRING, "{0}", ()),
    _changing(STRING_READER, "Dispose", "R.ignored({0})"),
    MemberRow(READER, "Create", READER, "R.xml_reader({1})", (STRING_READER,), static=True, not_null=(0,)),
    _changing(READER, "Read", "R.reader_read({0})", result=BOOL),
    _changing(READER, "MoveToContent", "R.reader_content({0})", result=NODE_TYPE),
    _changing(READER, "Dispose", "R.ignored({0})"),
    _changing(READER, "Close", "R.ignored({0})"),
    MemberRow(READER, "EOF", BOOL, "R.reader_eof({0})"),
    MemberRow(READER, "Name", STRING, "R.reader_name({0})"),
    MemberRow(READER, "LocalName", STRING, "R.reader_name({0}, true)"),
    MemberRow(READER, "Value", STRING, "R.reader_value({0})"),
    MemberRow(READER, "NodeType", NODE_TYPE, "R.reader_type({0})"),
    MemberRow(READER, "GetAttribute", STRING, "R.reader_attribute({0}, {1})", _S, nullable=True),
    _changing(READER, "ReadElementContentAsString", "R.reader_element_text({0})", result=STRING),
    _changing(READER, "ReadOuterXml", "R.xml_text(R.reader_node({0}), false, true)", result=STRING),
    _changing(READER, "ReadInnerXml", "R.xml_inner(R.reader_node({0}))", result=STRING),
    MemberRow(XMLNODE, "Equals", BOOL, "({0} == {1})", (OBJECT,)),
)

ROWS: Final[tuple[MemberRow, ...]] = (*_NODE_ROWS, *_DOCUMENT_ROWS, *_READER_ROWS)
