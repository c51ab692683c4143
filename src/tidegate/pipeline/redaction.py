"""Documents as plain JSON for people: no secret, no status of the author's."""

from __future__ import annotations

from typing import Any, Final

from tidegate.model import ObjectKey
from tidegate.sources import Mapping
from tidegate.sources.nodes import to_plain

REDACTED: Final = "..."


def plain_document(key: ObjectKey, node: Mapping) -> dict[str, Any]:
    """One object as Kubernetes' JSON, without `.status`; what is secret is shown by name only."""
    plain = to_plain(node)
    document: dict[str, Any] = dict(plain) if isinstance(plain, dict) else {}
    document.pop("status", None)
    if (key.group, key.kind) == ("", "Secret"):
        for field in ("data", "stringData"):
            if isinstance(document.get(field), dict):
                document[field] = dict.fromkeys(document[field], REDACTED)
    metadata = document.get("metadata")
    if isinstance(metadata, dict):
        # kubectl keeps whole earlier versions of the object there, secrets included.
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if (key.group, key.kind) == ("graph.microsoft.com", "Application"):
        _redact(document, "secretText")
    return document


def _redact(value: object, name: str) -> None:
    if isinstance(value, dict):
        for key in value:
            if key == name:
                value[key] = REDACTED
            else:
                _redact(value[key], name)
    elif isinstance(value, list):
        for item in value:
            _redact(item, name)
