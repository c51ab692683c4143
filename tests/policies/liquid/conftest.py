"""LuaJIT with the runtime library."""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for a module of tests."""
    return runtime()
