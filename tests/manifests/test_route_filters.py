"""Filters: what the golden cases do not show."""

from __future__ import annotations

import pytest

from rules import codes_of, rules_of
from tidegate.model import Forward, Mirror, Redirect


def forward(rule: str) -> Forward:
    resolution, found = rules_of(f"[{{{rule}}}]")
    assert not codes_of(found)
    action = resolution.rules[0].action
    assert isinstance(action, Forward)
    return action


@pytest.mark.parametrize(
    ("text", "path", "prefix"),
    [
        ("{type: ReplaceFullPath, replaceFullPath: /new}", "/new", None),
        ('{type: ReplaceFullPath, replaceFullPath: ""}', "/", None),
        ("{type: ReplacePrefixMatch, replacePrefixMatch: /new}", None, "/new"),
        ("{type: ReplacePrefixMatch, replacePrefixMatch: /new/}", None, "/new"),
        ('{type: ReplacePrefixMatch, replacePrefixMatch: ""}', None, "/"),
        ("{type: ReplacePrefixMatch, replacePrefixMatch: /}", None, "/"),
    ],
)
def test_paths_are_replaced(text: str, path: str | None, prefix: str | None) -> None:
    """HTTPPathModifier: a trailing slash of a prefix is ignored, and nothing at all leaves `/`."""
    rewritten = forward(
        f"filters: [{{type: URLRewrite, urlRewrite: {{path: {text}}}}}], backendRefs: [{{name: cart, port: 80}}]"
    )
    assert (rewritten.replace_path, rewritten.replace_prefix) == (path, prefix)
    resolution, _ = rules_of(f"[{{filters: [{{type: RequestRedirect, requestRedirect: {{path: {text}}}}}]}}]")
    action = resolution.rules[0].action
    assert isinstance(action, Redirect)
    assert (action.replace_path, action.replace_prefix) == (path, prefix)


@pytest.mark.parametrize(
    ("share", "numerator", "denominator"),
    [
        ("", 100, 100),
        (", percent: 0", 0, 100),
        (", percent: 7", 7, 100),
        (", fraction: {numerator: 1, denominator: 8}", 1, 8),
    ],
)
def test_share_that_is_mirrored(share: str, numerator: int, denominator: int) -> None:
    """HTTPRequestMirrorFilter: all of the requests unless it says less."""
    action = forward(
        f"filters: [{{type: RequestMirror, requestMirror: {{backendRef: {{name: cart, port: 80}}{share}}}}}]"
    )
    (mirror,) = action.mirrors
    assert mirror == Mirror(mirror.backend, numerator, denominator)


@pytest.mark.parametrize(
    ("origin", "browsers"),
    [
        ("*", "*"),
        ("https://*", "https://*"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
        ("http://app.example.com:443", "http://app.example.com:443"),
        ("https://App.Example.com", "https://app.example.com"),
    ],
)
def test_origins_are_what_browsers_send(origin: str, browsers: str) -> None:
    """RFC 6454: the scheme's own port goes without saying, and hosts are lower case."""
    resolution, _ = rules_of(f'[{{filters: [{{type: CORS, cors: {{allowOrigins: ["{origin}"]}}}}]}}]')
    cors = resolution.rules[0].cors
    assert cors is not None
    assert cors.allow_origins == (browsers,)


def test_filters_of_a_backend_that_are_invalid_make_its_rule_invalid() -> None:
    """Half a rule would be another rule."""
    resolution, found = rules_of(
        "[{backendRefs: [{name: cart, port: 80}, {name: films, port: 80, filters: ["
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], remove: [A]}}]}]}]"
    )
    assert resolution.rules[0].invalid == "one filter has more than one change of header `A`"
    assert codes_of(found) == ["TG4605"]
