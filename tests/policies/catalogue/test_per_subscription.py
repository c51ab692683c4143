"""rate-limit and quota: limits of APIs and operations inside, read and refused."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program

RATE = "calls='2' renewal-period='60'"


def test_limits_inside_one_another() -> None:
    """An API is named by its id, else by its name; operations stand in it."""
    operation = f"<operation name='o' {RATE} />"
    text = f"<rate-limit {RATE}><api id='a' name='ignored' {RATE}>{operation}</api><api name='b' {RATE} /></rate-limit>"
    lua = program(document_text(text)).lua
    own = '["calls"] = 2, ["period"] = 60'
    assert f'{{["id"] = "a", {own}, ["operations"] = {{{{["name"] = "o", {own}}}}}}}, {{["name"] = "b", {own}}}' in lua


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<rate-limit calls='2' />", "TG2011"),
        (f"<rate-limit {RATE}><api {RATE} /></rate-limit>", "TG2011"),
        (f"<rate-limit {RATE}><api id='a' {RATE}><api id='b' {RATE} /></api></rate-limit>", "TG2008"),
        (f"<rate-limit {RATE}><operation id='a' {RATE} /></rate-limit>", "TG2008"),
        (f"<rate-limit {RATE} /><rate-limit {RATE} />", "TG2007"),
        ("<rate-limit calls='@(2)' renewal-period='60' />", "TG2014"),
        ("<quota renewal-period='300' />", "TG2011"),
        ("<quota calls='1' renewal-period='299' />", "TG2012"),
        ("<quota calls='1' renewal-period='300' first-period-start='soon' />", "TG2012"),
    ],
)
def test_refused(text: str, code: str) -> None:
    """What API Management refuses too."""
    assert [problem.split()[1] for problem in problems(document_text(text))] == [code]


def test_first_start_is_utc() -> None:
    """With a zone or without; the default is .NET's first moment."""
    for text in ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01"):
        lua = program(document_text(f"<quota calls='1' renewal-period='300' first-period-start='{text}' />")).lua
        assert '["first"] = 1767225600' in lua
    assert '["first"] = -62135596800' in program(document_text("<quota calls='1' renewal-period='0' />")).lua
