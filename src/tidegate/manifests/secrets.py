"""What Secrets and ConfigMaps hold."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.core import ConfigMap, Secret


def secret_bytes(secret: Object[Secret], key: str) -> bytes | None:
    """One value of a Secret; None if it has none or it is not base64. stringData wins, as in the API server."""
    text = secret.body.string_data.get(key)
    if text is not None:
        return text.encode()
    encoded = secret.body.data.get(key)
    if encoded is None:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None


def secret_texts(secret: Object[Secret]) -> Mapping[str, str]:
    """Every value that is UTF-8 text."""
    values: dict[str, str] = {}
    for key in sorted({*secret.body.data, *secret.body.string_data}):
        value = secret_bytes(secret, key)
        if value is None:
            continue
        try:
            values[key] = value.decode()
        except UnicodeDecodeError:
            continue
    return values


def check_secret(secret: Object[Secret], found: Found) -> None:
    """Report values that are not base64."""
    for key in secret.body.data:
        if key not in secret.body.string_data and secret_bytes(secret, key) is None:
            found.add(
                codes.SECRET_DATA,
                at=secret.at("data", key),
                object=secret.key,
                key=f"data.{key}",
                help="encode it, or write it as it is under `stringData`",
            )


def config_texts(config: Object[ConfigMap]) -> Mapping[str, str]:
    """Every text of a ConfigMap."""
    return dict(sorted(config.body.data.items()))
