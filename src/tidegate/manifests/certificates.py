"""Certificates of listeners, from Secrets of type kubernetes.io/tls."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import manifests as manifest_codes
from tidegate.diagnostics.codes import references as codes
from tidegate.manifests.grants import permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.gateway_api import Gateway, SecretObjectReference
from tidegate.manifests.secrets import secret_bytes
from tidegate.model import Certificate, ObjectKey


def resolve_certificates(
    gateway: Object[Gateway], index: int, manifests: Manifests, found: Found
) -> tuple[tuple[Certificate, ...], str]:
    """The certificates of one listener, and the reason of its ResolvedRefs condition."""
    listener = gateway.body.spec.listeners[index]
    references = listener.tls.certificate_refs if listener.tls else ()
    if not references:
        found.add(
            codes.CERTIFICATE_REFERENCE,
            at=gateway.at("spec", "listeners", index, "tls"),
            listener=listener.name,
            gateway=gateway.key,
            problem="has protocol HTTPS and no `tls.certificateRefs`",
        )
        return (), "InvalidCertificateRef"
    certificates: list[Certificate] = []
    reasons: list[str] = []
    for position, reference in enumerate(references):
        certificate, reason = _resolve(gateway, index, position, reference, manifests, found)
        if certificate is not None:
            certificates.append(certificate)
        else:
            reasons.append(reason)
    return tuple(certificates), reasons[0] if reasons else "ResolvedRefs"


def _resolve(
    gateway: Object[Gateway],
    index: int,
    position: int,
    reference: SecretObjectReference,
    manifests: Manifests,
    found: Found,
) -> tuple[Certificate | None, str]:
    name = gateway.body.spec.listeners[index].name
    place = gateway.at("spec", "listeners", index, "tls", "certificateRefs", position)
    target = ObjectKey("", "Secret", reference.namespace or gateway.key.namespace, reference.name)

    def refuse(problem: str, reason: str) -> tuple[None, str]:
        found.add(codes.CERTIFICATE_REFERENCE, at=place, listener=name, gateway=gateway.key, problem=problem)
        return None, reason

    if (reference.group, reference.kind) != ("", "Secret"):
        return refuse(f"refers to a {reference.kind}; only a Secret holds certificates", "InvalidCertificateRef")
    if not permitted(manifests, referrer=gateway.key, target=target):
        return refuse(f"refers to {target} of another namespace, and no ReferenceGrant allows it", "RefNotPermitted")
    secret = manifests.get(Secret, group="", namespace=target.namespace, name=target.name)
    if secret is None and target in manifests.refused:
        return None, "InvalidCertificateRef"
    if secret is None:
        return refuse(f"refers to {target}, which does not exist", "InvalidCertificateRef")
    read = read_certificate(secret)
    if isinstance(read, Certificate):
        return read, ""
    found.add(
        manifest_codes.CERTIFICATE,
        at=secret.at("metadata", "name"),
        object=secret.key,
        reason=read,
        related=[Related(place, f"needed by listener {name}")],
    )
    return None, "InvalidCertificateRef"


def read_certificate(secret: Object[Secret]) -> Certificate | str:
    """The certificate that a Secret holds, or what is wrong with it."""
    if secret.body.type != "kubernetes.io/tls":
        return f"its type is `{secret.body.type}`, not `kubernetes.io/tls`"
    chain, key = secret_bytes(secret, "tls.crt"), secret_bytes(secret, "tls.key")
    if chain is None or key is None:
        return f"`{'tls.crt' if chain is None else 'tls.key'}` is missing or not base64"
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        return "`tls.crt` is not a PEM certificate"
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "`tls.key` is not an unencrypted PEM private key"
    shape = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*shape) != leaf.public_key().public_bytes(*shape):
        return "`tls.key` does not belong to `tls.crt`"
    return Certificate(secret.name, chain.decode(), key.decode())
