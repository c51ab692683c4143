"""One row of the tables of members: what can be asked of a type, and the Lua that answers.

In `lua`, `{0}` is the receiver, `{1}` and on the arguments; `{request}`, `{response}`, `{variables}` and `{q}` are the
header handles of both messages, the table of variables and the runtime's record of the request. `{T}` (and `{R}`,
`{K}`, `{V}`, by the name of a type variable) is the run-time name of that type, a Lua string. Where the last parameter
repeats, `{count}` and `{rest}` are its arguments. Header handles return no value for an absent header, hence brackets
around such calls, which make it one nil.

`out` parameters are never named in `lua`, whose function returns their values behind its result: `R.try_parse_int({1})`
gives a boolean and a number, and stands without brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tidegate.policies.expressions.types import Type

INDEXER: Final = "this[]"
CONSTRUCTOR: Final = "new"
UNKNOWN: Final = object()
"""An argument that is worked out at run time."""
SETTER: Final = "="
"""Behind a name: the row that assigns. `this[]=` and `Timeout=` take the value as their last parameter."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One property, method overload, indexer, constructor, operator (`+`) or conversion (`implicit`, `explicit`)."""

    owner: Type
    name: str
    result: Type
    lua: str = ""
    """Empty for members that only lead further: `context.Request`."""
    parameters: tuple[Type, ...] | None = None
    """None for a property. A parameter `Func<T, R>` takes a lambda, which comes as a Lua function."""
    nullable: bool = False
    """Whether the result may be null whatever the arguments are."""
    nullable_with: int | None = None
    """The result may be null if this argument is (a default value)."""
    not_null: tuple[int, ...] = ()
    """Arguments for which null is an exception."""
    null_receiver: bool = False
    """Extension methods may be called on null."""
    repeats: bool = False
    """The last parameter is `params`: any number of it."""
    sections: tuple[str, ...] = ()
    """Where the member exists; everywhere if empty."""
    reads_variable: bool = False
    """The first argument names a variable."""
    static: bool = False
    """A member of the class, not of a value: `Guid.NewGuid()`. Constructors are static."""
    variables: tuple[Type, ...] = ()
    """The method's own type parameters: given (`As<JObject>`) or inferred from the arguments."""
    optional: tuple[str, ...] = ()
    """Lua texts of the default values of the last parameters."""
    effect: bool = False
    """Whether calling it changes something (`list.Add`), so that it may stand as a statement."""
    out: tuple[int, ...] = ()
    """Parameters that are `out`. They do not stand in `lua`, which gives their values behind the result."""
    labels: tuple[str, ...] = ()
    """Names of the parameters, where callers may use them: `As<string>(preserveContent: true)`."""
    refuses: Callable[[Sequence[object]], tuple[int, str] | None] | None = field(default=None, compare=False)
    """Which of the arguments, where they are constants (UNKNOWN for others), would always throw, and why."""
    waits: bool = False
    """Whether it may suspend the script until something came from outside (a body)."""

    @property
    def signature(self) -> str:
        """The parameters as messages show them."""
        if self.parameters is None:
            return self.name
        listed = [str(p) for p in self.parameters]
        if self.repeats:
            listed[-1] = f"params {listed[-1]}[]"
        return f"({', '.join(listed)})"
