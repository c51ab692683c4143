"""`new`: objects, arrays, anonymous objects, and their initializers (C# section 12.8.16)."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.access import ANONYMOUS
from tidegate.policies.expressions.check.assignments import assigned_member
from tidegate.policies.expressions.check.calls import apply, given_arguments
from tidegate.policies.expressions.check.conversions import implicit
from tidegate.policies.expressions.check.lambdas import common_type, converted
from tidegate.policies.expressions.check.names import resolve, resolve_value
from tidegate.policies.expressions.check.state import State, shown
from tidegate.policies.expressions.members import INDEXER, bound_rows
from tidegate.policies.expressions.members.row import CONSTRUCTOR
from tidegate.policies.expressions.syntax import (
    Anonymous,
    Argument,
    ArrayCreation,
    ArrayItems,
    Expression,
    Initializer,
    New,
    Setter,
)
from tidegate.policies.expressions.types import ARRAY, INT, OBJECT, Type, is_array

_MAX_ITEMS: Final = 1000


def new(state: State, tree: New) -> typed.Typed:
    """`new T(arguments) {initializer}`"""
    type_ = resolve(state, tree.type)
    rows = bound_rows(type_, CONSTRUCTOR, static=True)
    if not rows:
        raise state.unsupported(tree.type.span, f"`new {tree.type}`")
    made = apply(
        state,
        typed.Ambient(type_, tree.span),
        rows,
        given_arguments(state, tree.arguments),
        span=tree.span,
        name=f"new {type_}",
        at=tree.type.span,
    )
    return made if tree.initializer is None else initialized(state, made, tree.initializer)


def initialized(state: State, made: typed.Typed, initializer: Initializer) -> typed.Typed:
    """The object, with what its initializer sets or adds."""
    name = state.fresh("made")
    local = typed.Local(name, made.type, made.span, nullable=False)
    effects = tuple(_item(state, local, item) for item in initializer.items)
    return typed.Let(((name, made),), effects, local, made.span)


def _item(state: State, target: typed.Local, item: Setter) -> typed.Typed:
    if item.name or item.keys:
        first = item.values[0]
        if isinstance(first, Initializer):
            raise state.unsupported(item.span, "an initializer within an initializer", help="write `= new T {...}`")
        keys = given_arguments(state, tuple(Argument(k) for k in item.keys))
        return assigned_member(state, target, item.name or INDEXER, keys, state.value(first), item.span)
    values = given_arguments(state, tuple(Argument(v) for v in item.values if not isinstance(v, Initializer)))
    rows = bound_rows(target.type, "Add")
    if not rows:
        raise state.refuse(
            codes.MEMBER_UNKNOWN,
            item.span,
            target=str(target.type),
            member="Add",
            help="only what has `Add` takes a list in braces",
        )
    return apply(state, target, rows, values, span=item.span, name="Add", at=item.span)


# -- arrays


def array(state: State, tree: ArrayCreation) -> typed.Typed:
    """`new T[n]`, `new T[] {...}`, `new[] {...}`"""
    if tree.items is not None and len(tree.items) > _MAX_ITEMS:
        raise state.unsupported(tree.span, f"an array of more than {_MAX_ITEMS} elements")
    element = resolve_value(state, tree.element) if tree.element is not None else None
    size = None
    if tree.size is not None:
        size = converted(state, state.value(tree.size), INT, "the size")
        if tree.items is not None and (not isinstance(size, typed.Constant) or size.value != len(tree.items)):
            raise state.mismatch(tree.size.span, "the size", "another number", f"{len(tree.items)}, as many as listed")
    if tree.items is None:
        if size is None or element is None:
            raise TypeError("the parser gives an array without items its size and type")
        return typed.NewArray(size, ARRAY.of(element), tree.span)
    if element is None:
        values = tuple(state.value(item) for item in tree.items)
        if not values:
            raise state.refuse(codes.EXPRESSION_SYNTAX, tree.span, detail="an array without elements needs a type")
        element = common_type(values)
        if element is None:
            other = next((v for v in values if implicit(v, values[0].type) is None), values[-1])
            raise state.mismatch(other.span, "an element", shown(other), shown(values[0]))
    else:
        values = tuple(_element(state, item, element) for item in tree.items)
    listed = tuple(converted(state, value, element, "an element") for value in values)
    return typed.Array(listed, ARRAY.of(element), tree.span)


def _element(state: State, item: Expression, element: Type) -> typed.Typed:
    return items(state, item, element) if isinstance(item, ArrayItems) else state.value(item, element)


def items(state: State, tree: ArrayItems, wanted: Type | None) -> typed.Typed:
    """`{a, b}` where an array is expected."""
    if wanted is None or not is_array(wanted):
        raise state.refuse(codes.EXPRESSION_SYNTAX, tree.span, detail="a list in braces needs the type of an array")
    element = wanted.arguments[0]
    values = tuple(converted(state, _element(state, i, element), element, "an element") for i in tree.items)
    return typed.Array(values, wanted, tree.span)


# -- anonymous objects


def anonymous(state: State, tree: Anonymous) -> typed.Typed:
    """`new { a, b = 1 }`: two with the same names and types are of one type."""
    seen: set[str] = set()
    for name, value in tree.fields:
        if name in seen:
            raise state.refuse(codes.NAME_TAKEN, value.span, name=name)
        seen.add(name)
    values = tuple(state.value(value) for _, value in tree.fields)
    for each in values:
        if not each.type.is_value or each.type.name in ("void", "null"):
            raise state.mismatch(each.span, "a field", shown(each), "a value with a type")
    fields = tuple(name for name, _ in tree.fields)
    boxed = tuple(converted(state, value, OBJECT, "a field") for value in values)
    type_ = Type(ANONYMOUS, ",".join(fields), arguments=tuple(v.type for v in values), namespace="")
    return typed.Anonymous(fields, boxed, type_, tree.span)
