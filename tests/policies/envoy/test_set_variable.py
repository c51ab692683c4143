"""set-variable: over branches, with types, until the response."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import has, when
from policy_programs import document_text, set_header


def test_variables_over_branches(lab: Lab) -> None:
    """Set in every branch, in some, with several types, with null; a missing one throws."""
    set_x = '<set-variable name="x" value="{}" />'.format
    show = set_header("R", '@((string)context.Variables["x"])')
    both = f'<choose><when condition="{has("a")}">{set_x("1")}</when><otherwise>{set_x("2")}</otherwise></choose>'
    route = lab.serve(document_text(both + show))
    assert (route.get(("a", "")).got("r"), route.get().got("r")) == (["1"], ["2"])
    route = lab.serve(document_text(when(has("a"), set_x("1")) + show))
    assert (route.get(("a", "")).got("r"), route.get().status) == (["1"], 500)
    route = lab.serve(document_text(set_x("0") + when(has("a"), set_x("@(5)")) + show))
    assert (route.get(("a", "")).status, route.get().got("r")) == (500, ["0"])
    null = set_x('@(context.Request.Headers.GetValueOrDefault("none"))')
    known = set_header("K", '@(context.Variables.ContainsKey("x"))')
    default = set_header("D", '@(context.Variables.GetValueOrDefault<string>("x", "d"))')
    answer = lab.serve(document_text(null + show + known + default)).get()
    assert (answer.got("r"), answer.got("k"), answer.got("d")) == ([""], ["True"], ["d"])


def test_variables_last_until_the_response(lab: Lab) -> None:
    """With their types, also where only ContainsKey or GetValueOrDefault asks for them."""
    inbound = '<set-variable name="n" value="@(41)" /><set-variable name="s" value="41" />'
    outbound = (
        set_header("N", '@((int)context.Variables["n"])')
        + set_header("S", '@((string)context.Variables["s"] + 1)')
        + set_header("C", '@(context.Variables.ContainsKey("n"))')
    )
    answer = lab.serve(document_text(inbound, outbound=outbound)).get()
    assert [answer.header(name) for name in ("n", "s", "c")] == ["41", "411", "True"]
    answer = lab.serve(document_text(inbound, outbound=set_header("C", '@(context.Variables.ContainsKey("n"))'))).get()
    assert answer.header("c") == "True"
    default = set_header("C", '@(context.Variables.GetValueOrDefault<int>("n"))')
    assert lab.serve(document_text(inbound, outbound=default)).get().header("c") == "41"
