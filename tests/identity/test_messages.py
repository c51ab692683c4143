"""Reading the form and the headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.identity.errors import OAuthError
from tidegate.identity.protocol.messages import Basic, TokenCall, TokenRequest, is_guid, read_request, request_id

FORM = "application/x-www-form-urlencoded"


def _read(body: bytes, content_type: str = FORM, authorization: str = "") -> TokenRequest:
    return read_request(TokenCall("t", 2, body, content_type=content_type, authorization=authorization))


@pytest.mark.parametrize("content_type", [FORM, FORM.upper(), f"{FORM};charset=UTF-8", f" {FORM} ; charset=utf-8"])
def test_the_media_type_may_have_parameters_and_any_case(content_type: str) -> None:
    """RFC 9110 section 8.3.1."""
    assert _read(b"a=b", content_type).optional("a") == "b"


def test_values_are_decoded() -> None:
    """Plus is a space, percent is UTF-8."""
    assert _read(b"scope=a+b%20c&name=%C3%A9").parameters == {"scope": "a b c", "name": "é"}


def test_an_empty_value_is_an_absent_one() -> None:
    """RFC 6749 section 3.2."""
    with pytest.raises(OAuthError, match="must contain the parameter 'scope'"):
        _read(b"scope=").required("scope")


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=1&a=1", b"a=&a=1", b"a=1&%61=2"])
def test_a_repeated_parameter_is_refused(body: bytes) -> None:
    """Also when equal, empty, or spelt otherwise."""
    with pytest.raises(OAuthError) as raised:
        _read(body)
    assert raised.value.detail == "The parameter 'a' occurs twice."


def test_limits_are_at_their_limits() -> None:
    """64 parameters and 64 KiB pass, one more does not."""
    assert len(_read(b"&".join(b"p%d=1" % n for n in range(64))).parameters) == 64
    assert _read(b"a=" + b"b" * (64 * 1024 - 2)).optional("a")
    with pytest.raises(OAuthError):
        _read(b"&".join(b"p%d=1" % n for n in range(65)))
    with pytest.raises(OAuthError) as raised:
        _read(b"a=" + b"b" * (64 * 1024 - 1))
    assert raised.value.kind.status == 413


@given(st.binary(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_any_bytes_are_a_form_or_a_refusal(body: bytes, content_type: str, authorization: str) -> None:
    """One documented exception, nothing else."""
    try:
        request = _read(body, content_type or FORM, authorization)
    except OAuthError:
        return
    assert all(isinstance(value, str) for value in request.parameters.values())


def test_printing_a_request_shows_no_value() -> None:
    """Names of parameters are enough for a failed assertion."""
    request = _read(b"client_secret=hunter2&assertion=eyJ", authorization="Basic aWQ6aHVudGVyMg==")
    assert "hunter2" not in repr(request)
    assert repr(request.basic) == "Basic('id', ...)"
    assert request.basic == Basic("id", "hunter2")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0a0a0a0a-0000-4000-8000-000000000001", True),
        ("0A0A0A0A-0000-4000-8000-000000000001", True),
        ("0a0a0a0a-0000-4000-8000-000000000001\n", False),
        ("{0a0a0a0a-0000-4000-8000-000000000001}", False),
        ("", False),
    ],
)
def test_ids_are_guids(text: str, is_one: bool) -> None:
    """Only these are echoed and logged."""
    assert is_guid(text) is is_one
    assert request_id(text) == (text.lower() if is_one else None)
