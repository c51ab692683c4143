"""What may be made of claims, and where."""

from __future__ import annotations

import pytest

from policy_lints import CLAIM, JWT, SUBJECT, choose, limit, lints
from policy_programs import document_text, set_header


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
