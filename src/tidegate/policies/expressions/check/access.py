"""Names, members, calls and indexes (C# section 12.8): what stands before a dot, and what behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.calls import (
    apply,
    as_value,
    given_arguments,
    is_variable_or_default,
    not_called,
    received,
    variable_or_default,
)
from tidegate.policies.expressions.check.functions import call_function, call_value
from tidegate.policies.expressions.check.groups import MethodGroup
from tidegate.policies.expressions.check.names import resolve, type_named
from tidegate.policies.expressions.check.state import NamespaceReference, Node, Refused, State, TypeReference
from tidegate.policies.expressions.members import INDEXER, NAMESPACES, Bound, MemberRow, bound_rows, names
from tidegate.policies.expressions.printer import print_expression
from tidegate.policies.expressions.syntax import (
    Call,
    ConditionalAccess,
    Expression,
    Index,
    Member,
    Name,
    Receiver,
)
from tidegate.policies.expressions.types import (
    CONTEXT,
    STRING,
    VARIABLES,
    Type,
    is_nullable_value,
    nullable,
    substituted,
    underlying,
)

ANONYMOUS: Final = "<anonymous>"


def name(state: State, tree: Name) -> Node:
    """A variable, `context`, a type, or the beginning of a namespace."""
    variable = state.variable(tree.name)
    if variable is not None:
        if variable.constant is not None:
            return replace(variable.constant, span=tree.span)
        if variable.is_function:
            raise state.refuse(
                codes.NOT_A_VALUE, tree.span, text=tree.name, kind="a function", help=f"call it: `{tree.name}(...)`"
            )
        if variable.name in state.unassigned:
            raise state.refuse(codes.UNASSIGNED, tree.span, name=tree.name)
        state.use(variable, tree.span)
        can_be_null = variable.type.is_reference or is_nullable_value(variable.type)
        is_null = can_be_null and variable.nullable
        return typed.Local(variable.name, variable.type, tree.span, is_null, variable.is_shared)
    if tree.name == "context":
        return typed.Ambient(CONTEXT, tree.span)
    arguments = tuple(resolve(state, argument) for argument in tree.type_arguments)
    type_ = type_named(tree.name, len(arguments))
    if type_ is not None:
        return TypeReference(type_.of(*arguments) if arguments else type_, tree.span)
    if tree.name in NAMESPACES:
        return NamespaceReference(tree.name, tree.span)
    known = {"context", *(n for scope in state.scopes for n in scope)}
    raise state.unknown(tree.span, tree.name, known)


def member(state: State, tree: Member, *, called: bool = False) -> Node:
    """`target.name`: a property, or a method that is not called yet. Where it is called, methods come before a
    property of the same name (C# section 12.5.1): `list.Count(x => ...)`."""
    target = state.node(tree.target)
    if isinstance(target, NamespaceReference):
        return _in_namespace(state, target, tree)
    if isinstance(target, MethodGroup):
        raise not_called(state, target)
    is_static = isinstance(target, TypeReference)
    rows = _rows(state, target.type, tree, is_static=is_static)
    receiver: typed.Typed = typed.Ambient(target.type, target.span) if isinstance(target, TypeReference) else target
    if target.type.name == ANONYMOUS and not rows:
        return _field(state, receiver, tree)
    if not rows:
        raise _unknown(state, target, tree)
    if called:
        rows = tuple(bound for bound in rows if bound[0].parameters is not None) or rows
    is_property = rows[0][0].parameters is None
    arguments = tuple(resolve(state, argument) for argument in tree.type_arguments)
    if not is_property or is_variable_or_default(receiver, tree.name):
        return MethodGroup(receiver, tree.name, rows, arguments, tree.span, tree.name_span)
    return _property(state, receiver, rows[0], tree)


def _property(state: State, receiver: typed.Typed, bound: Bound, tree: Member) -> typed.Typed:
    row, known, owner = bound
    result = substituted(row.result, known)
    if not result.is_value:
        return typed.Ambient(result, tree.span)
    state.waits = state.waits or row.waits
    bindings = tuple((variable.name, type_) for variable, type_ in known.items())
    can_be_null = result.is_reference or is_nullable_value(result)
    return typed.Use(row, received(receiver, owner), (), result, tree.span, row.nullable and can_be_null, bindings)


def _in_namespace(state: State, target: NamespaceReference, tree: Member) -> Node:
    full = f"{target.name}.{tree.name}"
    arguments = tuple(resolve(state, argument) for argument in tree.type_arguments)
    type_ = type_named(full, len(arguments))
    if type_ is not None:
        return TypeReference(type_.of(*arguments) if arguments else type_, tree.span)
    if full in NAMESPACES:
        return NamespaceReference(full, tree.span)
    raise state.unsupported(tree.name_span, f"the type `{full}`")


def _field(state: State, receiver: typed.Typed, tree: Member) -> typed.Typed:
    """A property of an anonymous object, whose type tells the names."""
    fields = dict(zip(receiver.type.shown.split(","), receiver.type.arguments, strict=True))
    type_ = fields.get(tree.name)
    if type_ is None:
        raise state.refuse(
            codes.MEMBER_UNKNOWN,
            tree.name_span,
            target=_target(tree),
            member=tree.name,
            help=did_you_mean_or_known(tree.name, fields),
        )
    return typed.Field(receiver, tree.name, type_, tree.span, type_.is_reference or is_nullable_value(type_))


def _rows(state: State, type_: Type, tree: Member, *, is_static: bool) -> tuple[Bound, ...]:
    """The overloads that exist here."""
    rows = bound_rows(type_, tree.name, static=is_static)
    if is_variable_or_default(typed.Ambient(type_, tree.span), tree.name) and not rows:
        return _VARIABLE_OR_DEFAULT
    for row, _, _ in rows[:1]:
        if row.sections and state.section not in row.sections:
            raise state.refuse(
                codes.SECTION_LACKS,
                tree.name_span,
                member=tree.name if in_chain(tree) else print_expression(tree),
                section=state.section,
                reason=f"only {' and '.join(row.sections)} have it",
            )
    return rows


_VARIABLE_OR_DEFAULT: Final[tuple[Bound, ...]] = (
    (MemberRow(VARIABLES, "GetValueOrDefault", STRING, "nil", ()), {}, VARIABLES),
)


def _unknown(state: State, target: TypeReference | typed.Typed, tree: Member) -> Refused:
    is_static = isinstance(target, TypeReference)
    other = bound_rows(target.type, tree.name, static=not is_static)
    if other:
        kind = f"a member of the class: write `{target.type}.{tree.name}`" if not is_static else "a member of values"
        help = f"it is {kind}"
    else:
        help = did_you_mean_or_known(tree.name, names(target.type, static=is_static))
    return state.refuse(
        codes.MEMBER_UNKNOWN,
        tree.name_span,
        target=_target(tree) if not in_chain(tree) else str(target.type),
        member=tree.name,
        label=f"not a member of {target.type}",
        help=help,
    )


def _target(tree: Member) -> str:
    return print_expression(tree.target)


def in_chain(tree: Expression) -> bool:
    """Whether the tree hangs on a Receiver, so that it has no text of its own."""
    while True:
        match tree:
            case Receiver():
                return True
            case Member(target=inner) | Index(target=inner) | Call(function=inner):
                tree = inner
            case _:
                return False


# -- calls


def call(state: State, tree: Call) -> typed.Typed:
    """A call of a method, of a local function, or of a value that is a function."""
    function = tree.function
    if isinstance(function, Name):
        variable = state.variable(function.name)
        if variable is not None and variable.is_function:
            return call_function(state, variable, tree)
        if variable is None and function.name == "nameof" and len(tree.arguments) == 1:
            return _name_of(state, tree)
        if variable is None and type_named(function.name, 0) is None and function.name != "context":
            raise state.unknown(function.span, function.name, (n for scope in state.scopes for n in scope))
    node = member(state, function, called=True) if isinstance(function, Member) else state.node(function)
    if not isinstance(node, MethodGroup):
        return call_value(state, as_value(state, node), tree)
    arguments = given_arguments(state, tree.arguments)
    if is_variable_or_default(node.receiver, node.name):
        return variable_or_default(state, arguments, node.type_arguments, tree.span, node.name_span)
    rows = tuple(bound for bound in node.rows if bound[0].parameters is not None)
    return apply(
        state,
        node.receiver,
        rows,
        arguments,
        span=tree.span,
        name=node.name,
        at=node.name_span,
        type_arguments=node.type_arguments,
    )


def _name_of(state: State, tree: Call) -> typed.Typed:
    argument = tree.arguments[0].value
    if not isinstance(argument, Name | Member):
        raise state.unsupported(tree.span, "this `nameof`")
    state.node(argument)
    return typed.Constant(argument.name, STRING, tree.span)


def index(state: State, tree: Index) -> typed.Typed:
    """`target[arguments]`"""
    target = as_value(state, state.node(tree.target))
    rows = bound_rows(target.type, INDEXER)
    if not rows:
        raise state.mismatch(tree.target.span, "what is indexed", str(target.type), "an array or a dictionary")
    arguments = given_arguments(state, tree.arguments)
    return apply(state, target, rows, arguments, span=tree.span, name="[]", at=arguments[0].span)


def chain(state: State, tree: ConditionalAccess) -> typed.Typed:
    """`target?.chain`"""
    target = as_value(state, state.node(tree.target))
    if not target.type.is_value:
        # `context?.Request`: never null, so `?.` is `.`; the slot is the ambient thing itself.
        state.slots.append(target.type)
        body = state.node(tree.chain)
        state.slots.pop()
        return as_value(state, body)
    if not target.type.is_reference and not is_nullable_value(target.type):
        raise state.mismatch(tree.target.span, "the value before `?.`", str(target.type), "something that may be null")
    state.slots.append(underlying(target.type))
    body_ = state.value(tree.chain)
    state.slots.pop()
    is_plain = body_.type.is_reference or is_nullable_value(body_.type) or body_.type.name == "void"
    return typed.Chain(target, body_, body_.type if is_plain else nullable(body_.type), tree.span)


def slot(state: State, span: Span) -> Node:
    """The value before `?.`."""
    type_ = state.slots[-1]
    return typed.Slot(type_, span) if type_.is_value else typed.Ambient(type_, span)
