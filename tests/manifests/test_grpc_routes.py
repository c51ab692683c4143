"""GRPCRoutes: what the golden cases do not show."""

from __future__ import annotations

import re

import pytest

from rules import codes_of, rules_of
from tidegate.manifests.routes import CLOSED
from tidegate.model import PathMatch, PathMatchKind


def path_of(method: str) -> PathMatch:
    resolution, found = rules_of(f"[{{matches: [{{method: {method}}}]}}]", kind="GRPCRoute")
    assert not codes_of(found)
    (match,) = resolution.rules[0].matches
    assert match.match.grpc
    return match.match.path


def matches(path: PathMatch, text: str) -> bool:
    match path.kind:
        case PathMatchKind.EXACT:
            return path.value == text
        case PathMatchKind.PREFIX:
            return text == path.value or text.startswith(f"{path.value.rstrip('/')}/")
        case PathMatchKind.REGEX:
            return re.fullmatch(path.value, text) is not None


CALLS = ["/shop.Cart/Add", "/shop.Cart/Get", "/shop.Carts/Add", "/film.Store/AddAll", "/film.Store/Get"]


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        ("{service: shop.Cart, method: Add}", [0]),
        ("{service: shop.Cart}", [0, 1]),
        ("{method: Add}", [0, 2]),
        ('{service: "", method: Get}', [1, 4]),
        ('{type: RegularExpression, service: "shop[.].*"}', [0, 1, 2]),
        ('{type: RegularExpression, method: "Add.*"}', [0, 2, 3]),
        ('{type: RegularExpression, service: "shop.Cart|film.Store", method: "Get|Put"}', [1, 4]),
        ('{type: RegularExpression, service: "Cart"}', []),
    ],
)
def test_calls_that_a_method_takes(method: str, taken: list[int]) -> None:
    """GRPCMethodMatch: the whole service, the whole method, with case; what is left out is any."""
    assert [index for index, call in enumerate(CALLS) if matches(path_of(method), call)] == taken


def test_invalid_rule_is_unavailable() -> None:
    """GRPCRouteRule.backendRefs: 503 is UNAVAILABLE to a gRPC client, 500 would be UNKNOWN."""
    rule = "{sessionPersistence: {absoluteTimeout: 1h}, backendRefs: [{name: cart, port: 80}]}"
    resolution, found = rules_of(f"[{rule}]", kind="GRPCRoute")
    assert resolution.rules[0].action == CLOSED
    assert resolution.accepted.reason == "UnsupportedValue"
    assert next(iter(found)).notes == ("the rule answers UNAVAILABLE until it is right",)
