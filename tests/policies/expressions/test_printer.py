"""Trees to C# and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import parsed
from tidegate.diagnostics import Span
from tidegate.policies.expressions import print_expression
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

AT = Span("x", 1, 1, 1, 1)
NAMES = st.sampled_from(["context", "a", "Jwt", "é", "x1"])
TEXTS = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from('{}"\\\n\t\0'), max_size=6)
TYPES = st.builds(TypeName, st.sampled_from(["string", "Jwt", "int"]), st.just(AT), st.sampled_from([0, 1]))
LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Literal, TEXTS | st.integers(-(2**31) + 1, 2**31 - 1) | st.booleans() | st.none(), st.just(AT)),
    st.builds(Name, NAMES, st.just(AT)),
)


def _postfix(
    target: st.SearchStrategy[Expression], any_: st.SearchStrategy[Expression]
) -> st.SearchStrategy[Expression]:
    """A member, an index or a call of a member."""
    members = st.builds(lambda t, n, g: Member(t, n, AT, AT, g), target, NAMES, st.just(()) | st.tuples(TYPES))
    calls = st.builds(lambda m, a: Call(m, tuple(a), AT), members, st.lists(any_, max_size=2))
    return members.filter(lambda m: not m.type_arguments) | calls | st.builds(Index, target, any_, st.just(AT))


def _chain(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """What may stand behind `?.`: postfixes of the receiver, and perhaps another `?.`."""
    # `(a?[b])[new [] {}]` is a cast to the grammar, so `?[` begins no chain here; test_parse has it.
    first = st.builds(lambda n: Member(Receiver(AT), n, AT, AT), NAMES)
    longer = _postfix(first, any_)
    nested = st.builds(lambda t, c: ConditionalAccess(t, c, AT), first, first | longer)
    return first | longer | nested


def _parts(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[tuple[str | Expression, ...]]:
    # The grammar does not read braces beside a hole, nor in it; the parser refuses them.
    texts = TEXTS.filter(lambda t: not t.endswith("{") and not t.startswith("}"))
    plain = any_.filter(lambda tree: "{" not in print_expression(tree) and "}" not in print_expression(tree))
    return st.lists(st.tuples(texts, plain), max_size=2).map(
        lambda pairs: tuple(part for text, tree in pairs for part in (text, tree) if part != "")
    )


def _extend(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    at = st.just(AT)
    return st.one_of(
        _postfix(any_, any_),
        st.builds(ConditionalAccess, any_, _chain(any_), at),
        st.builds(Cast, TYPES, any_, at),
        st.builds(Not, any_, at),
        st.builds(Binary, st.sampled_from(Operator), any_, any_, at),
        st.builds(Conditional, any_, any_, any_, at),
        st.builds(ArrayCreation, st.none(), st.lists(any_, max_size=2).map(tuple), at),
        st.builds(ArrayCreation, TYPES.filter(lambda t: t.rank == 0), st.lists(any_, max_size=2).map(tuple), at),
        # The grammar does not read `$""`; nobody needs it.
        st.builds(Interpolation, _parts(any_).filter(bool), at),
    )


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # Of the tree, were it to be shown.
@given(st.recursive(LEAVES, _extend, max_leaves=6))
def test_printed_tree_reads_as_itself(tree: Expression) -> None:
    """parse(print(tree)) == tree."""
    assert parsed(print_expression(tree)) == tree


def test_literals_differ_by_type() -> None:
    """true is not 1, although Python finds them equal."""
    assert Literal(True, AT) != Literal(1, AT)
