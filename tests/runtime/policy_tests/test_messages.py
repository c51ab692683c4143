"""Bodies and header lines of a case."""

from __future__ import annotations

from tidegate.runtime.policy_tests.messages import Call, body_of, values


def test_json_names_its_type_unless_the_author_does() -> None:
    """A text does not; JSON gets a content type, and keeps one that is given."""
    assert body_of("x", None, {}) == (b"x", ())
    assert body_of(None, {"ä": 1}, {}) == ('{"ä": 1}'.encode(), (("content-type", "application/json"),))
    assert body_of(None, [], {"Content-Type": "text/json"})[1] == (("content-type", "text/json"),)
    assert body_of(None, None, {"A": ("b", "c")}) == (b"", (("a", "b"), ("a", "c")))


def test_names_of_headers_have_no_case() -> None:
    """RFC 9110 section 5.1."""
    assert values((("x-a", "1"), ("x-b", "2"), ("x-a", "3")), "X-A") == ("1", "3")
    assert Call("GET", "/", (("host", "a.test"),), b"").host == "a.test"
