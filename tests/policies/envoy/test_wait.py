"""wait: all, or the first."""

from __future__ import annotations

import time

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


def sent(url: str, variable: str, attributes: str = "") -> str:
    return f'<send-request response-variable-name="{variable}" {attributes}><set-url>{url}</set-url></send-request>'


def shown(*variables: str) -> str:
    read = '@(((IResponse)context.Variables["{0}"]).Body.As<string>())'
    return "".join(set_header(f"x-{name}", read.replace("{0}", name)) for name in variables)


def test_calls_go_side_by_side(lab: Lab) -> None:
    """Each would take two seconds for itself; more than one of each, so that slow machines do not decide."""
    names = [f"v{number}" for number in range(8)]
    calls = "".join(sent(f"{lab.url()}/slow/{name}?body={name}&amp;sleep=2", name) for name in names)
    began = time.monotonic()
    answer = lab.serve(document_text(f"<wait>{calls}</wait>" + shown(*names))).get()
    assert [answer.got(f"x-{name}") for name in names] == [[name] for name in names]
    assert time.monotonic() - began < 15


def test_the_first_of_any(lab: Lab) -> None:
    calls = sent(lab.url("silent"), "never") + sent(f"{lab.url()}/?body=here", "here")
    check = set_header("x-never", '@(context.Variables.ContainsKey("never") ? "there" : "not")')
    answer = lab.serve(document_text(f'<wait for="any">{calls}</wait>' + shown("here") + check)).get()
    assert (answer.got("x-here"), answer.got("x-never")) == (["here"], ["not"])


def test_failures_of_calls_side_by_side(lab: Lab) -> None:
    dead, fine, silent = lab.url("dead"), sent(f"{lab.url()}/?body=a", "a"), lab.url("silent")
    where = set_header("x-where", "@(context.LastError.Source + context.LastError.Path)")
    answer = lab.serve(document_text(f"<wait>{fine}{sent(dead, 'b')}</wait>", on_error=where)).get()
    assert (answer.status, answer.header("x-where")) == (500, "send-requestwait[1]")
    ignored = sent(dead, "b", 'ignore-error="true"')
    null = set_header("x-null", '@(context.Variables["b"] == null ? "null" : "not")')
    answer = lab.serve(document_text(f"<wait>{ignored}{fine}</wait>" + shown("a") + null)).get()
    assert (answer.got("x-a"), answer.got("x-null")) == (["a"], ["null"])
    timed = sent(silent, "s", 'timeout="1"')
    assert lab.serve(document_text(f"<wait>{timed}{fine}</wait>")).get().status == 504
