"""Certificates that policies refer to: authorities in ConfigMaps and Secrets, and what the gateway presents."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography import x509

from tidegate.manifests.certificates import read_certificate
from tidegate.manifests.grants import malformed_grant, permitted
from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import ConfigMap, Secret
from tidegate.manifests.schema.gateway_api.common import SecretObjectReference
from tidegate.manifests.secrets import secret_bytes
from tidegate.model import Certificate, ObjectKey

KEY = "ca.crt"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What is wrong with a reference."""

    problem: str
    """Completes "the CA certificate ..."."""
    reason: str = "InvalidCertificateRef"
    """RefNotPermitted and InvalidKind are the others."""
    silent: bool = False
    """The object at fault has a finding of its own."""


def authorities(manifests: Manifests, *, referrer: ObjectKey, target: ObjectKey) -> str | Unresolved:
    """The PEM bundle under `ca.crt` of a ConfigMap or a Secret."""
    if (target.group, target.kind) not in (("", "ConfigMap"), ("", "Secret")):
        return Unresolved(f"is a {target.kind}; ConfigMaps and Secrets hold certificates", "InvalidKind")
    if forbidden := _forbidden(manifests, referrer, target):
        return forbidden
    data: bytes | None
    if target.kind == "ConfigMap":
        config = manifests.get(ConfigMap, group="", namespace=target.namespace, name=target.name)
        if config is None:
            return _missing(manifests, target)
        data = _config_bytes(config.body)
    else:
        secret = manifests.get(Secret, group="", namespace=target.namespace, name=target.name)
        if secret is None:
            return _missing(manifests, target)
        data = secret_bytes(secret, KEY)
    if data is None:
        return Unresolved(f"is not in {target}: it has no key `{KEY}`")
    try:
        count = len(x509.load_pem_x509_certificates(data))
    except ValueError:
        count = 0
    return data.decode("ascii", "replace") if count else Unresolved(f"is not PEM: `{KEY}` of {target} holds none")


def presented(
    manifests: Manifests, *, referrer: ObjectKey, reference: SecretObjectReference
) -> Certificate | Unresolved:
    """The certificate and key of a Secret of type kubernetes.io/tls."""
    target = ObjectKey(reference.group, reference.kind, reference.namespace or referrer.namespace, reference.name)
    if (target.group, target.kind) != ("", "Secret"):
        return Unresolved(f"is a {target.kind}; only a Secret holds a key", "InvalidKind")
    if forbidden := _forbidden(manifests, referrer, target):
        return forbidden
    secret = manifests.get(Secret, group="", namespace=target.namespace, name=target.name)
    if secret is None:
        return _missing(manifests, target)
    read = read_certificate(secret)
    return read if isinstance(read, Certificate) else Unresolved(f"is not in {target}: {read}")


def _forbidden(manifests: Manifests, referrer: ObjectKey, target: ObjectKey) -> Unresolved | None:
    if permitted(manifests, referrer=referrer, target=target):
        return None
    silent = malformed_grant(manifests, target.namespace)
    return Unresolved(
        f"is in {target} of another namespace, and no ReferenceGrant allows it", "RefNotPermitted", silent
    )


def _missing(manifests: Manifests, target: ObjectKey) -> Unresolved:
    return Unresolved(f"is in {target}, which does not exist", silent=manifests.is_refused(target))


def _config_bytes(config: ConfigMap) -> bytes | None:
    if KEY in config.data:
        return config.data[KEY].encode()
    if KEY not in config.binary_data:
        return None
    try:
        return base64.b64decode(config.binary_data[KEY], validate=True)
    except (binascii.Error, ValueError):
        return None
