"""System.Xml.Linq: XDocument and its family; XmlDocument and XmlReader are in xml_dom.py.

Source: the .NET reference of System.Xml.Linq. An XName is `{namespace}local` at run time, an XNamespace its URI.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members import xml_dom
from tidegate.policies.expressions.members.encoding import GUID
from tidegate.policies.expressions.members.row import CONSTRUCTOR, SETTER, MemberRow
from tidegate.policies.expressions.members.time import DATE_TIME, DATE_TIME_OFFSET, TIME_SPAN
from tidegate.policies.expressions.types import (
    BOOL,
    DECIMAL,
    DOUBLE,
    ENUMERABLE,
    FLOAT,
    INT,
    LONG,
    OBJECT,
    STRING,
    UINT,
    ULONG,
    VOID,
    Type,
    nullable,
)

_NAMESPACE: Final = "System.Xml.Linq"

XNAME: Final = Type("XName", namespace=_NAMESPACE)
XNAMESPACE: Final = Type("XNamespace", namespace=_NAMESPACE)
XOBJECT: Final = Type("XObject", namespace=_NAMESPACE)
XNODE: Final = Type("XNode", bases=(XOBJECT,), namespace=_NAMESPACE)
XCONTAINER: Final = Type("XContainer", bases=(XNODE,), namespace=_NAMESPACE)
XELEMENT: Final = Type("XElement", bases=(XCONTAINER,), namespace=_NAMESPACE)
XDOCUMENT: Final = Type("XDocument", bases=(XCONTAINER,), namespace=_NAMESPACE)
XATTRIBUTE: Final = Type("XAttribute", bases=(XOBJECT,), namespace=_NAMESPACE)
XTEXT: Final = Type("XText", bases=(XNODE,), namespace=_NAMESPACE)
XCDATA: Final = Type("XCData", bases=(XTEXT,), namespace=_NAMESPACE)
XCOMMENT: Final = Type("XComment", bases=(XNODE,), namespace=_NAMESPACE)
XDECLARATION: Final = Type("XDeclaration", namespace=_NAMESPACE)
SAVE_OPTIONS: Final = Type("SaveOptions", is_reference=False, namespace=_NAMESPACE)
LOAD_OPTIONS: Final = Type("LoadOptions", is_reference=False, namespace=_NAMESPACE)

ELEMENTS: Final = ENUMERABLE.of(XELEMENT)
NODES: Final = ENUMERABLE.of(XNODE)
ATTRIBUTES: Final = ENUMERABLE.of(XATTRIBUTE)

TYPES: Final[tuple[Type, ...]] = (
    XNAME,
    XNAMESPACE,
    XOBJECT,
    XNODE,
    XCONTAINER,
    XELEMENT,
    XDOCUMENT,
    XATTRIBUTE,
    XTEXT,
    XCDATA,
    XCOMMENT,
    XDECLARATION,
    SAVE_OPTIONS,
    LOAD_OPTIONS,
    *xml_dom.TYPES,
)

_S: Final = (STRING,)
_N: Final = (XNAME,)


def _changing(owner: Type, name: str, lua: str, *parameters: Type) -> MemberRow:
    return MemberRow(owner, name, VOID, lua, parameters, effect=True)


def _contents(owner: Type, name: str, lua: str) -> tuple[MemberRow, ...]:
    """A method of one content, and of any number."""
    many = lua.replace("{1}", "{{n = {count}, {rest}}}")
    return (
        MemberRow(owner, name, VOID, lua, (OBJECT,), effect=True),
        MemberRow(owner, name, VOID, many, (OBJECT,), repeats=True, effect=True),
    )


def _named(owner: Type, name: str, result: Type, function: str, extra: str = "") -> tuple[MemberRow, ...]:
    """A sequence of all, and of those with a name."""
    return (
        MemberRow(owner, name, result, f"R.{function}({{0}}, nil{extra})", ()),
        MemberRow(owner, name, result, f"R.{function}({{0}}, {{1}}{extra})", _N),
    )


def _casts(owner: Type) -> tuple[MemberRow, ...]:
    values = (BOOL, INT, LONG, DOUBLE, DECIMAL, FLOAT, UINT, ULONG, DATE_TIME, DATE_TIME_OFFSET, GUID, TIME_SPAN)
    targets = (STRING, *values, *(nullable(each) for each in values))
    return tuple(
        MemberRow(
            owner,
            "explicit",
            target,
            f'R.x_cast({{1}}, "{target}")',
            (owner,),
            static=True,
            nullable=target is STRING or target.name == "Nullable",
        )
        for target in targets
    )


_NAME_ROWS: Final = (
    MemberRow(XNAME, "implicit", XNAME, "R.xname({1})", _S, static=True),
    MemberRow(XNAME, "Get", XNAME, "R.xname({1})", _S, static=True, not_null=(0,)),
    MemberRow(XNAME, "Get", XNAME, "R.xname_of({2}, {1})", (STRING, STRING), static=True),
    MemberRow(XNAME, "LocalName", STRING, "R.xname_local({0})"),
    MemberRow(XNAME, "NamespaceName", STRING, "R.xname_namespace({0})"),
    MemberRow(XNAME, "Namespace", XNAMESPACE, "R.xname_namespace({0})"),
    MemberRow(XNAME, "ToString", STRING, "{0}", ()),
    MemberRow(XNAME, "==", BOOL, "({1} == {2})", (XNAME, XNAME), static=True),
    MemberRow(XNAME, "!=", BOOL, "({1} ~= {2})", (XNAME, XNAME), static=True),
    MemberRow(XNAMESPACE, "implicit", XNAMESPACE, "{1}", _S, static=True),
    MemberRow(XNAMESPACE, "Get", XNAMESPACE, "{1}", _S, static=True, not_null=(0,)),
    MemberRow(XNAMESPACE, "None", XNAMESPACE, '""', static=True),
    MemberRow(XNAMESPACE, "Xml", XNAMESPACE, 'R.xname_reserved("xml")', static=True),
    MemberRow(XNAMESPACE, "Xmlns", XNAMESPACE, 'R.xname_reserved("xmlns")', static=True),
    MemberRow(XNAMESPACE, "NamespaceName", STRING, "{0}"),
    MemberRow(XNAMESPACE, "GetName", XNAME, "R.xname_of({0}, {1})", _S),
    MemberRow(XNAMESPACE, "ToString", STRING, "{0}", ()),
    MemberRow(XNAMESPACE, "+", XNAME, "R.xname_of({1}, {2})", (XNAMESPACE, STRING), static=True),
    MemberRow(XNAMESPACE, "==", BOOL, "({1} == {2})", (XNAMESPACE, XNAMESPACE), static=True),
    MemberRow(XNAMESPACE, "!=", BOOL, "({1} ~= {2})", (XNAMESPACE, XNAMESPACE), static=True),
)

_NODE_ROWS: Final = (
    MemberRow(XOBJECT, "Parent", XELEMENT, "R.x_parent({0})", nullable=True),
    MemberRow(XOBJECT, "Document", XDOCUMENT, "R.x_document_of({0})", nullable=True),
    MemberRow(XOBJECT, "NodeType", xml_dom.NODE_TYPE, "R.xml_node_type({0})"),
    MemberRow(XOBJECT, "ToString", STRING, "R.x_text({0})", ()),
    MemberRow(XNODE, "ToString", STRING, "R.x_text({0}, {1})", (SAVE_OPTIONS,)),
    MemberRow(XNODE, "NextNode", XNODE, "R.x_sibling({0}, 1)", nullable=True),
    MemberRow(XNODE, "PreviousNode", XNODE, "R.x_sibling({0}, -1)", nullable=True),
    *_named(XNODE, "Ancestors", ELEMENTS, "x_ancestors"),
    MemberRow(XNODE, "ElementsAfterSelf", ELEMENTS, "R.x_siblings({0}, 1)", ()),
    MemberRow(XNODE, "ElementsAfterSelf", ELEMENTS, "R.x_siblings({0}, 1, {1})", _N),
    MemberRow(XNODE, "ElementsBeforeSelf", ELEMENTS, "R.x_siblings({0}, -1)", ()),
    MemberRow(XNODE, "ElementsBeforeSelf", ELEMENTS, "R.x_siblings({0}, -1, {1})", _N),
    _changing(XNODE, "Remove", "R.x_remove({0})"),
    *_contents(XNODE, "ReplaceWith", "R.x_replace({0}, {1})"),
    *_contents(XNODE, "AddAfterSelf", "R.x_add_beside({0}, {1}, 1)"),
    *_contents(XNODE, "AddBeforeSelf", "R.x_add_beside({0}, {1}, 0)"),
    MemberRow(XNODE, "DeepEquals", BOOL, "R.x_equals({1}, {2})", (XNODE, XNODE), static=True),
    MemberRow(XNODE, "ReadFrom", XNODE, "R.reader_node({1})", (xml_dom.READER,), static=True, not_null=(0,)),
    MemberRow(XNODE, "XPathSelectElement", XELEMENT, "R.xml_select_one({0}, {1})", _S, nullable=True),
    MemberRow(
        XNODE,
        "XPathSelectElement",
        XELEMENT,
        "R.xml_select_one({0}, {1}, {2})",
        (STRING, xml_dom.MANAGER),
        nullable=True,
    ),
    MemberRow(XNODE, "XPathSelectElements", ELEMENTS, "R.xml_select({0}, {1})", _S),
    MemberRow(XNODE, "XPathSelectElements", ELEMENTS, "R.xml_select({0}, {1}, {2})", (STRING, xml_dom.MANAGER)),
    MemberRow(XCONTAINER, "Element", XELEMENT, "R.x_element_named({0}, {1})", _N, nullable=True),
    *_named(XCONTAINER, "Elements", ELEMENTS, "x_elements"),
    *_named(XCONTAINER, "Descendants", ELEMENTS, "x_descendants"),
    MemberRow(XCONTAINER, "DescendantNodes", NODES, 'R.x_descendants({0}, nil, "nodes")', ()),
    MemberRow(XCONTAINER, "Nodes", NODES, "R.x_nodes({0})", ()),
    MemberRow(XCONTAINER, "FirstNode", XNODE, "{0}[1]", nullable=True),
    MemberRow(XCONTAINER, "LastNode", XNODE, "R.json_last({0})", nullable=True),
    *_contents(XCONTAINER, "Add", "R.x_add({0}, {1})"),
    *_contents(XCONTAINER, "AddFirst", "R.x_add_first({0}, {1})"),
    *_contents(XCONTAINER, "ReplaceNodes", "R.x_replace_nodes({0}, {1})"),
    _changing(XCONTAINER, "RemoveNodes", "R.x_clear({0})"),
)

_MAKE: Final = "R.x_element({1}, {{n = {count}, {rest}}})"

_ELEMENT_ROWS: Final = (
    MemberRow(XELEMENT, CONSTRUCTOR, XELEMENT, "R.x_element({1}, {{n = 0}})", _N, static=True),
    MemberRow(XELEMENT, CONSTRUCTOR, XELEMENT, "R.x_copy({1})", (XELEMENT,), static=True, not_null=(0,)),
    MemberRow(XELEMENT, CONSTRUCTOR, XELEMENT, _MAKE, (XNAME, OBJECT), static=True, repeats=True),
    MemberRow(XELEMENT, "Parse", XELEMENT, "R.x_parse_element({1})", _S, static=True),
    MemberRow(XELEMENT, "Parse", XELEMENT, "R.x_parse_element({1}, {2})", (STRING, LOAD_OPTIONS), static=True),
    MemberRow(XELEMENT, "Name", XNAME, "R.x_name({0})"),
    _changing(XELEMENT, "Name" + SETTER, "R.x_rename({0}, {1})", XNAME),
    MemberRow(XELEMENT, "Value", STRING, "R.xml_value({0})"),
    _changing(XELEMENT, "Value" + SETTER, "R.x_set_value({0}, {1})", STRING),
    _changing(XELEMENT, "SetValue", "R.x_set_value({0}, {1})", OBJECT),
    MemberRow(XELEMENT, "HasElements", BOOL, "R.xml_has_elements({0})"),
    MemberRow(XELEMENT, "HasAttributes", BOOL, "({0}.attributes.n > 0)"),
    MemberRow(XELEMENT, "IsEmpty", BOOL, "R.x_is_empty({0})"),
    MemberRow(XELEMENT, "Attribute", XATTRIBUTE, "R.x_attribute({0}, {1})", _N, nullable=True),
    *_named(XELEMENT, "Attributes", ATTRIBUTES, "x_attributes"),
    *_named(XELEMENT, "DescendantsAndSelf", ELEMENTS, "x_descendants", ", nil, true"),
    *_named(XELEMENT, "AncestorsAndSelf", ELEMENTS, "x_ancestors", ", true"),
    _changing(XELEMENT, "SetAttributeValue", "R.x_set_attribute({0}, {1}, {2})", XNAME, OBJECT),
    _changing(XELEMENT, "SetElementValue", "R.x_set_element({0}, {1}, {2})", XNAME, OBJECT),
    _changing(XELEMENT, "RemoveAttributes", "R.x_remove_attributes({0})"),
    _changing(XELEMENT, "RemoveAll", "R.x_remove_everything({0})"),
    MemberRow(XELEMENT, "GetDefaultNamespace", XNAMESPACE, '(R.x_namespace_of_prefix({0}, "") or "")', ()),
    MemberRow(XELEMENT, "GetNamespaceOfPrefix", XNAMESPACE, "R.x_namespace_of_prefix({0}, {1})", _S, nullable=True),
    *_casts(XELEMENT),
)

_OTHER_ROWS: Final = (
    MemberRow(XDOCUMENT, CONSTRUCTOR, XDOCUMENT, "R.x_document({{n = 0}})", (), static=True),
    MemberRow(XDOCUMENT, CONSTRUCTOR, XDOCUMENT, "R.x_copy({1})", (XDOCUMENT,), static=True, not_null=(0,)),
    MemberRow(
        XDOCUMENT,
        CONSTRUCTOR,
        XDOCUMENT,
        "R.x_document({{n = {count}, {rest}}})",
        (OBJECT,),
        static=True,
        repeats=True,
    ),
    MemberRow(XDOCUMENT, "Parse", XDOCUMENT, "R.x_parse({1})", _S, static=True),
    MemberRow(XDOCUMENT, "Parse", XDOCUMENT, "R.x_parse({1}, {2})", (STRING, LOAD_OPTIONS), static=True),
    MemberRow(XDOCUMENT, "Root", XELEMENT, "R.xml_root({0})", nullable=True),
    MemberRow(XDOCUMENT, "Declaration", XDECLARATION, "{0}.declaration", nullable=True),
    MemberRow(
        XDECLARATION,
        CONSTRUCTOR,
        XDECLARATION,
        "R.x_declaration({1}, {2}, {3})",
        (STRING, STRING, STRING),
        static=True,
    ),
    MemberRow(XDECLARATION, "ToString", STRING, "R.xml_declaration({{declaration = {0}}})", ()),
    MemberRow(XATTRIBUTE, CONSTRUCTOR, XATTRIBUTE, "R.x_attribute_of({1}, {2})", (XNAME, OBJECT), static=True),
    MemberRow(XATTRIBUTE, "Name", XNAME, "R.x_name({0})"),
    MemberRow(XATTRIBUTE, "Value", STRING, "{0}.value"),
    _changing(XATTRIBUTE, "Value" + SETTER, "R.x_set_value({0}, {1})", STRING),
    _changing(XATTRIBUTE, "SetValue", "R.x_set_value({0}, {1})", OBJECT),
    _changing(XATTRIBUTE, "Remove", "R.x_remove({0})"),
    MemberRow(XATTRIBUTE, "IsNamespaceDeclaration", BOOL, "R.x_declares({0})"),
    *_casts(XATTRIBUTE),
    MemberRow(XTEXT, CONSTRUCTOR, XTEXT, 'R.x_leaf("text", {1})', _S, static=True),
    MemberRow(XTEXT, "Value", STRING, "{0}.value"),
    _changing(XTEXT, "Value" + SETTER, "R.x_set_value({0}, {1})", STRING),
    MemberRow(XCDATA, CONSTRUCTOR, XCDATA, 'R.x_leaf("cdata", {1})', _S, static=True),
    MemberRow(XCOMMENT, CONSTRUCTOR, XCOMMENT, 'R.x_leaf("comment", {1})', _S, static=True),
    MemberRow(XCOMMENT, "Value", STRING, "{0}.value"),
    MemberRow(SAVE_OPTIONS, "None", SAVE_OPTIONS, "0", static=True),
    MemberRow(SAVE_OPTIONS, "DisableFormatting", SAVE_OPTIONS, "1", static=True),
    MemberRow(SAVE_OPTIONS, "OmitDuplicateNamespaces", SAVE_OPTIONS, "2", static=True),
    MemberRow(LOAD_OPTIONS, "None", LOAD_OPTIONS, "0", static=True),
    MemberRow(LOAD_OPTIONS, "PreserveWhitespace", LOAD_OPTIONS, "1", static=True),
    # -- sequences: Extensions of System.Xml.Linq
    MemberRow(ELEMENTS, "Elements", ELEMENTS, 'R.x_each({0}, "x_elements")', ()),
    MemberRow(ELEMENTS, "Elements", ELEMENTS, 'R.x_each({0}, "x_elements", {1})', _N),
    MemberRow(ELEMENTS, "Descendants", ELEMENTS, 'R.x_each({0}, "x_descendants")', ()),
    MemberRow(ELEMENTS, "Descendants", ELEMENTS, 'R.x_each({0}, "x_descendants", {1})', _N),
    MemberRow(ELEMENTS, "Attributes", ATTRIBUTES, 'R.x_each({0}, "x_attributes")', ()),
    MemberRow(ELEMENTS, "Attributes", ATTRIBUTES, 'R.x_each({0}, "x_attributes", {1})', _N),
    _changing(ELEMENTS, "Remove", "R.x_remove_all({0})"),
    _changing(ATTRIBUTES, "Remove", "R.x_remove_all({0})"),
)

ROWS: Final[tuple[MemberRow, ...]] = (*_NAME_ROWS, *_NODE_ROWS, *_ELEMENT_ROWS, *_OTHER_ROWS, *xml_dom.ROWS)
