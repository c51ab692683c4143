"""The Lua of expressions, run by LuaJIT: values and exceptions are those of .NET."""

from __future__ import annotations

from typing import Any

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, lua, runtime
from policy_tokens import claims, unsigned
from tidegate.policies.expressions.types import BOOL, INT, Type

TOKEN = unsigned(
    claims(
        sub="alice",
        jti="id-1",
        roles=["Admin", "Reader"],
        scp="a b",
        level=3,
        flag=True,
        big=2**60,
        none=[],
        o={"b": 1},
    )
)
REQUEST = (
    ("Authorization", f"Bearer {TOKEN}"), ("X-Two", "1"), ("X-Two", "2"), ("X-Empty", ""),
    (":method", "GET"), (":path", "/a/b?c=d"), (":authority", "Host.test:80"), (":scheme", "https"),
)  # fmt: skip
JWT = 'context.Request.Headers.GetValueOrDefault("authorization", "").AsJwt()'
NONE = 'context.Request.Headers.GetValueOrDefault("x-none")'


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module: expressions change nothing."""
    return runtime()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('context.Request.Headers.GetValueOrDefault("x-two")', "1,2"),
        ('context.Request.Headers.GetValueOrDefault("X-None", "d")', "d"),
        ('context.Request.Headers.GetValueOrDefault("x-empty", "d")', ""),
        (NONE, None),
        ('context.Request.Headers["x-two"][1]', "2"),
        ('String.Join("-", context.Request.Headers["x-two"])', "1-2"),
        ('context.Request.Headers.ContainsKey("x-empty")', "True"),
        ("context.Request.Method", "GET"),
        ("context.Request.OriginalUrl.Path + context.Request.OriginalUrl.QueryString", "/a/b?c=d"),
        ("context.Request.OriginalUrl.Host", "host.test"),
        (f"{JWT}?.Subject", "alice"),
        (f"{JWT}.Id", "id-1"),
        (f"{JWT}.Algorithm + {JWT}.Type", "noneJWT"),
        (f"{JWT}.Issuer", claims()["iss"]),
        (f"{JWT}.Audiences.FirstOrDefault()", "api://tasks"),
        (f'{JWT}.Audiences.Contains("api://tasks") ? "y" : "n"', "y"),
        (f'{JWT}.Claims.GetValueOrDefault("roles", "")', "Admin,Reader"),
        (f'{JWT}.Claims.GetValueOrDefault("roles", new [] {{""}}).FirstOrDefault()', "Admin"),
        (f'{JWT}.Claims.GetValueOrDefault("x", new [] {{"d"}}).FirstOrDefault()', "d"),
        (f'{JWT}.Claims.GetValueOrDefault("x", "d")', "d"),
        (f'{JWT}.Claims["level"].First() + {JWT}.Claims["flag"].First()', "3true"),
        (f'{JWT}.Claims["big"].First()', str(2**60)),
        (f'{JWT}.Claims["none"].FirstOrDefault() ?? "empty"', "empty"),
        (f'{JWT}.Claims["o"].First()', '{"b":1}'),
        (f'{JWT}.Claims.ContainsKey("oid") || {JWT}.Claims["roles"].Contains("Reader") ? "y" : "n"', "y"),
        (f'"{{0}}" + {JWT}.Claims["roles"].Length + {JWT}.Audiences.Count()', "{0}21"),
        ('"no token".AsJwt()?.Subject ?? "anonymous"', "anonymous"),
        (f'{NONE}.AsJwt()?.Claims["x"].FirstOrDefault() ?? "none"', "none"),
        (f'"a" + {NONE} + null + "b" + 1 + true', "ab1True"),
        (f'$"<{{{NONE}}}|{{1}}|{{(true ? "a" : "b")}}>"', "<|1|a>"),
        (f"{NONE} == null", "True"),
        (f'{NONE} != "a"', "True"),
        (f"{NONE}?.Length == 3", "False"),
        (f"({NONE}?.Contains(\"a\") ?? true) ? 1 : 2", "1"),
        (f"{NONE} ?? {NONE} ?? \"last\"", "last"),
        ('false && context.Request.Headers["x-none"][0] == "a"', "False"),
        ('true || context.Request.Headers["x-none"][0] == "a"', "True"),
        ('true ? "a" : context.Request.Headers["x-none"][0]', "a"),
        (f'true ? {NONE} : "a"', None),
        ('false ? "a" : null', None),
        ("1 < 2 && 2 <= 2 && 3 > 2 && !(2 >= 3) && -1 < 0", "True"),
        ('"äö😀".Length', "4"),
        ('"abc".Contains("") && "abc".StartsWith("ab") && "abc".EndsWith("bc") && !"a.c".Contains("abc")', "True"),
        ('"abc".EndsWith("")', "True"),
        ('"A".Equals("a") || String.Equals("a", null)', "False"),
        (f'string.IsNullOrEmpty({NONE}) && string.IsNullOrWhiteSpace(" \\t") && !string.IsNullOrEmpty(" ")', "True"),
        (f'string.Join(",", "a", {NONE}, "c")', "a,,c"),
        (f'string.Join(null, new [] {{"a", {NONE}}})', "a"),
        (f'string.Concat("a", {NONE}, "c") + string.Empty', "ac"),
        ('(string)context.Variables["text"] + (int)context.Variables["number"]', "t7"),
        ('context.Variables["number"]', "7"),
        ('context.Variables["flag"] + "!"', "True!"),

        (
            'context.Variables.GetValueOrDefault<int>("none") + ""'
            ' + context.Variables.GetValueOrDefault<bool>("none")',
            "0False",
        ),
        ('context.Variables.GetValueOrDefault("none", "d") + context.Variables.GetValueOrDefault<string>("none")', "d"),
        ('context.Variables.ContainsKey("text") ? "y" : "n"', "y"),
        ('(bool)context.Variables["flag"] ? "y" : "n"', "y"),
        ('"\\"\\\\\\n\\0\\x7f" + @"""\\"', '"\\\n\0\x7f"\\'),
    ],
)  # fmt: skip
def test_value(vm: LuaRuntime, text: str, value: Any) -> None:
    """What the expression is worth."""
    variables = {"text": "t", "number": 7, "flag": True}
    assert evaluate(text, vm=vm, request=REQUEST, variables=variables) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('(string)context.Variables["x"]', "The given key 'x' was not present in the dictionary."),
        ('context.Request.Headers["x-none"][0]', "The given key 'x-none' was not present in the dictionary."),
        (f'{JWT}.Claims["x"].First()', "The given key 'x' was not present in the dictionary."),
        (f"{NONE}.ToString()", "Object reference not set to an instance of an object."),
        ('"x".AsJwt().Subject', "Object reference not set to an instance of an object."),
        (f"({NONE}.AsJwt()?.Claims).GetValueOrDefault(\"a\", \"b\")",
         "Object reference not set to an instance of an object."),
        ('(string)context.Variables["number"]', "Unable to cast object of type 'int' to type 'string'."),
        ('((Jwt)context.Variables["text"]).Id', "Unable to cast object of type 'string' to type 'Jwt'."),
        ('context.Variables.GetValueOrDefault<int>("text", 1)',
         "Unable to cast object of type 'string' to type 'int'."),
        (f'{JWT}.Claims["none"].First()', "Sequence contains no elements"),
        ('new [] {"a"}[1]', "Index was outside the bounds of the array."),
        ('new [] {"a"}[-1]', "Index was outside the bounds of the array."),
        (f"context.Request.Headers.ContainsKey({NONE})", "Object reference not set to an instance of an object."),
    ],
)  # fmt: skip
def test_exception(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws is raised, with its message for LastError."""
    with pytest.raises(Thrown) as thrown:
        evaluate(text, vm=vm, request=REQUEST, variables={"text": "t", "number": 7})
    assert str(thrown.value) == message


def test_response_and_error(vm: LuaRuntime) -> None:
    """Where they exist, they answer."""
    text = (
        'context.Response.StatusCode + context.Response.Headers.GetValueOrDefault("x", "") + context.LastError.Reason'
    )
    response = ((":status", "404"), ("X", "y"))
    assert evaluate('$"{context.Response.StatusCode}"', vm=vm, response=response, section="outbound") == "404"
    assert evaluate(f'"" + {text}', vm=vm, response=response, section="on-error") == "404yR"


@pytest.mark.parametrize(("text", "wanted", "value"), [("1 < 2", BOOL, True), ('"abc".Length', INT, 3)])
def test_other_types(vm: LuaRuntime, text: str, wanted: Type, value: Any) -> None:
    """Where a number or a boolean is wanted, it stays one."""
    assert evaluate(text, vm=vm, wanted=wanted) == value


def test_statements_keep_the_order() -> None:
    """A part that needs statements does not run before what stands left of it."""
    text = f'{NONE} + ({NONE}.AsJwt()?.Subject ?? "a")'
    assert lua(text).splitlines() == [
        'local v2 = (q.request:get("x-none"))',
        'local v1 = R.as_jwt((q.request:get("x-none")))',
        'return ((v2 or "") .. ((v1 and v1.subject) or "a"))',
    ]
