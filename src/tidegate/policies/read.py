"""Policy XML to a document: sections, statements, `<base />`; everything that is not honoured is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.model.entities import CertificateEntity
from tidegate.policies.catalogue import CATALOGUE, NOT_YET
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import SECTIONS, Base, Item, PolicyDocument
from tidegate.policies.named_values import NamedValue
from tidegate.policies.redaction import redact_diagnostic
from tidegate.sources.source import Source
from tidegate.sources.xml import Element, read_xml

_NO_CERTIFICATES: Final[Mapping[str, CertificateEntity]] = MappingProxyType({})
_NO_FRAGMENTS: Final[Mapping[str, Source]] = MappingProxyType({})


def read_document(
    source: Source,
    *,
    named_values: Mapping[str, NamedValue],
    fragments: Mapping[str, Source] = _NO_FRAGMENTS,
    certificates: Mapping[str, CertificateEntity] = _NO_CERTIFICATES,
    found: Found,
) -> PolicyDocument | None:
    """Read one document. None, with diagnostics, if anything in it is not accepted.

    `fragments`: the policy fragments that include-fragment may name, by their id. `certificates`:
    those that authentication-certificate may name, by theirs.
    """
    mine = Found()
    document = _Reading(named_values, fragments, certificates, mine).document(source)
    secrets = tuple(value for value in named_values.values() if value.secret)
    found.extend(redact_diagnostic(d, secrets) for d in mine)
    return None if mine.has_errors or document is None else replace(document, secrets=secrets)


@dataclass(frozen=True, slots=True)
class _Reading:
    named_values: Mapping[str, NamedValue]
    fragments: Mapping[str, Source]
    certificates: Mapping[str, CertificateEntity]
    found: Found

    def document(self, source: Source) -> PolicyDocument | None:
        root = read_xml(source, self.found)
        if root is None:
            return None
        if root.name != "policies":
            help = "wrap the sections in `<policies>`" if root.name in SECTIONS else ""
            self.found.add(codes.ROOT_UNEXPECTED, at=root.name_span, name=root.name, help=help)
            return None
        sections: dict[str, tuple[Item, ...]] = {}
        for element in root:
            if element.name not in SECTIONS:
                self.found.add(
                    codes.SECTION_UNKNOWN,
                    at=element.name_span,
                    name=element.name,
                    help=did_you_mean_or_known(element.name, SECTIONS),
                )
            elif element.name in sections:
                self.found.add(codes.SECTION_TWICE, at=element.name_span, name=element.name)
            else:
                sections[element.name] = self._section(element)
        reader = ElementReader(root, "", self.named_values, self.found)
        for name in {*SECTIONS, *(element.name for element in root)}:
            # Sections are judged above; here only attributes and text of the root are.
            for _ in reader.children(name):
                pass
        reader.finish()
        return PolicyDocument(sections, root.name_span)

    def _section(self, section: Element) -> tuple[Item, ...]:
        items: list[Item] = []
        once: set[str] = set()
        outer = ElementReader(
            section,
            section.name,
            self.named_values,
            self.found,
            kinds=CATALOGUE,
            not_yet=NOT_YET,
            fragments=self.fragments,
            certificates=self.certificates,
        )
        for element in section:
            for reader in outer.taken(element):
                if element.name == "base":
                    if reader.finish():
                        items.append(Base(element.name_span))
                    continue
                for statement in reader.statement(top=True):
                    if CATALOGUE[statement.name].once and statement.name in once:
                        self.found.add(codes.POLICY_TWICE, at=statement.span, name=statement.name)
                    once.add(statement.name)
                    items.append(statement)
        outer.finish()
        return tuple(items)
