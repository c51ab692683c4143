"""A second meaning of checked expressions: a plain walk over the typed tree, in Python's own numbers and texts.

It knows nothing of Lua and shares no line with the emitter or the runtime; where both agree on what an expression is,
they agree by C#. Strings are sequences of UTF-16 units here, as .NET has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import Any, Final, assert_never

from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as statements
from tidegate.policies.expressions.types import Type

RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "sbyte": (-(2**7), 2**7 - 1),
    "byte": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "ushort": (0, 2**16 - 1),
    "char": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "uint": (0, 2**32 - 1),
    "long": (-(2**63), 2**63 - 1),
    "ulong": (0, 2**64 - 1),
}
_DECIMAL: Final = Context(prec=60)
_STEPS: Final = 200_000


class DotNetError(Exception):
    """What .NET throws."""


class _Jump(Exception):
    def __init__(self, kind: str, number: int = 0, value: Any = None) -> None:
        super().__init__(kind)
        self.kind, self.number, self.value = kind, number, value


@dataclass
class Evaluator:
    """One evaluation."""

    variables: dict[str, Any] = field(default_factory=dict)
    slots: list[Any] = field(default_factory=list)
    steps: int = 0

    # -- values

    def value(self, node: typed.Typed) -> Any:
        """The node's value; raises DotNetError."""
        self.steps += 1
        if self.steps > _STEPS:
            raise AssertionError("the generated expression takes too long")
        match node:
            case typed.Constant(value=value, type=type_):
                return _constant(value, type_)
            case typed.Local(name=name):
                return self.variables[name]
            case typed.Slot():
                return self.slots[-1]
            case typed.Use():
                return self._use(node)
            case typed.Assign(name=name, value=inner):
                self.variables[name] = self.value(inner)
                return self.variables[name]
            case typed.Let(bindings=bindings, effects=effects, body=body):
                for name, bound in bindings:
                    self.variables[name] = self.value(bound)
                for effect in effects:
                    self.value(effect)
                return self.value(body)
            case typed.Boxed(operand=operand):
                return self.value(operand)
            case typed.Same(operand=operand):
                return self.value(operand)
            case typed.Numeric(operand=operand, type=type_):
                return convert(self.value(operand), operand.type, type_, is_checked=node.is_checked)
            case typed.Coalesce(left=left, right=right):
                value = self.value(left)
                return self.value(right) if value is None else value
            case typed.Choice(condition=condition, then=then, otherwise=otherwise):
                return self.value(then if self.value(condition) else otherwise)
            case typed.Logic(word=word, operands=operands):
                return self._logic(word, operands)
            case typed.Compare(sign=sign, left=left, right=right):
                return _compare(sign, self.value(left), self.value(right))
            case typed.Negation(operand=operand):
                return not self.value(operand)
            case typed.Arithmetic():
                left, right = self.value(node.left), self.value(node.right)
                return arithmetic(node.operator, left, right, node.type, is_checked=node.is_checked)
            case typed.Minus(operator=operator, operand=operand, type=type_):
                value = self.value(operand)
                return _fit(-value if operator == "-" else ~value, type_, is_checked=node.is_checked)
            case typed.Text(parts=parts):
                return "".join(to_text(self.value(part), part.type) for part in parts)
            case typed.Formatted(operand=operand, alignment=alignment, format=format_):
                text = formatted(self.value(operand), operand.type, format_)
                return text.ljust(-alignment) if alignment < 0 else text.rjust(alignment)
            case typed.Array(items=items):
                return [self.value(item) for item in items]
            case typed.NewArray(size=size):
                return [None] * self.value(size)
            case typed.Chain(target=target, body=body):
                found = self.value(target)
                if found is None:
                    return None
                self.slots.append(found)
                try:
                    return self.value(body)
                finally:
                    self.slots.pop()
            case typed.Function(parameters=parameters, body=body):
                return self._function(parameters, body)
            case typed.Invoke(function=function, arguments=arguments):
                return self.value(function)(*[self.value(a) for a in arguments])
            case typed.Declaring(body=body):
                return self.value(body)
            case typed.BlockValue(body=body):
                return self._body(body)
            case _:
                raise AssertionError(f"the reference does not know {type(node).__name__}")

    def _logic(self, word: str, operands: tuple[typed.Typed, ...]) -> bool:
        for operand in operands:
            if self.value(operand) != (word == "and"):
                return word == "or"
        return word == "and"

    def _function(self, parameters: tuple[tuple[str, Type], ...], body: Any) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            for (name, _), argument in zip(parameters, arguments, strict=True):
                self.variables[name] = argument
            return self._body(body) if isinstance(body, statements.Block) else self.value(body)

        return call

    def _use(self, node: typed.Use) -> Any:
        row = node.row
        owner = "enumerable" if row.owner.name in _SEQUENCES else row.owner.name
        function = MEMBERS.get((owner, row.name))
        if function is None:
            raise AssertionError(f"the reference does not know {row.owner}.{row.name}")
        arguments = [self.value(a) for a in node.arguments]
        if any(arguments[index] is None for index in row.not_null if index < len(arguments)):
            raise DotNetError("ArgumentNullException")
        if row.static:
            return function(*arguments)
        receiver = self.value(node.receiver)
        if receiver is None and not row.null_receiver:
            raise DotNetError("NullReferenceException")
        return function(receiver, *arguments)

    # -- statements

    def _body(self, block: statements.Block) -> Any:
        try:
            self._run(block)
        except _Jump as jump:
            if jump.kind != "return":
                raise
            return jump.value
        return None

    def _run(self, block: statements.Block) -> None:
        for statement in block.statements:
            self._statement(statement)

    def _statement(self, statement: statements.Statement) -> None:
        match statement:
            case statements.Block():
                self._run(statement)
            case statements.Declare(name=name, value=value):
                self.variables[name] = None if value is None else self.value(value)
            case statements.Run(value=value):
                self.value(value)
            case statements.If(condition=condition, then=then, otherwise=otherwise):
                chosen = then if self.value(condition) else otherwise
                if chosen is not None:
                    self._run(chosen)
            case statements.Loop():
                self._loop(statement)
            case statements.ForEach(number=number, name=name, element=element, source=source, body=body):
                for item in list(self.value(source)):
                    self.slots.append(item)
                    self.variables[name] = self.value(element)
                    self.slots.pop()
                    if not self._turn(number, body):
                        break
            case statements.Return(value=value):
                raise _Jump("return", value=None if value is None else self.value(value))
            case statements.Break(number=number):
                raise _Jump("break", number)
            case statements.Continue(number=number):
                raise _Jump("continue", number)
            case statements.Try(body=body, catches=catches):
                try:
                    self._run(body)
                except DotNetError:
                    if not catches:
                        raise
                    self._run(catches[0].body)
            case statements.Switch() | statements.Throw() | statements.DeclareFunction():
                raise AssertionError(f"the reference does not know {type(statement).__name__}")
            case _:
                assert_never(statement)

    def _loop(self, loop: statements.Loop) -> None:
        first = True
        while (not loop.tests_first and first) or loop.condition is None or self.value(loop.condition):
            first = False
            if not self._turn(loop.number, loop.body):
                break
            for step in loop.steps:
                self.value(step)

    def _turn(self, number: int, body: statements.Block) -> bool:
        """One run of a loop's body; whether another may follow."""
        try:
            self._run(body)
        except _Jump as jump:
            if jump.number != number or jump.kind == "return":
                raise
            return jump.kind == "continue"
        return True


# -- numbers


def _constant(value: Any, type_: Type) -> Any:
    if type_.name == "decimal":
        return Decimal(str(value))
    if type_.name in ("double", "float") and value is not None:
        return float(value)
    return units(value) if isinstance(value, str) else value


def _fit(value: Any, type_: Type, *, is_checked: bool = False) -> Any:
    """A whole number in its type's range, by wrapping."""
    if type_.name not in RANGES:
        return value
    low, high = RANGES[type_.name]
    if low <= value <= high:
        return value
    if is_checked:
        raise DotNetError("OverflowException")
    return (value - low) % (high - low + 1) + low


def arithmetic(operator: str, left: Any, right: Any, type_: Type, *, is_checked: bool) -> Any:
    """C# section 12.10 and 12.11, for operands of one type."""
    if type_.name == "bool":
        return {"&": left and right, "|": left or right, "^": left != right}[operator]
    if type_.name == "decimal":
        return _decimal(operator, left, right)
    if type_.name == "double":
        return _double(operator, left, right)
    bits = 64 if type_.name in ("long", "ulong") else 32
    match operator:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/" | "%":
            if right == 0:
                raise DotNetError("DivideByZeroException")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            result = quotient if operator == "/" else left - quotient * right
            if quotient > RANGES[type_.name][1]:
                raise DotNetError("OverflowException")
        case "&":
            result = left & right
        case "|":
            result = left | right
        case "^":
            result = left ^ right
        case "<<":
            result = left << (right & (bits - 1))
        case ">>":
            result = left >> (right & (bits - 1))
        case _:
            raise AssertionError(operator)
    return _fit(result, type_, is_checked=is_checked)


def _double(operator: str, left: float, right: float) -> float:
    if operator == "/":
        if right == 0:
            sign = 1 if str(right)[0] != "-" else -1
            return float("nan") if left == 0 or left != left else float("inf") * (1 if left > 0 else -1) * sign
        return left / right
    if operator == "%":
        raise AssertionError("not generated")
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _decimal(operator: str, left: Decimal, right: Decimal) -> Decimal:
    with localcontext(_DECIMAL):
        return {"+": left + right, "-": left - right, "*": left * right}[operator]


def convert(value: Any, given: Type, wanted: Type, *, is_checked: bool) -> Any:
    """A number as another type of number (C# section 10.2.3, 10.3.2)."""
    if value is None:
        return None
    if wanted.name == "decimal":
        return Decimal(value)
    if wanted.name in ("double", "float"):
        return float(value)
    whole = int(value) if given.name in ("double", "decimal") else value
    low, high = RANGES[wanted.name]
    if given.name == "decimal" and not low <= whole <= high:
        raise DotNetError("OverflowException")
    return _fit(whole, wanted, is_checked=is_checked)


def _compare(sign: str, left: Any, right: Any) -> bool:
    match sign:
        case "==":
            return bool(left == right)
        case "~=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case ">":
            return bool(left > right)
        case "<=":
            return bool(left <= right)
        case _:
            return bool(left >= right)


# -- texts: lists of UTF-16 units would be slow to read, so they are Python strings, one character a unit


def units(text: str) -> str:
    """A text with one character for each UTF-16 unit."""
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(data[i : i + 2], "little")) for i in range(0, len(data), 2))


def joined(text: str) -> str:
    """The other way: pairs of surrogates are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def to_text(value: Any, type_: Type) -> str:
    """ToString, null as nothing."""
    if value is None:
        return ""
    match type_.name:
        case "string":
            return str(value)
        case "bool":
            return "True" if value else "False"
        case "char":
            return chr(value)
        case "double":
            return double_text(value)
        case "decimal":
            return format(value, "f")
        case "object":
            return to_text(value, Type("bool" if isinstance(value, bool) else "string"))
        case _:
            return str(value)


def double_text(value: float) -> str:
    """.NET Core 3.0's shortest text that reads back as the same number, in the invariant culture."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if str(value).startswith("-") else ""
    digits = Decimal(repr(abs(value))).normalize()
    figures = "".join(map(str, digits.as_tuple().digits))
    exponent = len(figures) + int(digits.as_tuple().exponent) - 1
    if value == 0:
        return sign + "0"
    if -5 <= exponent < 15:
        return sign + format(digits, "f")
    mantissa = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
    return f"{sign}{mantissa}E{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"


def formatted(value: Any, type_: Type, format_: str) -> str:
    """With a standard format for whole numbers, D and X."""
    if not format_:
        return to_text(value, type_)
    width = int(format_[1:] or 0)
    if format_[0] == "D":
        return ("-" if value < 0 else "") + str(abs(value)).rjust(width, "0")
    if format_[0] == "X":
        bits = 64 if type_.name in ("long", "ulong") else 32
        return format(value % (1 << bits), "X").rjust(width, "0")
    raise AssertionError(format_)


def _substring(text: str, start: int, length: int | None = None) -> str:
    if start < 0 or start > len(text) or (length is not None and (length < 0 or start + length > len(text))):
        raise DotNetError("ArgumentOutOfRangeException")
    return text[start:] if length is None else text[start : start + length]


def _index(items: Any, index: int) -> Any:
    if not 0 <= index < len(items):
        raise DotNetError("IndexOutOfRangeException")
    return ord(items[index]) if isinstance(items, str) else items[index]


def _replace(text: str, old: str | int, new: str | int | None) -> str:
    if isinstance(old, int) and isinstance(new, int):
        return text.replace(chr(old), chr(new))
    if not old:
        raise DotNetError("ArgumentException")
    return text.replace(str(old), str(new or ""))


def _parse(text: str | None) -> int:
    if text is None:
        raise DotNetError("ArgumentNullException")
    stripped = text.strip(" \t\n\r\v\f")
    digits = stripped[1:] if stripped[:1] in ("-", "+") else stripped
    if not digits.isascii() or not digits.isdigit():
        raise DotNetError("FormatException")
    if not RANGES["int"][0] <= int(stripped) <= RANGES["int"][1]:
        raise DotNetError("OverflowException")
    return int(stripped)


def _first(items: list[Any], predicate: Callable[..., Any] | None = None) -> Any:
    for item in items:
        if predicate is None or predicate(item):
            return item
    raise DotNetError("InvalidOperationException")


def _sum(items: list[Any], chosen: Callable[..., Any] | None = None) -> Any:
    total = sum(chosen(item) if chosen else item for item in items)
    if not RANGES["int"][0] <= total <= RANGES["int"][1]:
        raise DotNetError("OverflowException")
    return total


def _most(choose: Callable[..., Any]) -> Callable[..., Any]:
    def found(items: list[Any]) -> Any:
        if not items:
            raise DotNetError("InvalidOperationException")
        return choose(items)

    return found


def _abs(value: Any) -> Any:
    if value == RANGES["int"][0]:
        raise DotNetError("OverflowException")
    return abs(value)


_WHITE: Final = " \t\n\r\v\f\u00a0"
_SEQUENCES: Final = frozenset({"IEnumerable", "[]", "ICollection", "IList", "List"})
MEMBERS: Final[Mapping[tuple[str, str], Callable[..., Any]]] = {
    ("string", "Length"): len,
    ("string", "this[]"): _index,
    ("string", "Substring"): _substring,
    ("string", "IndexOf"): lambda text, part: text.find(chr(part) if isinstance(part, int) else part),
    ("string", "Replace"): _replace,
    ("string", "Contains"): lambda text, part: part in text,
    ("string", "StartsWith"): lambda text, part: text.startswith(part),
    ("string", "EndsWith"): lambda text, part: text.endswith(part),
    ("string", "Trim"): lambda text: text.strip(_WHITE),
    ("string", "ToUpperInvariant"): lambda text: "".join(c.upper() if c.isascii() else c for c in text),
    ("string", "PadLeft"): lambda text, width: text.rjust(width),
    ("string", "IsNullOrEmpty"): lambda text: not text,
    ("string", "Join"): lambda separator, items: (separator or "").join("" if i is None else i for i in items),
    ("string", "Split"): lambda text, *separators: _split(text, separators),
    ("int", "Parse"): _parse,
    ("int", "ToString"): str,
    ("long", "ToString"): str,
    ("Math", "Max"): max,
    ("Math", "Min"): min,
    ("Math", "Abs"): _abs,
    ("[]", "Length"): len,
    ("enumerable", "Length"): len,
    ("enumerable", "this[]"): _index,
    ("enumerable", "Select"): lambda items, choose: [choose(item) for item in items],
    ("enumerable", "Where"): lambda items, keep: [item for item in items if keep(item)],
    ("enumerable", "Count"): lambda items, keep=None: sum(1 for item in items if keep is None or keep(item)),
    ("enumerable", "Sum"): _sum,
    ("enumerable", "Max"): _most(max),
    ("enumerable", "Min"): _most(min),
    ("enumerable", "First"): _first,
    ("enumerable", "Any"): lambda items, keep=None: any(keep is None or keep(item) for item in items),
    ("enumerable", "All"): lambda items, keep: all(keep(item) for item in items),
    ("enumerable", "OrderBy"): lambda items, key: sorted(items, key=key),
    ("enumerable", "Reverse"): lambda items: list(reversed(items)),
    ("enumerable", "Skip"): lambda items, count: items[max(0, count) :],
    ("enumerable", "Take"): lambda items, count: items[: max(0, count)],
    ("enumerable", "Distinct"): lambda items: list(dict.fromkeys(items)),
    ("enumerable", "ToArray"): list,
    ("enumerable", "ToList"): list,
}
"""By the owner's name and the member's; receivers come first."""


def _split(text: str, separators: tuple[Any, ...]) -> list[str]:
    parts = [text]
    for separator in separators:
        parts = [piece for part in parts for piece in part.split(chr(separator))]
    return parts
