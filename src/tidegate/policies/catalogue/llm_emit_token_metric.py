"""`llm-emit-token-metric`: the tokens that a call of a language model used, as three metrics with dimensions.

Total Tokens, Prompt Tokens and Completion Tokens, when the answer is known and its status is 200. They are those of the
answer's `usage`; where it tells none, a token for every four bytes begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.emit_metric import DEFAULT_NAMESPACE, Dimensions, emit_dimensions, read_dimensions
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class LlmEmitTokenMetric(Statement):
    namespace: str
    dimensions: Dimensions

    name: ClassVar[str] = "llm-emit-token-metric"

    def summary(self) -> str:
        return f"{self.name} {self.namespace} by {', '.join(name for name, _ in self.dimensions)}"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True
        out.changes_every_response = True
        dimensions = emit_dimensions(self.dimensions, out)
        out.lua.line(f"R.emit_token_metric(q, {lua_string(self.namespace)}, {dimensions})")


@dataclass(frozen=True, slots=True)
class AzureOpenAiEmitTokenMetric(LlmEmitTokenMetric):
    """`azure-openai-emit-token-metric`: the same, under the name that it had first."""

    name: ClassVar[str] = "azure-openai-emit-token-metric"


def read(reader: ElementReader) -> LlmEmitTokenMetric | None:
    namespace = reader.literal("namespace")
    policy_id = reader.literal("id") or ""
    dimensions = read_dimensions(reader)
    if not reader.ok:
        return None
    kind = LlmEmitTokenMetric if reader.name == LlmEmitTokenMetric.name else AzureOpenAiEmitTokenMetric
    return kind(reader.span, policy_id, namespace or DEFAULT_NAMESPACE, dimensions)
