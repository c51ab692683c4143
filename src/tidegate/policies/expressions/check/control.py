"""`foreach`, `switch` and `try`: statements with rules of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import statements as st
from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.check.conversions import explicit, is_reference_conversion
from tidegate.policies.expressions.check.lambdas import converted
from tidegate.policies.expressions.check.names import resolve_value
from tidegate.policies.expressions.check.operators import condition
from tidegate.policies.expressions.check.state import Jump, State, shown
from tidegate.policies.expressions.members import owners, rows
from tidegate.policies.expressions.members.language import EXCEPTION
from tidegate.policies.expressions.syntax import Expression
from tidegate.policies.expressions.types import BOOL, CHAR, INT, LONG, STRING, Type

Nested: TypeAlias = Callable[[State, st.Statement], tuple[ts.Block, bool]]
Body: TypeAlias = Callable[[State, st.Block], tuple[ts.Block, bool]]
Statements: TypeAlias = Callable[[State, Sequence[st.Statement]], tuple[ts.Block, bool]]


def element_of(type_: Type) -> Type | None:
    """What a value of the type enumerates."""
    return next((o.arguments[0] for o in owners(type_) if o.name == "IEnumerable" and o.arguments), None)


def _enumerated(source: typed.Typed) -> typed.Typed:
    """What GetEnumerator gives, where the type's own differs from that of its IEnumerable<T> (section 13.9.5)."""
    own = rows(source.type, "GetEnumerator")
    if not own:
        return source
    return typed.Use(own[0], source, (), own[0].result, source.span, nullable=False)


def foreach(state: State, each: st.ForEach, nested: Nested) -> tuple[list[ts.Statement], bool]:
    """`foreach (T x in source)`: the loop runs over the sequence as it is when it begins."""
    source = _enumerated(state.value(each.source))
    element = element_of(source.type)
    if element is None:
        raise state.mismatch(each.source.span, "what `foreach` runs over", shown(source), "a sequence")
    type_ = resolve_value(state, each.type) if each.type is not None else element
    slot = typed.Slot(element, each.span, nullable=True)
    value = explicit(slot, type_, each.span, is_checked=False)
    if value is None:
        raise state.mismatch(each.span, "an element", str(element), str(type_))
    before = set(state.unassigned)
    with state.scope():
        variable = state.declare(each.name, type_, each.span, is_fixed=True)
        for _ in range(5):
            # Lua keeps its own variables for a loop.
            state.live(each.span)
        jump = Jump(state.number(), is_loop=True)
        state.functions[-1].jumps.append(jump)
        inner, _ = nested(state, each.body)
        state.functions[-1].jumps.pop()
    state.unassigned = before
    return [ts.ForEach(jump.number, variable.name, type_, value, source, inner)], True


def switch(state: State, each: st.Switch, statements: Statements) -> tuple[list[ts.Statement], bool]:
    """`switch` over constants; no section may fall into the next (section 13.8.3)."""
    value = state.value(each.value)
    if value.type not in (STRING, BOOL, CHAR) and not _is_switchable(value.type):
        raise state.mismatch(
            each.value.span, "what `switch` decides by", shown(value), "a string, number, char or bool"
        )
    sections: list[tuple[tuple[typed.Constant, ...], ts.Block, bool]] = []
    seen: set[object] = set()
    jump = Jump(state.number(), is_loop=False)
    state.functions[-1].jumps.append(jump)
    before = set(state.unassigned)
    has_default = False
    with state.scope():
        for section in each.sections:
            constants = tuple(_label(state, label, value.type, seen) for label in section.labels if label is not None)
            is_default = None in section.labels
            if is_default and has_default:
                raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail="a `switch` has one `default`")
            has_default = has_default or is_default
            state.unassigned = set(before)
            block, completes = statements(state, section.statements)
            if completes:
                raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail="a `case` ends with `break` or `return`")
            sections.append((constants, block, is_default))
    state.functions[-1].jumps.pop()
    left = [b for b in jump.breaks if b is not None]
    state.unassigned = set().union(*left) if has_default and left else set(before)
    reached = not has_default or bool(jump.breaks)
    return [ts.Switch(jump.number, value, tuple(sections))], reached


def _is_switchable(type_: Type) -> bool:
    return (
        type_ in (INT, LONG)
        or type_.name in ("uint", "ulong", "short", "ushort", "byte", "sbyte")
        or (not type_.is_reference and not type_.arguments and type_.name[0].isupper())
    )


def _label(state: State, label: Expression, type_: Type, seen: set[object]) -> typed.Constant:

    value = converted(state, state.value(label, type_), type_, "a `case`")
    while isinstance(value, typed.Same):
        value = value.operand
    if isinstance(value, typed.Use) and value.row.static and value.row.parameters is None and value.row.lua.isdigit():
        value = typed.Constant(int(value.row.lua), type_, value.span)
    if not isinstance(value, typed.Constant):
        raise state.mismatch(value.span, "a `case`", shown(value), "a constant")
    if value.value in seen:
        raise state.refuse(codes.EXPRESSION_SYNTAX, value.span, detail="this `case` is there already")
    seen.add(value.value)
    return value


def try_(state: State, each: st.Try, body: Body) -> tuple[list[ts.Statement], bool]:
    """`try`, `catch`, `finally`: a catch may run behind any part of what it guards."""
    function = state.functions[-1]
    before = set(state.unassigned)
    with state.guarded():
        inner, completes = body(state, each.body)
    behind = [state.unassigned] if completes else []
    catches: list[ts.Catch] = []
    for clause in each.catches:
        state.unassigned = set(before)
        function.in_catch += 1
        with state.guarded():
            catch, catch_completes = _catch(state, clause, body)
        function.in_catch -= 1
        catches.append(catch)
        if catch_completes:
            behind.append(state.unassigned)
        completes = completes or catch_completes
    state.unassigned = set().union(*behind) if behind else set(before)
    last: ts.Block | None = None
    if each.last is not None:
        kept, state.unassigned = state.unassigned, set(before)
        jumps, function.jumps = function.jumps, []
        function.in_finally += 1
        last, last_completes = body(state, each.last)
        function.in_finally -= 1
        function.jumps = jumps
        assigned = before - state.unassigned
        state.unassigned = kept - assigned
        completes = completes and last_completes
    return [ts.Try(inner, tuple(catches), last, each.span)], completes


def _catch(state: State, clause: st.Catch, body: Body) -> tuple[ts.Catch, bool]:
    kind: Type | None = None
    if clause.type is not None:
        kind = resolve_value(state, clause.type)
        if not is_reference_conversion(kind, EXCEPTION):
            raise state.mismatch(clause.type.span, "what is caught", str(kind), "an Exception")
    with state.scope():
        if clause.name:
            name = state.declare(clause.name, kind or EXCEPTION, clause.span, nullable=False).name
        else:
            name = state.fresh("caught")
            state.live(clause.span)
        test = condition(state, clause.filter) if clause.filter is not None else None
        inner, completes = body(state, clause.body)
    return ts.Catch(kind if kind != EXCEPTION else None, name, test, inner), completes
