"""RateLimitPolicy as a document: where its limits stand, and what they need."""

from __future__ import annotations

from policy_programs import document_text, read, validate_jwt
from tidegate.diagnostics import Found, Span
from tidegate.model import LimitKey, PolicyProgram, RateLimit
from tidegate.policies import DEFAULT_GLOBAL, build_program, limit_document

HERE = Span("limits.yaml", 3, 5, 3, 20)


def limit(by: LimitKey, name: str = "", **changed: float) -> RateLimit:
    return RateLimit("shop/p", int(changed.get("calls", 5)), changed.get("period_s", 60.0), by, HERE, name)


ALL = (
    limit(LimitKey.CLAIM, "sub"),
    limit(LimitKey.HEADER, "x-key"),
    limit(LimitKey.EVERYONE, period_s=1.5),
    limit(LimitKey.CLIENT_ADDRESS),
)


def program(*limits: RateLimit, inbound: str, found: Found) -> PolicyProgram | None:
    document = read(document_text(inbound), found)
    assert document is not None
    return build_program([document, limit_document(limits, span=HERE)], found=found)


def test_limits_without_a_token_come_first() -> None:
    """Before what the documents do; those by a claim behind it, each in its order."""
    made = program(*ALL, inbound=validate_jwt(), found=Found())
    assert made is not None
    assert [step.text for step in made.steps if step.section == "inbound"] == [
        "RateLimitPolicy: 5 calls in 60 s by header x-key",
        "RateLimitPolicy: 5 calls in 1.5 s by everyone",
        "RateLimitPolicy: 5 calls in 60 s by client address",
        made.steps[3].text,
        "RateLimitPolicy: 5 calls in 60 s by claim sub",
    ]
    assert made.steps[3].text.startswith("validate-jwt")


def test_no_document_leaves_them_out() -> None:
    """Sections of wider documents without `<base />` change nothing of them."""
    found = Found()
    made = program(*ALL[1:], inbound="", found=found)
    assert made is not None
    assert sum("RateLimitPolicy" in step.text for step in made.steps) == 3
    assert build_program([DEFAULT_GLOBAL, limit_document(ALL[1:], span=HERE)], found=found) is not None
    assert not found


def test_a_claim_that_nobody_has_verified() -> None:
    """Is refused, at the limit's place: anybody can make up a claim."""
    found = Found()
    assert program(*ALL, inbound="", found=found) is None
    assert [(each.code.code, each.span) for each in found] == [("TG4760", HERE)]


def test_names_are_quoted() -> None:
    """Whatever a claim is called, it stays a text of the program."""
    made = program(limit(LimitKey.CLAIM, 'a") os.exit() --\n'), inbound=validate_jwt(), found=Found())
    assert made is not None
    assert r'R.claim_of(verified, "a\") os.exit() --\n")' in made.lua


def test_the_token_that_counts_is_the_last_verified() -> None:
    """And is kept for it: also where no variable was asked for."""
    named = validate_jwt('header-name="X-Other" output-token-variable-name="other"')
    made = program(limit(LimitKey.CLAIM, "sub"), inbound=validate_jwt() + named, found=Found())
    assert made is not None
    assert made.lua.count("verified = R.validate_jwt") == 2
    assert made.lua.index('"x-other"') < made.lua.index("R.claim_of(verified")
    without = program(limit(LimitKey.EVERYONE), inbound=validate_jwt(), found=Found())
    assert without is not None
    assert "verified =" not in without.lua
