"""Calls: arguments, the overload that takes them, and the node."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.diagnostics import Located, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.conversions import implicit
from tidegate.policies.expressions.check.groups import MethodGroup
from tidegate.policies.expressions.check.names import resolve_value
from tidegate.policies.expressions.check.overloads import Fit, Given, best, fitting
from tidegate.policies.expressions.check.state import NamespaceReference, Node, Refused, State, TypeReference
from tidegate.policies.expressions.members import Bound
from tidegate.policies.expressions.members.row import UNKNOWN, MemberRow
from tidegate.policies.expressions.syntax import Argument, Default, Lambda, Member, Name, Out
from tidegate.policies.expressions.types import (
    OBJECT,
    STRING,
    VARIABLES,
    Type,
    is_nullable_value,
    substituted,
)


def given_arguments(state: State, arguments: Sequence[Argument]) -> list[Given]:
    """The arguments, checked as far as they have a type by themselves."""
    return [_given(state, argument) for argument in arguments]


def _given(state: State, argument: Argument) -> Given:
    tree = argument.value
    match tree:
        case Out(type=type_, name=name):
            known: Type | None = None
            if type_ is not None:
                known = None if type_.name == "var" else resolve_value(state, type_)
            elif name != "_" or state.variable(name) is not None:
                variable = state.variable(name)
                if variable is None:
                    raise state.unknown(tree.span, name, (n for scope in state.scopes for n in scope))
                known = variable.type
            return Given(tree, argument.name, None, tree.span, out=tree, out_type=known)
        case Lambda():
            return Given(tree, argument.name, None, tree.span)
        case Default(type=None):
            raise state.unsupported(tree.span, "`default` without a type", help="write `default(T)`")
        case Name(name=name) if (local := state.variable(name)) is not None and local.is_function:
            return Given(tree, argument.name, None, tree.span)
        case Member():
            node = state.node(tree)
            if isinstance(node, MethodGroup):
                return Given(tree, argument.name, None, tree.span)
            return Given(tree, argument.name, as_value(state, node), tree.span)
        case _:
            return Given(tree, argument.name, state.value(tree), tree.span)


def as_value(state: State, node: Node) -> typed.Typed:
    """What is a value of what may stand before a dot."""
    if isinstance(node, TypeReference):
        raise state.refuse(codes.NOT_A_VALUE, node.span, text=str(node.type), kind="a type")
    if isinstance(node, NamespaceReference):
        raise state.refuse(codes.NOT_A_VALUE, node.span, text=node.name, kind="a namespace")
    if isinstance(node, MethodGroup):
        raise not_called(state, node)
    return node


def not_called(state: State, group: MethodGroup) -> Refused:
    """A method stands where only what it returns may stand."""
    help = f"call it: `{group.name}(...)`"
    return state.refuse(codes.NOT_A_VALUE, group.name_span, text=group.name, kind="a method", help=help)


def apply(
    state: State,
    receiver: typed.Typed,
    candidates: Sequence[Bound],
    arguments: Sequence[Given],
    *,
    span: Span,
    name: str,
    at: Span,
    type_arguments: Sequence[Type] = (),
) -> typed.Typed:
    """The call of the overload that is meant."""
    fits = [fit for bound in candidates if (fit := fitting(state, bound, arguments, type_arguments)) is not None]
    if not fits:
        raise _no_overload(state, candidates, arguments, name, at)
    chosen = fits[0] if len(fits) == 1 else best(fits, arguments)
    return _use(state, receiver, chosen, arguments, span)


def _no_overload(state: State, candidates: Sequence[Bound], arguments: Sequence[Given], name: str, at: Span) -> Refused:
    """What is wrong inside a lambda comes before the overloads that do not fit because of it."""
    for argument in arguments:
        for outcome in argument.tried.values():
            if not hasattr(outcome, "tree") and outcome.has_errors:
                state.found.extend(outcome)
                return Refused()
    shown = [substituted_signature(bound) for bound in candidates]
    labels = {label for row, _, _ in candidates for label in row.labels if label}
    strange = [a.name for a in arguments if a.name and a.name not in labels]
    return state.refuse(
        codes.ARGUMENTS_UNKNOWN,
        at,
        member=name,
        given=", ".join(a.shown for a in arguments),
        expected=" or ".join(dict.fromkeys(shown)) or "no arguments: it is a property",
        help=did_you_mean_or_known(strange[0], labels) if strange else "",
    )


def substituted_signature(bound: Bound) -> str:
    """The parameters of an overload, with the types that its owner has here."""
    row, known, _ = bound
    listed = [str(substituted(p, known)) for p in row.parameters or ()]
    for place in row.out:
        listed[place] = f"out {listed[place]}"
    if row.repeats:
        listed[-1] = f"params {listed[-1]}[]"
    for index in range(len(row.optional)):
        listed[-1 - index] += "?"
    return f"({', '.join(listed)})"


def _use(state: State, receiver: typed.Typed, fit: Fit, arguments: Sequence[Given], span: Span) -> typed.Typed:
    row, _, owner = fit.bound
    values: list[typed.Typed] = []
    outs: list[str] = []
    for index, (argument, parameter) in enumerate(zip(arguments, fit.parameters, strict=True)):
        if argument.out is not None:
            outs.append(_out(state, argument.out, parameter))
        elif index in fit.functions:
            values.append(fit.functions[index].tree)
        elif argument.value is not None:
            value = implicit(argument.value, parameter)
            values.append(value if value is not None else argument.value)
    if row.refuses is not None:
        _refuse_constants(state, row.refuses([constant(value) for value in values]), values)
    if row.reads_variable and values and isinstance(values[0], typed.Constant):
        state.variables.append(Located(str(values[0].value), values[0].span))
    state.waits = state.waits or row.waits
    result = substituted(row.result, fit.known)
    may_be_null = row.nullable or (
        row.nullable_with is not None and row.nullable_with < len(values) and values[row.nullable_with].nullable
    )
    names = tuple((variable.name, type_) for variable, type_ in fit.known.items())
    missing = row.optional[len(row.optional) - fit.defaults :] if fit.defaults else ()
    return typed.Use(
        row,
        received(receiver, owner),
        tuple(values),
        result,
        span,
        may_be_null and (result.is_reference or is_nullable_value(result)),
        names,
        missing,
        tuple(outs),
    )


def constant(value: typed.Typed) -> object:
    """What the value always is; UNKNOWN if that depends on the request. Options of an enumeration are their number."""
    match value:
        case typed.Constant():
            return value.value
        case typed.Use(row=MemberRow(static=True, parameters=None, lua=lua)) if lua.isdigit():
            return int(lua)
        case typed.Use(row=MemberRow(name="|"), arguments=(left, right)):
            a, b = constant(left), constant(right)
            return a | b if isinstance(a, int) and isinstance(b, int) else UNKNOWN
        case _:
            return UNKNOWN


def _refuse_constants(state: State, problem: tuple[int, str] | None, values: Sequence[typed.Typed]) -> None:
    if problem is not None:
        index, detail = problem
        raise state.refuse(codes.ALWAYS_THROWS, values[index].span, detail=detail)


def received(receiver: typed.Typed, owner: Type) -> typed.Typed:
    """The receiver as the owner of the member: of members of object, boxed."""
    if owner == OBJECT and receiver.type != OBJECT and receiver.type.is_value:
        return typed.Same(typed.Boxed(receiver, receiver.span), OBJECT, receiver.span, receiver.nullable)
    return receiver


def _out(state: State, out: Out, type_: Type) -> str:
    """The variable that takes an out parameter, declared here or before."""
    if out.type is None and out.name == "_" and state.variable("_") is None:
        return ""
    if out.type is not None:
        if out.name == "_":
            return ""
        variable = state.declare(out.name, type_, out.span)
        state.pattern_variables.append((variable.name, type_))
        return variable.name
    known = state.variable(out.name)
    if known is None or known.constant is not None or known.is_fixed or known.is_function:
        raise state.refuse(codes.CANNOT_ASSIGN, out.span, text=out.name)
    state.use(known, out.span)
    state.unassigned.discard(known.name)
    return known.name


def variable_or_default(
    state: State, arguments: Sequence[Given], type_arguments: Sequence[Type], span: Span, at: Span
) -> typed.Typed:
    """`context.Variables.GetValueOrDefault<T>(name, default)`, whose T decides what the variable must be."""
    values = [a.value for a in arguments]
    name = implicit(values[0], STRING) if values and values[0] is not None else None
    default = values[1] if len(values) == 2 else None
    if name is None or not 1 <= len(values) <= 2 or (len(values) == 2 and default is None) or len(type_arguments) > 1:
        raise state.refuse(
            codes.ARGUMENTS_UNKNOWN,
            at,
            member="GetValueOrDefault",
            given=", ".join(a.shown for a in arguments),
            expected="<T>(string) or <T>(string, T)",
        )
    if type_arguments:
        type_ = type_arguments[0]
    else:
        type_ = default.type if default is not None and default.type.name != "null" else OBJECT
    if default is not None:
        given = implicit(default, type_)
        if given is None:
            raise state.mismatch(default.span, "the default", str(default.type), str(type_))
        default = given
    can_be_null = type_.is_reference or is_nullable_value(type_)
    return typed.VariableOrDefault(name, default, type_, span, can_be_null and (default is None or default.nullable))


def is_variable_or_default(receiver: object, name: str) -> bool:
    return isinstance(receiver, typed.Ambient) and receiver.type == VARIABLES and name == "GetValueOrDefault"
