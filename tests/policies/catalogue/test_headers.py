"""Facts about header names."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, set_header
from tidegate.policies.catalogue.headers import has_control, is_header_name


@pytest.mark.parametrize(
    ("name", "ok"), [("X-A", True), ("x_a.b", True), ("", False), ("a b", False), (":path", False), ("é", False)]
)
def test_names(name: str, ok: bool) -> None:
    """RFC 9110 tokens; no pseudo-headers."""
    assert is_header_name(name) == ok


def test_control_characters() -> None:
    """Tabs may stand in a value; nothing else below a space."""
    assert not has_control("a\tb é")
    assert all(has_control(f"a{c}b") for c in "\r\n\0\x1f\x7f")


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (set_header("Transfer-Encoding", "a"), "TG2401"), (set_header("keep-alive", "a"), "TG2401"),
        (set_header("Server", action="delete"), "TG2401"), (set_header("X-Gateway-Authorization", "a"), "TG2401"),
        (set_header("X-Tidegate-Reply", "a"), "TG2401"), (set_header(":path", "/"), "TG2402"),
        (set_header("A", "a&#10;b"), "TG2403"), (set_header("A", "a", action="delete"), "TG2008"),
        (set_header("A"), "TG2009"), (set_header("", "a"), "TG2402"),
    ],
)  # fmt: skip
def test_set_header_refuses(policy: str, code: str) -> None:
    """What would break the message, or have no effect."""
    assert [p.split(" ")[1] for p in problems(document_text(outbound=policy))] == [code]
