"""Paths behind `context`, in C#. Source: the page "set-body policy", what a template can bind to."""

from __future__ import annotations

import pytest

from tidegate.policies.liquid.binding import context_code


@pytest.mark.parametrize(
    ("path", "code", "used"),
    [
        ("Request.Method", "context.Request.Method", 2),
        ("Request.Url.Path", "context.Request.Url.Path", 3),
        ("Request.Url.ToString", "context.Request.Url.ToString()", 3),
        ("Request.Url.Query.a", 'context.Request.Url.Query.GetValueOrDefault("a")', 4),
        ("Request.Headers.X-A", 'context.Request.Headers.GetValueOrDefault("X-A")', 3),
        ("Request.MatchedParameters.id", 'context.Request.MatchedParameters.GetValueOrDefault("id")', 3),
        ("Request.HasBody", "(context.Request.Body != null)", 2),
        ("Response.StatusCode", "context.Response.StatusCode", 2),
        ("Variables.v.w.x", 'context.Variables.GetValueOrDefault<object>("v")', 2),
        ('Variables.a"b', 'context.Variables.GetValueOrDefault<object>("a\\"b")', 2),
        ("User.Email", "context.User?.Email", 2),
        ("Variables", "", 0),
        ("Request.Headers", "context.Request.Headers", 2),
        ("Request.a b", "", 0),
        ("", "", 0),
    ],
)
def test_paths(path: str, code: str, used: int) -> None:
    """The expression, and how much of the path it is."""
    assert context_code(tuple(path.split(".")) if path else ()) == (code, used)
