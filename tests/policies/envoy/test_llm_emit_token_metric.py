"""llm-emit-token-metric in real Envoy: three metrics of an answer's usage."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from policy_envoy import Lab, Route
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


def metrics(lab: Lab, namespace: str) -> list[Any]:
    """What was written of a namespace, in order."""
    lines = (lab.folder / "events" / "metrics.jsonl").read_text().splitlines()
    return [m for m in map(json.loads, lines) if m["namespace"] == namespace]


def ask(route: Route, text: str, kind: str = "application/json", *, status: int = 200) -> None:
    """A call whose answer is this text."""
    path = f"?status={status}&header=Content-Type:{kind}&body={quote(text)}"
    assert route.get(("X-Team", "tea"), path=path).status == status


@pytest.mark.parametrize("name", ["llm-emit-token-metric", "azure-openai-emit-token-metric"])
def test_usage_of_an_answer(lab: Lab, name: str) -> None:
    """Of JSON and of streams of events, by either provider's names; an error's answer tells nothing."""
    policy = (
        f'<{name} namespace="{name}"><dimension name="Gateway ID" />'
        f'<dimension name="team" value="@(context.Request.Headers.GetValueOrDefault("X-Team", "none"))" /></{name}>'
    )
    route = lab.serve(document_text(policy))
    ask(route, "{}", status=500)
    ask(route, '{"usage":{"prompt_tokens":3,"completion_tokens":37,"total_tokens":40}}')
    events = 'data: {"choices":[]}\n\ndata: {"usage":{"input_tokens":5,"output_tokens":6}}\n\ndata: [DONE]\n\n'
    ask(route, events, "text/event-stream")
    found = metrics(lab, name)
    assert [(m["name"], m["value"]) for m in found] == [
        ("Total Tokens", 40), ("Prompt Tokens", 3), ("Completion Tokens", 37),
        ("Total Tokens", 11), ("Prompt Tokens", 5), ("Completion Tokens", 6),
    ]  # fmt: skip
    assert all(m["dimensions"] == {"Gateway ID": "local", "team": "tea"} for m in found)


def test_an_answer_without_usage(lab: Lab) -> None:
    """A token for every four bytes; an embedding's usage has no completion."""
    route = lab.serve(
        document_text('<llm-emit-token-metric namespace="guess"><dimension name="API ID" /></llm-emit-token-metric>')
    )
    ask(route, "x" * 398)
    ask(route, '{"usage":{"prompt_tokens":8,"total_tokens":8}}')
    assert [m["value"] for m in metrics(lab, "guess")] == [100, 0, 100, 8, 8, 0]


def test_mistakes() -> None:
    """It needs dimensions, and each a value or a name that has one."""
    text = document_text('<llm-emit-token-metric><dimension name="colour" /></llm-emit-token-metric>')
    assert any("`colour` is not one of API ID" in line for line in problems(text))
    assert any("needs 1 to 10" in line for line in problems(document_text("<llm-emit-token-metric />")))
