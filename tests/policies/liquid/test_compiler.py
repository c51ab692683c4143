"""Templates as set-body's Liquid runs them.

Source: the Liquid reference (shopify.github.io/liquid, tags and control flow), DotLiquid's README for C# mode, and the
page "set-body policy".
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from liquid_lab import compiled, problems, render
from policy_programs import problems as document_problems
from tidegate.diagnostics.codes import liquid as codes
from tidegate.diagnostics.pages import page

BODY = '{"a":{"b":[1,2.5,"x"],"n":null,"t":true},"items":[{"n":"p","q":3},{"n":"o","q":1}],"s":"Hello World"}'


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain } { % text", "plain } { % text"),
        ("{{body.a.b}}|{{body.a.b.size}}|{{body.a.b[0]}}|{{body.a.b.last}}|{{body['s']}}", "12.5x|3|1|x|Hello World"),
        ("{{body.a.t}}|{{body.a.n}}|{{body.zz.y}}|{{nope}}|{{body.s.size}}", "true||||11"),
        ('{{ "quoted }} text" }}{{ 4 }}{{ 1.5 }}{{ true }}{{ nil }}', "quoted }} text41.5true"),
        ("  {%- if true -%}  x  {%- endif -%}  y", "xy"),
        ("{% if body.s == 'Hello World' and body.a.b contains 'x' %}yes{% else %}no{% endif %}", "yes"),
        ("{% if body.a.n %}1{% elsif body.a.b.size > 2 %}2{% else %}3{% endif %}", "2"),
        # From the right: true or (false and false).
        ("{% if true or false and false %}yes{% endif %}", "yes"),
        ("{% unless body.a.t %}no{% else %}yes{% endunless %}", "yes"),
        ("{% if body.none == empty %}e{% endif %}{% if body.a.b != empty %}n{% endif %}", "en"),
        ("{% case body.items.size %}{% when 1 %}one{% when 2 or 3 %}some{% else %}many{% endcase %}", "some"),
        ("{% case 9 %}{% when 1 %}one{% else %}many{% endcase %}", "many"),
        ("{% case 9 %}{% else %}many{% endcase %}{% case 9 %}{% endcase %}.", "many."),
        ("{% for i in body.items %}{{forloop.index}}/{{forloop.length}}:{{i.n}}{% unless forloop.last %}, "
         "{% endunless %}{% endfor %}", "1/2:p, 2/2:o"),
        ("{% for i in (1..10) limit:3 offset:2 reversed %}{{i}}{% endfor %}", "543"),
        ("{% for i in (1..6) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{i}}"
         "{% endfor %}", "13"),
        ("{% for i in body.none %}x{% else %}none{% endfor %}", "none"),
        ("{% for p in body.a %}{{p[0]}}={{p.Value}};{% endfor %}", "b=12.5x;n=;t=true;"),
        ("{% for i in (1..2) limit:1 %}{{i}}{% endfor %}{% for i in (1..2) offset:continue %}{{i}}{% endfor %}", "12"),
        ('[{% JSONArrayFor i in body.items -%}{"n":"{{i.n}}"}{% endJSONArrayFor -%}]', '[{"n":"p"},{"n":"o"}]'),
        ("{% assign x = body.s | Upcase %}{{x}}{% assign x = 2 %}{{x}}", "HELLO WORLD2"),
        ("{% for i in (1..3) %}{% assign last = i %}{% endfor %}{{last}}{{i}}", "3"),
        ("{% capture y %}<{{body.a.b[0]}}>{% endcapture %}{{y}}{{y}}", "<1><1>"),
        ("{% increment c %}{% increment c %}{% decrement d %}{% assign c = 'own' %}{{c}}{% increment c %}", "01-1own2"),
        ('{% cycle "a", "b" %}{% cycle "a", "b" %}{% cycle "a", "b" %}', "aba"),
        ("{% raw %}{{ a }}{% x %}{% endraw %}{% comment %}{{ x | Foo }}{% endcomment %}", "{{ a }}{% x %}"),
        ("{% for i in body.items %}{% ifchanged %}{{ 'same' }}{% endifchanged %}{% endfor %}", "same"),
        ("{% tablerow i in (1..3) cols:2 %}{{i}}{% endtablerow %}",
         '<tr class="row1">\n<td class="col1">1</td><td class="col2">2</td></tr>\n<tr class="row2">'
         '<td class="col1">3</td></tr>\n'),
        ("{{ '2' == 2 }}", None),
    ],
)  # fmt: skip
def test_templates(vm: LuaRuntime, template: str, text: str | None) -> None:
    """Tags, conditions, loops, names."""
    if text is None:
        assert problems(template)
    else:
        assert render(vm, template, BODY) == text


XML = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body><Get><Item>1</Item><Item>2</Item><N a="5">t</N>
 <Gone xsi:nil="true"/><Empty/></Get></s:Body></s:Envelope>"""


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{body.Envelope.Body.Get.N}} {{body.envelope.body.get.N.a}}", "t 5"),
        ("{% for i in body.envelope.body.Get.Item %}[{{i}}]{% endfor %}", "[1][2]"),
        ("{% for i in body.envelope.body.Get.N %}[{{i}}]{% endfor %}", "[t]"),
        ("{{body.envelope.body.Get.Item.size}}{{body.envelope.body.Get.Item[1]}}", "22"),
        ("{% if body.envelope.body.Get.Gone == null %}null{% else %}blank{% endif %}", "blank"),
    ],
)
def test_xml_bodies(vm: LuaRuntime, template: str, text: str) -> None:
    """Elements by name, whatever the case, as the policies do that API Management writes for SOAP."""
    assert render(vm, template, XML) == text


def test_nil_elements(vm: LuaRuntime) -> None:
    """xsi-nil="null": an element that is nil is null."""
    template = "{% if body.envelope.body.Get.Gone %}x{% else %}null{% endif %}"
    assert render(vm, template, XML, nil_is_null=True) == "null"
    assert render(vm, template, XML) == "x"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ a", "1:1 TG2601 this is no Liquid: `{{` has no `}}`"),
        ("a\n{{ b ~ }}", "2:6 TG2601 this is no Liquid: `~` cannot stand here"),
        ("{{ a b }}", "1:6 TG2601 this is no Liquid: the end is expected, not `b`"),
        ("{{ a | Truncate: 1, 2, 3 }}", "1:7 TG2601 this is no Liquid: `Truncate` takes 0 to 2 arguments, not 3"),
        ("{% if %}{% endif %}", "1:7 TG2601 this is no Liquid: a value is expected"),
        ("{% break %}", "1:3 TG2601 this is no Liquid: `break` stands in no loop"),
        ("{% include 'x' %}", "1:4 TG2602 set-body's Liquid has no tag `include`"),
        ("{% endif %}", "1:4 TG2602 set-body's Liquid has no tag `endif`"),
        ("{{ a | upcase }}", "1:8 TG2603 set-body's Liquid has no filter `upcase`"),
        ("{% for x in y %}", "1:3 TG2604 `{% for %}` is never closed by `{% endfor %}`"),
        ("{% raw %}x", "1:3 TG2604 `{% raw %}` is never closed by `{% endraw %}`"),
        ("{{ context.Variables }}", "1:4 TG2605 a template cannot show `context.Variables` as a whole"),
    ],
)
def test_problems(template: str, problem: str) -> None:
    """What is no Liquid of set-body, with its place."""
    assert problems(template) == [problem]


def test_what_context_means() -> None:
    """Paths behind `context` become C#, each once."""
    template = compiled(
        "{{context.Request.Method}}{{context.Request.Headers['X-A']}}{{context.Variables.v.w}}{{context.Request.Method}}"
        "{{context.Request.Url.ToString}}{{context.User.Id}}{{context.Request.HasBody}}"
    )
    assert template is not None
    assert [use.code for use in template.context] == [
        "context.Request.Method",
        'context.Request.Headers.GetValueOrDefault("X-A")',
        'context.Variables.GetValueOrDefault<object>("v")',
        "context.Request.Url.ToString()",
        "context.User?.Id",
        "(context.Request.Body != null)",
    ]


@pytest.mark.parametrize("code", [c.code for c in codes.CODES if c.code != "TG2606"])
def test_pages_are_true(code: str) -> None:
    """The example of each page gives its code and no other; what it recommends instead gives none."""
    wrong, right = re.findall(r"```xml\n(.*?)\n```", page(code), re.DOTALL)
    assert [p.split()[1] for p in document_problems(wrong)] == [code]
    assert document_problems(right) == []


def test_large_templates_are_refused() -> None:
    """One Lua function has bounded jumps and constants."""
    assert [p.split()[1] for p in problems("{{a}}" * 4001)] == ["TG2606"]


def test_endless_templates_stop(vm: LuaRuntime) -> None:
    """Texts and loops have an end."""
    loop = "{% for a in (1..99999) %}"
    assert render(vm, loop * 3 + "x" + "{% endfor %}" * 3).startswith("! ")
    double = "{% assign x = 'aaaaaaaa' %}{% for i in (1..64) %}{% assign x = x | Append: x %}{% endfor %}"
    assert render(vm, double) == "! The template's text is too long."
    assert render(vm, "{% for i in (1..100001) %}{% endfor %}").startswith("! The range")


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        " if ",
        " for i in ",
        "body",
        ".a",
        "[0]",
        "| Upcase",
        "| Split: ' '",
        "endif",
        "endfor",
        "'",
        "==",
    ]
)


@settings(max_examples=50)
@given(st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join))
def test_any_text(vm: LuaRuntime, text: str) -> None:
    """A text, or diagnostics inside it."""
    template = compiled(text)
    if template is None:
        assert problems(text)
    else:
        render(vm, text, BODY)
