"""URLs at run time: parsing, rewrite-uri, set-query-parameter.

Sources: RFC 3986; the pages "rewrite-uri-policy" and "set-query-parameter-policy" of API Management's reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lupa.luajit21 import LuaError, LuaRuntime

from tidegate.policies.lua_text import lua_string, lua_value


@pytest.fixture
def ask(vm: LuaRuntime) -> Callable[..., Any]:
    """What Lua works out with `q`, the record of a request with this path to an API. A tuple for several values."""

    def asked(
        code: str, path: str = "/", *, api: str | None = None, template: str | None = None, service: str | None = None
    ) -> Any:
        facts = {"path": api, "service_url": service}
        operation = {"url_template": template, "UrlTemplate": template} if template else None
        source = f"""
        R.refill()
        local q = {{ request = R.new_headers({
            lua_value({":path": path, ":authority": "gateway.test:8080", ":scheme": "http"})
        }), facts = {lua_value({"api": facts, "operation": operation})} }}
        q.known = q.facts
        {code}
        """
        result = vm.execute(source.encode())
        values = result if isinstance(result, tuple) else (result,)
        decoded = tuple(value.decode() if isinstance(value, bytes) else value for value in values)
        return decoded if len(decoded) > 1 else decoded[0]

    return asked


PARSED = {
    "http://Example.com": ("http", "example.com", 80, "example.com", "example.com:80", "/", None),
    "https://example.com:8443/a/b?x=1#f": (
        "https",
        "example.com",
        8443,
        "example.com:8443",
        "example.com:8443",
        "/a/b",
        "x=1",
    ),
    "HTTPS://example.com:443": ("https", "example.com", 443, "example.com", "example.com:443", "/", None),
    "http://[2001:DB8::1]/x": ("http", "2001:db8::1", 80, "[2001:db8::1]", "[2001:db8::1]:80", "/x", None),
    "http://a/b/../c/./d": ("http", "a", 80, "a", "a:80", "/c/d", None),
    "http://a/b/%2e%2E/c": ("http", "a", 80, "a", "a:80", "/c", None),
    "http://a/../../x": ("http", "a", 80, "a", "a:80", "/x", None),
    "http://a?q={b}": ("http", "a", 80, "a", "a:80", "/", "q=%7Bb%7D"),
    "http://a/é": ("http", "a", 80, "a", "a:80", "/%C3%A9", None),
    "http://a/100%/%41": ("http", "a", 80, "a", "a:80", "/100%25/%41", None),
}


@pytest.mark.parametrize(("text", "expected"), PARSED.items())
def test_urls(ask: Callable[..., Any], text: str, expected: tuple[Any, ...]) -> None:
    fields = "u.scheme, u.host, u.port, u.authority, u.target, u.path, u.query"
    assert ask(f"local u = R.parse_url({lua_string(text)}) return {fields}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "example.com", "//example.com/", "/path", "ftp://a/", "file:///etc/passwd", "http://", "http://a b/",
        "http://a\r\nHost: b/", "http://u@a/", "http://u:p@a/", "http://a:0/", "http://a:65536/", "http://a:/",
        "http://a:b/", "http://a\\@b/", "http://[::1", "http://[g]/", "http://a/\x00", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_url(ask: Callable[..., Any], text: str) -> None:
    with pytest.raises(LuaError):
        ask(f"R.parse_url({lua_string(text)})")


REWRITES: Mapping[tuple[str, str, bool], str] = {
    ("/orders/items/7?x=1&y=2", "/v2/{id}", True): "/orders/v2/7?x=1&y=2",
    ("/orders/items/7?x=1&y=2", "/v2/{id}", False): "/orders/v2/7",
    ("/Orders/Items/7", "v2/{id}/{id}", True): "/Orders/v2/7/7",
    ("/orders/items/7?x=1&y=2", "/v2?id={id}&x=mine", True): "/orders/v2?id=7&x=mine&y=2",
    ("/orders/items/7?x=1", "/v2?other={x}", True): "/orders/v2?other=1",
    ("/orders/items/7", "/v2?other={x}", True): "/orders/v2",
    ("/orders/items/a%20b", "/v2/{id}?q={id}", True): "/orders/v2/a%20b?q=a%20b",
    ("/orders/items/a%2Fb", "/v2/{id}", True): "/orders/v2/a%2Fb",
    ("/orders/items/..", "/v2/{id}/x", True): "/orders/x",
    ("/orders/items/7", "/a b/é", True): "/orders/a%20b/%C3%A9",
    ("/orders/items/7?a=b", "/", True): "/orders/?a=b",
}


@pytest.mark.parametrize(("given", "expected"), REWRITES.items())
def test_rewrite_uri(ask: Callable[..., Any], given: tuple[str, str, bool], expected: str) -> None:
    """Unmatched parameters are added; a value never becomes another path element or parameter."""
    path, template, copies = given
    rewrite = f"R.rewrite(q, {lua_string(template)}, {lua_value(copies)}, false)"
    after = ask(f'{rewrite} return q.request:get(":path"), q.original_path', path, api="orders", template="/items/{id}")
    assert after == (expected, path)


def test_parameters_without_a_value(ask: Callable[..., Any]) -> None:
    operation = {"api": "orders", "template": "/items/{id}"}
    with pytest.raises(LuaError):
        ask('R.rewrite(q, "/v2/{nothing}", true, false)', "/orders/items/7", **operation)
    computed = 'R.rewrite(q, "/v2/{nothing}", true, true) return q.request:get(":path")'
    assert ask(computed, "/orders/items/7", **operation) == "/orders/v2/%7Bnothing%7D"
    with pytest.raises(LuaError):
        ask('R.rewrite(q, "/v2\\r\\nx: y", true, true)')


QUERIES = {
    ("/p", "a", "override", ("1",)): "/p?a=1",
    ("/p?a=0&b=2&a=3", "A", "override", ("1", "x y")): "/p?A=1&A=x%20y&b=2",
    ("/p?a=0", "a", "skip", ("1",)): "/p?a=0",
    ("/p?b=0", "a", "skip", ("1",)): "/p?b=0&a=1",
    ("/p?a=0", "a", "append", ("1&c=2",)): "/p?a=0&a=1%26c%3D2",
    ("/p?a=0&b=1&A=2", "a", "delete", ()): "/p?b=1",
    ("/p?a=0", "a", "delete", ()): "/p",
    ("/p?%61=0&b", "a", "delete", ()): "/p?b",
}


@pytest.mark.parametrize(("given", "expected"), QUERIES.items())
def test_set_query_parameter(
    ask: Callable[..., Any], given: tuple[str, str, str, tuple[str, ...]], expected: str
) -> None:
    path, name, action, values = given
    listed = ", ".join((f"n = {len(values)}", *map(lua_string, values)))
    change = f"R.set_query(q, {lua_string(name)}, {lua_string(action)}, {{{listed}}})"
    assert ask(f'{change} return q.request:get(":path")', path) == expected


def test_the_url_towards_the_backend(ask: Callable[..., Any]) -> None:
    """context.Request.Url and OriginalUrl."""
    urls = "return R.url_text(R.url(q)), R.url_text(R.original_url(q))"
    request = {
        "path": "/orders/items/7?x=1",
        "api": "orders",
        "template": "/items/{id}",
        "service": "https://inner.example.com/base",
    }
    original = "http://gateway.test:8080/orders/items/7?x=1"
    assert ask(urls, **request) == ("https://inner.example.com/base/items/7?x=1", original)
    changed = 'R.set_backend(q, "http://other.test:81/") R.rewrite(q, "/v2", false, false)'
    assert ask(f"{changed} {urls}", **request) == ("http://other.test:81/v2", original)
    assert ask(f"{changed} return R.departing_path(q, q.base)", **request) == "/v2"


def test_pools_are_drawn_from_by_weight_and_priority(ask: Callable[..., Any]) -> None:
    entities = """
    local function at(host) return { target = host .. ":80", scheme = "http", host = host, path = "/" } end
    local entities = { a = at("a"), b = at("b"), c = at("c"),
      pool = { members = { { "a", 3, 1 }, { "b", 1, 1 }, { "c", 9, 2 } } } }
    """
    draw = """
    local counts = { a = 0, b = 0, c = 0 }
    for _ = 1, 400 do
      R.set_backend_entity(q, entities, "pool")
      counts[q.base.host] = counts[q.base.host] + 1
    end
    return counts.a, counts.b, counts.c
    """
    first, second, third = ask(entities + draw)
    assert third == 0
    assert second > 0
    assert 230 < first < 370
    with pytest.raises(LuaError):
        ask(f'{entities} R.set_backend_entity(q, entities, "nothing")')
    kept = 'R.set_backend_entity(q, entities, "a") R.set_backend(q, "http://u.test") return q.base.host'
    assert ask(entities + kept) == "a"
