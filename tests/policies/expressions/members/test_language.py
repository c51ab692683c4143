"""Exceptions and `T?`: what the language itself brings."""

from __future__ import annotations

from expression_lab import evaluate, runtime
from tidegate.policies.expressions.check.conversions import is_reference_conversion
from tidegate.policies.expressions.members.language import EXCEPTION, TYPES
from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import INT, NULLABLE, STRING


def test_every_exception_is_one() -> None:
    """In the checker as in the runtime, whose tables tell the bases by name."""
    vm = runtime()
    for kind in TYPES:
        if kind == NULLABLE:
            continue
        assert is_reference_conversion(kind, EXCEPTION)
        text = (
            f'{{ try {{ throw new {kind.namespace}.{kind.name}("m"); }} catch (Exception e) {{ return e.Message; }} }}'
        )
        assert evaluate(text, vm=vm) == "m"
        for base in kind.bases:
            assert vm.eval(f'R.catches({{kind = "{kind.name}"}}, "{base.name}")'.encode())


def test_signature() -> None:
    """As messages show it."""
    assert MemberRow(STRING, "A", INT).signature == "A"
    assert MemberRow(STRING, "A", INT, "x", (STRING, INT), repeats=True).signature == "(string, params int[])"
