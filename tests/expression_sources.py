"""Random expressions of C# that are well typed, as source texts: for comparing two meanings of them.

Each strategy makes a text whose value is of one type. Leaves are literals and parameters that are in scope, so that the
same generator makes the bodies of lambdas and the statements of blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[str]], str]

_STRINGS: Final = (
    '""',
    '"a"',
    '"tea"',
    '"Tea cup"',
    '" x "',
    '"a,b,c"',
    '"12"',
    '"-7"',
    '"\u00e9t\u00e9"',
    '"x\U0001f375y"',
)
_INTS: Final = ("0", "1", "2", "3", "7", "(-1)", "10", "100", "2147483647", "(-2147483648)", "65", "0x1F")
_LONGS: Final = ("0L", "1L", "(-1L)", "3000000000L", "9223372036854775807L", "12345678901L")
_DOUBLES: Final = ("0.0", "1.5", "(-2.25)", "100.0", "1e20", "1e-7", "0.1", "3.0")
_DECIMALS: Final = ("0m", "1.50m", "(-2.25m)", "100m", "0.1m", "12.5m")
_CHARS: Final = ("'a'", "'Z'", "','", "' '", "'0'")


@dataclass(frozen=True)
class Scope:
    """Names by type, and how deep an expression may still be."""

    names: Mapping[str, tuple[str, ...]]
    depth: int

    def inside(self, **more: str) -> Scope:
        """One level deeper, with more names: `x="int"`."""
        names = dict(self.names)
        for name, type_ in more.items():
            names[type_] = (*names.get(type_, ()), name)
        return Scope(names, self.depth - 1)


TOP: Final = Scope({}, 4)


@st.composite
def expressions(draw: st.DrawFn, type_: str, scope: Scope = TOP) -> str:
    """A text of this type."""
    known = scope.names.get(type_, ())
    leaves = {
        "int": _INTS, "long": _LONGS, "double": _DOUBLES, "decimal": _DECIMALS, "char": _CHARS, "string": _STRINGS,
        "bool": ("true", "false"), "int[]": ("new int[0]", "new [] {1, 2, 3}"),
        "string[]": ("new string[0]", 'new [] {"b", "a", "c"}'),
    }[type_]  # fmt: skip
    if scope.depth <= 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from((*known, *known, *leaves)))
    return draw(st.sampled_from(_FORMS[type_]))(draw, scope.inside())


def _of(draw: st.DrawFn, type_: str, scope: Scope) -> str:
    return draw(expressions(type_, scope))


def _binary(type_: str, *operators: str) -> Callable[[st.DrawFn, Scope], str]:
    def make(draw: st.DrawFn, scope: Scope) -> str:
        operator = draw(st.sampled_from(operators))
        return f"({_of(draw, type_, scope)} {operator} {_of(draw, type_, scope)})"

    return make


def _form(template: str, *types: str) -> Callable[[st.DrawFn, Scope], str]:
    def make(draw: st.DrawFn, scope: Scope) -> str:
        return template.format(*(_of(draw, type_, scope) for type_ in types))

    return make


def _lambda(template: str, source: str, parameter: str, result: str) -> Callable[[st.DrawFn, Scope], str]:
    """`template` takes the source and the lambda."""

    def make(draw: st.DrawFn, scope: Scope) -> str:
        name = f"x{scope.depth}"
        body = _of(draw, result, scope.inside(**{name: parameter}))
        return template.format(_of(draw, source, scope), f"{name} => {body}")

    return make


_COMMON: Final = "({0} ? {1} : {2})"
_FORMS: Final[Mapping[str, tuple[Callable[[st.DrawFn, Scope], str], ...]]] = {
    "int": (
        _binary("int", "+", "-", "*", "/", "%", "&", "|", "^"),
        _binary("int", "+", "-", "*", "/", "%"),
        _form("({0} << ({1} & 31))", "int", "int"),
        _form("({0} >> ({1} & 31))", "int", "int"),
        _form("(-{0})", "int"),
        _form("(~{0})", "int"),
        _form(_COMMON, "bool", "int", "int"),
        _form("{0}.Length", "string"),
        _form("{0}.IndexOf({1})", "string", "char"),
        _form("((int){0})", "char"),
        _form("unchecked((int){0})", "long"),
        _form("({0} + {1})", "char", "int"),
        _form("int.Parse({0})", "string"),
        _form("Math.Max({0}, {1})", "int", "int"),
        _form("Math.Abs({0})", "int"),
        _form("{0}.Sum()", "int[]"),
        _form("{0}.Count()", "string[]"),
        _form("{0}[{1}]", "int[]", "int"),
        _form("{0}.Max()", "int[]"),
        _lambda("{0}.Count({1})", "int[]", "int", "bool"),
        _lambda("{0}.Sum({1})", "string[]", "string", "int"),
        _form("{0}.First()", "int[]"),
    ),
    "long": (
        _binary("long", "+", "-", "*", "/", "%", "&", "|", "^"),
        _form("({0} + {1})", "long", "int"),
        _form("((long){0})", "int"),
        _form("({0} << ({1} & 63))", "long", "int"),
        _form(_COMMON, "bool", "long", "long"),
        _form("(-{0})", "long"),
    ),
    "double": (
        _binary("double", "+", "-", "*", "/"),
        _form("((double){0})", "int"),
        _form("({0} / 2.0)", "int"),
        _form(_COMMON, "bool", "double", "double"),
    ),
    "decimal": (
        _binary("decimal", "+", "-"),
        _form("({0} * 1.5m)", "decimal"),
        _form("((decimal){0})", "int"),
    ),
    "char": (_form("{0}[{1}]", "string", "int"), _form(_COMMON, "bool", "char", "char")),
    "string": (
        _binary("string", "+"),
        _form("({0} + {1})", "string", "int"),
        _form("({0} + {1})", "long", "string"),
        _form("({0} + {1})", "string", "double"),
        _form("({0} + {1})", "string", "decimal"),
        _form("({0} + {1})", "string", "bool"),
        _form("({0} + {1})", "char", "string"),
        _form('$"{{{0}}}-{{{1}}}"', "int", "string"),
        _form('$"{{{0}:D4}}|{{{1},6}}|{{{2}:X}}"', "int", "string", "int"),
        _form("{0}.ToString()", "int"),
        _form("{0}.ToString()", "long"),
        _form("{0}.Substring({1})", "string", "int"),
        _form("{0}.Substring({1}, {2})", "string", "int", "int"),
        _form("{0}.Replace({1}, {2})", "string", "string", "string"),
        _form("{0}.Replace({1}, {2})", "string", "char", "char"),
        _form("{0}.Trim()", "string"),
        _form("{0}.PadLeft({1} & 15)", "string", "int"),
        _form("({0} ?? {1})", "string", "string"),
        _form("({0} ? null : {1})", "bool", "string"),
        _form("({0}?.Trim())", "string"),
        _form("string.Join({0}, {1})", "string", "string[]"),
        _form("{0}.First()", "string[]"),
        _form("{0}[{1}]", "string[]", "int"),
        _form(_COMMON, "bool", "string", "string"),
    ),
    "bool": (
        _binary("bool", "&&", "||", "==", "!=", "^", "&", "|"),
        _binary("int", "<", ">", "<=", ">=", "==", "!="),
        _binary("long", "<", ">", "=="),
        _binary("double", "<", ">="),
        _binary("decimal", "<", "=="),
        _binary("char", "<", "=="),
        _binary("string", "==", "!="),
        _form("(!{0})", "bool"),
        _form("({0} == {1})", "int", "long"),
        _form("{0}.Contains({1})", "string", "string"),
        _form("string.IsNullOrEmpty({0})", "string"),
        _lambda("{0}.Any({1})", "int[]", "int", "bool"),
        _lambda("{0}.All({1})", "string[]", "string", "bool"),
    ),
    "int[]": (
        _form("new [] {{{0}, {1}}}", "int", "int"),
        _lambda("{0}.Where({1}).ToArray()", "int[]", "int", "bool"),
        _lambda("{0}.Select({1}).ToArray()", "int[]", "int", "int"),
        _lambda("{0}.Select({1}).ToArray()", "string[]", "string", "int"),
        _lambda("{0}.OrderBy({1}).ToArray()", "int[]", "int", "int"),
        _form("{0}.Distinct().ToArray()", "int[]"),
        _form("{0}.Skip({1}).ToArray()", "int[]", "int"),
        _form("{0}.Take({1}).ToArray()", "int[]", "int"),
    ),
    "string[]": (
        _form("new [] {{{0}, {1}}}", "string", "string"),
        _form("{0}.Split(',')", "string"),
        _form("{0}.Split({1}, ' ')", "string", "char"),
        _lambda("{0}.Select({1}).ToArray()", "int[]", "int", "string"),
        _lambda("{0}.Where({1}).ToArray()", "string[]", "string", "bool"),
    ),
}


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Statements that return a text: variables, branches, loops, and a catch around the whole."""
    scope = Scope({"int": ("n", "i"), "string": ("s",)}, 3)
    outer = Scope({}, 2)
    steps = [
        f"if ({_of(draw, 'bool', scope)}) {{ s = {_of(draw, 'string', scope)}; }} "
        f"else {{ n = {_of(draw, 'int', scope)}; }}",
        f"n += {_of(draw, 'int', scope)};",
        f"s += {_of(draw, 'string', scope)};",
        f"if ({_of(draw, 'bool', scope)}) {{ continue; }}",
        "if (s != null && s.Length > 40) { break; }",
        "n++;",
    ]
    body = " ".join(draw(st.lists(st.sampled_from(steps), min_size=1, max_size=4)))
    after = f"foreach (var one in {_of(draw, 'int[]', outer)}) {{ n -= one; }}"
    whole = (
        f"int n = {_of(draw, 'int', outer)}; string s = {_of(draw, 'string', outer)}; "
        f"for (var i = 0; i < {draw(st.integers(0, 4))}; i++) {{ {body} }} {after} return s + n;"
    )
    if draw(st.booleans()):
        whole = f'try {{ {whole} }} catch (Exception) {{ return "caught"; }}'
    return "{" + whole + "}"
