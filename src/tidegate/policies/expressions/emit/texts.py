"""Constants, numbers and texts as Lua."""

from __future__ import annotations

import struct
from typing import Final

from tidegate.policies.expressions import typed
from tidegate.policies.expressions.members import is_enumeration
from tidegate.policies.expressions.types import (
    BOOL,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    OBJECT,
    STRING,
    ULONG,
    Type,
    is_nullable_value,
    runtime_name,
    underlying,
)
from tidegate.policies.lua_text import LuaWriter, lua_string, lua_value

BOXED: Final = frozenset(("byte", "sbyte", "short", "ushort", "uint", "char", "float", "double"))
"""Numbers that do not tell their type at run time."""
_SMALL: Final = BOXED | {"int"}
"""Types whose values are Lua numbers."""
_ARITHMETIC: Final = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem", "&": "and", "|": "or", "^": "xor", "<<": "shl",
    ">>": "shr",
}  # fmt: skip
_OWN_SIGNS: Final = frozenset("+-*/")
_DEFINITE: Final = (typed.Text, typed.Array, typed.Function, typed.Anonymous, typed.NewArray, typed.Formatted)
_MIN_LONG: Final = -(1 << 63)


def constant(node: typed.Constant, writer: LuaWriter) -> str:
    """A literal of the value's representation."""
    value, type_ = node.value, underlying(node.type)
    if value is None or isinstance(value, bool):
        return lua_value(value)
    if type_ == DECIMAL:
        return writer.constant(f'R.decimal("{value}")')
    if isinstance(value, str):
        return lua_string(value)
    if type_ == LONG:
        return "(-9223372036854775807LL - 1LL)" if value == _MIN_LONG else _negative(f"{value}LL")
    if type_ == ULONG:
        return f"{value}ULL"
    if type_ == FLOAT:
        value = struct.unpack("f", struct.pack("f", value))[0]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0":
        value = int(value)
    return _negative(repr(value))


def _negative(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def arithmetic(node: typed.Arithmetic, left: str, right: str) -> str:
    """`left op right`; both are to be worked out already if they are booleans."""
    type_, sign = node.type, node.operator
    if type_ == BOOL:
        return {"&": f"({left} and {right})", "|": f"({left} or {right})", "^": f"({left} ~= {right})"}[sign]
    is_checked = node.is_checked and sign in ("+", "-", "*") and type_ not in (DOUBLE, FLOAT, DECIMAL)
    if not is_checked and sign in _OWN_SIGNS:
        if type_ == DOUBLE or (type_ in (LONG, ULONG) and sign != "/"):
            return f"({left} {sign} {right})"
        if type_ == FLOAT:
            return f"R.to_float({left} {sign} {right})"
    name = "double" if type_ == FLOAT else type_.name
    return f"R.{name}_{_ARITHMETIC[sign]}{'_checked' if is_checked else ''}({left}, {right})"


def minus(node: typed.Minus, operand: str) -> str:
    """`-operand`, `~operand`"""
    if node.operator == "~":
        return f"R.{node.type.name}_not({operand})"
    if node.type in (DOUBLE, FLOAT):
        return f"(-{operand})"
    if node.type == LONG and not node.is_checked:
        return f"(-{operand})"
    is_checked = node.is_checked and node.type in (INT, LONG)
    return f"R.{node.type.name}_neg{'_checked' if is_checked else ''}({operand})"


def compare(node: typed.Compare, left: str, right: str) -> str:
    """`left sign right`, of one type or with null."""
    if underlying(node.left.type) == DECIMAL == underlying(node.right.type):
        match node.sign:
            case "==":
                return f"R.decimal_eq({left}, {right})"
            case "~=":
                return f"(not R.decimal_eq({left}, {right}))"
            case "<" | "<=":
                return f"R.decimal_{'lt' if node.sign == '<' else 'le'}({left}, {right})"
            case _:
                return f"R.decimal_{'lt' if node.sign == '>' else 'le'}({right}, {left})"
    return f"({left} {node.sign} {right})"


def numeric(node: typed.Numeric, operand: str) -> str:
    """A number as another type of number."""
    given, wanted = _number(node.operand.type), _number(node.type)
    if given == wanted or _is_kept(given, wanted):
        return operand
    if wanted == "decimal" and given in ("double", "float"):
        return f"R.{given}_to_decimal({operand})"
    is_checked = node.is_checked and wanted not in ("decimal", "double", "float")
    return f"R.to_{wanted}{'_checked' if is_checked else ''}({operand})"


def _number(type_: Type) -> str:
    return "int" if is_enumeration(type_) else type_.name


def _is_kept(given: str, wanted: str) -> bool:
    """Whether every value of the one type is, as it is, a value of the other."""
    if given not in _SMALL or wanted not in _SMALL:
        return False
    widths = {"byte": (0, 8), "sbyte": (-7, 7), "short": (-15, 15), "ushort": (0, 16), "char": (0, 16)}
    widths |= {"int": (-31, 31), "uint": (0, 32), "double": (-99, 99), "float": (-24, 24)}
    return wanted == "double" or (
        given != "float"
        and given != "double"
        and widths[wanted][0] <= widths[given][0]
        and widths[given][1] <= widths[wanted][1]
    )


def boxed(type_: Type, value: str) -> str:
    """A value that becomes `object`."""
    inner = underlying(type_)
    if inner.name in BOXED or is_enumeration(inner):
        return f"R.box({lua_string(runtime_name(inner))}, {value})"
    return value


def piece(node: typed.Typed, value: str) -> str:
    """A part of a text."""
    type_ = node.type
    if type_ == STRING:
        return f'({value} or "")' if node.nullable else value
    if isinstance(node, typed.Constant):
        if node.value is None:
            return '""'
        if type_ == INT:
            return lua_string(str(node.value))
        if type_.name == "char" and isinstance(node.value, int) and not 0xD800 <= node.value <= 0xDFFF:
            return lua_string(chr(node.value))
    if is_nullable_value(type_) and boxed(type_, "") != "":
        return f"R.text({boxed(type_, value)})"
    if type_.name in BOXED:
        return f"R.num_text({value}, {lua_string(type_.name)})"
    if is_enumeration(type_):
        return f"R.enum_text({value}, {lua_string(type_.name)})"
    return f"R.text({value})"


def default_text(type_: Type) -> str:
    """C#'s default of a type, as Lua."""
    if type_.is_reference or is_nullable_value(type_):
        return "nil"
    if type_ == BOOL:
        return "false"
    if type_.name in BOXED or type_.name == "int":
        return "0"
    return {"long": "0LL", "ulong": "0ULL"}.get(type_.name) or f"R.default_of({lua_string(runtime_name(type_))})"


def is_settled(value: str) -> bool:
    """Whether the Lua text is a literal or one of the writer's own locals, which nothing changes later."""
    if value[0] == "v" and value.isidentifier():
        return True
    return value[0] in '"0123456789' or value in ("nil", "true", "false") or (value[:2] == "K[")


def is_name(value: str) -> bool:
    return value.isidentifier() or value[:2] == "K["


def single(value: str) -> str:
    """A call may give several values, or none: brackets make it one."""
    return f"({value})" if value.endswith(")") and value[0] != "(" else value


def may_change(node: typed.Typed) -> bool:
    """Whether a later call may change what the text names."""
    while isinstance(node, typed.Same | typed.Boxed):
        node = node.operand
    return isinstance(node, typed.Local) and node.is_shared


def is_truthy(node: typed.Typed) -> bool:
    if isinstance(node, typed.Constant):
        return node.value is not None and node.value is not False
    if isinstance(node, _DEFINITE):
        return True
    return (
        node.type not in (BOOL, OBJECT)
        and not node.nullable
        and not is_nullable_value(node.type)
        and node.type.name != "void"
    )
