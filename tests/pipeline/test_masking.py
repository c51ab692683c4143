"""Texts that may be shown."""

from __future__ import annotations

import pytest

from compiling import compiled, shown, sources_of
from tidegate.pipeline.masking import shown_texts

SECRET = """apiVersion: v1
kind: Secret
metadata: {name: hunter, namespace: shop}
stringData:
  plain: hunter2
  "quoted": 'hunter2'
  block: |
    hunter2 is
    a secret
  number: 12341234
data: {encoded: aHVudGVyMg==}
"""
APPLICATION = """apiVersion: graph.microsoft.com/v1.0
kind: Application
metadata: {name: a}
spec: {appId: wrong, displayName: a, passwordCredentials: [{secretText: hunter2}]}
"""
VALUE = '{"properties": {"displayName": "k", "secret": true, "value": "hunter2"}}'


def seen(files: dict[str, str]) -> dict[str, str]:
    return shown_texts(compiled(files), sources_of(files))


@pytest.mark.parametrize("text", [SECRET, APPLICATION, f"{APPLICATION}---\n{SECRET}"])
def test_secrets_are_covered_and_places_stay(text: str) -> None:
    """Lines keep their number and their length; names and everything else stay readable."""
    (covered,) = seen({"a.yaml": text}).values()
    assert [len(line) for line in covered.splitlines()] == [len(line) for line in text.splitlines()]
    for secret in ("hunter2", "aHVudGVyMg", "12341234", "a secret"):
        assert secret not in covered
    assert "name: " in covered


def test_named_value_that_is_secret_is_covered() -> None:
    """One that is not stays."""
    assert "hunter2" not in seen({"a.json": VALUE})["a.json"]
    assert "hunter2" in seen({"a.json": VALUE.replace("true", "false")})["a.json"]


def test_file_that_cannot_be_read_shows_no_value_when_it_mentions_secrets() -> None:
    """Where they are cannot be told."""
    files = {"a.yaml": SECRET + "oops: [\n", "b.yaml": "a: b\noops: [\n"}
    texts = seen(files)
    assert "hunter2" not in texts["a.yaml"]
    assert texts["b.yaml"] == files["b.yaml"]
    assert "hunter2" not in shown(compiled(files), files)


def test_findings_around_a_secret_are_drawn_without_it() -> None:
    """Such as one about the next line."""
    files = {"a.yaml": SECRET.replace('"quoted"', "plain2").replace("number: 12341234", "number: 12341234\n  flag: no")}
    text = shown(compiled(files), files)
    assert "must be text" in text
    assert "12341234" not in text
