"""Policy XML to a document: sections, statements, `<base />`; everything that is not honoured is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.catalogue import CATALOGUE, NOT_YET
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import SECTIONS, Base, Item, PolicyDocument
from tidegate.policies.named_values import NamedValue
from tidegate.policies.redaction import redact_diagnostic
from tidegate.sources.source import Source
from tidegate.sources.xml import Element, read_xml


def read_document(source: Source, *, named_values: Mapping[str, NamedValue], found: Found) -> PolicyDocument | None:
    """Read one document. None, with diagnostics, if anything in it is not accepted."""
    mine = Found()
    document = _read(source, named_values, mine)
    secrets = tuple(value for value in named_values.values() if value.secret)
    found.extend(redact_diagnostic(d, secrets) for d in mine)
    return None if mine.has_errors or document is None else replace(document, secrets=secrets)


def _read(source: Source, named_values: Mapping[str, NamedValue], found: Found) -> PolicyDocument | None:
    root = read_xml(source, found)
    if root is None:
        return None
    if root.name != "policies":
        help = "wrap the sections in `<policies>`" if root.name in SECTIONS else ""
        found.add(codes.ROOT_UNEXPECTED, at=root.name_span, name=root.name, help=help)
        return None
    reader = ElementReader(root, "", named_values, found)
    sections: dict[str, tuple[Item, ...]] = {}
    for element in root:
        if element.name not in SECTIONS:
            found.add(
                codes.SECTION_UNKNOWN,
                at=element.name_span,
                name=element.name,
                help=did_you_mean_or_known(element.name, SECTIONS),
            )
        elif element.name in sections:
            found.add(codes.SECTION_TWICE, at=element.name_span, name=element.name)
        else:
            sections[element.name] = _section(element, named_values, found)
    for name in (*SECTIONS, *(element.name for element in root)):
        # Sections are judged above; here only attributes and text of the root are.
        for _ in reader.children(name):
            pass
    reader.finish()
    return PolicyDocument(sections, root.name_span)


def _section(section: Element, named_values: Mapping[str, NamedValue], found: Found) -> tuple[Item, ...]:
    items: list[Item] = []
    seen: set[str] = set()
    for element in section.content:
        if not isinstance(element, Element):
            found.add(codes.TEXT_UNEXPECTED, at=element.span, name=section.name)
            continue
        reader = ElementReader(element, section.name, named_values, found)
        if element.name == "base":
            if reader.finish():
                items.append(Base(element.name_span))
            continue
        kind = CATALOGUE.get(element.name)
        if kind is None:
            _refuse(element, found)
        elif section.name not in kind.sections:
            found.add(
                codes.POLICY_SECTION,
                at=element.name_span,
                name=element.name,
                section=section.name,
                allowed=" and ".join(kind.sections),
            )
        elif kind.once and element.name in seen:
            found.add(codes.POLICY_TWICE, at=element.name_span, name=element.name)
        elif (statement := kind.read(reader)) is not None:
            items.append(statement)
        seen.add(element.name)
    for attribute in section.attributes.values():
        found.add(codes.ATTRIBUTE_UNKNOWN, at=attribute.name_span, element=section.name, name=attribute.name)
    return tuple(items)


def _refuse(element: Element, found: Found) -> None:
    if element.name in NOT_YET:
        found.add(
            codes.POLICY_UNSUPPORTED,
            at=element.name_span,
            name=element.name,
            label="this policy would change what happens",
            notes=("Tidegate refuses a policy it cannot keep; it never drops one silently",),
        )
        return
    known = (*CATALOGUE, "base", *NOT_YET)
    near = did_you_mean_or_known(element.name, known)
    help = near if near.startswith("did you mean") else "names are case-sensitive; see docs/supported.md"
    found.add(codes.POLICY_UNKNOWN, at=element.name_span, name=element.name, help=help)
