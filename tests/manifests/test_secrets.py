"""What Secrets and ConfigMaps hold."""

from __future__ import annotations

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.schema.core import ConfigMap, Secret
from tidegate.manifests.secrets import check_secret, config_texts, secret_bytes, secret_texts

TEXT = """
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {a: aGVsbG8=, b: "***", c: /w==, d: YQ==}
stringData: {d: wins}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {b: two, a: one}
"""


def test_values() -> None:
    """stringData wins over data; what is no base64 is none, and what is no text is no variable."""
    manifests = gather(sources_of({"a.yaml": TEXT}), Memory(), Found()).manifests
    (secret,) = manifests.of(Secret)
    assert secret_bytes(secret, "c") == b"\xff"
    assert secret_bytes(secret, "b") is None
    assert secret_bytes(secret, "nothing") is None
    assert secret_texts(secret) == {"a": "hello", "d": "wins"}
    (config,) = manifests.of(ConfigMap)
    assert list(config_texts(config).items()) == [("a", "one"), ("b", "two")]
    found = Found()
    check_secret(secret, found)
    assert [d.message for d in found] == ["Secret default/s: `data.b` is not base64"]
