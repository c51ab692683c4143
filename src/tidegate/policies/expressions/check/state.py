"""What the checker knows while it walks: scopes, the function it is in, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from tidegate.diagnostics import Code, Found, Located, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean, did_you_mean_or_known
from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.check.groups import MethodGroup
from tidegate.policies.expressions.members import BY_NAME
from tidegate.policies.expressions.statements import Block
from tidegate.policies.expressions.syntax import Expression
from tidegate.policies.expressions.types import KEYWORDS, Type

MAX_LOCALS: Final = 80
"""Variables of one function that live at the same time: Lua has 200 locals, some of which the emitter needs."""
MAX_CAPTURED: Final = 40
"""Variables of outside that one function uses: Lua has 60 upvalues, some of which the program needs."""
MAX_FUNCTIONS: Final = 12
"""Functions within functions."""


class Refused(Exception):
    """The expression is not accepted, and `found` says why."""


@dataclass(slots=True)
class Variable:
    """A local variable, parameter, constant or local function, as its scope knows it."""

    name: str
    """Unique in the expression; what it is called in Lua."""
    type: Type
    depth: int
    """How many functions stand around it."""
    constant: typed.Constant | None = None
    is_function: bool = False
    is_fixed: bool = False
    """Loop variables of `foreach` and of `using` cannot be assigned."""
    is_shared: bool = False
    """Whether a function assigns it."""
    optional: tuple[typed.Typed | None, ...] = ()
    """Default values of a local function's parameters."""
    nullable: bool = True


@dataclass(slots=True)
class Jump:
    """A loop or switch that `break` and `continue` may mean."""

    number: int
    is_loop: bool
    breaks: list[frozenset[str] | None] = field(default_factory=list)
    """What was assigned at each `break`."""


@dataclass(slots=True)
class FunctionScope:
    """A function that is being checked: the expression itself, a lambda, a local function."""

    result: Type | None
    """What it must return; None where that is to be found out."""
    returns: list[typed.Typed] = field(default_factory=list)
    """The values of its `return`s, while `result` is None."""
    returns_nothing: bool = False
    """Whether it has a `return;`."""
    jumps: list[Jump] = field(default_factory=list)
    captured: set[str] = field(default_factory=set)
    living: int = 0
    """Variables that live now."""
    guards: list[tuple[frozenset[str], set[str]]] = field(default_factory=list)
    """For each `try` around, which become functions of Lua: variables from outside of it, and which of them it uses."""
    in_catch: int = 0
    in_finally: int = 0


Wanted: TypeAlias = "Type | None"
ReadValue: TypeAlias = "Callable[[State, Expression, Wanted], typed.Typed]"
ReadNode: TypeAlias = "Callable[[State, Expression], Node]"
ReadBody: TypeAlias = "Callable[[State, Block], tuple[ts.Block, bool]]"


@dataclass(frozen=True, slots=True)
class TypeReference:
    """A type where a value may stand: what static members are asked of."""

    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class NamespaceReference:
    name: str
    span: Span


Node: TypeAlias = "typed.Typed | TypeReference | NamespaceReference | MethodGroup"


@dataclass(slots=True)
class State:
    section: str
    found: Found
    read_value: ReadValue
    read_node: ReadNode
    read_body: ReadBody
    find_assigned: Callable[[], frozenset[str]]
    """Names that some function of the expression assigns."""
    variables: list[Located[str]] = field(default_factory=list)
    """Variables of the policies that are read by a literal name."""
    waits: bool = False
    scopes: list[dict[str, Variable]] = field(default_factory=list)
    functions: list[FunctionScope] = field(default_factory=list)
    slots: list[Type] = field(default_factory=list)
    is_checked: bool = False
    unassigned: set[str] = field(default_factory=set)
    """Variables that were declared without a value, and have none yet."""
    assigned_elsewhere: frozenset[str] | None = None
    """What `find_assigned` gave: most expressions have no variables, and never ask."""
    pattern_variables: list[tuple[str, Type]] = field(default_factory=list)
    """Declared within the expression of a statement (`is T x`, `out var x`), which must declare them before it."""
    count: int = 0

    # -- reading

    def value(self, tree: Expression, wanted: Type | None = None) -> typed.Typed:
        """Check something that must be a value. `wanted` helps where the text alone has no type."""
        return self.read_value(self, tree, wanted)

    def node(self, tree: Expression) -> Node:
        return self.read_node(self, tree)

    # -- names

    def fresh(self, name: str) -> str:
        """A name that no other variable has."""
        self.count += 1
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)[:20]
        return f"l{self.count}_{plain}"

    def number(self) -> int:
        self.count += 1
        return self.count

    def variable(self, name: str) -> Variable | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def declare(self, name: str, type_: Type, span: Span, **facts: object) -> Variable:
        """A new variable in the innermost scope."""
        if self.variable(name) is not None:
            self.found.add(codes.NAME_TAKEN, at=span, name=name)
            raise Refused
        variable = Variable(self.fresh(name), type_, len(self.functions))
        for fact, value in facts.items():
            setattr(variable, fact, value)
        if self.assigned_elsewhere is None:
            self.assigned_elsewhere = self.find_assigned()
        variable.is_shared = name in self.assigned_elsewhere
        self.scopes[-1][name] = variable
        self.live(span)
        return variable

    def live(self, span: Span) -> None:
        """One more variable lives in this function."""
        function = self.functions[-1]
        function.living += 1
        if function.living > MAX_LOCALS:
            self.found.add(codes.TOO_MANY_VARIABLES, at=span, limit=MAX_LOCALS)
            raise Refused

    def use(self, variable: Variable, span: Span) -> None:
        """The variable is used here: functions between here and there capture it."""
        for function in self.functions[variable.depth :]:
            self._capture(function.captured, variable.name, span)
        for function in self.functions[max(variable.depth - 1, 0) :]:
            for outside, captured in function.guards:
                if variable.name in outside:
                    self._capture(captured, variable.name, span)

    def _capture(self, captured: set[str], name: str, span: Span) -> None:
        captured.add(name)
        if len(captured) > MAX_CAPTURED:
            self.found.add(codes.TOO_MANY_VARIABLES, at=span, limit=MAX_CAPTURED)
            raise Refused

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Inside a part of `try`."""
        outside = frozenset(v.name for scope in self.scopes for v in scope.values())
        guards = self.functions[-1].guards
        guards.append((outside, set()))
        yield
        guards.pop()

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names declared inside end with it."""
        living = self.functions[-1].living if self.functions else 0
        self.scopes.append({})
        yield
        self.scopes.pop()
        if self.functions:
            self.functions[-1].living = living

    @contextmanager
    def function(self, result: Type | None, span: Span) -> Iterator[FunctionScope]:
        """Inside a function of its own."""
        if len(self.functions) > MAX_FUNCTIONS:
            self.found.add(codes.EXPRESSION_TOO_DEEP, at=span, limit=MAX_FUNCTIONS)
            raise Refused
        inner = FunctionScope(result)
        self.functions.append(inner)
        slots, self.slots = self.slots, []
        self.scopes.append({})
        yield inner
        self.scopes.pop()
        self.slots = slots
        self.functions.pop()

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Try something that may be refused, and be undone."""
        kept = (
            self.found, list(self.variables), self.waits, len(self.functions), [dict(s) for s in self.scopes],
            list(self.slots), self.is_checked, set(self.unassigned),
            [(f.living, set(f.captured), list(f.jumps), list(f.returns)) for f in self.functions],
        )  # fmt: skip
        trial = Attempt(Found())
        self.found = trial.found
        try:
            yield trial
            trial.succeeded = not trial.found.has_errors
        except Refused:
            pass
        self.found = kept[0]
        if not trial.succeeded:
            self.variables, self.waits = kept[1], kept[2]
            del self.functions[kept[3] :]
            self.scopes, self.slots, self.is_checked, self.unassigned = kept[4], kept[5], kept[6], kept[7]
            for function, (living, captured, jumps, returns) in zip(self.functions, kept[8], strict=True):
                function.living, function.captured, function.jumps = living, captured, jumps
                function.returns = returns

    # -- refusals

    def refuse(self, code: Code, at: Span, *, help: str = "", label: str = "", **fields: str | int) -> Refused:
        self.found.add(code, at=at, help=help, label=label, notes=(), related=(), **fields)
        return Refused()

    def mismatch(self, at: Span, what: str, given: str, expected: str, *, help: str = "") -> Refused:
        return self.refuse(codes.TYPE_MISMATCH, at, what=what, given=given, expected=expected, help=help)

    def unsupported(self, at: Span, what: str, *, help: str = "") -> Refused:
        return self.refuse(codes.EXPRESSION_UNSUPPORTED, at, what=what, help=help)

    def unknown(self, at: Span, name: str, known: Iterable[str]) -> Refused:
        """Types are names, too: `Int.Parse` is near to `int`, and `JObjct` to `JObject`."""
        own = tuple(known)
        help = did_you_mean(name, {*own, *type_names()}) or did_you_mean_or_known(name, own)
        return self.refuse(codes.NAME_UNKNOWN, at, name=name, help=help)


@cache
def type_names() -> tuple[str, ...]:
    """Every type's short name."""
    return (*KEYWORDS, *(name for name, _ in BY_NAME if "." not in name))


@dataclass(slots=True)
class Attempt:
    """How something that was tried went."""

    found: Found
    succeeded: bool = False


def shown(value: typed.Typed) -> str:
    """A value's type as messages name it."""
    return str(value.type)
