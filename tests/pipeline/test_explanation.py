"""The shape of an explanation."""

from __future__ import annotations

from tidegate.pipeline.explanation import Explanation, Loser, Target


def test_only_some_losers_are_shown() -> None:
    """Of thousands, the first few and how many more; programs get all of them."""
    losers = tuple(Loser(f"r{i}", "a.yaml:1:1", "wants something") for i in range(12))
    explanation = Explanation("GET", "http://a/", "404: no route matches", losers=losers)
    text = explanation.to_text()
    assert "r9" in text
    assert "r10" not in text
    assert "and 2 more" in text
    assert len(explanation.to_json()["notMet"]) == 12


def test_a_backend_says_how_it_is_spoken_to() -> None:
    """Below its addresses."""
    target = Target("shop/cart:80", 0.25, (), ("spoken to by HTTP/2",))
    text = Explanation("GET", "http://a/", "503", targets=(target,)).to_text()
    assert "  backend   shop/cart:80  25%  no endpoints\n            spoken to by HTTP/2\n" in text
