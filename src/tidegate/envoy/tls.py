"""TLS towards clients and towards backends. Certificates and authorities come by SDS: a new one replaces the old one in
place, and neither listener nor cluster is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tidegate.envoy.resources import ADS, JsonObject

_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"

_VERSIONS: Final = {"1.0": "TLSv1_0", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}


@dataclass(frozen=True, slots=True)
class TlsParameters:
    """What may be negotiated. Empty lists leave the choice to Envoy."""

    minimum_version: str = "1.2"
    maximum_version: str = "1.3"
    cipher_suites: Sequence[str] = ()
    curves: Sequence[str] = ()

    def to_json(self) -> JsonObject:
        """Raises ValueError for a version that does not exist."""
        for version in (self.minimum_version, self.maximum_version):
            if version not in _VERSIONS:
                raise ValueError(f"TLS {version!r} does not exist; known are {sorted(_VERSIONS)}")
        return {
            "tls_minimum_protocol_version": _VERSIONS[self.minimum_version],
            "tls_maximum_protocol_version": _VERSIONS[self.maximum_version],
            **({"cipher_suites": list(self.cipher_suites)} if self.cipher_suites else {}),
            **({"ecdh_curves": list(self.curves)} if self.curves else {}),
        }


@dataclass(frozen=True, slots=True)
class PeerValidation:
    """What a peer's certificate must be."""

    secret: str | None = None
    """The secret with the authorities that vouch for it."""
    file: str | None = None
    """A file with authorities, where there is no secret."""
    names: Sequence[JsonObject] = ()
    """It must carry one of these: see `dns_name`, `dns_wildcard`, `uri`, `ip_address`."""
    accept_untrusted: bool = False
    """It is asked for, and let in whatever it is."""

    def to_json(self) -> JsonObject:
        """A part of the common TLS context."""
        context: JsonObject = {
            **({"match_typed_subject_alt_names": list(self.names)} if self.names else {}),
            **({"trust_chain_verification": "ACCEPT_UNTRUSTED"} if self.accept_untrusted else {}),
        }
        if self.secret is None:
            return {"validation_context": {"trusted_ca": {"filename": self.file}, **context}}
        return {
            "combined_validation_context": {
                "default_validation_context": context,
                "validation_context_sds_secret_config": {"name": self.secret, "sds_config": ADS},
            }
        }


def dns_name(name: str) -> JsonObject:
    """A certificate for this host; its own wildcards count (RFC 6125 section 6.4.3)."""
    return {"san_type": "DNS", "matcher": {"exact": name}}


def dns_wildcard(name: str) -> JsonObject:
    """A certificate for a host right below `*.name`, or for that wildcard."""
    suffix = name.removeprefix("*").replace(".", r"\.")
    return {"san_type": "DNS", "matcher": {"safe_regex": {"regex": f"(?i)[^.]+{suffix}"}}}


def uri(value: str) -> JsonObject:
    """A certificate with this URI, such as a SPIFFE ID."""
    return {"san_type": "URI", "matcher": {"exact": value}}


def ip_address(value: str) -> JsonObject:
    """A certificate for this address."""
    return {"san_type": "IP_ADDRESS", "matcher": {"exact": value}}


def downstream_tls(
    *,
    certificates: Sequence[str],
    parameters: TlsParameters,
    alpn: Sequence[str],
    client: PeerValidation | None = None,
) -> JsonObject:
    """The transport socket of a filter chain. `certificates` are names of secrets; of several, the client's abilities
    (ECDSA, RSA) and the SNI choose."""
    return _socket(
        "DownstreamTlsContext",
        {
            "common_tls_context": {
                "tls_params": parameters.to_json(),
                **({"alpn_protocols": list(alpn)} if alpn else {}),
                **_certificates(certificates),
                **(client.to_json() if client is not None else {}),
            },
            **({"require_client_certificate": not client.accept_untrusted} if client is not None else {}),
        },
    )


def upstream_tls(
    *, server_name: str | None, server: PeerValidation, alpn: Sequence[str] = (), certificate: str | None = None
) -> JsonObject:
    """The transport socket of a cluster. `certificate` names the secret that the gateway presents."""
    return _socket(
        "UpstreamTlsContext",
        {
            **({"sni": server_name} if server_name is not None else {}),
            "common_tls_context": {
                "tls_params": TlsParameters().to_json(),
                **({"alpn_protocols": list(alpn)} if alpn else {}),
                **_certificates([certificate] if certificate is not None else []),
                **server.to_json(),
            },
        },
    )


def unverified_tls() -> JsonObject:
    """TLS to whoever answers: good for a probe that carries nothing, and for nothing else."""
    return _socket("UpstreamTlsContext", {"common_tls_context": {"tls_params": TlsParameters().to_json()}})


def in_the_clear() -> JsonObject:
    """No TLS, where others of a cluster speak it."""
    return {
        "name": "envoy.transport_sockets.raw_buffer",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
        },
    }


def _certificates(secrets: Sequence[str]) -> JsonObject:
    if not secrets:
        return {}
    return {"tls_certificate_sds_secret_configs": [{"name": secret, "sds_config": ADS} for secret in secrets]}


def _socket(message: str, configuration: JsonObject) -> JsonObject:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": f"{_TLS}.{message}", **configuration},
    }
