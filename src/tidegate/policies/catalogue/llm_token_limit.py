"""`llm-token-limit`: tokens of a language model, in a minute and in a period of the calendar, counted by a key.

Tokens are those of the answer's `usage`; where it tells none, a token for every four bytes begun. They count when the
answer is known, so calls under way together may pass the limit. With `estimate-prompt-tokens` a request whose own
estimate does not fit any more is refused. Answers as streams of events pass as they come, and tell their usage at the
end. Windows are UTC's: hours, days, weeks from Monday, months, years.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.counting import header, values, within
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.lua_text import LuaValue, lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_TOKENS: Final = 2**31 - 1
PERIODS: Final = ("Hourly", "Daily", "Weekly", "Monthly", "Yearly")


@dataclass(frozen=True, slots=True)
class LlmTokenLimit(Statement):
    key: Setting
    per_minute: Setting | None
    quota: Setting | None
    estimates: Setting
    rules: dict[str, LuaValue]

    name: ClassVar[str] = "llm-token-limit"

    @property
    def settings(self) -> Iterator[Setting]:
        yield from (s for s in (self.key, self.per_minute, self.quota, self.estimates) if s)

    @property
    def sets(self) -> tuple[str, ...]:
        return tuple(str(value) for key, value in self.rules.items() if key.endswith("_variable") and value)

    def summary(self) -> str:
        rate = f"{self.per_minute.shown} tokens a minute" if self.per_minute else ""
        quota = f"{self.quota.shown} tokens {str(self.rules['period']).lower()}" if self.quota else ""
        return f"{self.name}: {' and '.join(part for part in (rate, quota) if part)} by {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True
        out.changes_every_response = True
        if self.sets:
            out.lua.reads_table = True
        rules = out.lua.constant(lua_value(self.rules))
        arguments = values((self.key, self.per_minute, self.quota, self.estimates), out)
        out.lua.line(f"R.token_limit(q, {rules}, {', '.join(arguments)})")


@dataclass(frozen=True, slots=True)
class AzureOpenAiTokenLimit(LlmTokenLimit):
    """`azure-openai-token-limit`: the same, under the name that it had first."""

    name: ClassVar[str] = "azure-openai-token-limit"


def read(reader: ElementReader) -> LlmTokenLimit | None:
    key = reader.setting("counter-key", required=True)
    per_minute, quota = reader.setting("tokens-per-minute", INT), reader.setting("token-quota", INT)
    period = reader.choice("token-quota-period", PERIODS, default="")
    estimates = reader.setting("estimate-prompt-tokens", BOOL, required=True)
    within(reader, per_minute, 1, MAX_TOKENS)
    within(reader, quota, 1, MAX_TOKENS)
    if per_minute is None and quota is None and reader.ok:
        reader.error(
            codes.ATTRIBUTE_MISSING,
            at=reader.span,
            element=reader.name,
            name="tokens-per-minute",
            help="or `token-quota` with `token-quota-period`",
        )
    if quota is not None and not period:
        reader.attribute("token-quota-period", required=True)
    rules: dict[str, LuaValue] = {"period": period or None}
    rules["retry_header"] = (header(reader, "retry-after-header-name") or "Retry-After").lower()
    rules["retry_variable"] = reader.literal("retry-after-variable-name")
    for rule, attribute in (
        ("remaining", "remaining-tokens"),
        ("quota", "remaining-quota-tokens"),
        ("consumed", "tokens-consumed"),
    ):
        rules[f"{rule}_header"] = header(reader, f"{attribute}-header-name")
        rules[f"{rule}_variable"] = reader.literal(f"{attribute}-variable-name")
    policy_id = reader.literal("id") or ""
    if not reader.finish() or key is None or estimates is None:
        return None
    kind = LlmTokenLimit if reader.name == LlmTokenLimit.name else AzureOpenAiTokenLimit
    return kind(reader.span, policy_id, key, per_minute, quota, estimates, rules)
