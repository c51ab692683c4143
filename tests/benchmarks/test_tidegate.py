"""The manifests that the benchmark makes of the example's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.tidegate import claims, write_manifests, write_open_route

if TYPE_CHECKING:
    from pathlib import Path


def test_the_example_keeps_its_policy_but_for_the_limit(tmp_path: Path) -> None:
    """The measured policy is the example's own file with more calls allowed."""
    write_manifests(tmp_path / "m", backend_port=4711)
    policy = (tmp_path / "m" / "policies" / "task.xml").read_text(encoding="utf-8")
    assert 'calls="1000000"' in policy
    assert "<validate-jwt " in policy
    assert policy.count("<set-header ") == 6
    assert "127.0.0.1:4711" in (tmp_path / "m" / "services.yaml").read_text(encoding="utf-8")


def test_a_change_replaces_one_file(tmp_path: Path) -> None:
    """Nothing half-written stands under a name that is read."""
    write_open_route(tmp_path, path="/edit-7")
    assert [file.name for file in tmp_path.iterdir()] == ["open.yaml"]
    assert "value: /edit-7" in (tmp_path / "open.yaml").read_text(encoding="utf-8")


def test_claims_are_read_without_padding() -> None:
    """The middle part of a token, base64url without `=`."""
    assert claims("e30.eyJ0aWQiOiJ0In0.x") == {"tid": "t"}
