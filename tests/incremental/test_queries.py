"""The engine: what is run again, what is kept, what is forgotten, and what a failure leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.diagnostics.codes import reading as codes
from tidegate.incremental import Cycle, Frame, Memo, Revision

CODE = codes.CODES[0]
NOTHING = Memo()


class Context:
    """What the queries of these tests see: a table of inputs, some of them absent."""

    def __init__(self, revision: Revision[Context], frame: Frame, inputs: Mapping[str, int]) -> None:
        self.call = revision.call
        self.found = frame.found
        self._frame = frame
        self._inputs = inputs

    def read(self, key: str) -> int | None:
        self._frame.reads(key)
        return self._inputs.get(key)


def revision(before: Memo, old: Mapping[str, int], new: Mapping[str, int]) -> Revision[Context]:
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    return Revision(before, changed, lambda r, frame: Context(r, frame, new))


@dataclass
class Session:
    """Revision after revision."""

    inputs: dict[str, int]
    memo: Memo = NOTHING

    def ask(self, query: Callable[..., Any], *arguments: Any, **edits: int | None) -> tuple[Any, list[str]]:
        """The answer after some edits, and which queries ran."""
        new = {k: v for k, v in {**self.inputs, **edits}.items() if v is not None}
        now = revision(self.memo, self.inputs, new)
        answer = now.call(query, *arguments)
        self.memo, self.inputs = now.finish(), new
        return answer, now.ran


def value(ask: Context, key: str) -> int:
    return ask.read(key) or 0


def even(ask: Context, key: str) -> bool:
    return ask.call(value, key) % 2 == 0


def both_even(ask: Context) -> tuple[bool, bool]:
    return ask.call(even, "a"), ask.call(even, "b")


def test_only_what_is_concerned_runs() -> None:
    """A change of one input leaves what does not look at it alone."""
    session = Session({"a": 2, "b": 4})
    assert session.ask(both_even) == ((True, True), ["both_even", "even", "value", "even", "value"])
    assert session.ask(both_even) == ((True, True), [])
    assert session.ask(both_even, b=5) == ((True, False), ["value", "even", "both_even"])
    assert session.ask(both_even, c=5) == ((True, False), [])


def test_early_cut_off() -> None:
    """An answer that comes out the same stops there, and stays the very object."""
    session = Session({"a": 2, "b": 4})
    first, _ = session.ask(both_even)
    again, ran = session.ask(both_even, a=8)
    assert ran == ["value", "even"]
    assert again is first


def test_equal_answer_keeps_its_identity() -> None:
    """Also when the query ran again: whoever compares by identity sees nothing new."""

    def pair(ask: Context) -> tuple[int, list[int]]:
        return (1, [ask.call(value, "a") // 10])

    session = Session({"a": 10})
    first, _ = session.ask(pair)
    second, ran = session.ask(pair, a=11)
    assert ran == ["value", "pair"]
    assert second is first


def test_needs_are_those_of_the_last_run() -> None:
    """A branch not taken any more concerns nobody; what it needed is forgotten."""

    def chosen(ask: Context) -> int:
        return ask.call(value, "a" if ask.read("which") else "b")

    session = Session({"which": 1, "a": 1, "b": 2})
    assert session.ask(chosen)[0] == 1
    assert list(session.memo) == ["chosen()", "value('a',)"]
    assert session.ask(chosen, which=0)[0] == 2
    assert list(session.memo) == ["chosen()", "value('b',)"]
    assert session.ask(chosen, a=7) == (2, [])


def test_what_may_not_be_needed_is_not_asked() -> None:
    """A need behind one that has moved: the query might fail now, and nobody would call it."""

    def guarded(ask: Context) -> int:
        return ask.call(fragile) if ask.call(value, "safe") else -1

    def fragile(ask: Context) -> int:
        return 100 // ask.call(value, "divisor")

    session = Session({"safe": 1, "divisor": 5})
    assert session.ask(guarded)[0] == 20
    assert session.ask(guarded, divisor=0, safe=0)[0] == -1


def test_absent_inputs_are_needed_too() -> None:
    """What was looked for and not there may come."""
    session = Session({})
    assert session.ask(value, "a")[0] == 0
    assert session.ask(value, "a", a=3)[0] == 3
    assert session.ask(value, "a", a=None)[0] == 0


def test_findings_stay_with_their_query() -> None:
    """As long as it is needed, also when it did not run; and they go with it."""

    def odd_found(ask: Context, key: str) -> None:
        if ask.call(value, key) % 2:
            ask.found.add(CODE, at=None, path=key, reason="odd")

    def all_of(ask: Context) -> None:
        for key in ("a", "b")[: ask.call(value, "count")]:
            ask.call(odd_found, key)

    session = Session({"count": 2, "a": 1, "b": 3})
    session.ask(all_of)
    assert len(list(session.memo.found)) == 2
    session.ask(all_of, a=5)
    assert len(list(session.memo.found)) == 2
    session.ask(all_of, a=4)
    assert len(list(session.memo.found)) == 1
    session.ask(all_of, count=1)
    assert not list(session.memo.found)


def test_roots_not_called_again_are_forgotten() -> None:
    """A revision remembers what it was asked, no more."""
    session = Session({"a": 1})
    session.ask(both_even)
    session.ask(value, "a")
    assert list(session.memo) == ["value('a',)"]
    assert repr(session.memo) == "Memo(1 answers, 1 inputs)"
    assert len(session.memo) == 1


def test_failure_leaves_the_memo_as_it_was() -> None:
    """And the revision that failed answers nothing, even if somebody swallowed the exception."""

    def halves(ask: Context) -> tuple[int, int]:
        return ask.call(value, "b"), 100 // ask.call(value, "a")

    def careless(ask: Context) -> int:
        try:
            return ask.call(halves)[1]
        except ZeroDivisionError:
            return 0

    session = Session({"a": 4, "b": 1})
    session.ask(halves)
    before = (list(session.memo), {n: set(r) for n, r in session.memo.readers.items()})
    broken = revision(session.memo, session.inputs, {"b": 2})
    with pytest.raises(ZeroDivisionError):
        broken.call(halves)
    for act in (lambda: broken.call(value, "b"), broken.finish):
        with pytest.raises(RuntimeError, match="failed"):
            act()
    with pytest.raises(RuntimeError, match="failed"):
        revision(session.memo, session.inputs, {"b": 2}).call(careless)
    assert before == (list(session.memo), {n: set(r) for n, r in session.memo.readers.items()})
    assert session.ask(halves, a=5) == ((1, 20), ["value", "halves"])


def test_two_revisions_from_one_memo() -> None:
    """Neither sees the other."""
    session = Session({"a": 2, "b": 4})
    session.ask(both_even)
    left = revision(session.memo, session.inputs, {"a": 1, "b": 4})
    right = revision(session.memo, session.inputs, {"a": 2, "b": 1})
    assert left.call(both_even) == (False, True)
    assert right.call(both_even) == (True, False)
    left.finish()
    assert right.ran == ["value", "even", "both_even"]
    with pytest.raises(RuntimeError, match="finished"):
        left.call(both_even)


def test_cycle() -> None:
    """A query that needs itself is our own mistake, and says which way round."""

    def ping(ask: Context) -> int:
        return ask.call(pong)

    def pong(ask: Context) -> int:
        return ask.call(ping) if ask.call(value, "a") else 0

    session = Session({"a": 0})
    assert session.ask(ping)[0] == 0
    with pytest.raises(Cycle, match=r"ping\(\) needs pong\(\) needs ping\(\)"):
        session.ask(ping, a=1)
    assert session.ask(ping)[0] == 0


def test_finish_inside_a_query() -> None:
    """A memo of half a revision is none."""

    def hasty(ask: Context) -> None:
        now.finish()

    now = revision(Memo(), {}, {})
    with pytest.raises(RuntimeError, match="while a query runs"):
        now.call(hasty)


# Random programs: query number n may call those below it, so there is no cycle.
Expression = tuple[Any, ...]
_KEYS = st.sampled_from("abcd")


def _expressions(below: int) -> st.SearchStrategy[Expression]:
    leaves = st.tuples(st.just("const"), st.integers(0, 3)) | st.tuples(st.just("read"), _KEYS)
    if below:
        leaves |= st.tuples(st.just("call"), st.integers(0, below - 1), st.integers(0, 1))
    return st.recursive(
        leaves | st.just(("argument",)),
        lambda inner: (
            st.tuples(st.just("if"), inner, inner, inner)
            | st.tuples(st.just("sum"), inner, inner)
            | st.tuples(st.just("found"), inner)
        ),
        max_leaves=6,
    )


@st.composite
def programs(draw: st.DrawFn) -> tuple[Expression, ...]:
    return tuple(draw(_expressions(n)) for n in range(draw(st.integers(1, 6))))


_EDITS = st.lists(st.dictionaries(_KEYS, st.none() | st.integers(0, 3), max_size=3), max_size=8)


def _work_out(expression: Expression, argument: int, program: tuple[Expression, ...], ask: Context) -> int:
    match expression:
        case ("const", number):
            return int(number)
        case ("argument",):
            return argument
        case ("read", key):
            return ask.read(key) or 0
        case ("call", number, given_):
            return ask.call(run, number, given_, program)
        case ("if", condition, yes, no):
            chosen = yes if _work_out(condition, argument, program, ask) % 2 else no
            return _work_out(chosen, argument, program, ask)
        case ("sum", left, right):
            # Small numbers, so that different inputs often give equal answers.
            return (_work_out(left, argument, program, ask) + _work_out(right, argument, program, ask)) % 3
        case ("found", inner):
            number = _work_out(inner, argument, program, ask)
            ask.found.add(CODE, at=None, label=str(expression), path=number, reason=argument)
            return number
    raise AssertionError(expression)


def run(ask: Context, number: int, argument: int, program: tuple[Expression, ...]) -> int:
    return _work_out(program[number], argument, program, ask)


def _told(memo: Memo) -> tuple[list[str], list[str], list[tuple[str, list[str]]]]:
    readers = sorted((repr(n), sorted(map(repr, r))) for n, r in memo.readers.items() if r)
    return list(memo), sorted(map(repr, memo.found)), readers


def _ask(now: Revision[Context], program: tuple[Expression, ...], roots: Iterable[int]) -> list[int]:
    return [now.call(run, root % len(program), 0, program) for root in roots]


@settings(max_examples=60, deadline=None)
@given(programs(), _EDITS, st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_random_programs(program: tuple[Expression, ...], edits: list[dict[str, int | None]], roots: list[int]) -> None:
    """After any edits a revision knows exactly what one from scratch knows: answers, findings, needs, no more."""
    inputs: dict[str, int] = {"a": 1, "b": 2}
    memo = Memo()
    for step, edit in enumerate([{}, *edits]):
        new = {k: v for k, v in {**inputs, **edit}.items() if v is not None}
        wanted = roots if step % 2 else roots[:1]
        now, scratch = revision(memo, inputs, new), revision(Memo(), {}, new)
        assert _ask(now, program, wanted) == _ask(scratch, program, wanted)
        memo, inputs = now.finish(), new
        assert _told(memo) == _told(scratch.finish())
        assert {n.key for n in memo.nodes.values()} == set(memo.nodes)
        assert len(memo.nodes) == len(set(memo.nodes))
