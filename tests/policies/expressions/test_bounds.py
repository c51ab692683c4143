"""However deep or wide an expression is: it is refused, or its Lua loads. Python's stack is never exhausted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import check, lua, runtime
from strategies import code
from tidegate.diagnostics import Found
from tidegate.policies.expressions.types import OBJECT

H = 'context.Request.Headers.GetValueOrDefault("x", "")'
N = f"{H}.Length"


def nested(depth: int) -> list[str]:
    """Each form within itself."""
    d = depth
    return [
        "(" * d + N + ")" * d,
        "- " * d + N,
        f"{N}==1?1:" * d + "2",
        ("(" + N + "==1?") * d + "1" + ":2)" * d,
        "(" * d + N + ("+" + N + ")") * d,
        (N + "+(") * d + N + ")" * d,
        "string.Concat(" * d + H + ',"a")' * d,
        H + ".Trim()" * d,
        H + "?.Trim()" * d,
        (H + "??") * d + H,
        "new [] {" * d + N + "}" * d,
        '$"{' * d + N + '}"' * d,
        "".join(f"new [] {{1}}.Select(x{i} => " for i in range(d)) + "1" + ")" * d,
        "{ " + f"if ({N}==1) {{ " * d + "return 1; " + "}" * d + "return 2; }",
        "{ " + f"if ({N}==1) return 1; else " * d + "return 2; }",
        "{ " + "".join(f"for (int i{i} = 0; i{i} < 2; i{i}++) {{ " for i in range(d)) + "}" * d + "return 2; }",
        "{ " + "".join(f"foreach (var i{i} in new [] {{1}}) {{ " for i in range(d)) + "}" * d + "return 2; }",
        "{ " + "try { " * d + "return 1; " + "} catch { }" * d + "return 2; }",
        "{ " + "try { " * d + "return 1; " + "} finally { }" * d + " }",
        "{ " + f"switch ({N}) {{ case 1: " * d + "break; " + "} break; " * (d - 1) + "} return 2; }",
    ]


def wide(count: int) -> list[str]:
    """Each form side by side."""
    return [
        "+".join([N] * count),
        "+".join([H] * count),
        "||".join([H + '=="a"'] * count),
        "||".join([f"({H}?.Length ?? 1) == 2"] * count),
        "new [] {" + ",".join([N + "==1?1:2"] * count) + "}",
        "string.Concat(" + ",".join([H] * count) + ")",
        "{" + "".join(f"var v{i}={N};" for i in range(count)) + " return 1; }",
        "{ var x = 1;" + "x = x + 1;" * count + " return x; }",
        "{ switch (" + N + ") {" + "".join(f"case {i}: return {i};" for i in range(count)) + "default: return 1; } }",
        "{" + "".join(f"int f{i}(int a) => a;" for i in range(count)) + " return 1; }",
        "{ var s = 0;" + "s += new [] {1}.Select(x => { var y = x; return y; }).Sum();" * count + " return s; }",
        "{" + "".join(f"var v{i}={N};" for i in range(min(count, 75))) + "try { return "
        + "+".join(f"v{i}" for i in range(min(count, 75))) + "; } catch { } return 1; }",
    ]  # fmt: skip


def loads(vm: LuaRuntime, text: str) -> bool:
    """Whether it was accepted; its Lua is loaded then."""
    if check(text, Found(), wanted=OBJECT) is None:
        return False
    source = lua(text, wanted=OBJECT)
    vm.execute(b"local R = R return function(q, request, response, variables)\n" + source.encode() + b"\nend")
    return True


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """Only loads."""
    return runtime()


@pytest.mark.parametrize("depth", [8, 20, 24, 46, 49, 50, 51])
def test_depth(vm: LuaRuntime, depth: int) -> None:
    """What is accepted loads, up to the last depth that is accepted."""
    accepted = [loads(vm, text) for text in nested(depth)]
    assert all(accepted) or depth > 8
    assert not all(accepted) or depth < 50


@pytest.mark.parametrize("count", [39, 41, 60, 99, 199, 250, 401])
def test_width(vm: LuaRuntime, count: int) -> None:
    """Registers, locals, upvalues and jumps of Lua are bounded; so is what needs them."""
    accepted = [loads(vm, text) for text in wide(count)]
    assert any(accepted)


VM = runtime()


PIECES = st.lists(
    st.sampled_from([
        "context.Request.Method", "1", '"a"', "+", "==", "?", ":", "(", ")", "??", "new [] {1}", ".Length",
        ".Select(x => x)", "x =>", "1.5m", "2L", "'c'", "!", "-", "null", "&&", "is int", "[0]",
    ]),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(st.one_of(code, PIECES))
def test_whatever_is_accepted_loads(text: str) -> None:
    """Random pieces put together."""
    loads(VM, text)
