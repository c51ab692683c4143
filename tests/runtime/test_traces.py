"""The folder of traces and the token that opens them."""

from __future__ import annotations

from pathlib import Path

from tidegate.runtime.traces import prepare_traces, read_token, trace_text


def test_a_start_empties_the_folder_and_keeps_the_token(tmp_path: Path) -> None:
    """Both are the owner's alone."""
    folder, token = tmp_path / "traces", tmp_path / "token"
    prepare_traces(folder, token)
    first = token.read_text()
    assert read_token(token) == first.strip()
    assert read_token(tmp_path / "none") == ""
    (folder / "0123abcd-1.json").write_text("{}")
    assert trace_text(folder, "0123abcd-1") == "{}"
    prepare_traces(folder, token)
    assert list(folder.iterdir()) == []
    assert token.read_text() == first
    assert len(first.strip()) >= 32
    assert (folder.stat().st_mode & 0o077, token.stat().st_mode & 0o077) == (0, 0)


def test_an_id_leads_nowhere_else(tmp_path: Path) -> None:
    """Whoever asks the operator's socket chooses it."""
    folder = tmp_path / "traces"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("x")
    assert trace_text(folder, "../secret") is None
    assert trace_text(folder, "0123abcd-1") is None
