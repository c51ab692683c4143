"""RateLimitPolicy as a policy document: it can be one more scope over a route.

It is the narrowest scope and has `<base />` in every section, so no document can leave it out. Limits that need no
token stand before `<base />`: they spare the verification of tokens for calls that are refused anyway. Limits by a
claim stand behind it, where a validate-jwt has verified the token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics import Span
from tidegate.model import LimitKey, RateLimit
from tidegate.policies.document import SECTIONS, Base, Item, PolicyDocument, Statement
from tidegate.policies.lua_text import lua_string, lua_value
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class LimitCalls(Statement):
    """One limit, as a statement."""

    limit: RateLimit

    name: ClassVar[str] = "RateLimitPolicy"

    @property
    def needs_token(self) -> bool:
        """Whether it counts by what a verified token says."""
        return self.limit.by is LimitKey.CLAIM

    def summary(self) -> str:
        by = f"{self.limit.by} {self.limit.name}".rstrip()
        return f"RateLimitPolicy: {self.limit.calls} calls in {self.limit.period_s:g} s by {by}"

    def emit(self, out: ProgramWriter) -> None:
        facts = {"counter": self.limit.counter, "calls": self.limit.calls, "period": self.limit.period_s}
        rule = out.lua.constant(lua_value(facts))
        out.lua.line(f"R.limit_calls(q, {rule}, {self._value(out)})")

    def _value(self, out: ProgramWriter) -> str:
        match self.limit.by:
            case LimitKey.EVERYONE:
                return "nil"
            case LimitKey.CLIENT_ADDRESS:
                return "R.client_network(q)"
            case LimitKey.HEADER:
                # Envoy keeps Host under its HTTP/2 name.
                name = ":authority" if self.limit.name == "host" else self.limit.name
                return f"(q.request:get({lua_string(name)}))"
            case LimitKey.CLAIM:
                return f"R.claim_of({out.jwt}, {lua_string(self.limit.name)})"


def limit_document(limits: Sequence[RateLimit], *, span: Span) -> PolicyDocument:
    """The document of one policy; `span` is where the policy stands."""
    statements = [LimitCalls(limit.span, "", limit) for limit in limits]
    base = Base(span)
    sections: dict[str, tuple[Item, ...]] = dict.fromkeys(SECTIONS, (base,))
    sections["inbound"] = (
        *(each for each in statements if not each.needs_token),
        base,
        *(each for each in statements if each.needs_token),
    )
    return PolicyDocument(sections, span)
