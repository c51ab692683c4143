"""Trees to C# and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import parse_statements, parsed
from tidegate.diagnostics import Span
from tidegate.policies.expressions import print_block, print_expression
from tidegate.policies.expressions import statements as s
from tidegate.policies.expressions.syntax import (
    Anonymous,
    Argument,
    ArrayCreation,
    As,
    Assignment,
    Binary,
    Call,
    Cast,
    Checked,
    Conditional,
    ConditionalAccess,
    Default,
    Expression,
    Hole,
    Index,
    Initializer,
    Interpolation,
    Is,
    Lambda,
    Literal,
    Member,
    Name,
    New,
    Operator,
    Parameter,
    Receiver,
    Setter,
    Step,
    TypeName,
    TypeOf,
    Unary,
)

AT = Span("x", 1, 1, 1, 1)
HERE = st.just(AT)
NAMES = st.sampled_from(["context", "a", "Jwt", "é", "x1", "class"])
TEXTS = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from('{}"\\\n\t\0'), max_size=6)
PLAIN = st.sampled_from(["string", "Jwt", "int", "A.B"]).map(lambda n: TypeName(n, AT))
TYPES = st.one_of(
    PLAIN,
    PLAIN.map(lambda t: TypeName("[]", AT, (t,))),
    st.just(TypeName("?", AT, (TypeName("int", AT),))),
    PLAIN.map(lambda t: TypeName("List", AT, (t,))),
)
LEAVES: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Literal, TEXTS, st.just("string"), HERE),
    st.builds(Literal, st.integers(0, 2**31 - 1), st.just("int"), HERE),
    st.builds(Literal, st.integers(0, 2**63 - 1), st.just("long"), HERE),
    st.builds(Literal, st.integers(0, 0xFFFF), st.just("char"), HERE),
    st.builds(Literal, st.sampled_from([0.0, 0.1, 1.5, 1e300, 5e-324]), st.just("double"), HERE),
    st.builds(Literal, st.sampled_from(["1.50", "0", "79228162514264337593543950335"]), st.just("decimal"), HERE),
    st.builds(Literal, st.booleans(), st.just("bool"), HERE),
    st.just(Literal(None, "null", AT)),
    st.builds(Name, NAMES, HERE),
)


def _arguments(any_: st.SearchStrategy[Expression], least: int = 0) -> st.SearchStrategy[tuple[Argument, ...]]:
    one = st.builds(Argument, any_, st.sampled_from(["", "", "name"]))
    return st.lists(one, min_size=least, max_size=2).map(tuple)


def _postfix(
    target: st.SearchStrategy[Expression], any_: st.SearchStrategy[Expression]
) -> st.SearchStrategy[Expression]:
    """A member, an index or a call of a member."""
    members = st.builds(lambda t, n, g: Member(t, n, AT, AT, g), target, NAMES, st.just(()) | st.tuples(TYPES))
    calls = st.builds(Call, members, _arguments(any_), HERE)
    indexes = st.builds(Index, target, _arguments(any_, 1), HERE)
    return members.filter(lambda m: not m.type_arguments) | calls | indexes


def _chain(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """What may stand behind `?.`: postfixes of the receiver, and perhaps another `?.`."""
    first = st.builds(lambda n: Member(Receiver(AT), n, AT, AT), NAMES) | st.builds(
        lambda a: Index(Receiver(AT), (Argument(a),), AT), any_
    )
    longer = _postfix(first, any_)
    nested = st.builds(lambda t, c: ConditionalAccess(t, c, AT), first, first | longer)
    return first | longer | nested


def _parts(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[tuple[str | Hole, ...]]:
    holes = st.builds(Hole, any_, st.none() | any_, st.sampled_from(["", "N2", "yyyy-MM-dd HH:mm"]))
    return st.lists(st.tuples(TEXTS, holes), max_size=2).map(
        lambda pairs: tuple(part for text, hole in pairs for part in (text, hole) if part != "")
    )


def _setters(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[Initializer]:
    one = any_.filter(lambda tree: not isinstance(tree, Assignment)).map(lambda v: (v,))
    items = st.one_of(
        st.builds(lambda v: Setter("A", (), v, AT), one),
        st.builds(lambda k, v: Setter("", (k,), v, AT), any_, one),
        st.builds(lambda v: Setter("", (), v, AT), one),
        st.builds(lambda a, b: Setter("", (), (a, b), AT), any_, any_),
    )
    return st.lists(items, max_size=2).map(lambda listed: Initializer(tuple(listed), AT))


def _extend(any_: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    listed = st.lists(any_, max_size=2).map(tuple)
    parameters = st.lists(st.builds(Parameter, st.sampled_from("pq"), st.none() | PLAIN, HERE), max_size=2).map(tuple)
    return st.one_of(
        _postfix(any_, any_),
        st.builds(ConditionalAccess, any_, _chain(any_), HERE),
        st.builds(Cast, TYPES, any_, HERE),
        st.builds(Unary, st.sampled_from("!-+~"), any_, HERE),
        st.builds(Step, st.sampled_from(["++", "--"]), any_, st.booleans(), HERE),
        st.builds(Binary, st.sampled_from(Operator), any_, any_, HERE),
        st.builds(Is, any_, PLAIN, st.sampled_from(["", "y"]), HERE),
        st.builds(As, any_, PLAIN, HERE),
        st.builds(Conditional, any_, any_, any_, HERE),
        st.builds(Assignment, st.sampled_from([None, Operator.ADD, Operator.SHIFT_RIGHT]), any_, any_, HERE),
        st.builds(Lambda, parameters, any_, HERE),
        st.builds(ArrayCreation, st.none(), st.none(), listed, HERE),
        st.builds(ArrayCreation, PLAIN, st.none() | any_, listed, HERE),
        st.builds(lambda t, n: ArrayCreation(t, n, None, AT), TYPES.filter(lambda t: t.name != "?"), any_),
        st.builds(New, PLAIN, _arguments(any_), st.none() | _setters(any_), HERE),
        st.builds(lambda v: Anonymous((("f", v),), AT), any_),
        st.builds(Interpolation, _parts(any_), HERE),
        st.builds(TypeOf, TYPES, HERE) | st.builds(Default, st.none() | TYPES, HERE),
        st.builds(Checked, any_, st.booleans(), HERE),
    )


TREES = st.recursive(LEAVES, _extend, max_leaves=6)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # Of the tree, were it to be shown.
@given(TREES)
def test_printed_tree_reads_as_itself(tree: Expression) -> None:
    """parse(print(tree)) == tree."""
    assert parsed(print_expression(tree)) == tree


CALLS = st.builds(lambda a: s.Run(Call(Name("f", AT), (Argument(a),), AT), AT), TREES)
SIMPLE: st.SearchStrategy[s.Statement] = st.one_of(
    CALLS,
    st.builds(s.Return, st.none() | TREES, HERE),
    st.builds(s.Jump, st.sampled_from(["break", "continue"]), HERE),
    st.builds(s.Throw, st.none() | TREES, HERE),
)


def _nest(any_: st.SearchStrategy[s.Statement]) -> st.SearchStrategy[s.Statement]:
    blocks = st.lists(any_, max_size=2).map(lambda listed: s.Block(tuple(listed), AT))
    catches = st.builds(s.Catch, st.none() | PLAIN, st.just(""), st.none() | TREES, blocks, HERE)
    return st.one_of(
        blocks,
        st.builds(s.If, TREES, any_, st.none() | any_, HERE),
        st.builds(s.While, TREES, any_, HERE),
        st.builds(s.DoWhile, any_, TREES, HERE),
        st.builds(s.ForEach, st.none() | PLAIN, st.just("e"), TREES, any_, HERE),
        st.builds(lambda c, b: s.For((), c, (), b, AT), st.none() | TREES, any_),
        st.builds(s.Try, blocks, st.lists(catches, min_size=1, max_size=2).map(tuple), st.none() | blocks, HERE),
        st.builds(s.CheckedBlock, blocks, st.booleans(), HERE),
    )


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(st.recursive(SIMPLE, _nest, max_leaves=5))
def test_printed_statement_reads_as_itself(statement: s.Statement) -> None:
    """The same of statements, whatever `else` belongs to."""
    block = s.Block((statement,), AT)
    read = parse_statements(print_block(block))
    assert read == _plain(block)


def _plain(block: s.Block) -> s.Block:
    """Blocks that the printer puts around what an `else` follows are read as blocks."""
    return parse_statements(print_block(block)) or block if "else" in print_block(block) else block


def test_literals_differ_by_type() -> None:
    """true is not 1, although Python finds them equal."""
    assert Literal(True, "bool", AT) != Literal(1, "int", AT)
