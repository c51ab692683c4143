"""Certificates of listeners, from Secrets of type kubernetes.io/tls.

Reading one costs a millisecond, so it is a query of its own: a listener that is looked at again, and a second listener
of the same certificate, pay nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tidegate.diagnostics import Related, Span
from tidegate.diagnostics.codes import listeners as listener_codes
from tidegate.diagnostics.codes import manifests as manifest_codes
from tidegate.diagnostics.codes import references as codes
from tidegate.manifests.asking import Ask
from tidegate.manifests.grants import grant_to_add, permitted
from tidegate.manifests.listeners import Owner, listener_place
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.gateway_api import SecretObjectReference
from tidegate.manifests.secrets import secret_bytes
from tidegate.model import Certificate, ObjectKey
from tidegate.model.hostnames import EVERY_HOST, covers

SHAPE = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_HOUR_S: Final = 3600
"""The time is told by the hour: a certificate of this hour is valid, such as one made a minute ago."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A usable certificate, and what it says of itself."""

    certificate: Certificate
    names: tuple[str, ...]
    """DNS names that it is valid for, lower case; `*.example.com` stands for one label."""
    not_before: float
    """Epoch seconds."""
    not_after: float


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference to a certificate comes to."""

    certificate: Certificate | None
    reason: str = ""
    """Of the ResolvedRefs condition: InvalidCertificateRef or RefNotPermitted."""
    problem: str = ""
    """In words."""
    malformed: bool = False
    """The Secret is there and is at fault; the finding belongs there."""


def resolve_certificates(owner: Owner, index: int, ask: Ask) -> tuple[tuple[Certificate, ...], str, str]:
    """The certificates of one listener; the reason of its ResolvedRefs condition and what its message says."""
    listener = owner.body.spec.listeners[index]
    references = listener.tls.certificate_refs if listener.tls else ()
    if not references:
        problem = f"has protocol {listener.protocol} and no `tls.certificateRefs`"
        _report(ask, owner, index, listener_place(owner, index, "tls"), problem)
        return (), "InvalidCertificateRef", problem
    certificates: list[Certificate] = []
    problems: list[tuple[str, str]] = []
    for position, reference in enumerate(references):
        place = listener_place(owner, index, "tls", "certificateRefs", position)
        read = secret_certificate(ask, owner, reference)
        if read.certificate is None:
            problems.append((read.reason, read.problem))
            _refuse(ask, owner, index, place, reference, read)
            continue
        certificates.append(read.certificate)
        if (late := _out_of_date(ask, owner, index, place, read.certificate)) is not None:
            problems.append(("InvalidCertificateRef", late))
    _check_names(ask, owner, index, certificates)
    reason, problem = problems[0] if problems else ("ResolvedRefs", "")
    return tuple(certificates), reason, problem


def secret_certificate(ask: Ask, owner: Owner, reference: SecretObjectReference) -> Referred:
    """The certificate that an object refers to."""
    target = ObjectKey("", "Secret", reference.namespace or owner.key.namespace, reference.name)
    if (reference.group, reference.kind) != ("", "Secret"):
        problem = f"refers to a {reference.kind}; only a Secret holds certificates"
        return Referred(None, "InvalidCertificateRef", problem)
    if not permitted(ask.manifests, referrer=owner.key, target=target):
        problem = f"refers to {target} of another namespace, and no ReferenceGrant allows it"
        return Referred(None, "RefNotPermitted", problem)
    leaf = ask.call(certificate_of, target)
    if isinstance(leaf, Leaf):
        return Referred(leaf.certificate)
    if leaf is None:
        if ask.manifests.is_refused(target):
            return Referred(None, "InvalidCertificateRef", f"refers to {target}, which is malformed", malformed=True)
        return Referred(None, "InvalidCertificateRef", f"refers to {target}, which does not exist")
    return Referred(None, "InvalidCertificateRef", f"refers to {target}: {leaf}", malformed=True)


def certificate_of(ask: Ask, key: ObjectKey) -> Leaf | str | None:
    """The certificate of a Secret, or what is wrong with it, or None where there is no such Secret."""
    secret = ask.manifests.get(Secret, group="", namespace=key.namespace, name=key.name)
    return read_leaf(secret) if secret is not None else None


def read_certificate(secret: Object[Secret]) -> Certificate | str:
    """The certificate that a Secret holds, or what is wrong with it."""
    leaf = read_leaf(secret)
    return leaf.certificate if isinstance(leaf, Leaf) else leaf


def read_leaf(secret: Object[Secret]) -> Leaf | str:
    """The same with what the certificate says of itself."""
    if secret.body.type != "kubernetes.io/tls":
        return f"its type is `{secret.body.type}`, not `kubernetes.io/tls`"
    chain, key = secret_bytes(secret, "tls.crt"), secret_bytes(secret, "tls.key")
    if chain is None or key is None:
        return f"`{'tls.crt' if chain is None else 'tls.key'}` is missing or not base64"
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        names = _names(leaf)
    except ValueError:
        return "`tls.crt` is not a PEM certificate"
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "`tls.key` is not an unencrypted PEM private key"
    if private.public_key().public_bytes(*SHAPE) != leaf.public_key().public_bytes(*SHAPE):
        return "`tls.key` does not belong to `tls.crt`"
    return Leaf(
        Certificate(secret.name, chain.decode(), key.decode()),
        names,
        leaf.not_valid_before_utc.timestamp(),
        leaf.not_valid_after_utc.timestamp(),
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(sorted({name.lower() for name in names.value.get_values_for_type(x509.DNSName)}))


def out_of_date(ask: Ask, key: ObjectKey) -> str | None:
    """Why a certificate is not valid at this time; None when it is, and where nobody told the time."""
    leaf, now = ask.call(certificate_of, key), ask.setting("now")
    if not isinstance(leaf, Leaf) or not isinstance(now, (int, float)):
        return None
    if now >= leaf.not_after:
        return f"expired on {_day(leaf.not_after)}"
    if now + _HOUR_S <= leaf.not_before:
        return f"is not valid before {_day(leaf.not_before)}"
    return None


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _out_of_date(ask: Ask, owner: Owner, index: int, place: Span, certificate: Certificate) -> str | None:
    name = certificate.name
    why = ask.call(out_of_date, ObjectKey("", "Secret", name.namespace, name.name))
    if why is None:
        return None
    ask.found.add(
        listener_codes.CERTIFICATE_OUT_OF_DATE,
        at=place,
        listener=owner.body.spec.listeners[index].name,
        owner=owner.key,
        secret=name,
        why=why,
        notes=["it is served all the same: what clients make of it is theirs to decide"],
    )
    return f"the certificate of Secret {name} {why}"


def _check_names(ask: Ask, owner: Owner, index: int, certificates: list[Certificate]) -> None:
    """A certificate for another host makes every client refuse the connection."""
    listener = owner.body.spec.listeners[index]
    if listener.hostname is None or not certificates:
        return
    names: set[str] = set()
    for each in certificates:
        leaf = ask.call(certificate_of, ObjectKey("", "Secret", each.name.namespace, each.name.name))
        names |= set(leaf.names) if isinstance(leaf, Leaf) else set()
    if any(name != EVERY_HOST and covers(name, listener.hostname) for name in names):
        return
    ask.found.add(
        listener_codes.CERTIFICATE_HOSTNAME,
        at=listener_place(owner, index, "hostname"),
        listener=listener.name,
        owner=owner.key,
        hostname=listener.hostname,
        label=f"valid for {', '.join(sorted(names)) or 'no DNS name'}",
    )


def _refuse(ask: Ask, owner: Owner, index: int, place: Span, reference: SecretObjectReference, read: Referred) -> None:
    target = ObjectKey("", "Secret", reference.namespace or owner.key.namespace, reference.name)
    if not read.malformed:
        grant = grant_to_add(referrer=owner.key, target=target) if read.reason == "RefNotPermitted" else ""
        help_ = f"add to namespace `{target.namespace}`: {grant}" if grant else ""
        _report(ask, owner, index, place, read.problem, help_=help_)
        return
    secret = ask.manifests.get(Secret, group="", namespace=target.namespace, name=target.name)
    wrong = ask.call(certificate_of, target)
    if secret is not None and isinstance(wrong, str):
        ask.found.add(
            manifest_codes.CERTIFICATE,
            at=secret.at("metadata", "name"),
            object=secret.key,
            reason=wrong,
            related=[Related(place, f"needed by listener {owner.body.spec.listeners[index].name}")],
        )


def _report(ask: Ask, owner: Owner, index: int, place: Span, problem: str, *, help_: str = "") -> None:
    ask.found.add(
        codes.CERTIFICATE_REFERENCE,
        at=place,
        listener=owner.body.spec.listeners[index].name,
        gateway=owner.key,
        problem=problem,
        help=help_,
    )
