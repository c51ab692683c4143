"""What every policy of the catalogue reads its element with: attributes and children, each taken once and by name.

What nobody took when `finish` is called is unknown to the policy, and an error there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Code, Found, Related, Span
from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions.types import BOOL, INT, STRING, Type
from tidegate.policies.named_values import NamedValue
from tidegate.policies.settings import Setting, read_setting
from tidegate.sources.xml import Attribute, Element, Expression, Value


@dataclass(slots=True)
class ElementReader:
    """Reads one element of a policy. `ok` turns False with the first error."""

    element: Element
    section: str
    named_values: Mapping[str, NamedValue]
    found: Found
    ok: bool = True
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

    # -- children and text

    def children(self, name: str) -> Iterator[ElementReader]:
        """The child elements of a name. Each must be finished too."""
        self._children.add(name)
        for child in self.element:
            if child.name == name:
                reader = ElementReader(child, self.section, self.named_values, self.found)
                yield reader
                self.ok = self.ok and reader.ok

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
