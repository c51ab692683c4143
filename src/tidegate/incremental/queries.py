"""The engine: pure functions, remembered with what they looked at.

A *query* is a pure function of a context and hashable arguments. While it runs, the engine notes what it needs: the
inputs that it reads through its context and the queries that it calls. A `Revision` answers queries for one state of
the inputs; it begins with the `Memo` of the revision before and with the inputs that changed since:

- **Pushed doubt.** From each changed input, doubt spreads along the reverse of the needs to every query that may be
  concerned; all others are answered from the memo without a look. The cost is that of what is concerned, not of all.
- **Early cut-off.** A doubtful query that is called first has its needs settled, in the order in which it came to need
  them; only when one of them has moved is it run again. If it then answers the same as before (`==`), the old answer
  stays, *the very object*, and whoever needs it is not concerned any more.
- **Findings.** What a query finds belongs to its answer: it is repeated for as long as the query is needed, and gone
  with it.
- **Forgetting.** What nothing needs any more when the revision ends is dropped.

A memo is never changed: a revision works on its own copy of the tables (`layered`), so one that fails, whatever the
reason, leaves no trace, and two revisions may begin with the same memo. An exception in a query ends its revision for
good.

The contract of queries: they depend on nothing but their arguments and what they read through the context; arguments
and answers are immutable (or treated so) and comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, TypeVarTuple

from tidegate.diagnostics import Diagnostic, Found
from tidegate.incremental.layered import Layered

C = TypeVar("C")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Cycle(RuntimeError):
    """A query that needs its own answer: our own mistake."""


class _Node:
    """An input or a query with its arguments; lives from memo to memo, and is told from others by identity, which
    hashes faster than arguments do."""

    __slots__ = ("arguments", "function", "key")

    def __init__(self, key: Hashable, function: Callable[..., Any] | None, arguments: tuple[Any, ...]) -> None:
        self.key = key
        self.function = function
        """None: an input."""
        self.arguments = arguments

    def __repr__(self) -> str:
        if self.function is None:
            return f"input {self.key!r}"
        return f"{self.function.__name__}{self.arguments!r}"


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    value: Any
    found: tuple[Diagnostic, ...]
    needs: tuple[_Node, ...]
    """In the order in which they were first needed."""


@dataclass(frozen=True, eq=False)
class Memo:
    """What one revision hands to the next. Opaque, and never changed."""

    nodes: Layered[Hashable, _Node] = field(default_factory=Layered)
    answers: Layered[_Node, _Answer] = field(default_factory=Layered)
    readers: Layered[_Node, set[_Node]] = field(default_factory=Layered)
    """The reverse of needs."""
    findings: Layered[_Node, tuple[Diagnostic, ...]] = field(default_factory=Layered)
    """Of the queries that have any."""
    roots: frozenset[_Node] = frozenset()
    """What was called from outside any query."""

    def __len__(self) -> int:
        return len(self.answers)

    def __repr__(self) -> str:
        return f"Memo({len(self.answers)} answers, {len(self.nodes) - len(self.answers)} inputs)"

    @property
    def found(self) -> Iterator[Diagnostic]:
        """Everything that the remembered queries found."""
        for each in self.findings.values():
            yield from each

    def __iter__(self) -> Iterator[str]:
        """Every query that is remembered, for tests and for the curious."""
        return iter(sorted(map(repr, self.answers)))


class Frame:
    """One run of one query: what it has needed and found until now."""

    __slots__ = ("_needs", "_revision", "found")

    def __init__(self, revision: Revision[Any]) -> None:
        self.found = Found()
        self._needs: dict[_Node, None] = {}
        self._revision = revision

    def reads(self, key: Hashable) -> None:
        """Note that the query looks at an input (also at one that is not there)."""
        self._needs[self._revision.input(key)] = None

    def needs(self, node: _Node) -> None:
        """Note that the query needs another."""
        self._needs[node] = None

    @property
    def needed(self) -> tuple[_Node, ...]:
        return tuple(self._needs)


class Revision(Generic[C]):
    """Answers queries for one state of the inputs.

    `context` makes what every query gets as its first argument, from the frame of that run: it should read inputs
    through `frame.reads`, take findings at `frame.found`, and offer `revision.call`.
    """

    def __init__(self, before: Memo, changed: Iterable[Hashable], context: Callable[[Revision[C], Frame], C]) -> None:
        self._context = context
        self._nodes = before.nodes.copy()
        self._answers = before.answers.copy()
        self._readers = before.readers.copy()
        self._findings = before.findings.copy()
        self._old_roots = before.roots
        self._roots: set[_Node] = set()
        self._own: set[_Node] = set()
        """Whose set of readers is this revision's own, and may be changed."""
        self._loose: set[_Node] = set()
        """Which may have lost their last reader."""
        self._frames: list[Frame] = []
        self._running: dict[_Node, None] = {}
        self._ended = ""
        """Why nothing is answered any more."""
        self._moved = {node for key in changed if (node := self._nodes.get(("input", key))) is not None}
        self._doubtful = self._concerned(self._moved)
        self.ran: list[str] = []
        """The names of the functions that were run again; for tests and measurements."""

    def _concerned(self, moved: Iterable[_Node]) -> set[_Node]:
        concerned: set[_Node] = set()
        spreading = list(moved)
        while spreading:
            for reader in self._readers.get(spreading.pop()) or ():
                if reader not in concerned:
                    concerned.add(reader)
                    spreading.append(reader)
        return concerned

    def input(self, key: Hashable) -> _Node:
        """The node of an input."""
        own = ("input", key)
        node = self._nodes.get(own)
        if node is None:
            self._nodes[own] = node = _Node(own, None, ())
        return node

    def call(self, query: Callable[[C, *Ts], T], /, *arguments: *Ts) -> T:
        """The answer of a query, remembered or worked out now.

        Raises Cycle for a query that needs itself, RuntimeError after a failure, and whatever a query raises.
        """
        if self._ended:
            raise RuntimeError(self._ended)
        key = (query, arguments)
        node = self._nodes.get(key)
        if node is None:
            self._nodes[key] = node = _Node(key, query, arguments)
        if self._frames:
            self._frames[-1].needs(node)
        else:
            self._roots.add(node)
        answer = self._answers.get(node)
        if answer is None or node in self._doubtful:
            try:
                self._settle(node)
            except BaseException:
                # Whoever caught this and went on would have an answer that rests on something unknown.
                self._ended = "a revision in which a query failed answers nothing more"
                raise
            answer = self._answers.get(node)
        value: T = answer.value  # type: ignore[union-attr]  # a query that has settled has an answer
        return value

    def _settle(self, node: _Node) -> None:
        if node in self._running:
            path = [*self._running, node]
            raise Cycle(" needs ".join(repr(each) for each in path[path.index(node) :]))
        self._running[node] = None
        old = self._answers.get(node)
        if old is None or self._has_moved(old):
            self._run(node, old)
        self._doubtful.discard(node)
        del self._running[node]

    def _has_moved(self, old: _Answer) -> bool:
        """Whether something that the answer rests on has changed. The order matters: what comes after a need that has
        moved may never be needed again, and must not be asked."""
        for need in old.needs:
            if need in self._doubtful:
                self._settle(need)
            if need in self._moved:
                return True
        return False

    def _run(self, node: _Node, old: _Answer | None) -> None:
        if node.function is None:
            raise RuntimeError(f"{node} is no query")
        frame = Frame(self)
        self._frames.append(frame)
        self.ran.append(node.function.__name__)
        value = node.function(self._context(self, frame), *node.arguments)
        if self._ended:
            raise RuntimeError(self._ended)
        self._frames.pop()
        found = tuple(frame.found)
        if old is not None and (old.value is value or old.value == value):
            value = old.value
        else:
            self._moved.add(node)
        self._answers[node] = _Answer(value, found, frame.needed)
        if found:
            self._findings[node] = found
        else:
            self._findings.pop(node)
        self._rewire(node, old.needs if old is not None else (), frame.needed)

    def _rewire(self, node: _Node, before: tuple[_Node, ...], now: tuple[_Node, ...]) -> None:
        if before == now:
            return
        kept = set(now)
        for need in before:
            if need not in kept:
                self._drop_reader(need, node)
        for need in kept.difference(before):
            self._readers_of(need).add(node)

    def _readers_of(self, node: _Node) -> set[_Node]:
        """Its readers, as a set that may be changed."""
        readers = self._readers.get(node)
        if readers is None or node not in self._own:
            self._own.add(node)
            self._readers[node] = readers = set(readers or ())
        return readers

    def _drop_reader(self, node: _Node, reader: _Node) -> None:
        readers = self._readers_of(node)
        readers.discard(reader)
        if not readers:
            self._loose.add(node)

    def finish(self) -> Memo:
        """Forget what nothing needs any more; what is left is for the next revision. Raises RuntimeError inside a
        query, and after a failure."""
        if self._ended or self._frames:
            raise RuntimeError(self._ended or "a revision hands on nothing while a query runs")
        self._ended = "a revision that has finished answers nothing more"
        loose = [*self._loose, *(self._old_roots - self._roots)]
        while loose:
            node = loose.pop()
            if self._readers.get(node) or node in self._roots:
                continue
            if self._nodes.pop(node.key) is None:
                continue
            self._readers.pop(node)
            self._findings.pop(node)
            answer = self._answers.pop(node)
            for need in answer.needs if answer is not None else ():
                self._readers_of(need).discard(node)
                loose.append(need)
        for table in (self._nodes, self._answers, self._readers, self._findings):
            table.settle()
        return Memo(self._nodes, self._answers, self._readers, self._findings, frozenset(self._roots))
