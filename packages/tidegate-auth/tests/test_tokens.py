"""Whatever is sent in place of a token, the answer is TokenRejected."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate_auth import TokenRejected
from tidegate_auth.settings import TrustedHeaders, fold
from tidegate_auth.tokens import Unverified, inspect

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["RS256", "none", "HS256", "rs256"]) | JSON,
        "typ": st.sampled_from(["JWT", "jwt", "application/jwt", "gateway-proof+jwt"]) | JSON,
        "kid": JSON,
        "crit": JSON,
    },
)


def encode(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.text())
def test_text_is_no_token(text: str) -> None:
    """Any text at all."""
    with pytest.raises(TokenRejected):
        inspect(text, types=("jwt",))


@given(HEADERS, JSON, st.binary(min_size=1, max_size=10))
def test_only_a_well_formed_token_is_inspected(header: dict[str, object], payload: object, signature: bytes) -> None:
    """Any JSON in header and payload: refused, or an RS256 token of the type with a key and an issuer."""
    text = f"{encode(header)}.{encode(payload)}.{urlsafe_b64encode(signature).decode().rstrip('=')}"
    try:
        token = inspect(text, types=("jwt",))
    except TokenRejected:
        return
    assert isinstance(token, Unverified)
    assert header["alg"] == "RS256"
    assert str(header["typ"]).lower() in {"jwt", "application/jwt"}
    assert token.kid == header["kid"]
    assert "crit" not in header


@pytest.mark.parametrize("name", TrustedHeaders().names())
def test_a_name_folds_to_one_spelling(name: str) -> None:
    """However servers confuse it."""
    assert {fold(spelled) for spelled in (name, name.upper(), name.replace("-", "_"), name.replace("-", "."))} == {
        name.lower()
    }
