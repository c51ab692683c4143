"""What every policy of the catalogue reads its element with: attributes and children, each taken once and by name.

What nobody took when `finish` is called is unknown to the policy, and an error there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tidegate.diagnostics import Code, Found, Related, Span
from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.model.entities import CertificateEntity
from tidegate.policies.catalogue.kind import Kind
from tidegate.policies.document import Block, Statement
from tidegate.policies.expressions.types import BOOL, INT, STRING, Type
from tidegate.policies.named_values import NamedValue
from tidegate.policies.settings import Setting, read_setting
from tidegate.sources.source import Source
from tidegate.sources.xml import Attribute, Element, Expression, Value, read_xml

_NO_KINDS: Final[Mapping[str, Kind]] = MappingProxyType({})
_NO_CERTIFICATES: Final[Mapping[str, CertificateEntity]] = MappingProxyType({})
_NO_FRAGMENTS: Final[Mapping[str, Source]] = MappingProxyType({})
_CALL: Final = "call the service with `send-request`"
_INSTEAD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "azure-openai-semantic-cache-lookup": "`cache-lookup-value` finds what was kept for an equal key",
        "azure-openai-semantic-cache-store": "`cache-store-value` keeps a value for an equal key",
        "cross-domain": "remove it: no browser asks for it any more; what they ask is answered by `cors`",
        "get-authorization-context": "get the token with `send-request`, and keep it with `cache-store-value`",
        "invoke-dapr-binding": _CALL,
        "llm-content-safety": _CALL,
        "llm-semantic-cache-lookup": "`cache-lookup-value` finds what was kept for an equal key",
        "llm-semantic-cache-store": "`cache-store-value` keeps a value for an equal key",
        "publish-to-dapr": _CALL,
        "xsl-transform": "write the new text with `set-body`: a Liquid template or an expression",
    }
)
"""What comes nearest to policies that are refused by name."""


@dataclass(slots=True)
class ElementReader:
    """Reads one element of a policy. `ok` turns False with the first error."""

    element: Element
    section: str
    named_values: Mapping[str, NamedValue]
    found: Found
    ok: bool = True
    kinds: Mapping[str, Kind] = field(default_factory=lambda: _NO_KINDS, repr=False)
    """The policies that may stand inside it."""
    not_yet: Collection[str] = ()
    """Policies that are refused by name."""
    fragments: Mapping[str, Source] = field(default_factory=lambda: _NO_FRAGMENTS, repr=False)
    """Policy fragments by their id."""
    certificates: Mapping[str, CertificateEntity] = field(default_factory=lambda: _NO_CERTIFICATES, repr=False)
    """Those that have their keys, by their id."""
    fragment: str = ""
    """The id of the fragment that the element comes from."""
    _attributes: set[str] = field(default_factory=set)
    _children: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.element.name

    @property
    def span(self) -> Span:
        """Where diagnostics about the whole policy point."""
        return self.element.name_span

    def error(
        self,
        code: Code,
        *,
        at: Span,
        label: str = "",
        help: str = "",
        notes: Iterable[str] = (),
        related: Iterable[Related] = (),
        **fields: object,
    ) -> None:
        self.ok = False
        self.found.add(code, at=at, label=label, help=help, notes=notes, related=related, **fields)

    # -- attributes

    def attribute(self, name: str, *, required: bool = False) -> Attribute | None:
        self._attributes.add(name)
        attribute = self.element.attributes.get(name)
        if attribute is None and required:
            self.error(codes.ATTRIBUTE_MISSING, at=self.span, element=self.name, name=name)
        return attribute

    def setting(self, name: str, wanted: Type = STRING, *, required: bool = False) -> Setting | None:
        """An attribute that may be an expression."""
        attribute = self.attribute(name, required=required)
        return None if attribute is None else self._read(attribute.value, attribute.span, wanted)

    def literal(self, name: str, *, required: bool = False) -> str | None:
        """An attribute that takes no expression."""
        value = self._literal(name, STRING, required=required)
        return value if isinstance(value, str) else None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._literal(name, BOOL)
        return value if isinstance(value, bool) else default

    def number(self, name: str, *, default: int, low: int, high: int) -> int:
        value = self._literal(name, INT)
        if not isinstance(value, int):
            return default
        if not low <= value <= high:
            self.error(
                codes.VALUE_UNEXPECTED,
                at=self.element.attributes[name].span,
                value=value,
                expected=f"between {low} and {high}",
            )
        return value

    def choice(self, name: str, allowed: Collection[str], *, default: str) -> str:
        value = self.literal(name)
        if value is None:
            return default
        if value not in allowed:
            self.error(
                codes.VALUE_UNEXPECTED,
                at=self.element.attributes[name].span,
                value=value,
                expected=f"one of {', '.join(allowed)}",
                help=did_you_mean_or_known(value, allowed),
            )
            return default
        return value

    def unsupported(self, *names: str, help: str = "") -> None:
        """Attributes that the policy has in Azure and not here."""
        for name in names:
            attribute = self.attribute(name)
            if attribute is not None:
                self.error(codes.ATTRIBUTE_UNSUPPORTED, at=attribute.name_span, element=self.name, name=name, help=help)

    def _literal(self, name: str, wanted: Type, *, required: bool = False) -> str | int | bool | None:
        attribute = self.attribute(name, required=required)
        if attribute is None:
            return None
        setting = self._read(attribute.value, attribute.span, wanted)
        return None if setting is None else self._constant(setting, f"`{name}` of `<{self.name}>`")

    def _read(self, value: Value, span: Span, wanted: Type) -> Setting | None:
        setting = read_setting(
            value,
            span=span,
            wanted=wanted,
            section=self.section,
            named_values=self.named_values,
            found=self.found,
        )
        self.ok = self.ok and setting is not None
        return setting

    def _constant(self, setting: Setting, where: str) -> str | int | bool | None:
        if setting.expression is not None:
            self.error(codes.EXPRESSION_NOT_ALLOWED, at=setting.span, where=where)
            return None
        return setting.literal

    # -- statements

    def inner(self, element: Element) -> ElementReader:
        """A reader of an element inside this one."""
        return ElementReader(
            element,
            self.section,
            self.named_values,
            self.found,
            kinds=self.kinds,
            not_yet=self.not_yet,
            fragments=self.fragments,
            certificates=self.certificates,
            fragment=self.fragment,
        )

    def block(self, label: str = "", *, within: str = "") -> Block:
        """All policies inside the element. `within`: the name of an element that has its own rules (`Kind.within`)."""
        return Block(tuple(self.statements(within=within)), label)

    def statements(self, *names: str, within: str = "") -> Iterator[Statement]:
        """The policies inside the element, or those of the given names, in the order of the document."""
        for child in self.element:
            if names and child.name not in names:
                continue
            for reader in self.taken(child):
                yield from reader.statement(within)

    def taken(self, child: Element) -> Iterator[ElementReader]:
        """A reader of the child, which is known to the policy then."""
        self._children.add(child.name)
        reader = self.inner(child)
        yield reader
        self.ok = self.ok and reader.ok

    def statement(self, within: str = "", *, top: bool = False) -> Iterator[Statement]:
        """The element itself as a policy: one statement, a fragment's, or none with diagnostics."""
        if self.name == "include-fragment":
            yield from self._included(within, top=top)
            return
        kind = self.kinds.get(self.name)
        if kind is None:
            self._refuse()
        elif (within and within not in kind.within) or (not within and self.section not in kind.sections):
            inside = f"`<{within}>`" if within else self.section
            allowed = " and ".join((*kind.sections, *(f"`<{each}>`" for each in kind.within)))
            self.error(codes.POLICY_SECTION, at=self.span, name=self.name, section=inside, allowed=allowed)
        elif kind.top and not top:
            self.error(codes.POLICY_NESTED, at=self.span, name=self.name, section=self.section)
        elif (statement := kind.read(self)) is not None:
            yield statement

    def _refuse(self) -> None:
        if self.name in self.not_yet:
            self.error(
                codes.POLICY_UNSUPPORTED,
                at=self.span,
                name=self.name,
                label="this policy would change what happens",
                help=_INSTEAD.get(self.name, ""),
                notes=("Tidegate refuses a policy it cannot keep; it never drops one silently",),
            )
            return
        if self.name == "base":
            self.error(codes.BASE_NESTED, at=self.span, help="write `<base />` directly in the section")
            return
        near = did_you_mean_or_known(self.name, (*self.kinds, "base", "include-fragment", *self.not_yet))
        help = near if near.startswith("did you mean") else "names are case-sensitive; see docs/supported.md"
        self.error(codes.POLICY_UNKNOWN, at=self.span, name=self.name, help=help)

    def _included(self, within: str, *, top: bool) -> Iterator[Statement]:
        """`include-fragment`: the fragment's policies in its place, as if they stood here."""
        id_ = self.literal("fragment-id", required=True)
        self.literal("id")
        if not self.finish() or id_ is None:
            return
        at = self.element.attributes["fragment-id"].span
        source = self.fragments.get(id_)
        if self.fragment:
            self.error(codes.FRAGMENT_NESTED, at=self.span, name=self.fragment)
            return
        if source is None:
            help = did_you_mean_or_known(id_, self.fragments)
            self.error(codes.FRAGMENT_UNKNOWN, at=at, name=id_, help=help)
            return
        root = read_xml(source, self.found)
        if root is None:
            self.ok = False
            return
        reader = self.inner(root)
        reader.fragment = id_
        if root.name != "fragment":
            reader.error(codes.FRAGMENT_ROOT, at=root.name_span, name=root.name)
        else:
            for child in root:
                for each in reader.taken(child):
                    yield from each.statement(within, top=top)
            reader.finish()
        self.ok = self.ok and reader.ok

    # -- children and text

    def children(self, name: str) -> Iterator[ElementReader]:
        """The child elements of a name. Each must be finished too."""
        self._children.add(name)
        for child in self.element:
            if child.name == name:
                yield from self.taken(child)

    def child(self, name: str) -> Iterator[ElementReader]:
        """The child element of a name, at most one."""
        for index, reader in enumerate(self.children(name)):
            if index:
                self.error(codes.POLICY_TWICE, at=reader.span, name=name)
            yield reader

    def listed(self, name: str, item: str) -> tuple[str, ...] | None:
        """The literal texts of `<name><item>...</item></name>`; None if there is no such child."""
        values: tuple[str, ...] | None = None
        for group in self.child(name):
            values = tuple(text for each in group.children(item) if (text := each.literal_text()) is not None)
            group.finish()
            if not values and group.ok:
                self.error(codes.CHILD_MISSING, at=group.span, parent=name, expected=f"at least one `<{item}>`")
        return values

    def text(self, wanted: Type = STRING) -> Setting | None:
        """The element's text, which may be an expression; the element has nothing else."""
        self.finish(text=True)
        return self._read(self.element.value, self.element.span, wanted)

    def literal_text(self) -> str | None:
        setting = self.text()
        if setting is None:
            return None
        value = self._constant(setting, f"`<{self.name}>`")
        if isinstance(value, str) and not value.strip():
            self.error(codes.VALUE_UNEXPECTED, at=self.span, value="", expected=f"a text for `<{self.name}>`")
        return value.strip() if isinstance(value, str) else None

    def unsupported_child(self, *names: str, help: str = "") -> None:
        for name in names:
            for child in self.children(name):
                self.error(codes.CHILD_UNSUPPORTED, at=child.span, parent=self.name, name=name, help=help)

    def finish(self, *, text: bool = False) -> bool:
        """Report what nobody took; whether all is well."""
        for attribute in self.element.attributes.values():
            if attribute.name not in self._attributes:
                self.error(
                    codes.ATTRIBUTE_UNKNOWN,
                    at=attribute.name_span,
                    element=self.name,
                    name=attribute.name,
                    help=did_you_mean_or_known(attribute.name, self._attributes),
                )
        for item in self.element.content:
            if isinstance(item, Element):
                if item.name not in self._children:
                    self.error(
                        codes.CHILD_UNKNOWN,
                        at=item.name_span,
                        parent=self.name,
                        name=item.name,
                        help=did_you_mean_or_known(item.name, self._children),
                    )
            elif not text:
                self.error(
                    codes.TEXT_UNEXPECTED,
                    at=item.span,
                    name=self.name,
                    label="an expression" if isinstance(item, Expression) else "this text",
                )
        return self.ok
