"""Certificates of a Gateway's clients, and the one that it shows itself: `spec.tls` (GEP-91, GEP-3155)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import listeners as codes
from tidegate.manifests.asking import Ask
from tidegate.manifests.certificates import secret_certificate
from tidegate.manifests.grants import permitted
from tidegate.manifests.listeners import find_gateway
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.core import ConfigMap, Secret
from tidegate.manifests.schema.gateway_api import FrontendTlsValidation, Gateway
from tidegate.manifests.secrets import secret_bytes
from tidegate.model import Certificate, ClientValidation, ObjectKey, ObjectName

KEY: Final = "ca.crt"


@dataclass(frozen=True)
class ClientState:
    """What the listeners of one port ask of their clients."""

    validation: ClientValidation | None = None
    accepted: str = "Accepted"
    """The reason of these listeners' Accepted condition."""
    resolved: str = "ResolvedRefs"
    message: str = ""


@dataclass(frozen=True)
class ClientCertificate:
    """What a Gateway shows to its backends (spec.tls.backend.clientCertificateRef)."""

    certificate: Certificate | None = None
    resolved: str = "ResolvedRefs"
    """The reason of the Gateway's ResolvedRefs condition."""
    message: str = ""
    wanted: bool = False
    """False: the Gateway names none."""


def client_validation(ask: Ask, name: ObjectName, port: int) -> ClientState:
    """What the HTTPS listeners of one port ask of their clients; a port's own settings replace the default whole."""
    gateway = find_gateway(ask.manifests, name)
    tls = gateway.body.spec.tls if gateway is not None else None
    frontend = tls.frontend if tls is not None else None
    if gateway is None or frontend is None:
        return ClientState()
    for index, each in enumerate(frontend.per_port):
        if each.port == port:
            path = ("spec", "tls", "frontend", "perPort", index, "tls", "validation")
            return _validation(ask, gateway, each.tls.validation, path)
    return _validation(ask, gateway, frontend.default.validation, ("spec", "tls", "frontend", "default", "validation"))


def check_ports(ask: Ask, name: ObjectName, served: frozenset[int]) -> None:
    """Find settings for ports at which no client comes by HTTPS: the listener that was meant would let everybody in."""
    gateway = find_gateway(ask.manifests, name)
    tls = gateway.body.spec.tls if gateway is not None else None
    frontend = tls.frontend if tls is not None else None
    for index, each in enumerate(frontend.per_port if frontend is not None else ()):
        if gateway is not None and each.port not in served:
            ports = ", ".join(map(str, sorted(served)))
            ask.found.add(
                codes.CLIENT_VALIDATION_PORT,
                at=gateway.at("spec", "tls", "frontend", "perPort", index, "port"),
                gateway=gateway.key,
                port=each.port,
                help=f"its HTTPS listeners are at {ports}" if ports else "give it a listener with protocol HTTPS",
                notes=["what is asked of clients there is asked of nobody"],
            )


def _validation(
    ask: Ask, gateway: Object[Gateway], wanted: FrontendTlsValidation | None, path: tuple[str | int, ...]
) -> ClientState:
    if wanted is None:
        return ClientState()
    roots: list[str] = []
    problems: list[tuple[str, str]] = []
    for index, reference in enumerate(wanted.ca_certificate_refs):
        target = ObjectKey(
            reference.group, reference.kind, reference.namespace or gateway.key.namespace, reference.name
        )
        bundle, reason, problem = _bundle(ask, gateway, target)
        if bundle is not None:
            roots.append(bundle)
            continue
        problems.append((reason, problem))
        ask.found.add(
            codes.CLIENT_AUTHORITY,
            at=gateway.at(*path, "caCertificateRefs", index),
            gateway=gateway.key,
            problem=problem,
            notes=() if len(wanted.ca_certificate_refs) > 1 else ("its HTTPS listeners are not served without",),
        )
    resolved, message = problems[0] if problems else ("ResolvedRefs", "")
    if not roots:
        # FrontendTLSValidation: where every reference is invalid, the listener is not accepted.
        return ClientState(None, "NoValidCACertificate", resolved, message)
    optional = wanted.mode == "AllowInsecureFallback"
    return ClientState(ClientValidation(tuple(roots), optional), "Accepted", resolved, message)


def _bundle(ask: Ask, gateway: Object[Gateway], target: ObjectKey) -> tuple[str | None, str, str]:
    """A bundle of authorities, or the reason and the words for why there is none."""
    if (target.group, target.kind) not in (("", "ConfigMap"), ("", "Secret")):
        kind = f"{target.kind} of {target.group}" if target.group else target.kind
        return None, "InvalidCACertificateKind", f"refers to a {kind}; a ConfigMap or a Secret holds authorities"
    if not permitted(ask.manifests, referrer=gateway.key, target=target):
        return None, "RefNotPermitted", f"refers to {target} of another namespace, and no ReferenceGrant allows it"
    text = ask.call(authorities, target)
    if text.startswith("-----BEGIN"):
        return text, "", ""
    return None, "InvalidCACertificateRef", f"refers to {target}, {text}"


def authorities(ask: Ask, key: ObjectKey) -> str:
    """The PEM bundle in `ca.crt` of a ConfigMap or Secret, or what is wrong with it."""
    text: str | None
    if key.kind == "ConfigMap":
        config = ask.manifests.get(ConfigMap, group="", namespace=key.namespace, name=key.name)
        if config is None:
            return _absent(ask, key)
        text = config.body.data.get(KEY)
    else:
        secret = ask.manifests.get(Secret, group="", namespace=key.namespace, name=key.name)
        if secret is None:
            return _absent(ask, key)
        raw = secret_bytes(secret, KEY)
        text = raw.decode("ascii", "replace") if raw is not None else None
    if text is None:
        return f"which has no `{KEY}`"
    try:
        certificates = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return f"whose `{KEY}` is no PEM certificate"
    # Written anew: what stands around the certificates is nobody's business, least of all a private key.
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def _absent(ask: Ask, key: ObjectKey) -> str:
    return "which is malformed" if ask.manifests.is_refused(key) else "which does not exist"


def client_certificate(ask: Ask, name: ObjectName) -> ClientCertificate:
    """The certificate that a Gateway shows to its backends."""
    gateway = find_gateway(ask.manifests, name)
    tls = gateway.body.spec.tls if gateway is not None else None
    reference = tls.backend.client_certificate_ref if tls is not None and tls.backend is not None else None
    if gateway is None or reference is None:
        return ClientCertificate()
    place = gateway.at("spec", "tls", "backend", "clientCertificateRef")
    read = secret_certificate(ask, gateway, reference)
    if read.certificate is None:
        _report_client_certificate(ask, gateway, place, read.problem)
        reason = "RefNotPermitted" if read.reason == "RefNotPermitted" else "InvalidClientCertificateRef"
        return ClientCertificate(None, reason, read.problem, wanted=True)
    return ClientCertificate(read.certificate, wanted=True)


def _report_client_certificate(ask: Ask, gateway: Object[Gateway], place: Span, problem: str) -> None:
    ask.found.add(
        codes.CLIENT_CERTIFICATE,
        at=place,
        gateway=gateway.key,
        problem=problem,
        notes=["backends that ask for a certificate will refuse its connections"],
    )
