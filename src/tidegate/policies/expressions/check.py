"""The type checker: a syntax tree and the table of members to a typed tree.

It accepts what C# accepts of the part of the language that is read, and nothing else: what would be an error to Azure
is an error here, with the place. Where C#'s nullable types would differ (`a?.B == true`), the same holds.

The file is long because one walk over all kinds of nodes is easier to trust than several.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, assert_never

from tidegate.diagnostics import Found, Located, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.members import names, rows
from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.printer import print_expression
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
    TypeName,
)
from tidegate.policies.expressions.types import (
    BOOL,
    BY_NAME,
    CONTEXT,
    INT,
    JWT,
    NULL,
    OBJECT,
    STRING,
    STRING_ARRAY,
    STRING_CLASS,
    VARIABLES,
    Type,
    converts,
)

_ROOTS: Final = {"context": CONTEXT, "string": STRING_CLASS, "String": STRING_CLASS}
_TEXTS: Final = (STRING, INT, BOOL, OBJECT, NULL)
"""Types whose ToString is a value somebody may want; of the others it is their type's name."""
_LUA_SIGNS: Final = {"==": "==", "!=": "~=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that will run."""

    tree: typed.Typed
    source: str
    """The expression as C#, for summaries."""
    variables: tuple[Located[str], ...] = ()
    """Variables that it reads by a literal name."""


def check_expression(tree: Expression, *, wanted: Type, section: str, found: Found) -> Checked | None:
    """Give the tree types, so that its value can be used as `wanted`. None if it cannot be; `found` says why.

    A `wanted` string takes what has a text: numbers, booleans and objects become their ToString.
    """
    checker = _Checker(section, found)
    try:
        value = checker.value(tree)
        if wanted is STRING:
            value = checker.text(value)
        elif not converts(value.type, wanted) or (value.nullable and not wanted.is_reference):
            raise checker.mismatch(value.span, "the expression", value, str(wanted))
    except _Refused:
        return None
    return Checked(value, print_expression(tree), tuple(checker.variables))


class _Refused(Exception):
    """The expression is not accepted, and `found` says why."""


@dataclass(slots=True)
class _Checker:
    section: str
    found: Found
    variables: list[Located[str]] = field(default_factory=list)
    slots: list[Type] = field(default_factory=list)

    # -- refusals

    def mismatch(self, at: Span, what: str, given: typed.Typed, expected: str, *, help: str = "") -> _Refused:
        shown = f"{given.type}?" if given.nullable and not given.type.is_reference else str(given.type)
        self.found.add(codes.TYPE_MISMATCH, at=at, what=what, given=shown, expected=expected, help=help)
        return _Refused()

    # -- values

    def value(self, tree: Expression) -> typed.Typed:
        """Check something that must be a value."""
        node = self.node(tree)
        if not node.type.is_value:
            kind = "a type" if node.type is STRING_CLASS else f"an {node.type}"
            text = print_expression(tree) if not isinstance(tree, Receiver) else str(node.type)
            self.found.add(
                codes.NOT_A_VALUE, at=tree.span, text=text, kind=kind, help=did_you_mean_or_known("", _names_of(node.type))
            )
            raise _Refused
        return node

    def node(self, tree: Expression) -> typed.Typed:
        match tree:
            case Literal(value=value, span=span):
                return typed.Constant(value, _literal_type(tree), span)
            case Interpolation(parts=parts, span=span):
                return typed.Text(tuple(self._part(part, span) for part in parts), span)
            case Name(name=name, span=span):
                return self._name(name, span)
            case Receiver(span=span):
                return typed.Slot(self.slots[-1], span)
            case Member():
                return self._property(tree)
            case Call():
                return self._call(tree)
            case Index(target=target, index=index, span=span):
                return self._index(self.node(target), self.value(index), span)
            case ConditionalAccess():
                return self._chain(tree)
            case Cast(type=type_, operand=operand, span=span):
                return self._cast(type_, self.value(operand), span)
            case Not(operand=operand, span=span):
                return typed.Negation(self._condition(operand), span)
            case Binary():
                return self._binary(tree)
            case Conditional():
                return self._choice(tree)
            case ArrayCreation():
                return self._array(tree)
            case _:
                assert_never(tree)

    def text(self, value: typed.Typed) -> typed.Typed:
        """The value as text, in the way of ToString."""
        if value.type is STRING or value.type is NULL:
            return value
        if value.type not in _TEXTS:
            raise self.mismatch(
                value.span,
                "the value",
                value,
                "string",
                help='join the values: `String.Join(",", ...)`' if value.type in (STRING_ARRAY,) else "",
            )
        return typed.Text((value,), value.span)

    def _part(self, part: str | Expression, span: Span) -> typed.Typed:
        if isinstance(part, str):
            return typed.Constant(part, STRING, span)
        return self.text(self.value(part))

    def _name(self, name: str, span: Span) -> typed.Typed:
        root = _ROOTS.get(name)
        if root is None:
            self.found.add(codes.NAME_UNKNOWN, at=span, name=name, help=did_you_mean_or_known(name, _ROOTS))
            raise _Refused
        return typed.Ambient(root, span)

    def _condition(self, tree: Expression) -> typed.Typed:
        value = self.value(tree)
        if value.type is not BOOL or value.nullable:
            help = "compare it: `... == true`" if value.type is BOOL else ""
            raise self.mismatch(tree.span, "the condition", value, "bool", help=help)
        return value

    # -- members

    def _property(self, tree: Member) -> typed.Typed:
        receiver = self.node(tree.target)
        row = next((r for r in self._rows(receiver, tree) if r.parameters is None), None)
        if row is None:
            self.found.add(
                codes.NOT_A_VALUE,
                at=tree.name_span,
                text=tree.name,
                kind="a method",
                help=f"call it: `{tree.name}(...)`",
            )
            raise _Refused
        if tree.type_arguments:
            self._unknown(receiver, tree)
        if not row.result.is_value:
            return typed.Ambient(row.result, tree.span)
        return typed.Use(row, receiver, (), tree.span, row.nullable)

    def _rows(self, receiver: typed.Typed, tree: Member) -> tuple[MemberRow, ...]:
        """The overloads that exist here; at least one."""
        candidates = _rows_of(receiver.type, tree.name)
        if not candidates:
            raise self._unknown(receiver, tree)
        sections = candidates[0].sections
        if sections and self.section not in sections:
            self.found.add(
                codes.SECTION_LACKS,
                at=tree.name_span,
                member=print_expression(tree) if not _in_chain(tree) else tree.name,
                section=self.section,
                reason=f"only {' and '.join(sections)} have it",
            )
            raise _Refused
        return candidates

    def _unknown(self, receiver: typed.Typed, tree: Member) -> _Refused:
        target = str(receiver.type) if _in_chain(tree) else print_expression(tree.target)
        self.found.add(
            codes.MEMBER_UNKNOWN,
            at=tree.name_span,
            target=target,
            member=tree.name,
            label=f"not a member of {receiver.type}",
            help=did_you_mean_or_known(tree.name, _names_of(receiver.type)),
        )
        return _Refused()

    def _call(self, tree: Call) -> typed.Typed:
        if not isinstance(tree.function, Member):
            self.found.add(
                codes.EXPRESSION_UNSUPPORTED, at=tree.function.span, what="a call of something without a name"
            )
            raise _Refused
        function = tree.function
        receiver = self.node(function.target)
        if receiver.type is VARIABLES and function.name == "GetValueOrDefault":
            return self._variable_or_default(tree, function)
        candidates = tuple(r for r in self._rows(receiver, function) if r.parameters is not None)
        arguments = tuple(self.value(a) for a in tree.arguments)
        if function.type_arguments:
            self.found.add(codes.EXPRESSION_UNSUPPORTED, at=function.name_span, what="this type argument")
            raise _Refused
        return self._apply(receiver, candidates, arguments, tree.span, function.name, function.name_span)

    def _index(self, receiver: typed.Typed, index: typed.Typed, span: Span) -> typed.Typed:
        candidates = rows(receiver.type, INDEXER)
        if not candidates:
            raise self.mismatch(receiver.span, "what is indexed", receiver, "an array or a dictionary")
        return self._apply(receiver, candidates, (index,), span, "[]", index.span)

    def _apply(
        self,
        receiver: typed.Typed,
        candidates: tuple[MemberRow, ...],
        arguments: tuple[typed.Typed, ...],
        span: Span,
        name: str,
        at: Span,
    ) -> typed.Typed:
        row = next((r for r in candidates if _takes(r, arguments)), None)
        if row is None:
            self.found.add(
                codes.ARGUMENTS_UNKNOWN,
                at=at,
                member=name,
                given=", ".join(str(a.type) for a in arguments),
                expected=" or ".join(r.signature for r in candidates) or "no arguments: it is a property",
            )
            raise _Refused
        if row.owner is VARIABLES and isinstance(arguments[0], typed.Constant) and row.reads_variable:
            self.variables.append(Located(str(arguments[0].value), arguments[0].span))
        nullable = row.nullable or (row.nullable_with is not None and arguments[row.nullable_with].nullable)
        return typed.Use(row, receiver, arguments, span, nullable)

    def _variable_or_default(self, tree: Call, function: Member) -> typed.Typed:
        arguments = tuple(self.value(a) for a in tree.arguments)
        if not 1 <= len(arguments) <= 2 or arguments[0].type is not STRING:
            self.found.add(
                codes.ARGUMENTS_UNKNOWN,
                at=function.name_span,
                member="GetValueOrDefault",
                given=", ".join(str(a.type) for a in arguments),
                expected="<T>(string) or <T>(string, T)",
            )
            raise _Refused
        default = arguments[1] if len(arguments) == 2 else None
        if function.type_arguments:
            type_ = self._type(function.type_arguments[0])
        elif default is not None and default.type is not NULL:
            type_ = default.type
        else:
            type_ = OBJECT
        if default is not None and not converts(default.type, type_):
            raise self.mismatch(default.span, "the default", default, str(type_))
        nullable = type_.is_reference and (default is None or default.nullable)
        return typed.VariableOrDefault(arguments[0], default, type_, tree.span, nullable)

    def _chain(self, tree: ConditionalAccess) -> typed.Typed:
        target = self.node(tree.target)
        if not target.type.is_value:
            # `context?.Request`: never null, so `?.` is `.`; the slot is the ambient thing itself.
            self.slots.append(target.type)
            body = self.node(tree.chain)
            self.slots.pop()
            return body
        if not target.type.is_reference and not target.nullable:
            raise self.mismatch(target.span, "the value before `?.`", target, "something that may be null")
        self.slots.append(target.type)
        body = self.value(tree.chain)
        self.slots.pop()
        return typed.Chain(target, body, tree.span)

    # -- operators

    def _type(self, name: TypeName) -> Type:
        type_ = BY_NAME.get(str(name))
        if type_ is None:
            self.found.add(
                codes.EXPRESSION_UNSUPPORTED,
                at=name.span,
                what=f"the type `{name}`",
                help=did_you_mean_or_known(str(name), BY_NAME),
            )
            raise _Refused
        return type_

    def _cast(self, name: TypeName, operand: typed.Typed, span: Span) -> typed.Typed:
        type_ = self._type(name)
        if operand.type is OBJECT and type_ is not OBJECT:
            return typed.Unboxed(operand, type_, span, operand.nullable and type_.is_reference)
        if operand.type is type_ and not (operand.nullable and not type_.is_reference):
            return operand
        if operand.type is NULL and type_.is_reference:
            return typed.Constant(None, type_, span)
        self.found.add(codes.CAST_UNKNOWN, at=span, given=str(operand.type), type=str(name))
        raise _Refused

    def _binary(self, tree: Binary) -> typed.Typed:
        match tree.operator:
            case Operator.AND | Operator.OR:
                word = "and" if tree.operator is Operator.AND else "or"
                return typed.Logic(word, self._condition(tree.left), self._condition(tree.right), tree.span)
            case Operator.ADD:
                return self._concatenation(tree)
            case Operator.COALESCE:
                left, right = self.value(tree.left), self.value(tree.right)
                if not left.type.is_reference and not left.nullable:
                    raise self.mismatch(left.span, "the left side of `??`", left, "something that may be null")
                if not converts(right.type, left.type):
                    raise self.mismatch(right.span, "the right side of `??`", right, str(left.type))
                return typed.Coalesce(left, right, tree.span)
            case _:
                return self._comparison(tree)

    def _concatenation(self, tree: Binary) -> typed.Typed:
        left, right = self.value(tree.left), self.value(tree.right)
        if STRING not in (left.type, right.type):
            raise self.mismatch(tree.span, "one side of `+`", left, "string", help="arithmetic is not translated yet")
        parts: list[typed.Typed] = []
        for side in (left, right):
            self.text(side)
            # "a" + b + c is one text of three parts, as long as each `+` was one of strings.
            parts += side.parts if isinstance(side, typed.Text) else (side,)
        return typed.Text(tuple(parts), tree.span)

    def _comparison(self, tree: Binary) -> typed.Typed:
        left, right = self.value(tree.left), self.value(tree.right)
        sign = _LUA_SIGNS[tree.operator]
        if tree.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            same = left.type is right.type and left.type in (STRING, BOOL, INT, JWT)
            with_null = any(
                a.type is NULL and (b.type.is_reference or b.nullable) for a, b in ((left, right), (right, left))
            )
            if not same and not with_null:
                help = (
                    "cast the object first: `(string)context.Variables[...]`"
                    if OBJECT in (left.type, right.type)
                    else ""
                )
                raise self.mismatch(
                    right.span, f"the right side of `{tree.operator}`", right, str(left.type), help=help
                )
        else:
            for side in (left, right):
                if side.type is not INT or side.nullable:
                    raise self.mismatch(side.span, f"a side of `{tree.operator}`", side, "int")
        return typed.Compare(sign, left, right, tree.span)

    def _choice(self, tree: Conditional) -> typed.Typed:
        condition = self._condition(tree.condition)
        then, otherwise = self.value(tree.then), self.value(tree.otherwise)
        for a, b in ((then, otherwise), (otherwise, then)):
            if converts(a.type, b.type):
                return typed.Choice(condition, then, otherwise, b.type, tree.span)
        raise self.mismatch(otherwise.span, "the value behind `:`", otherwise, str(then.type))

    def _array(self, tree: ArrayCreation) -> typed.Typed:
        if tree.element is not None and self._type(tree.element) is not STRING:
            self.found.add(codes.EXPRESSION_UNSUPPORTED, at=tree.span, what=f"an array of `{tree.element}`")
            raise _Refused
        if tree.element is None and not tree.items:
            self.found.add(codes.EXPRESSION_SYNTAX, at=tree.span, detail="an array without elements needs a type")
            raise _Refused
        items = tuple(self.value(item) for item in tree.items)
        for item in items:
            if not converts(item.type, STRING):
                raise self.mismatch(item.span, "an element", item, "string")
        return typed.Array(items, tree.span)


def _rows_of(type_: Type, name: str) -> tuple[MemberRow, ...]:
    return rows(STRING, name, static=True) if type_ is STRING_CLASS else rows(type_, name)


def _names_of(type_: Type) -> tuple[str, ...]:
    return names(STRING, static=True) if type_ is STRING_CLASS else names(type_)


def _literal_type(literal: Literal) -> Type:
    match literal.value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int():
            return INT
        case str():
            return STRING


def _takes(row: MemberRow, arguments: tuple[typed.Typed, ...]) -> bool:
    parameters = row.parameters or ()
    if row.repeats:
        parameters = (*parameters, *(parameters[-1:] * (len(arguments) - len(parameters))))
    return len(parameters) == len(arguments) and all(
        converts(a.type, p) for a, p in zip(arguments, parameters, strict=True)
    )


def _in_chain(tree: Expression) -> bool:
    """Whether the tree hangs on a Receiver, so that it has no text of its own."""
    match tree:
        case Receiver():
            return True
        case Member(target=target) | Index(target=target):
            return _in_chain(target)
        case Call(function=function):
            return _in_chain(function)
        case _:
            return False
