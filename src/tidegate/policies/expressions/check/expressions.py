"""Every kind of expression to what checks it."""

from __future__ import annotations

from typing import Final, assert_never

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check import access, assignments, creations, operators
from tidegate.policies.expressions.check.calls import as_value
from tidegate.policies.expressions.check.conversions import explicit, implicit, is_reference_conversion
from tidegate.policies.expressions.check.lambdas import check_lambda, common_type, converted, is_function_type
from tidegate.policies.expressions.check.names import resolve, resolve_value
from tidegate.policies.expressions.check.state import Node, State, shown
from tidegate.policies.expressions.members import names
from tidegate.policies.expressions.members.language import EXCEPTION
from tidegate.policies.expressions.printer import print_expression
from tidegate.policies.expressions.syntax import (
    Anonymous,
    ArrayCreation,
    ArrayItems,
    As,
    Assignment,
    Binary,
    Call,
    Cast,
    Checked,
    Conditional,
    ConditionalAccess,
    Default,
    Expression,
    Hole,
    Index,
    Interpolation,
    Is,
    Lambda,
    Literal,
    Member,
    Name,
    New,
    Operator,
    Out,
    Receiver,
    Step,
    ThrowValue,
    TypeOf,
    Unary,
)
from tidegate.policies.expressions.types import (
    BOOL,
    KEYWORDS,
    NULL,
    OBJECT,
    STRING,
    Type,
    is_nullable_value,
    underlying,
)

_MAX_ALIGNMENT: Final = 1000


def value(state: State, tree: Expression, wanted: Type | None) -> typed.Typed:
    """Something that must be a value."""
    match tree:
        case Lambda():
            return _lambda(state, tree, wanted)
        case Conditional():
            return _choice(state, tree, wanted)
        case Default():
            return _default(state, tree, wanted)
        case ArrayItems():
            return creations.items(state, tree, wanted)
        case ThrowValue(exception=exception, span=span):
            return typed.ThrowValue(thrown(state, exception), wanted or NULL, span)
        case _:
            result = as_value(state, node(state, tree))
    if not result.type.is_value and result.type.name != "void":
        text = print_expression(tree) if not access.in_chain(tree) else str(result.type)
        raise state.refuse(
            codes.NOT_A_VALUE,
            tree.span,
            text=text,
            kind=f"an {result.type}",
            help=did_you_mean_or_known("", names(result.type)),
        )
    return result


def node(state: State, tree: Expression) -> Node:
    """Anything: values, and what stands before a dot."""
    match tree:
        case Literal(value=constant, kind=kind, span=span):
            return typed.Constant(constant, NULL if kind == "null" else KEYWORDS[kind], span)
        case Name():
            return access.name(state, tree)
        case Member():
            return access.member(state, tree)
        case Call():
            return access.call(state, tree)
        case Index():
            return access.index(state, tree)
        case ConditionalAccess():
            return access.chain(state, tree)
        case Receiver(span=span):
            return access.slot(state, span)
        case Binary(operator=Operator.COALESCE):
            return _coalesce(state, tree)
        case Binary():
            return operators.binary(state, tree)
        case Interpolation(parts=parts, span=span):
            return typed.Text(tuple(_part(state, part, span) for part in parts), span)
        case Cast():
            return _cast(state, tree)
        case Unary(operator=sign, operand=operand, span=span):
            return operators.unary(state, sign, state.value(operand), span)
        case Step():
            return assignments.step(state, tree)
        case Assignment():
            return assignments.assignment(state, tree)
        case Is() | As():
            return _type_test(state, tree)
        case New():
            return creations.new(state, tree)
        case Anonymous():
            return creations.anonymous(state, tree)
        case ArrayCreation():
            return creations.array(state, tree)
        case TypeOf(type=name, span=span):
            return typed.TypeValue(resolve(state, name), STRING, span)
        case Checked(operand=operand, is_checked=is_checked):
            before, state.is_checked = state.is_checked, is_checked
            result = state.value(operand)
            state.is_checked = before
            return result
        case Out(span=span):
            raise state.unsupported(span, "`out` here")
        case Lambda() | Conditional() | Default() | ArrayItems() | ThrowValue():
            return value(state, tree, None)
        case _:
            assert_never(tree)


def thrown(state: State, tree: Expression) -> typed.Typed:
    """What stands behind `throw`."""
    exception = state.value(tree)
    if not is_reference_conversion(exception.type, EXCEPTION):
        raise state.mismatch(tree.span, "what is thrown", shown(exception), "an Exception")
    return exception


# -- texts


def _part(state: State, part: str | Hole, span: Span) -> typed.Typed:
    if isinstance(part, str):
        return typed.Constant(part, STRING, span)
    inner = state.value(part.value)
    if part.alignment is None and not part.format:
        operators.text(state, inner)
        return inner
    alignment = 0
    if part.alignment is not None:
        width = state.value(part.alignment)
        if not isinstance(width, typed.Constant) or not isinstance(width.value, int) or isinstance(width.value, bool):
            raise state.mismatch(part.alignment.span, "the alignment", shown(width), "a constant whole number")
        if abs(width.value) > _MAX_ALIGNMENT:
            raise state.unsupported(part.alignment.span, f"an alignment beyond {_MAX_ALIGNMENT}")
        alignment = width.value
    return typed.Formatted(_object(state, inner), alignment, part.format, inner.span)


def _object(state: State, inner: typed.Typed) -> typed.Typed:
    return converted(state, inner, OBJECT, "the value")


# -- types


def _cast(state: State, tree: Cast) -> typed.Typed:
    type_ = resolve_value(state, tree.type)
    if isinstance(tree.operand, Lambda):
        return _lambda(state, tree.operand, type_)
    operand = state.value(tree.operand, type_)
    result = explicit(operand, type_, tree.span, is_checked=state.is_checked)
    if result is None:
        raise state.refuse(codes.CAST_UNKNOWN, tree.span, given=shown(operand), type=str(type_))
    return result


def _type_test(state: State, tree: Is | As) -> typed.Typed:
    type_ = resolve_value(state, tree.type)
    operand = state.value(tree.operand)
    is_cast = isinstance(tree, As)
    if is_cast and not type_.is_reference and not is_nullable_value(type_):
        raise state.mismatch(tree.type.span, "the type behind `as`", str(type_), "one that may be null")
    if explicit(operand, type_, tree.span, is_checked=False) is None:
        raise state.refuse(codes.CAST_UNKNOWN, tree.span, given=shown(operand), type=str(type_))
    boxed = _object(state, operand)
    if is_cast or not isinstance(tree, Is) or not tree.name:
        return typed.TypeTest(boxed, type_, is_cast, tree.span)
    # `x is T y`: y is x as a T, where it is one.
    held = state.fresh("tested")
    local = typed.Local(held, OBJECT, operand.span, nullable=True)
    variable = state.declare(tree.name, type_, tree.span)
    test = typed.TypeTest(local, type_, is_cast=False, span=tree.span)
    taken = typed.Assign(variable.name, typed.Unboxed(local, type_, tree.span, nullable=False), tree.span)
    state.pattern_variables.append((variable.name, type_))
    yes = typed.Let((), (taken,), typed.Constant(value=True, type=BOOL, span=tree.span), tree.span)
    return typed.Let(((held, boxed),), (), typed.Logic("and", (test, yes), tree.span), tree.span)


def _default(state: State, tree: Default, wanted: Type | None) -> typed.Typed:
    type_ = resolve_value(state, tree.type) if tree.type is not None else wanted
    if type_ is None:
        raise state.unsupported(tree.span, "`default` without a type", help="write `default(T)`")
    return default_of(type_, tree.span)


def default_of(type_: Type, span: Span) -> typed.Typed:
    """C#'s default of a type."""
    if type_.is_reference or is_nullable_value(type_):
        return typed.Constant(None, type_, span)
    if type_ == BOOL:
        return typed.Constant(value=False, type=BOOL, span=span)
    if type_ in KEYWORDS.values():
        zero: int | float | str = "0" if type_.name == "decimal" else 0
        return typed.Constant(float(zero) if type_.name in ("double", "float") else zero, type_, span)
    return typed.DefaultValue(type_, span)


# -- choices


def _choice(state: State, tree: Conditional, wanted: Type | None) -> typed.Typed:
    condition = operators.condition(state, tree.condition)
    then, otherwise = state.value(tree.then, wanted), state.value(tree.otherwise, wanted)
    if isinstance(then, typed.ThrowValue) or isinstance(otherwise, typed.ThrowValue):
        type_: Type | None = otherwise.type if isinstance(then, typed.ThrowValue) else then.type
        return typed.Choice(condition, then, otherwise, type_ or NULL, tree.span)
    type_ = _choice_type(then, otherwise)
    if type_ is None:
        raise state.mismatch(tree.otherwise.span, "the value behind `:`", shown(otherwise), shown(then))
    a, b = (converted(state, side, type_, "the value behind `:`") for side in (then, otherwise))
    return typed.Choice(condition, a, b, type_, tree.span)


def _choice_type(then: typed.Typed, otherwise: typed.Typed) -> Type | None:
    """The type of a `?:` (section 12.18): one of the two, to which the other converts."""
    if then.type == NULL == otherwise.type:
        return NULL
    return common_type((then, otherwise))


def _coalesce(state: State, tree: Binary) -> typed.Typed:
    left = state.value(tree.left)
    if not left.type.is_reference and not is_nullable_value(left.type):
        raise state.mismatch(tree.left.span, "the left side of `??`", shown(left), "something that may be null")
    right = state.value(tree.right, left.type)
    if isinstance(right, typed.ThrowValue):
        type_ = underlying(left.type)
        return typed.Coalesce(left, right, type_, tree.span)
    if is_nullable_value(left.type):
        plain = implicit(right, underlying(left.type))
        if plain is not None and not is_nullable_value(right.type):
            return typed.Coalesce(left, plain, underlying(left.type), tree.span)
    same = implicit(right, left.type)
    if same is not None:
        return typed.Coalesce(left, same, left.type, tree.span)
    if is_reference_conversion(left.type, right.type):
        return typed.Coalesce(typed.Same(left, right.type, left.span, nullable=True), right, right.type, tree.span)
    raise state.mismatch(tree.right.span, "the right side of `??`", shown(right), shown(left))


def _lambda(state: State, tree: Lambda, wanted: Type | None) -> typed.Typed:
    if wanted is None or not is_function_type(wanted):
        raise state.mismatch(
            tree.span,
            "the lambda",
            "a function",
            str(wanted or "a value"),
            help="give it a type: `Func<int, int> f = ...`",
        )
    *inputs, result = wanted.arguments
    return check_lambda(state, tree, inputs, result).tree
