"""A whole expression, or the statements of a whole block, as the value that a policy wants."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass

from tidegate.diagnostics import Found, Located, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import statements as st
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.conversions import implicit, is_implicit
from tidegate.policies.expressions.check.expressions import node, value
from tidegate.policies.expressions.check.lambdas import common_type, declaring
from tidegate.policies.expressions.check.operators import text
from tidegate.policies.expressions.check.returns import convert_returns
from tidegate.policies.expressions.check.state import Refused, State, shown
from tidegate.policies.expressions.check.statements import body
from tidegate.policies.expressions.printer import print_block, print_expression
from tidegate.policies.expressions.syntax import Assignment, Expression, Lambda, Name, Out, Step
from tidegate.policies.expressions.types import NULL, OBJECT, STRING, VOID, Type, is_nullable_value


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that will run."""

    tree: typed.Typed
    syntax: Expression | st.Block
    """What was checked."""
    variables: tuple[Located[str], ...] = ()
    """Variables of the policies that it reads by a literal name."""
    waits: bool = False
    """Whether working it out may wait for something from outside (a body)."""

    @property
    def source(self) -> str:
        """The expression as C#, in its plainest form."""
        return print_block(self.syntax) if isinstance(self.syntax, st.Block) else print_expression(self.syntax)

    @property
    def type(self) -> Type:
        """What the value is: of a value that goes where an object is wanted, what it was before."""
        return self.tree.type


def check_expression(tree: Expression, *, wanted: Type, section: str, found: Found) -> Checked | None:
    """Give the tree types, so that its value can be used as `wanted`. None if it cannot be; `found` says why.

    A `wanted` string takes what has a text: numbers, booleans and objects become their ToString.
    """
    state = _state(tree, section, found)
    try:
        with state.function(None, tree.span):
            checked = declaring(state, lambda: as_wanted(state, state.value(tree, _hint(wanted)), wanted))
    except Refused:
        return None
    return Checked(checked, tree, _once(state.variables), state.waits)


def check_block(tree: st.Block, *, wanted: Type, section: str, found: Found) -> Checked | None:
    """The same of the statements of `@{...}`, whose value is what they return."""
    state = _state(tree, section, found)
    try:
        with state.function(None, tree.span) as function:
            block, completes = body(state, tree)
            returned = function.returns
            if completes or function.returns_nothing:
                raise state.refuse(codes.RETURN_MISSING, tree.span)
            type_ = _block_type(returned, wanted)
            block = convert_returns(block, lambda v: as_wanted(state, v, type_))
    except Refused:
        return None
    can_be_null = type_.is_reference or is_nullable_value(type_)
    is_null = can_be_null and any(v.nullable for v in returned)
    whole = typed.BlockValue(block, type_, tree.span, is_null)
    return Checked(whole, tree, _once(state.variables), state.waits)


def _block_type(returned: list[typed.Typed], wanted: Type) -> Type:
    """What the block is worth: `wanted`, or, where anything is wanted, the type that all returned values share."""
    if wanted != OBJECT or not returned:
        # What never returns throws, or runs out of steps.
        return wanted
    shared = common_type(returned)
    return OBJECT if shared is None else shared


def as_wanted(state: State, value: typed.Typed, wanted: Type) -> typed.Typed:
    """The value as what the policy wants."""
    if isinstance(value, typed.ThrowValue):
        return value
    if wanted == OBJECT:
        if value.type == VOID or not value.type.is_value:
            raise state.mismatch(value.span, "the expression", shown(value), "a value")
        return typed.Boxed(value, value.span) if value.type not in (OBJECT, NULL) else value
    if wanted == STRING and not is_implicit(value.type, STRING):
        return text(state, value)
    result = implicit(value, wanted)
    if result is None:
        raise state.mismatch(value.span, "the expression", shown(value), str(wanted))
    return result


def _hint(wanted: Type) -> Type | None:
    return wanted if wanted not in (OBJECT, STRING) else None


def _state(tree: Expression | st.Block, section: str, found: Found) -> State:
    return State(section, found, value, node, body, lambda: assigned_in_functions(tree))


def _once(variables: list[Located[str]]) -> tuple[Located[str], ...]:
    """Lambdas may be checked more than once."""
    return tuple({(v.value, v.span): v for v in variables}.values())


def assigned_in_functions(tree: object) -> frozenset[str]:
    """Names that lambdas and local functions of the tree assign."""
    names: set[str] = set()
    waiting: list[tuple[object, bool]] = [(tree, False)]
    while waiting:
        each, inside = waiting.pop()
        if isinstance(each, tuple):
            waiting += ((item, inside) for item in each)
            continue
        if not is_dataclass(each) or isinstance(each, Span):
            continue
        if isinstance(each, Lambda | st.LocalFunction):
            inside = True
        elif inside and isinstance(each, Assignment | Step):
            target = each.target if isinstance(each, Assignment) else each.operand
            if isinstance(target, Name):
                names.add(target.name)
        elif inside and isinstance(each, Out):
            names.add(each.name)
        waiting += ((getattr(each, field.name), inside) for field in fields(each))
    return frozenset(names)
