"""Assignments and steps (C# sections 12.8.15, 12.9.6 and 12.21)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.calls import apply, as_value, given_arguments
from tidegate.policies.expressions.check.conversions import NUMBERS, converts, explicit
from tidegate.policies.expressions.check.functions import argument
from tidegate.policies.expressions.check.groups import MethodGroup
from tidegate.policies.expressions.check.operators import operate
from tidegate.policies.expressions.check.overloads import NO_TREE, Given
from tidegate.policies.expressions.check.state import Refused, State, TypeReference, Variable
from tidegate.policies.expressions.members import INDEXER, bound_rows, names
from tidegate.policies.expressions.members.row import SETTER
from tidegate.policies.expressions.printer import print_expression
from tidegate.policies.expressions.syntax import Assignment, Expression, Index, Member, Name, Step
from tidegate.policies.expressions.types import INT, VARIABLES, Type, underlying


def assignment(state: State, tree: Assignment) -> typed.Typed:
    """`target = value`, `target += value`"""
    target = tree.target
    if isinstance(target, Name):
        variable = _variable(state, target)
        if tree.operator is None:
            value = argument(state, tree.value, variable.type, f"what `{target.name}` gets")
            state.unassigned.discard(variable.name)
            return typed.Assign(variable.name, value, tree.span)
        before = as_value(state, state.node(target))
        after = _compound(state, str(tree.operator), before, state.value(tree.value), tree.span)
        return typed.Assign(variable.name, after, tree.span)
    if isinstance(target, Member | Index):
        if tree.operator is None:
            return _assign_place(state, target, lambda wanted: _right(state, tree.value, wanted), tree.span)
        operator = str(tree.operator)
        return _change_place(
            state, target, lambda old: _compound(state, operator, old, state.value(tree.value), tree.span), tree.span
        )
    raise state.refuse(codes.CANNOT_ASSIGN, target.span, text=print_expression(target))


def _right(state: State, tree: Expression, wanted: Type | None) -> typed.Typed:
    return state.value(tree, wanted)


def _variable(state: State, tree: Name) -> Variable:
    variable = state.variable(tree.name)
    if variable is None:
        if tree.name == "context":
            raise state.refuse(codes.CANNOT_ASSIGN, tree.span, text=tree.name)
        raise state.unknown(tree.span, tree.name, (n for scope in state.scopes for n in scope))
    if variable.constant is not None or variable.is_fixed or variable.is_function:
        raise state.refuse(codes.CANNOT_ASSIGN, tree.span, text=tree.name)
    state.use(variable, tree.span)
    return variable


def _compound(state: State, sign: str, old: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    """`x op y` as what `x` is: the cast back is implied (section 12.21.4)."""
    value = operate(state, sign, old, right, span)
    if value.type == old.type:
        return value
    if not converts(value, old.type) and not (
        sign in ("<<", ">>") or converts(right, underlying(old.type)) or right.type == old.type
    ):
        raise state.mismatch(right.span, f"the right side of `{sign}=`", str(right.type), str(old.type))
    result = explicit(value, old.type, span, is_checked=state.is_checked)
    if result is None:
        raise state.mismatch(right.span, f"the right side of `{sign}=`", str(right.type), str(old.type))
    return result


def _stepped(state: State, sign: str, old: typed.Typed, span: Span) -> typed.Typed:
    """The next number of the same type: `char` and `byte` have steps of their own."""
    value = operate(state, sign, old, typed.Constant(1, INT, span), span)
    result = explicit(value, old.type, span, is_checked=state.is_checked)
    return value if result is None else result


def step(state: State, tree: Step) -> typed.Typed:
    """`x++`, `--x`: the value is what was before, or what is behind."""
    sign = tree.operator[0]

    def stepped(old: typed.Typed) -> typed.Typed:
        if underlying(old.type) not in NUMBERS:
            raise state.mismatch(tree.operand.span, f"the operand of `{tree.operator}`", str(old.type), "a number")
        return _stepped(state, sign, old, tree.span)

    target = tree.operand
    if isinstance(target, Name):
        variable = _variable(state, target)
        before = as_value(state, state.node(target))
        if tree.is_prefix:
            return typed.Assign(variable.name, stepped(before), tree.span)
        name = state.fresh("before")
        kept = typed.Local(name, before.type, tree.span, nullable=before.nullable)
        return typed.Let(((name, before),), (typed.Assign(variable.name, stepped(kept), tree.span),), kept, tree.span)
    if isinstance(target, Member | Index):
        return _change_place(state, target, stepped, tree.span, keeps_old=not tree.is_prefix)
    raise state.refuse(codes.CANNOT_ASSIGN, target.span, text=print_expression(target))


# -- members and elements


def _place(state: State, target: Member | Index) -> tuple[typed.Typed, str, list[Given]]:
    """What is asked, for which member, with which keys."""
    node = state.node(target.target)
    if isinstance(node, TypeReference | MethodGroup):
        raise state.refuse(codes.CANNOT_ASSIGN, target.span, text=print_expression(target))
    owner = as_value(state, node) if not isinstance(node, typed.Ambient) else node
    if not owner.type.is_value or owner.type == VARIABLES:
        help = "set variables with `set-variable`" if owner.type == VARIABLES else "use the policy that sets it"
        raise state.refuse(codes.CANNOT_ASSIGN, target.span, text=print_expression(target), help=help)
    if isinstance(target, Index):
        return owner, INDEXER, given_arguments(state, target.arguments)
    return owner, target.name, []


def _assign_place(
    state: State, target: Member | Index, read: Callable[[Type | None], typed.Typed], span: Span
) -> typed.Typed:
    owner, member, keys = _place(state, target)
    return assigned_member(state, owner, member, keys, read(None), span)


def _change_place(
    state: State,
    target: Member | Index,
    change: Callable[[typed.Typed], typed.Typed],
    span: Span,
    *,
    keeps_old: bool = False,
) -> typed.Typed:
    """Read, change and write back a place whose parts run once."""
    owner, member, keys = _place(state, target)
    bindings: list[tuple[str, typed.Typed]] = []

    def held(value: typed.Typed) -> typed.Typed:
        if isinstance(value, typed.Constant):
            return value
        name = state.fresh("held")
        bindings.append((name, value))
        return typed.Local(name, value.type, value.span, value.nullable)

    owner = held(owner)
    for key in keys:
        if key.value is not None:
            key.value = held(key.value)
    rows = bound_rows(owner.type, member)
    if not rows:
        raise _unknown(state, owner.type, member, span)
    if member == INDEXER:
        old = apply(state, owner, rows, keys, span=span, name="[]", at=span)
    else:
        row = rows[0][0]
        old = typed.Use(row, owner, (), row.result, span, row.nullable)
    before = held(old)
    after = assigned_member(state, owner, member, keys, change(before), span)
    if not keeps_old:
        return typed.Let(tuple(bindings), (), after, span)
    return typed.Let(tuple(bindings), (after,), before, span)


def assigned_member(
    state: State, target: typed.Typed, member: str, keys: Sequence[Given], value: typed.Typed, span: Span
) -> typed.Typed:
    """`target.member = value`, by the row that assigns; the value of it all is what was assigned."""
    rows = bound_rows(target.type, member + SETTER)
    if not rows:
        if bound_rows(target.type, member) or member == INDEXER:
            text = f"{target.type}.{member}".replace(f".{INDEXER}", "[]")
            raise state.refuse(codes.CANNOT_ASSIGN, span, text=text, help="to compare, write `==`")
        raise _unknown(state, target.type, member, span)
    last = Given(NO_TREE, "", value, value.span)
    use = apply(state, target, rows, [*keys, last], span=span, name=member, at=span)
    if not isinstance(use, typed.Use):
        raise TypeError(f"{member} of {target.type} is assigned by something else than a row")
    *before, assigned = use.arguments
    return typed.Set(use.row, use.receiver, tuple(before), assigned, assigned.type, span, assigned.nullable, use.names)


def _unknown(state: State, type_: Type, member: str, span: Span) -> Refused:
    return state.refuse(
        codes.MEMBER_UNKNOWN,
        span,
        target=str(type_),
        member=member,
        label=f"not a member of {type_}",
        help=did_you_mean_or_known(member, names(type_)),
    )
