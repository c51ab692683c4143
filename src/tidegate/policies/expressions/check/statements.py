"""Statements (C# section 13), with what is reached and what is assigned (sections 9.4 and 13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias, assert_never

from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import statements as st
from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.check.control import foreach, switch, try_
from tidegate.policies.expressions.check.expressions import thrown
from tidegate.policies.expressions.check.functions import argument
from tidegate.policies.expressions.check.lambdas import block_body, converted
from tidegate.policies.expressions.check.names import resolve, resolve_value
from tidegate.policies.expressions.check.operators import condition
from tidegate.policies.expressions.check.state import FunctionScope, Jump, State, shown
from tidegate.policies.expressions.syntax import ArrayItems, Expression, Lambda
from tidegate.policies.expressions.types import NULL, VOID, Type, func

Checked: TypeAlias = "tuple[list[ts.Statement], bool]"
"""The statements that one becomes, and whether what follows is reached."""


def body(state: State, block: st.Block) -> tuple[ts.Block, bool]:
    """The statements of a block in a scope of their own, and whether its end is reached."""
    with state.scope():
        return statements(state, block.statements)


def statements(state: State, listed: Sequence[st.Statement]) -> tuple[ts.Block, bool]:
    """Statements in the scope that is there. Local functions are known before the block's first statement."""
    functions = [s for s in listed if isinstance(s, st.LocalFunction)]
    for function in functions:
        _announce(state, function)
    result: list[ts.Statement] = []
    completes = True
    for each in listed:
        if isinstance(each, st.LocalFunction):
            result.insert(_functions_end(result), _function(state, each))
            continue
        checked, completes_here = statement(state, each)
        result += checked
        completes = completes and completes_here
    return ts.Block(tuple(result)), completes


def _functions_end(listed: Sequence[ts.Statement]) -> int:
    return next((i for i, s in enumerate(listed) if not isinstance(s, ts.DeclareFunction)), len(listed))


def nested(state: State, each: st.Statement) -> tuple[ts.Block, bool]:
    """The statement that belongs to another."""
    if isinstance(each, st.Block):
        return body(state, each)
    with state.scope():
        checked, completes = statement(state, each)
    return ts.Block(tuple(checked)), completes


def statement(state: State, each: st.Statement) -> Checked:
    """One statement, behind the declarations of the variables that its expressions declare."""
    before, state.pattern_variables = state.pattern_variables, []
    checked, completes = _statement(state, each)
    declared: list[ts.Statement] = [ts.Declare(name, type_, None) for name, type_ in state.pattern_variables]
    state.pattern_variables = before
    return declared + checked, completes


def _statement(state: State, each: st.Statement) -> Checked:
    match each:
        case st.Block():
            block, completes = body(state, each)
            return [block], completes
        case st.Declaration():
            return list(declaration(state, each)), True
        case st.Run(expression=tree):
            return [ts.Run(state.value(tree))], True
        case st.If():
            return _if(state, each)
        case st.While(condition=tree, body=loop):
            return _loop(state, tree, loop, (), tests_first=True)
        case st.DoWhile(condition=tree, body=loop):
            return _loop(state, tree, loop, (), tests_first=False)
        case st.For():
            return _for(state, each)
        case st.ForEach():
            return foreach(state, each, nested)
        case st.Return():
            return _return(state, each)
        case st.Jump():
            return _jump(state, each)
        case st.Throw():
            return _throw(state, each)
        case st.Try():
            return try_(state, each, body)
        case st.Using():
            return _using(state, each)
        case st.Switch():
            return switch(state, each, statements)
        case st.CheckedBlock(body=block_, is_checked=is_checked):
            kept, state.is_checked = state.is_checked, is_checked
            block, completes = body(state, block_)
            state.is_checked = kept
            return [block], completes
        case st.LocalFunction(span=span):
            raise state.unsupported(span, "a local function here")
        case _:
            assert_never(each)


# -- declarations


def declaration(state: State, each: st.Declaration, *, is_fixed: bool = False) -> Iterator[ts.Statement]:
    """Variables, in order; each is known to those behind it."""
    type_ = resolve_value(state, each.type) if each.type is not None else None
    if type_ is None and len(each.variables) > 1:
        raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail="`var` declares one variable at a time")
    for name, tree in each.variables:
        if tree is None:
            if type_ is None or each.is_constant or is_fixed:
                raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail=f"`{name}` needs a value")
            variable = state.declare(name, type_, each.span)
            state.unassigned.add(variable.name)
            yield ts.Declare(variable.name, type_, None)
            continue
        value = _initial(state, tree, type_, name)
        if each.is_constant:
            if not isinstance(value, typed.Constant):
                raise state.mismatch(tree.span, f"the value of `{name}`", shown(value), "a constant")
            state.declare(name, value.type, each.span, constant=value)
            continue
        variable = state.declare(name, value.type, each.span, is_fixed=is_fixed)
        yield ts.Declare(variable.name, value.type, value)


def _initial(state: State, tree: Expression, type_: Type | None, name: str) -> typed.Typed:
    if type_ is not None:
        return argument(state, tree, type_, f"the value of `{name}`")
    if isinstance(tree, Lambda | ArrayItems):
        raise state.unsupported(tree.span, "`var` for this", help="write the type: `Func<int, int> f = ...`")
    value = state.value(tree)
    if value.type in (NULL, VOID):
        raise state.mismatch(tree.span, f"the value of `{name}`", shown(value), "something with a type")
    return value


def _announce(state: State, each: st.LocalFunction) -> None:
    result = resolve(state, each.result)
    inputs = tuple(resolve_value(state, p.type) for p in each.parameters if p.type is not None)
    defaults = tuple(
        converted(state, state.value(p.default, t), t, f"the default of `{p.name}`") if p.default is not None else None
        for p, t in zip(each.parameters, inputs, strict=True)
    )
    state.declare(each.name, func(*inputs, result), each.span, is_function=True, optional=defaults)


def _function(state: State, each: st.LocalFunction) -> ts.Statement:
    known = state.scopes[-1][each.name]
    *inputs, result = known.type.arguments
    unassigned = set(state.unassigned)
    # When it is called, everything outside may have been assigned.
    state.unassigned = set()
    with state.function(result, each.span):
        parameters = tuple(
            (state.declare(p.name, t, p.span).name, t) for p, t in zip(each.parameters, inputs, strict=True)
        )
        checked: typed.Typed | ts.Block
        if isinstance(each.body, st.Block):
            checked, _ = block_body(state, each.body, each.span)
        else:
            value = state.value(each.body, result if result != VOID else None)
            checked = value if result == VOID else converted(state, value, result, "what the function returns")
    state.unassigned = unassigned
    return ts.DeclareFunction(known.name, parameters, checked, result)


# -- branches and loops


def _if(state: State, each: st.If) -> Checked:
    test = condition(state, each.condition)
    before = set(state.unassigned)
    then, then_completes = nested(state, each.then)
    behind_then = state.unassigned
    state.unassigned = set(before)
    otherwise: ts.Block | None = None
    otherwise_completes = True
    if each.otherwise is not None:
        otherwise, otherwise_completes = nested(state, each.otherwise)
    if not then_completes:
        pass
    elif not otherwise_completes:
        state.unassigned = behind_then
    else:
        state.unassigned = state.unassigned | behind_then
    return [ts.If(test, then, otherwise)], then_completes or otherwise_completes


@contextmanager
def looping(state: State) -> Iterator[Jump]:
    """Inside a loop."""
    jump = Jump(state.number(), is_loop=True)
    state.functions[-1].jumps.append(jump)
    yield jump
    state.functions[-1].jumps.pop()


def _loop(
    state: State, tree: Expression | None, loop: st.Statement, steps: Sequence[Expression], *, tests_first: bool
) -> Checked:
    with state.scope():
        test = condition(state, tree) if tree is not None and tests_first else None
        before = set(state.unassigned)
        with looping(state) as jump:
            inner, _ = nested(state, loop)
            stepped = tuple(state.value(step) for step in steps)
            if tree is not None and not tests_first:
                test = condition(state, tree)
    is_endless = tree is None or (isinstance(test, typed.Constant) and test.value is True)
    if tests_first:
        state.unassigned = before
        if is_endless and jump.breaks:
            state.unassigned = set().union(*(b for b in jump.breaks if b is not None))
    # The end of an endless loop is reached by `break` only.
    reached = bool(jump.breaks) or not is_endless

    return [ts.Loop(jump.number, test, inner, stepped, tests_first)], reached


def _for(state: State, each: st.For) -> Checked:
    with state.scope():
        first: list[ts.Statement] = []
        for part in each.first:
            first += (
                declaration(state, part) if isinstance(part, st.Declaration) else [ts.Run(state.value(part.expression))]
            )
        loop, reached = _loop(state, each.condition, each.body, each.steps, tests_first=True)
    return [ts.Block((*first, *loop))], reached


# -- jumps


def _return(state: State, each: st.Return) -> Checked:
    function = state.functions[-1]
    if function.in_finally:
        raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail="a `finally` cannot return")
    if each.value is None:
        if function.result not in (None, VOID):
            raise state.mismatch(each.span, "`return`", "nothing", str(function.result))
        function.returns_nothing = True
        return [ts.Return(None)], False
    if function.result == VOID:
        raise state.mismatch(each.span, "`return`", "a value", "nothing")
    value = _returned(state, each.value, function)
    return [ts.Return(value)], False


def _returned(state: State, tree: Expression, function: FunctionScope) -> typed.Typed:
    if function.result is not None:
        return argument(state, tree, function.result, "what is returned")
    value = state.value(tree)
    if value.type == VOID:
        raise state.mismatch(tree.span, "what is returned", "nothing", "a value")
    function.returns.append(value)
    return value


def _jump(state: State, each: st.Jump) -> Checked:
    function = state.functions[-1]
    jumps = [j for j in function.jumps if j.is_loop or each.word == "break"]
    if not jumps:
        raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail=f"`{each.word}` stands in no loop")
    target = jumps[-1]
    if each.word == "break":
        target.breaks.append(frozenset(state.unassigned))
        return [ts.Break(target.number)], False
    return [ts.Continue(target.number)], False


def _throw(state: State, each: st.Throw) -> Checked:
    if each.exception is not None:
        return [ts.Throw(thrown(state, each.exception))], False
    if not state.functions[-1].in_catch:
        raise state.refuse(codes.EXPRESSION_SYNTAX, each.span, detail="`throw;` stands in no `catch`")
    return [ts.Throw(None)], False


def _using(state: State, each: st.Using) -> Checked:
    """`using (x) {...}`: nothing here holds what would have to be given back, so that only the scope is left."""
    with state.scope():
        first: list[ts.Statement] = []
        if isinstance(each.resource, st.Declaration):
            first += declaration(state, each.resource, is_fixed=True)
        else:
            value = state.value(each.resource)
            name = state.fresh("used")
            state.live(each.span)
            first.append(ts.Declare(name, value.type, value))
        inner, completes = nested(state, each.body)
    return [ts.Block((*first, inner))], completes
