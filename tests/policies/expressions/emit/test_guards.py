"""`try`, `catch`, `finally`, `throw`."""

from __future__ import annotations

import re

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime

REQUEST = ((":method", "GET"), ("X-Two", "2"))
VARIABLES = {"text": "t", "number": 7, "flag": True}


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module: expressions change nothing in it."""
    return runtime()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            '{ try { return int.Parse("x").ToString(); } catch (FormatException) { return "bad"; } }',
            "bad",
        ),
        (
            '{ try { throw new Exception("boo"); } catch (Exception e) { return e.Message; } }',
            "boo",
        ),
        (
            '{ try { throw new ArgumentException("a"); } catch (FormatException) { return 1; } catch '
            "(ArgumentException) { return 2; } catch { return 3; } }",
            "2",
        ),
        (
            '{ try { try { throw new FormatException("in"); } catch (ArgumentException) { return 1; } } '
            'catch (Exception e) when (e.Message == "in") { return 2; } }',
            "2",
        ),
        (
            '{ try { try { throw new Exception("a"); } catch { throw; } } catch (Exception e) { return e.Message; } }',
            "a",
        ),
        (
            '{ try { try { throw new Exception("a"); } catch (Exception e) { throw new Exception("b", e); '
            "} } catch (Exception e) { return e.Message + e.InnerException.Message; } }",
            "ba",
        ),
        (
            '{ var s = ""; try { s += "t"; } finally { s += "f"; } return s; }',
            "tf",
        ),
        (
            '{ var s = ""; try { try { throw new Exception(); } finally { s += "f"; } } catch { s += "c"; '
            "} return s; }",
            "fc",
        ),
        (
            "{ int n = 0; int f() { try { return n; } finally { n = 5; } } return f() * 10 + n; }",
            "5",
        ),
        (
            "{ int n = 0; for (int i = 0; i < 5; i++) { try { if (i == 1) continue; if (i == 3) break; n "
            "+= i; } finally { n += 10; } } return n; }",
            "42",
        ),
        (
            "{ int f() { foreach (var i in new [] {1, 2}) { try { if (i == 2) return i; } catch { } } "
            "return 0; } return f(); }",
            "2",
        ),
        (
            '{ object o = null; try { return o.ToString(); } catch (NullReferenceException) { return "nre"; } }',
            "nre",
        ),
        (
            '{ var a = new int[1]; try { a[1] = 2; } catch (IndexOutOfRangeException) { return "range"; } return ""; }',
            "range",
        ),
        (
            "{ try { var x = 1 / (context.Request.Method.Length - 3); return x; } catch "
            "(DivideByZeroException e) { return -1; } }",
            "-1",
        ),
        (
            "{ int x = 0; try { x = 1; throw new Exception(); } catch { x += 1; } return x; }",
            "2",
        ),
    ],
)
def test_value(vm: LuaRuntime, text: str, value: str) -> None:
    """What the expression is worth."""
    assert evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{ throw new Exception("out"); }',
            "out",
        ),
        (
            '{ try { throw new FormatException("x"); } catch (ArgumentException) { } return 1; }',
            "x",
        ),
        (
            '{ try { throw new Exception("a"); } finally { var x = 1; } }',
            "a",
        ),
    ],
)
def test_exception(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws is raised."""
    with pytest.raises(Thrown, match=re.escape(message)):
        evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES)
