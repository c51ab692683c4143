"""C# text to our syntax tree, by tree-sitter's grammar and an allow-list of its node types.

The grammar's node names are our interface to it, which is why its version is pinned. A bare expression is no C#
program, so it is read as `class C{object M(){return (` + expression + `);}}`; the wrapper's length is taken off every
position. tree-sitter always returns a tree: wrong input shows as error nodes and missing nodes.

The file is long because the table of node types and what each becomes must stay in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final, Protocol

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions.operators import Item, Operand, Wrap, group
from tidegate.policies.expressions.strings import (
    LoneBrace,
    LoneSurrogate,
    unescape,
    unescape_interpolated,
    unescape_verbatim,
)
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

MAX_LENGTH: Final = 32_768
"""Characters of one expression. Azure's limit is on the document; nobody reads a longer one."""
MAX_DEPTH: Final = 100
"""Of nested operators and brackets: everything that walks the tree may recurse."""

_BEFORE: Final = "class C{object M(){return (\n"
_AFTER: Final = "\n);}}"
_LANGUAGE: Final = Language(tree_sitter_c_sharp.language())
_INTEGER: Final = re.compile(r"[0-9]+(?:_+[0-9]+)*|0[xX][0-9a-fA-F]+")


class Code(Protocol):
    """A text that knows where its characters stood."""

    @property
    def text(self) -> str: ...

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""
        ...

    def cut(self, start: int, end: int) -> Code:
        """A part of it, with the same places."""
        ...


def parse_expression(code: Code, *, found: Found) -> Expression | None:
    """Read what stands between `@(` and `)`. None if it is not accepted; `found` then holds the reasons."""
    if len(code.text) > MAX_LENGTH:
        found.add(codes.EXPRESSION_TOO_LARGE, at=code.span(0, len(code.text)), size=len(code.text), limit=MAX_LENGTH)
        return None
    reader = _Reader(code, found)
    tree = Parser(_LANGUAGE).parse((_BEFORE + code.text + _AFTER).encode("utf-8", "replace"))
    inside = _unwrap(tree.root_node)
    if inside is None or tree.root_node.has_error:
        reader.syntax_error(tree.root_node)
        return None
    try:
        return reader.expression(inside, MAX_DEPTH)
    except _Refused:
        return None


class _Refused(Exception):
    """The expression is not accepted, and `found` says why."""


def _unwrap(root: Node) -> Node | None:
    """The expression inside the wrapper; None if the text broke out of it."""
    node: Node | None = root
    for name in ("class_declaration", "declaration_list", "method_declaration", "block", "return_statement"):
        children = [c for c in node.named_children if c.type == name] if node else []
        only = {"declaration_list": 1, "block": 1}.get(name)
        if len(children) != 1 or (only and node is None):
            return None
        node = children[0]
        if name in ("declaration_list", "block") and len(node.named_children) != 1:
            return None
    if root.named_child_count != 1 or node is None or node.named_child_count != 1:
        return None
    bracket = node.named_children[0]
    if bracket.type != "parenthesized_expression" or bracket.start_byte != len(_BEFORE) - 2:
        return None
    return bracket


@dataclass(slots=True)
class _Reader:
    code: Code
    found: Found
    _starts: list[int] = field(init=False)
    """Byte offset in UTF-8 of each character, when they differ."""

    def __post_init__(self) -> None:
        text = self.code.text
        self._starts = [] if text.isascii() else [0, *accumulate(len(c.encode("utf-8", "replace")) for c in text)]

    # -- places

    def _index(self, byte: int) -> int:
        byte = max(0, byte - len(_BEFORE))
        if not self._starts:
            return min(byte, len(self.code.text))
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high) // 2
            if self._starts[middle] < byte:
                low = middle + 1
            else:
                high = middle
        return low

    def span(self, node: Node) -> Span:
        return self.code.span(self._index(node.start_byte), self._index(node.end_byte))

    def text(self, node: Node) -> str:
        return self.code.text[self._index(node.start_byte) : self._index(node.end_byte)]

    # -- refusals

    def syntax_error(self, root: Node) -> None:
        """Report the first thing that the grammar does not accept."""
        if not self.code.text.strip():
            self.found.add(codes.EXPRESSION_SYNTAX, at=self.code.span(0, len(self.code.text)), detail="it is empty")
            return
        node = _first_error(root)
        if node is None:
            self.found.add(
                codes.EXPRESSION_SYNTAX,
                at=self.code.span(0, len(self.code.text)),
                detail="it ends before its bracket does",
            )
            return
        if node.is_missing:
            detail = f"`{node.type}` is missing here"
        else:
            text = " ".join(self.text(node).split())
            detail = f"`{text[:40]}` does not belong here" if text else "it ends too early"
        self.found.add(codes.EXPRESSION_SYNTAX, at=self.span(node), detail=detail)

    def refuse(self, node: Node, what: str, *, help: str = "") -> _Refused:
        self.found.add(codes.EXPRESSION_UNSUPPORTED, at=self.span(node), what=what, help=help)
        return _Refused()

    # -- nodes

    def expression(self, node: Node, depth: int) -> Expression:
        if depth == 0:
            self.found.add(codes.EXPRESSION_TOO_DEEP, at=self.span(node), limit=MAX_DEPTH)
            raise _Refused
        read = _READERS.get(node.type)
        if read is None:
            what, help = _UNSUPPORTED.get(node.type, (node.type.replace("_", " "), ""))
            raise self.refuse(node, what, help=help)
        return read(self, node, depth - 1)

    def child(self, node: Node, name: str) -> Node:
        child = node.child_by_field_name(name)
        if child is None:
            raise self.refuse(node, f"this form of {node.type.replace('_', ' ')}")
        return child

    def parenthesized(self, node: Node, depth: int) -> Expression:
        return self.expression(_code_children(node)[0], depth)

    def name(self, node: Node, _depth: int) -> Expression:
        return Name(self.text(node), self.span(node))

    def null(self, node: Node, _depth: int) -> Expression:
        return Literal(None, self.span(node))

    def boolean(self, node: Node, _depth: int) -> Expression:
        return Literal(self.text(node) == "true", self.span(node))

    def integer(self, node: Node, _depth: int) -> Expression:
        text = self.text(node)
        if not _INTEGER.fullmatch(text):
            raise self.refuse(node, f"the number `{text}`", help="write a 32-bit integer without suffix")
        value = int(text.replace("_", ""), 16 if text[:2].lower() == "0x" else 10)
        if value > 0x7FFFFFFF:
            raise self.refuse(node, f"the number `{text}`", help="a 32-bit integer ends at 2147483647")
        return Literal(value, self.span(node))

    def string(self, node: Node, _depth: int) -> Expression:
        try:
            return Literal(unescape(self.text(node)[1:-1]), self.span(node))
        except LoneSurrogate:
            raise self.refuse(node, "half of a surrogate pair in a string") from None

    def verbatim_string(self, node: Node, _depth: int) -> Expression:
        return Literal(unescape_verbatim(self.text(node)[2:-1]), self.span(node))

    def interpolated_string(self, node: Node, depth: int) -> Expression:
        verbatim = "@" in self.text(node)[:2]
        parts: list[str | Expression] = []
        # What tree-sitter leaves between the holes is cut by position: it drops some texts and splits others.
        start = node.start_byte + (3 if verbatim else 2)
        for hole in (c for c in node.named_children if c.type == "interpolation"):
            self._literal_part(node, start, hole.start_byte, parts, verbatim=verbatim)
            inner = [c for c in hole.named_children if c.type not in ("interpolation_brace", "comment")]
            if len(inner) != 1:
                clause = inner[-1] if inner else hole
                raise self.refuse(clause, "alignment or format in an interpolated string")
            parts.append(self.expression(inner[0], depth))
            start = hole.end_byte
        self._literal_part(node, start, node.end_byte - 1, parts, verbatim=verbatim)
        return Interpolation(tuple(parts), self.span(node))

    def _literal_part(self, node: Node, start: int, end: int, parts: list[str | Expression], *, verbatim: bool) -> None:
        text = self.code.text[self._index(start) : self._index(end)]
        try:
            meaning = unescape_interpolated(text, verbatim=verbatim)
        except LoneSurrogate:
            raise self.refuse(node, "half of a surrogate pair in a string") from None
        except LoneBrace:
            # The grammar takes `{{{x}` for text.
            help = 'put the brace into the hole: `{"{" + x}`'
            raise self.refuse(node, "a brace beside a hole of an interpolated string", help=help) from None
        if meaning:
            parts.append(meaning)

    def operators(self, node: Node, depth: int) -> Expression:
        """Anything with operators or postfixes, by C#'s precedence instead of the grammar's."""
        return group(self._flat(node, depth + 1))

    def _flat(self, node: Node, depth: int) -> list[Item]:
        """The operands and operators of a node, as far as no brackets stand around them."""
        if depth == 0:
            self.found.add(codes.EXPRESSION_TOO_DEEP, at=self.span(node), limit=MAX_DEPTH)
            raise _Refused
        match node.type:
            case "binary_expression":
                return self._binary(node, depth - 1)
            case "prefix_unary_expression":
                return self._unary(node, depth - 1)
            case "cast_expression":
                type_, start = self.type(self.child(node, "type")), self.span(node)
                items = self._flat(self.child(node, "value"), depth - 1)
                return _prefixed(items, lambda operand: Cast(type_, operand, start.to(operand.span)))
            case "member_access_expression":
                return self._postfix(node, "expression", depth - 1, lambda target: self._member(node, target))
            case "invocation_expression":
                arguments = self._arguments(self.child(node, "arguments"), depth - 1)
                end = self.span(node)
                return self._postfix(node, "function", depth - 1, lambda f: Call(f, arguments, f.span.to(end)))
            case "element_access_expression":
                index, end = self._one_argument(self.child(node, "subscript"), depth - 1), self.span(node)
                return self._postfix(
                    node, "expression", depth - 1, lambda target: Index(target, index, target.span.to(end))
                )
            case "conditional_access_expression":
                return self._postfix(node, "condition", depth - 1, self._access(node, depth - 1))
            case kind:
                return [Operand(self.expression(node, depth - 1), is_closed=kind == "parenthesized_expression")]

    def _binary(self, node: Node, depth: int) -> list[Item]:
        sign = self.text(self.child(node, "operator"))
        if sign == ">" and (cast := _cast_of_generic_call(node)) is not None:
            return [Operand(self._cast_generic_call(node, cast), is_closed=True)]
        try:
            operator = Operator(sign)
        except ValueError:
            raise self.refuse(self.child(node, "operator"), f"the operator `{sign}`") from None
        left, right = (self._flat(self.child(node, side), depth) for side in ("left", "right"))
        return [*left, operator, *right]

    def _unary(self, node: Node, depth: int) -> list[Item]:
        operand = _code_children(node)[0]
        if node.children[0].type == "-" and operand.type == "integer_literal":
            value = self.integer(operand, depth)
            if isinstance(value, Literal) and isinstance(value.value, int):
                return [Operand(Literal(-value.value, self.span(node)))]
        if node.children[0].type != "!":
            raise self.refuse(node, f"the operator `{self.text(node.children[0])}`")
        start = self.span(node)
        return _prefixed(self._flat(operand, depth), lambda tree: Not(tree, start.to(tree.span)))

    def _postfix(self, node: Node, target: str, depth: int, make: Wrap) -> list[Item]:
        """Apply a postfix to the last operand before it."""
        items = self._flat(self.child(node, target), depth)
        if isinstance(items[-1], Operand):
            items[-1].extend(make)
        return items

    def _access(self, node: Node, depth: int) -> Wrap:
        """`?.` with the member or index behind it."""
        binding = _code_children(node)[-1]
        if binding.type == "member_binding_expression":
            return lambda target: ConditionalAccess(
                target, self._member(binding, Receiver(target.span)), target.span.to(self.span(node))
            )
        if binding.type == "element_binding_expression":
            index = self._one_argument(binding, depth)
            return lambda target: ConditionalAccess(
                target, Index(Receiver(target.span), index, self.span(binding)), target.span.to(self.span(node))
            )
        raise self.refuse(binding, binding.type.replace("_", " "))

    def _member(self, node: Node, target: Expression) -> Expression:
        name = self.child(node, "name")
        arguments: tuple[TypeName, ...] = ()
        if name.type == "generic_name":
            listed = [c for c in name.named_children if c.type == "type_argument_list"]
            arguments = tuple(self.type(c) for c in listed[0].named_children) if listed else ()
            name = name.named_children[0]
        return Member(target, self.text(name), self.span(name), target.span.to(self.span(node)), arguments)

    def _arguments(self, node: Node, depth: int) -> tuple[Expression, ...]:
        return tuple(self._argument(c, depth) for c in _code_children(node))

    def _one_argument(self, node: Node, depth: int) -> Expression:
        arguments = self._arguments(node, depth)
        if len(arguments) != 1:
            raise self.refuse(node, "an index of several values")
        return arguments[0]

    def _argument(self, node: Node, depth: int) -> Expression:
        inner = _code_children(node)
        if len(node.children) != 1 or len(inner) != 1:
            raise self.refuse(node, "a named argument, `ref`, `out` or `in`", help="pass the value by position")
        return self.expression(inner[0], depth)

    def type(self, node: Node) -> TypeName:
        if node.type in ("predefined_type", "identifier"):
            return TypeName(self.text(node), self.span(node))
        if node.type == "array_type":
            element = self.type(self.child(node, "type"))
            return TypeName(element.name, self.span(node), element.rank + 1)
        raise self.refuse(node, f"the type `{self.text(node)}`")

    def _cast_generic_call(self, node: Node, cast: Node) -> Expression:
        """`(T)a.B<C>(d)`, which the grammar takes for comparisons: read what follows the cast by itself, where it is
        right, and put the cast over its first operand."""
        type_ = self.type(self.child(cast, "type"))
        code = self.code.cut(self._index(self.child(cast, "value").start_byte), self._index(node.end_byte))
        tree = parse_expression(code, found=self.found)
        if tree is None:
            raise _Refused
        return _over_first(tree, lambda first: Cast(type_, first, self.span(cast).to(first.span)))

    def conditional(self, node: Node, depth: int) -> Expression:
        condition, then, otherwise = (
            self.expression(self.child(node, name), depth) for name in ("condition", "consequence", "alternative")
        )
        return Conditional(condition, then, otherwise, self.span(node))

    def implicit_array(self, node: Node, depth: int) -> Expression:
        items = tuple(self.expression(c, depth) for c in _code_children(_code_children(node)[-1]))
        return ArrayCreation(None, items, self.span(node))

    def array(self, node: Node, depth: int) -> Expression:
        type_ = self.child(node, "type")
        ranks = [c for c in type_.named_children if c.type == "array_rank_specifier"]
        sizes = [c for rank in ranks for c in _code_children(rank)]
        filled = [c for c in node.named_children if c.type == "initializer_expression"]
        items = tuple(self.expression(c, depth) for part in filled for c in _code_children(part))
        if len(ranks) != 1 or (sizes and [self.text(size) for size in sizes] != [str(len(items))]):
            raise self.refuse(node, "an array with a size", help='list its elements: `new string[] {"a", "b"}`')
        return ArrayCreation(self.type(self.child(type_, "type")), items, self.span(node))


_READERS: Final[Mapping[str, Callable[[_Reader, Node, int], Expression]]] = {
    "array_creation_expression": _Reader.array,
    "binary_expression": _Reader.operators,
    "boolean_literal": _Reader.boolean,
    "cast_expression": _Reader.operators,
    "conditional_access_expression": _Reader.operators,
    "conditional_expression": _Reader.conditional,
    "element_access_expression": _Reader.operators,
    "identifier": _Reader.name,
    "implicit_array_creation_expression": _Reader.implicit_array,
    "integer_literal": _Reader.integer,
    "interpolated_string_expression": _Reader.interpolated_string,
    "invocation_expression": _Reader.operators,
    "member_access_expression": _Reader.operators,
    "null_literal": _Reader.null,
    "parenthesized_expression": _Reader.parenthesized,
    "predefined_type": _Reader.name,
    "prefix_unary_expression": _Reader.operators,
    "string_literal": _Reader.string,
    "verbatim_string_literal": _Reader.verbatim_string,
}

_UNSUPPORTED: Final[Mapping[str, tuple[str, str]]] = {
    "assignment_expression": ("an assignment", "expressions cannot change anything; set values with policies"),
    "character_literal": ("a character literal", "write a string of one character"),
    "lambda_expression": ("a lambda", ""),
    "is_expression": ("`is`", ""),
    "as_expression": ("`as`", "cast instead: `(Jwt)context.Variables[...]`"),
    "object_creation_expression": ("`new` of an object", ""),
    "raw_string_literal": ("a raw string literal", 'expressions are C# 7; write a verbatim string @"..."'),
    "real_literal": ("a number with a fraction", "write a 32-bit integer"),
    "ERROR": ("this text", ""),
}


def _code_children(node: Node) -> list[Node]:
    return [c for c in node.named_children if c.type != "comment"]


def _cast_of_generic_call(node: Node) -> Node | None:
    """The cast in `((T)a < b) > (c)`: C# section 6.2.5 makes a call with type arguments of it."""
    left = node.child_by_field_name("left")
    if left is None or left.type != "binary_expression":
        return None
    cast, sign = left.child_by_field_name("left"), left.child_by_field_name("operator")
    return cast if cast and sign and sign.type == "<" and cast.type == "cast_expression" else None


def _over_first(tree: Expression, make: Callable[[Expression], Expression]) -> Expression:
    """Apply something that binds tighter than operators to the operand that the text begins with."""
    if isinstance(tree, Binary):
        return replace(tree, left=_over_first(tree.left, make))
    if isinstance(tree, Conditional):
        return replace(tree, condition=_over_first(tree.condition, make))
    return make(tree)


def _prefixed(items: list[Item], prefix: Wrap) -> list[Item]:
    """Put a prefix before the first operand: it binds tighter than any operator."""
    if isinstance(items[0], Operand):
        items[0].prefixes.insert(0, prefix)
    return items


def _first_error(node: Node) -> Node | None:
    if node.is_missing:
        return node
    if not node.has_error:
        return None
    below = next((e for c in node.children if (e := _first_error(c)) is not None), None)
    return below if below is not None else (node if node.type == "ERROR" else None)
