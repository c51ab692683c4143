"""What statements write to."""

from __future__ import annotations

from tidegate.policies.expressions.types import INT, JWT
from tidegate.policies.program_writer import MAX_LOCALS, ProgramWriter


def test_message_follows_the_section() -> None:
    """set-header changes the request before the backend, and the response behind it."""
    out = ProgramWriter()
    assert [setattr(out, "section", s) or out.message for s in ("inbound", "backend", "outbound", "on-error")] == [
        "q.request", "q.request", "q.response", "q.response",
    ]  # fmt: skip


def test_variables_become_locals() -> None:
    """The same name is the same local; the type is that of the last value."""
    out = ProgramWriter(table=False)
    out.set_variable("a", "f()", JWT)
    out.set_variable("a", "g()", INT)
    assert [text for text, _ in out.lua.lines] == ["var1_a = f()", "var1_a = g()"]
    assert out.lua.known == {"a": ("var1_a", "int")}


def test_beyond_the_locals_there_is_the_table() -> None:
    """However many variables there are."""
    for table, last in ((True, f'variables["v{MAX_LOCALS}"] = f()'), (False, "local _ = f()")):
        out = ProgramWriter(table=table)
        for number in range(MAX_LOCALS + 1):
            out.set_variable(f"v{number}", "f()", INT)
        assert out.lua.lines[-1][0] == last
        assert f"v{MAX_LOCALS}" not in out.lua.known
