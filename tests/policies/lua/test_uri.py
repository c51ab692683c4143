"""System.Uri.

Vectors: the .NET page "Uri Class" and those of its properties; RFC 3986 sections 5.2.4 and 5.4 for references.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import listed, quoted, text, value

FULL = 'R.new_uri("https://user:password@www.Contoso.com:80/Home/Index.htm?q1=v1&q2=v2#FragmentName")'


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("absolute", "https://user:password@www.contoso.com:80/Home/Index.htm?q1=v1&q2=v2#FragmentName"),
        ("path", "/Home/Index.htm"), ("authority", "www.contoso.com:80"), ("fragment", "#FragmentName"),
        ("host", "www.contoso.com"),
        ("is_default_port", False), ("is_loopback", False), ("local_path", "/Home/Index.htm"),
        ("path_and_query", "/Home/Index.htm?q1=v1&q2=v2"), ("port", 80), ("query", "?q1=v1&q2=v2"), ("scheme", "https"),
        ("user", "user:password"),
    ],
)  # fmt: skip
def test_members(vm: LuaRuntime, member: str, expected: object) -> None:
    """The example of the page "Uri Class"."""
    assert value(vm, f"R.uri_{member}({FULL})") == expected


def test_segments(vm: LuaRuntime) -> None:
    """Each with its slash."""
    assert listed(vm, f"R.uri_segments({FULL})") == ["/", "Home/", "Index.htm"]


@pytest.mark.parametrize(
    ("given", "absolute", "shown"),
    [
        ("http://a", "http://a/", "http://a/"), ("HTTP://A:80/b/../c", "http://a/c", "http://a/c"),
        ("http://a:8080?x=y", "http://a:8080/?x=y", "http://a:8080/?x=y"),
        ("http://a/b c", "http://a/b%20c", "http://a/b c"),
        ("http://a/%C3%A9%20%2F%41", "http://a/%C3%A9%20%2FA", "http://a/é %2FA"),
        ("http://a/é", "http://a/%C3%A9", "http://a/é"),
        ("http://[::1]:80/", "http://[::1]/", "http://[::1]/"), (" http://a/b ", "http://a/b", "http://a/b"),
        ("http://a/%", "http://a/%25", "http://a/%25"), ("mailto:a@b.c", "mailto:a@b.c", "mailto:a@b.c"),
    ],
)  # fmt: skip
def test_normal_forms(vm: LuaRuntime, given: str, absolute: str, shown: str) -> None:
    """AbsoluteUri is escaped, ToString is for people."""
    assert value(vm, f"R.uri_absolute(R.new_uri({quoted(given)}))") == absolute
    assert text(vm, f"R.new_uri({quoted(given)})") == shown


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../../g", "http://a/g"),
        ("http://x/y", "http://x/y"),
    ],
)  # fmt: skip
def test_references(vm: LuaRuntime, reference: str, expected: str) -> None:
    """RFC 3986 section 5.4.1."""
    assert value(vm, f'R.uri_absolute(R.uri_join(R.new_uri("http://a/b/c/d;p?q"), {quoted(reference)}))') == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "The URI is empty"), ("abc", "could not be determined"), ("/a/b", "could not be determined"),
        ("http://", "hostname"),
        ("http://a:99999/", "Invalid port"), ("http://a b/", "hostname"), ("http:a", "Authority/Host"),
        ("x" * 70000, "too long"),
    ],
)  # fmt: skip
def test_refused(vm: LuaRuntime, given: str, message: str) -> None:
    """What is no absolute URI; TryCreate says no."""
    with pytest.raises(Thrown, match=message):
        value(vm, f"R.new_uri({quoted(given)})")
    assert value(vm, f"(R.try_uri({quoted(given)}, 1))") is False


def test_relative_and_equal(vm: LuaRuntime) -> None:
    """A relative one has no parts; fragments do not count for equality."""
    assert text(vm, 'R.new_uri("a/b?c", 0)') == "a/b?c"
    with pytest.raises(Thrown, match="not supported for a relative URI"):
        value(vm, 'R.uri_host(R.new_uri("a/b", 0))')
    assert value(vm, 'R.uri_equals(R.new_uri("http://a/b#c"), R.new_uri("HTTP://A/b"))') is True
    assert value(vm, 'R.uri_equals(nil, R.new_uri("http://a"))') is False
    for part, expected in enumerate(("https://", "https://user:password@www.contoso.com:80")):
        assert value(vm, f"R.uri_left({FULL}, {part})") == expected
    assert value(vm, 'R.is_well_formed_uri("http://a/b%20c", 1)') is True
    assert value(vm, 'R.is_well_formed_uri("http://a/b c", 1)') is False
