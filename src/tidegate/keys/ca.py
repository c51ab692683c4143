"""The local certificate authority: TLS for localhost and for the host names that Tidegate stands in for.

Whoever trusts `ca.pem` trusts whoever holds `ca-key.pem`, so the authority is tied down: its certificate permits only
the names given (RFC 5280 section 4.2.1.10, critical), it can sign no further authority, the key has mode 0600 and stays
in the state directory. Leaves are short and renewed early; they are kept so that a restart changes nothing.

ECDSA P-256: small and fast in handshakes, and known to every client we have to please.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tidegate.clock import Clock
from tidegate.files import (
    ensure_private_directory,
    exclusive_lock,
    remove_leftovers,
    write_private_file,
)

_DAY_S: Final = 86_400.0
AUTHORITY_LIFETIME_S: Final = 825 * _DAY_S
AUTHORITY_RENEWAL_S: Final = 60 * _DAY_S
"""The authority's certificate is renewed when it has less than this left: programs hold it for long."""
LEAF_LIFETIME_S: Final = 7 * _DAY_S
LEAF_RENEWAL_S: Final = 3 * _DAY_S
_BACKDATED_S: Final = 300.0
"""Certificates begin this long ago: a container's clock may lag."""

_PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey


class CertificateError(Exception):
    """A certificate cannot be made, read or kept. The message names the place or the name in question."""


@dataclass(frozen=True, slots=True)
class PermittedNames:
    """What the authority may sign for: DNS names with everything below them, and single addresses."""

    dns: tuple[str, ...]
    addresses: tuple[str, ...] = ()

    def permits(self, name: str) -> bool:
        address = _address(name)
        if address is not None:
            return any(address == ipaddress.ip_address(permitted) for permitted in self.addresses)
        return any(name == permitted or name.endswith("." + permitted) for permitted in self.dns)

    def constraints(self) -> x509.NameConstraints:
        subtrees: list[x509.GeneralName] = [x509.DNSName(name) for name in self.dns]
        subtrees += [x509.IPAddress(ipaddress.ip_network(address)) for address in self.addresses]
        return x509.NameConstraints(permitted_subtrees=subtrees, excluded_subtrees=None)


LOCAL_NAMES: Final = PermittedNames(dns=("localhost",), addresses=("127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A server certificate with its key, in one PEM file: key, leaf, authority."""

    path: Path
    names: tuple[str, ...]
    not_after: float

    def renew_at(self) -> float:
        """Epoch seconds from which `LocalCA.leaf` makes a new one."""
        return self.not_after - LEAF_RENEWAL_S


class LocalCA:
    """The authority of one state directory. Several processes may open it at once."""

    def __init__(self, directory: Path, *, clock: Clock, permitted: PermittedNames = LOCAL_NAMES) -> None:
        """Read `ca.pem` and `ca-key.pem`, or make them. CertificateError: they cannot be read or written.

        The same key gets a new certificate when the old one ends soon or permits other names.
        """
        self._directory = directory
        self._clock = clock
        self._permitted = permitted
        self.certificate_path: Final = directory / "ca.pem"
        with _environment(directory):
            ensure_private_directory(directory)
            with exclusive_lock(self._lock_path):
                self._key, self._certificate = self._open()

    @property
    def certificate_pem(self) -> str:
        """What clients have to trust."""
        return _pem(self._certificate).decode("ascii")

    def leaf(self, names: Iterable[str] = ("localhost", "127.0.0.1", "::1")) -> Leaf:
        """The certificate for `names`, kept from before or new if it ends soon. ValueError: a name is not permitted."""
        wanted = tuple(names)
        refused = [name for name in wanted if not self._permitted.permits(name)]
        if refused or not wanted:
            raise ValueError(
                f"the local authority may not sign for {', '.join(refused) or 'no name at all'}; "
                f"it is limited to {', '.join((*self._permitted.dns, *self._permitted.addresses))}"
            )
        path = self._directory / "tls" / f"{wanted[0].replace(':', '_')}.pem"
        with _environment(path):
            ensure_private_directory(path.parent)
            with exclusive_lock(self._lock_path):
                remove_leftovers(path)
                kept = self._kept(path, wanted)
                return kept or self._issue(path, wanted)

    @property
    def _lock_path(self) -> Path:
        return self._directory / "ca.lock"

    def _open(self) -> tuple[_PrivateKey, x509.Certificate]:
        key_path = self._directory / "ca-key.pem"
        for path in (key_path, self.certificate_path):
            remove_leftovers(path)
        # The key is written first: a process killed in between leaves a key without certificate, which is completed.
        if key_path.exists():
            key = _read_key(key_path)
        else:
            key = ec.generate_private_key(ec.SECP256R1())
            write_private_file(key_path, _key_pem(key))
        certificate = self._usable_authority(key)
        if certificate is None:
            certificate = self._sign_authority(key)
            write_private_file(self.certificate_path, _pem(certificate), mode=0o644)
        return key, certificate

    def _usable_authority(self, key: _PrivateKey) -> x509.Certificate | None:
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
            constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
            return None
        fits = certificate.public_key() == key.public_key() and constraints == self._permitted.constraints()
        lasts = certificate.not_valid_after_utc.timestamp() - self._clock.now() > AUTHORITY_RENEWAL_S
        return certificate if fits and lasts else None

    def _sign_authority(self, key: _PrivateKey) -> x509.Certificate:
        # The name ends in the key's own identifier: two authorities in one trust store must not be mixed up.
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        name = _name(f"Tidegate local authority {identifier.digest.hex()[:8]}")
        return (
            self._builder(name, name, key.public_key(), lifetime_s=AUTHORITY_LIFETIME_S)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(self._permitted.constraints(), critical=True)
            .add_extension(identifier, critical=False)
            .sign(key, hashes.SHA256())
        )

    def _kept(self, path: Path, names: tuple[str, ...]) -> Leaf | None:
        try:
            data = path.read_bytes()
            certificate, authority = x509.load_pem_x509_certificates(data)
            key = serialization.load_pem_private_key(data, password=None)
            certificate.verify_directly_issued_by(self._certificate)
        except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
            return None
        kept_names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        leaf = Leaf(path, names, certificate.not_valid_after_utc.timestamp())
        fits = (
            kept_names == _alternative_names(names)
            and authority == self._certificate
            and certificate.public_key() == key.public_key()
        )
        return leaf if fits and self._clock.now() < leaf.renew_at() else None

    def _issue(self, path: Path, names: tuple[str, ...]) -> Leaf:
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = (
            self._builder(_name(names[0]), self._certificate.subject, key.public_key(), lifetime_s=LEAF_LIFETIME_S)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_alternative_names(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        write_private_file(path, _key_pem(key) + _pem(certificate) + _pem(self._certificate))
        return Leaf(path, names, certificate.not_valid_after_utc.timestamp())

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, lifetime_s: float
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.fromtimestamp(self._clock.now(), datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(seconds=_BACKDATED_S))
            .not_valid_after(now + datetime.timedelta(seconds=lifetime_s))
        )


class _environment:
    """Turn errors of the file system into CertificateError with the place."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, OSError):
            raise CertificateError(
                f"{error.filename or self._place}: certificates cannot be kept there: {error.strerror}"
            ) from error


def _read_key(path: Path) -> _PrivateKey:
    way_out = "move ca.pem and ca-key.pem away for a new authority, which clients then have to trust"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise CertificateError(f"{path}: is not a private key; {way_out}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{path}: is not an elliptic curve key; {way_out}")
    return key


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    general: list[x509.GeneralName] = []
    for name in names:
        address = _address(name)
        general.append(x509.DNSName(name) if address is None else x509.IPAddress(address))
    return x509.SubjectAlternativeName(general)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _key_pem(key: _PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
