"""Trees back to C#. `parse(print(tree)) == tree`, which a property test holds."""

from __future__ import annotations

from typing import Final, assert_never

from tidegate.policies.expressions.syntax import (
    ArrayCreation,
    Binary,
    Call,
    Cast,
    Conditional,
    ConditionalAccess,
    Expression,
    Index,
    Interpolation,
    Literal,
    Member,
    Name,
    Not,
    Operator,
    Receiver,
)

# C# section 12.4.2, weakest first.
_CONDITIONAL: Final = 0
PRECEDENCE: Final = {
    Operator.COALESCE: 1,
    Operator.OR: 2,
    Operator.AND: 3,
    Operator.EQUAL: 4,
    Operator.NOT_EQUAL: 4,
    Operator.LESS: 5,
    Operator.GREATER: 5,
    Operator.LESS_EQUAL: 5,
    Operator.GREATER_EQUAL: 5,
    Operator.ADD: 6,
}
_UNARY: Final = 7
_PRIMARY: Final = 8

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def print_expression(tree: Expression) -> str:
    """The expression as C#, on one line, with the parentheses that are needed and no others."""
    return _print(tree, 0)


def _print(tree: Expression, floor: int) -> str:
    text, precedence = _shape(tree)
    return f"({text})" if precedence < floor else text


def _shape(tree: Expression) -> tuple[str, int]:
    """Text and precedence of the outermost operator."""
    match tree:
        case Literal(value=value):
            return _literal(tree), _UNARY if isinstance(value, int) and value < 0 else _PRIMARY
        case Interpolation(parts=parts):
            return '$"' + "".join(_part(part) for part in parts) + '"', _PRIMARY
        case Name(name=name):
            return name, _PRIMARY
        case Receiver():
            return "", _PRIMARY
        case Member(target=target, name=name, type_arguments=arguments):
            generic = f"<{', '.join(map(str, arguments))}>" if arguments else ""
            return f"{_target(target)}.{name}{generic}", _PRIMARY
        case Call(function=function, arguments=arguments_):
            return f"{_target(function)}({', '.join(_print(a, 0) for a in arguments_)})", _PRIMARY
        case Index(target=target, index=index):
            return f"{_target(target)}[{_print(index, 0)}]", _PRIMARY
        case ConditionalAccess(target=target, chain=chain):
            return f"{_target(target)}?{_shape(chain)[0]}", _PRIMARY
        case Cast(type=type_, operand=operand):
            return f"({type_}){_print(operand, _UNARY)}", _UNARY
        case Not(operand=operand):
            return f"!{_print(operand, _UNARY)}", _UNARY
        case Binary(operator=Operator.COALESCE, left=left, right=right):
            # `??` is the one binary operator that groups to the right.
            return f"{_print(left, 2)} ?? {_print(right, 1)}", 1
        case Binary(operator=operator, left=left, right=right):
            own = PRECEDENCE[operator]
            return f"{_print(left, own)} {operator} {_print(right, own + 1)}", own
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"{_print(condition, 1)} ? {_print(then, 0)} : {_print(otherwise, 0)}", _CONDITIONAL
        case ArrayCreation(element=element, items=items):
            content = ", ".join(_print(item, 0) for item in items)
            # Parenthesised where a member follows: `new[] {...}.X` reads like a size.
            return f"new {element or ''}[] {{{content}}}", _UNARY
        case _:
            assert_never(tree)


def _target(tree: Expression) -> str:
    # `(a?.b).c` is not `a?.b.c`: a conditional access ends at its parenthesis.
    text = _print(tree, _PRIMARY)
    return f"({text})" if isinstance(tree, ConditionalAccess) else text


def _literal(literal: Literal) -> str:
    match literal.value:
        case None:
            return "null"
        case bool(value):
            return "true" if value else "false"
        case int(value):
            return str(value)
        case str(value):
            return f'"{_escape(value)}"'


def _part(part: str | Expression) -> str:
    if isinstance(part, str):
        return _escape(part).replace("{", "{{").replace("}", "}}")
    text = _print(part, 0)
    # A bare `?:` would end at its colon, which starts a format.
    return f"{{({text})}}" if isinstance(part, Conditional) else f"{{{text}}}"


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text)
