"""TLS of the model to Envoy's: towards backends and towards clients, with the secrets of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from tidegate.envoy.resources import SECRET, JsonObject, ResourceName
from tidegate.envoy.secrets import authorities_secret, certificate_secret
from tidegate.envoy.tls import (
    PeerValidation,
    TlsParameters,
    dns_name,
    dns_wildcard,
    downstream_tls,
    upstream_tls,
    uri,
)
from tidegate.model import (
    Backend,
    BackendProtocol,
    BackendTls,
    Certificate,
    ClientCertificate,
    ClientValidation,
    ListenerTls,
    SubjectAltName,
)

Resource: TypeAlias = tuple[ResourceName, JsonObject]

_ALPN: Final = {BackendProtocol.HTTP1: ("http/1.1",), BackendProtocol.HTTP2: ("h2",)}

# In Envoy's order of preference: a client that speaks both gets HTTP/2.
_HTTP_ALPN: Final = ("h2", "http/1.1")


def certificate_name(certificate: Certificate) -> str:
    """The name of the secret that holds a certificate."""
    return f"certificate/{certificate.name}"


def compile_certificate(certificate: Certificate) -> Resource:
    """The certificate as a secret."""
    name = certificate_name(certificate)
    secret = certificate_secret(name, chain_pem=certificate.chain_pem, key_pem=certificate.key_pem)
    return ResourceName(SECRET, name), secret


def shown_name(certificate: ClientCertificate) -> str:
    """The name of the secret that holds what a host outside is shown."""
    return f"shown/{certificate.digest}"


def shown_certificate(certificate: ClientCertificate) -> Resource:
    """The same as a secret."""
    name = shown_name(certificate)
    secret = certificate_secret(name, chain_pem=certificate.chain_pem, key_pem=certificate.key_pem)
    return ResourceName(SECRET, name), secret


# -- towards backends -------------------------------------------------------------------------------------------------


def upstream_socket(backend: Backend, *, system_roots: str) -> JsonObject | None:
    """How connections to a backend are made; None: in the clear."""
    tls = backend.tls
    if tls is None:
        return None
    validation = PeerValidation(
        secret=_roots_name(backend) if tls.roots is not None else None,
        file=system_roots if tls.roots is None else None,
        names=_names(backend, tls),
    )
    return upstream_tls(
        server_name=tls.server_name or None,
        server=validation,
        alpn=_ALPN.get(backend.protocol, ()),
        certificate=certificate_name(tls.client_certificate) if tls.client_certificate is not None else None,
    )


def upstream_secrets(backend: Backend) -> Iterator[Resource]:
    """What `upstream_socket` refers to."""
    tls = backend.tls
    if tls is None:
        return
    if tls.roots is not None:
        name = _roots_name(backend)
        yield ResourceName(SECRET, name), authorities_secret(name, tls.roots)
    if tls.client_certificate is not None:
        yield compile_certificate(tls.client_certificate)


def _roots_name(backend: Backend) -> str:
    """By backend and not by content: authorities are exchanged without making the cluster anew."""
    return f"authorities/{backend.id}"


def _names(backend: Backend, tls: BackendTls) -> list[JsonObject]:
    # Some name is always asked for: by its authorities alone, any of their certificates could stand in for this one.
    names = tls.names or (SubjectAltName("Hostname", tls.server_name or backend.audience),)
    return [_name(name) for name in names]


def _name(name: SubjectAltName) -> JsonObject:
    if name.kind == "URI":
        return uri(name.value)
    return dns_wildcard(name.value) if name.value.startswith("*.") else dns_name(name.value)


# -- towards clients --------------------------------------------------------------------------------------------------


def downstream_socket(
    tls: ListenerTls, certificates: tuple[Certificate, ...], *, authorities: str, http: bool
) -> JsonObject:
    """How a listener's connections are terminated. `authorities` names the secret with those that vouch for clients."""
    return downstream_tls(
        certificates=[certificate_name(certificate) for certificate in certificates],
        parameters=TlsParameters(tls.minimum_version, tls.maximum_version, tls.cipher_suites, tls.curves),
        alpn=_HTTP_ALPN if http else (),
        client=_client(tls.client_validation, authorities) if tls.client_validation is not None else None,
    )


def downstream_secrets(
    tls: ListenerTls, certificates: tuple[Certificate, ...], *, authorities: str
) -> Iterator[Resource]:
    """What `downstream_socket` refers to."""
    yield from map(compile_certificate, certificates)
    if tls.client_validation is not None:
        secret = authorities_secret(authorities, tls.client_validation.roots)
        yield ResourceName(SECRET, authorities), secret


def verifies_clients(tls: ListenerTls) -> bool:
    """Whether whoever gets through is who the certificate says."""
    return tls.client_validation is not None and not tls.client_validation.optional


def _client(validation: ClientValidation, authorities: str) -> PeerValidation:
    names = [_name(SubjectAltName("Hostname", name)) for name in validation.names]
    if validation.optional:
        # Whatever is presented is let in, so there is nothing to compare names with.
        return PeerValidation(secret=authorities, accept_untrusted=True)
    return PeerValidation(secret=authorities, names=names)
