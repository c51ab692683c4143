"""Certificates for the gateway's tests: authorities, what they issue, and the Kubernetes objects that hold it."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import ssl
from collections.abc import Mapping
from typing import Any

import trustme
from cryptography import x509

NOW = dt.datetime.now(dt.UTC)


class Authority:
    """A certificate authority, with manifests and TLS contexts for both sides."""

    def __init__(self) -> None:
        self._ca = trustme.CA(key_type=trustme.KeyType.ECDSA)

    @property
    def pem(self) -> str:
        """Its own certificate."""
        return self._ca.cert_pem.bytes().decode()

    def leaf(self, *hosts: str, common_name: str | None = None, days: int = 30) -> trustme.LeafCert:
        """A certificate for these hosts; one of a negative number of days has expired."""
        until = NOW + dt.timedelta(days=days)
        return self._ca.issue_cert(
            *hosts,
            common_name=common_name,
            not_before=min(NOW, until) - dt.timedelta(days=60),
            not_after=until,
            key_type=trustme.KeyType.ECDSA,
        )

    def secret(self, name: str, *hosts: str, namespace: str = "default", days: int = 30) -> dict[str, Any]:
        """A Secret of type kubernetes.io/tls."""
        return tls_secret(name, self.leaf(*hosts, days=days), namespace=namespace)

    def config_map(self, name: str, *, namespace: str = "default") -> dict[str, Any]:
        """A ConfigMap with the authority's certificate, as `caCertificateRefs` want it."""
        metadata = {"name": name, "namespace": namespace}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"ca.crt": self.pem}}

    def ca_secret(self, name: str, *, namespace: str = "default") -> dict[str, Any]:
        """A Secret with the authority's certificate under `ca.crt`, as Application Gateway for Containers wants it."""
        metadata = {"name": name, "namespace": namespace}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"ca.crt": _encoded(self.pem)}}

    def client(self, certificate: trustme.LeafCert | None = None, *, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
        """A client that trusts only this authority, with a certificate of its own where given."""
        context = ssl.create_default_context(cadata=self.pem)
        if certificate is not None:
            certificate.configure_cert(context)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context

    def server(
        self, *hosts: str, clients: Authority | None = None, alpn: tuple[str, ...] = ("http/1.1",)
    ) -> ssl.SSLContext:
        """A server with a certificate for these hosts; with `clients`, it wants one of theirs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.leaf(*hosts).configure_cert(context)
        context.set_alpn_protocols(list(alpn))
        context.sni_callback = _remember_server_name
        if clients is not None:
            context.load_verify_locations(cadata=clients.pem)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def tls_secret(name: str, leaf: trustme.LeafCert, *, namespace: str = "default") -> dict[str, Any]:
    """A Secret of type kubernetes.io/tls with this certificate."""
    data: Mapping[str, str] = {
        "tls.crt": _encoded(b"".join(blob.bytes() for blob in leaf.cert_chain_pems)),
        "tls.key": _encoded(leaf.private_key_pem.bytes()),
    }
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": dict(data)}


def names_of(certificate: bytes) -> list[str]:
    """The DNS names of a certificate in DER."""
    parsed = x509.load_der_x509_certificate(certificate)
    extension = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return extension.value.get_values_for_type(x509.DNSName)


def _remember_server_name(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
    connection.tidegate_server_name = name  # type: ignore[union-attr]  # what `recording_backends.peer_of` reads


def _encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@functools.cache
def authority(name: str = "") -> Authority:
    """One authority for each name, made once: keys take time."""
    return Authority()


__all__ = ["Authority", "authority", "names_of", "tls_secret"]
