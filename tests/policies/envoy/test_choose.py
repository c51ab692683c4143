"""choose: which branch runs."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import has, when
from policy_programs import document_text, set_header


def test_first_true_branch_runs(lab: Lab) -> None:
    """Later conditions are not worked out; otherwise runs where none was true; nothing is an answer too."""
    content = (
        f'<choose><when condition="{has("a")}">{set_header("R", "a")}</when>'
        f'<when condition="{has("b")}">{set_header("R", "b")}{when(has("c"), set_header("R", "b and c"))}</when>'
        '<when condition="@((context.Request.Headers.GetValueOrDefault("d")?.Length ?? 0) > 2)">'
        f"{set_header('R', 'd')}</when>"
        f'<when condition="@(context.Request.Headers["e"][0] == "1")">{set_header("R", "e")}</when>'
        f"<otherwise>{set_header('R', 'none')}</otherwise></choose>"
    )
    route = lab.serve(document_text(content))
    assert route.get(("a", ""), ("b", "")).got("r") == ["a"]
    assert route.get(("b", "")).got("r") == ["b"]
    assert route.get(("b", ""), ("c", "")).got("r") == ["b and c"]
    assert route.get(("d", "123")).got("r") == ["d"]
    assert route.get(("d", "12"), ("e", "1")).got("r") == ["e"]
    assert route.get(("d", "12"), ("e", "0")).got("r") == ["none"]
    # Nothing was true before the last condition, which throws without its header.
    assert route.get().status == 500
    assert lab.serve(document_text(when(has("a"), set_header("R", "a")))).get().got("r") == []
