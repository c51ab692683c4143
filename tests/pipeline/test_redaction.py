"""Documents for people."""

from __future__ import annotations

from compiling import key
from tidegate.diagnostics import Found
from tidegate.pipeline.redaction import plain_document
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml


def document(text: str) -> Mapping:
    (node,) = read_yaml(Source("a.yaml", text), Found(), {})
    assert isinstance(node, Mapping)
    return node


def test_status_of_the_author_is_left_out() -> None:
    """Ours replaces it."""
    assert plain_document(key("Service", "a", group=""), document("spec: {a: 1}\nstatus: {x: y}")) == {"spec": {"a": 1}}


def test_secrets_are_shown_by_name() -> None:
    """In Secrets, and in the credentials of Applications at any depth; a malformed one too."""
    secret = document("data: {a: YQ==}\nstringData: wrong")
    assert plain_document(key("Secret", "a", group=""), secret)["data"] == {"a": "..."}
    application = document("spec: {passwordCredentials: [{secretText: hunter2, keyId: k}]}")
    shown = plain_document(key("Application", "a", group="graph.microsoft.com"), application)
    assert shown["spec"]["passwordCredentials"] == [{"secretText": "...", "keyId": "k"}]
