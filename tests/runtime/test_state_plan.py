"""When the state process runs, and where its secret is."""

from __future__ import annotations

from pathlib import Path

from tidegate.runtime.options import UpOptions
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.state_plan import state_processes


def _options(**given: object) -> UpOptions:
    return UpOptions(paths=("."), state="s", working_directory=".", **given)  # type: ignore[arg-type]  # test's own


def test_only_where_limits_are_shared(tmp_path: Path) -> None:
    """Without Valkey there is nobody to tell."""
    assert state_processes(_options(), state=StateDirectory(tmp_path), environment={}) == ()


def test_the_address_is_not_on_the_command_line(tmp_path: Path) -> None:
    """Its password would be for everybody on the machine to read."""
    options = _options(valkey="valkey://:s3cret@host", refuse_without_valkey=True)
    (spec,) = state_processes(options, state=StateDirectory(tmp_path), environment={"PATH": "/bin"})
    assert spec.environment == {"PATH": "/bin", "TIDEGATE_VALKEY": "valkey://:s3cret@host"}
    assert not any("s3cret" in word for word in spec.command)
    assert "s3cret" not in repr(spec)
    assert "--refuse-when-away" in spec.command
