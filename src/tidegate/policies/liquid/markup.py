"""What stands inside Liquid's signs: values, filters and conditions, each made a Lua expression.

DotLiquid reads `a or b and c` from the right: `a or (b and c)`, and `a and b or c` as `a and (b or c)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tidegate.policies.liquid.filters import FILTERS, in_pascal_case
from tidegate.policies.lua_text import lua_string

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<range>\.\.)|(?P<number>-?\d+(?:\.\d+)?(?![\w]))"""
    r"""|(?P<name>[A-Za-z_][\w\-]*\??)|(?P<sign>==|!=|<>|<=|>=|[<>|:,.\[\]()=#@]))"""
)
_OPERATORS: Final = {"==": "eq", "!=": "ne", "<>": "ne", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}
_WORDS: Final = {
    "contains": "contains",
    "startswith": "starts_with",
    "endswith": "ends_with",
    "haskey": "has_key",
    "hasvalue": "has_value",
}
_LITERALS: Final = {
    "nil": "nil",
    "null": "nil",
    "true": "true",
    "false": "false",
    "blank": "L.empty",
    "empty": "L.empty",
}


class MarkupError(Exception):
    """The markup is no Liquid. `at` is where in it."""

    def __init__(self, detail: str, at: int, *, filter: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.at = at
        self.filter = filter
        """The name of a filter that there is none of."""


@dataclass(slots=True)
class Names:
    """What names mean in one place of a template."""

    locals: dict[str, str] = field(default_factory=dict)
    """Loop variables in scope: their Lua locals."""
    assigned: frozenset[str] = frozenset()
    """Names that assign, capture, increment or decrement set anywhere in the template."""
    context: Callable[[tuple[str, ...], int, int], tuple[str, int]] | None = None
    """For a path behind `context`, with its place: the Lua of its value, and how many steps of the path that took."""


@dataclass(slots=True)
class Markup:
    """One markup, read from the left."""

    text: str
    names: Names
    at: int = 0

    # -- tokens

    def peek(self) -> tuple[str, str]:
        """The kind and text of the next token; two empty texts at the end."""
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            rest = self.text[self.at :].strip()
            if rest:
                raise MarkupError(f"`{rest[0]}` cannot stand here", self.text.index(rest[0], self.at))
            return "", ""
        return str(match.lastgroup), match[str(match.lastgroup)]

    def take(self) -> tuple[str, str]:
        token = self.peek()
        match = _TOKEN.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return token

    def sign(self, wanted: str) -> bool:
        """Take the sign or word if it is next."""
        if self.peek()[1] != wanted or self.peek()[0] == "string":
            return False
        self.take()
        return True

    def need(self, wanted: str) -> None:
        if not self.sign(wanted):
            raise self.unexpected(f"`{wanted}`")

    def unexpected(self, expected: str) -> MarkupError:
        found = self.peek()[1]
        at = self.at + len(self.text[self.at :]) - len(self.text[self.at :].lstrip())
        return MarkupError(f"{expected} is expected{f', not `{found}`' if found else ''}", min(at, len(self.text)))

    def name(self) -> str:
        kind, text = self.peek()
        if kind != "name":
            raise self.unexpected("a name")
        self.take()
        return text

    def end(self) -> None:
        """Nothing may follow."""
        if self.peek()[1]:
            raise self.unexpected("the end")

    # -- values

    def value(self) -> str:
        """A literal, a range or a path."""
        kind, text = self.peek()
        if kind == "string":
            self.take()
            return lua_string(text[1:-1]) if len(text) > 2 else '""'
        if kind == "number":
            self.take()
            return f"L.double({text})" if "." in text else text
        if self.sign("("):
            low = self.value()
            if self.take()[0] != "range":
                raise self.unexpected("`..`")
            high = self.value()
            self.need(")")
            return f"L.range({low}, {high})"
        if kind == "name":
            if text in _LITERALS and not self._leads_on():
                self.take()
                return _LITERALS[text]
            return self._path()
        raise self.unexpected("a value")

    def _leads_on(self) -> bool:
        match = _TOKEN.match(self.text, self.at)
        return match is not None and self.text[match.end() : match.end() + 1] in (".", "[")

    def _path(self) -> str:
        root = self.name()
        start = self.at - len(root)
        steps: list[str] = []
        plain: list[str] = []
        while True:
            # A dot belongs to the path only directly behind it.
            if self.text.startswith(".", self.at) and not self.text.startswith("..", self.at):
                self.take()
                name = self.name()
                steps.append(lua_string(name))
                plain.append(name)
            elif self.text.startswith("[", self.at):
                self.take()
                kind, text = self.peek()
                step = self.value()
                self.need("]")
                steps.append(step)
                plain.append(text[1:-1] if kind == "string" else "")
            else:
                break
        if root in self.names.locals:
            value = self.names.locals[root]
        elif root == "context" and root not in self.names.assigned and self.names.context:
            value, used = self.names.context(tuple(plain), start, self.at)
            steps = steps[used:]
        elif root == "body" and root not in self.names.assigned:
            value = "L.body(s)"
        else:
            value = f"A[{lua_string(root)}]"
        for step in steps:
            value = f"L.get({value}, {step})"
        return value

    def filtered(self) -> str:
        """A value and the filters behind it."""
        value = "nil" if self.peek()[1] == "|" else self.value()
        while self.sign("|"):
            at = self.at
            name = self.name()
            arguments = self._arguments() if self.sign(":") else []
            if name not in FILTERS:
                near = in_pascal_case(name)
                help = near if near in FILTERS else ""
                raise MarkupError(help, at + 1 if self.text[at : at + 1].isspace() else at, filter=name)
            low, high = FILTERS[name]
            if not low <= len(arguments) <= high:
                wanted = str(low) if low == high else f"{low} to {high}"
                raise MarkupError(f"`{name}` takes {wanted} arguments, not {len(arguments)}", at)
            value = f"F.{name}({', '.join((value, *arguments))})"
        return value

    def _arguments(self) -> list[str]:
        arguments = [self.value()]
        while self.sign(",") or self.sign(":"):
            arguments.append(self.value())
        return arguments

    # -- conditions

    def condition(self) -> str:
        """Comparisons joined by `and` and `or`, from the right."""
        left = self._comparison()
        if self.sign("and"):
            return f"({left} and {self.condition()})"
        if self.sign("or"):
            return f"({left} or {self.condition()})"
        return left

    def _comparison(self) -> str:
        left = self.value()
        kind, text = self.peek()
        if kind == "sign" and text in _OPERATORS:
            self.take()
            return f"L.{_OPERATORS[text]}({left}, {self.value()})"
        if kind == "name" and text.replace("_", "").lower() in _WORDS:
            self.take()
            return f"L.{_WORDS[text.replace('_', '').lower()]}({left}, {self.value()})"
        return f"L.truth({left})"
