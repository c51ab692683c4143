"""Documents that are accepted and probably not meant so: each kind with what it finds, and what it leaves alone."""

from __future__ import annotations

import pytest

from policy_programs import METADATA, document_text, problems, set_header

SUBJECT = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Subject'
JWT = (
    f'<validate-jwt header-name="Authorization" output-token-variable-name="jwt"><openid-config url="{METADATA}" />'
    "<audiences><audience>api://tasks</audience></audiences></validate-jwt>"
)
CLAIM = '@(((Jwt)context.Variables["jwt"]).Subject)'


def limit(key: str) -> str:
    return f'<rate-limit-by-key calls="9" renewal-period="60" counter-key="@({key})" />'


def choose(*branches: str, otherwise: str | None = None, condition: str = 'context.Request.Method == "GET"') -> str:
    whens = "".join(
        f'<when condition="@({condition.replace("GET", "GET" + "X" * number)})">{branch}</when>'
        for number, branch in enumerate(branches)
    )
    return f"<choose>{whens}{'' if otherwise is None else f'<otherwise>{otherwise}</otherwise>'}</choose>"


def lints(*documents: str, code: str = "TG25") -> list[str]:
    """Codes of what is found."""
    return [line.split()[1] for line in problems(*documents) if line.split()[1].startswith(code)]


@pytest.mark.parametrize(
    ("inbound", "count"),
    [
        (limit(SUBJECT), 1),
        (JWT + limit(SUBJECT), 0),
        (limit(SUBJECT) + JWT, 1),
        (set_header("X-User", f"@({SUBJECT})"), 1),
        (choose(JWT) + limit(SUBJECT), 1),
        (choose(JWT, otherwise=JWT) + limit(SUBJECT), 0),
        (choose(JWT, otherwise="<return-response />") + limit(SUBJECT), 0),
        (choose(JWT + limit(SUBJECT)), 0),
        (f'<set-variable name="who" value="@({SUBJECT})" />' + limit('(string)context.Variables["who"]'), 1),
        (f'<set-variable name="who" value="@({SUBJECT})" />' + JWT + limit('(string)context.Variables["who"]'), 1),
        (
            f'<set-variable name="who" value="@({SUBJECT})" /><set-variable name="who" value="all" />'
            + limit('(string)context.Variables["who"]'),
            0,
        ),
        (limit("context.Request.IpAddress"), 0),
    ],
)
def test_tokens_that_nothing_has_verified(inbound: str, count: int) -> None:
    """On every way: a check in one branch says nothing of the other; a variable remembers where it came from."""
    assert lints(document_text(inbound), code="TG2501") == ["TG2501"] * count


@pytest.mark.parametrize(
    ("inbound", "count"),
    [
        (JWT + set_header("X-User", CLAIM), 0),
        (JWT + choose(set_header("X-User", CLAIM)), 1),
        (JWT + choose(set_header("X-User", CLAIM), otherwise=set_header("x-user", "nobody")), 0),
        (JWT + set_header("X-User", action="delete") + choose(set_header("X-User", CLAIM)), 0),
        (JWT + choose(set_header("X-User", CLAIM), otherwise="<return-response />"), 0),
        (JWT + set_header("X-User", CLAIM, action="skip"), 0),
        (JWT + choose(set_header("X-Mode", "a")), 0),
    ],
)
def test_a_claim_header_that_is_not_set_on_every_way(inbound: str, count: int) -> None:
    """The client's own would pass there."""
    assert lints(document_text(inbound), code="TG2502") == ["TG2502"] * count


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (("true", "x"), ["one before it always runs"]),
        (("false", "x"), ["its condition is always false"]),
        (("x", "x"), ["one before it asks the same"]),
        (("x", "y"), []),
        (("new Random().Next(2) == 0", "new Random().Next(2) == 0"), []),
    ],
)
def test_branches_that_never_run(conditions: tuple[str, ...], found: list[str]) -> None:
    """By constants, and by conditions that were asked before."""
    known = {"x": 'context.Request.Method == "GET"', "y": 'context.Request.Method == "PUT"'}
    whens = "".join(f'<when condition="@({known.get(c, c)})">{set_header("X-A", "1")}</when>' for c in conditions)
    said = [line for line in problems(document_text(f"<choose>{whens}</choose>")) if " TG2503 " in line]
    assert [line.partition("runs: ")[2] for line in said] == found


WIDE = document_text(on_error=set_header("X-E", "1"))


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        (document_text(backend="<base />", on_error="<base />"), []),
        (document_text(backend="<base />"), ["TG2504"]),
        (document_text(backend="", on_error="<base />"), ["TG2504"]),
        (document_text(backend="<forward-request />", on_error="<base />"), []),
    ],
)
def test_wider_scopes_that_are_dropped(narrow: str, found: list[str]) -> None:
    """Only where there was something to drop."""
    assert lints(WIDE, narrow, code="TG2504") == found


@pytest.mark.parametrize(
    ("inbound", "count"),
    [
        (set_header("Authorization", "Basic dXNlcjpwYXNzd29yZA=="), 1),
        (set_header("Ocp-Apim-Subscription-Key", "0123456789abcdef0123456789abcdef"), 1),
        (set_header("X-Link", "https://store.example.com/a?sv=1&amp;sig=abcdefghijklmnopqrstuvwx%3D"), 1),
        (set_header("X-Db", '@("AccountKey=" + "x")'), 0),
        (set_header("X-Db", '@("AccountKey=0123456789" + "x")'), 1),
        (set_header("Authorization", '@("Bearer " + context.Request.Method)'), 0),
        (set_header("Authorization", "none"), 0),
        (set_header("X-Mode", "0123456789abcdef0123456789abcdef"), 0),
    ],
)
def test_secrets_in_the_text(inbound: str, count: int) -> None:
    """By the header's name, and by the shapes that credentials have."""
    assert lints(document_text(inbound), code="TG2505") == ["TG2505"] * count


def test_a_named_value_stands_elsewhere() -> None:
    """That it must be secret there is the named value's matter."""
    text = document_text(set_header("Authorization", "Basic {{credential}}"))
    found = problems(text, named_values={"credential": "dXNlcjpwYXNzd29yZA=="})
    assert not [line for line in found if "TG2505" in line]
