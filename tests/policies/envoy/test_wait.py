"""wait: all, or the first."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import when
from policy_programs import document_text, set_header


def test_wait(lab: Lab) -> None:
    """All children run, one after the other; with `any`, the first."""
    inner = "".join(when("true", f'<set-variable name="{n}" value="{n}" />') for n in ("a", "b"))
    show = "".join(set_header(n, f'@(context.Variables.ContainsKey("{n}"))') for n in ("a", "b"))
    answer = lab.serve(document_text(f"<wait>{inner}</wait>{show}")).get()
    assert (answer.got("a"), answer.got("b")) == (["True"], ["True"])
    answer = lab.serve(document_text(f'<wait for="any">{inner}</wait>{show}')).get()
    assert (answer.got("a"), answer.got("b")) == (["True"], ["False"])
