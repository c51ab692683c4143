"""The local authority: what it may sign, what it keeps, what real TLS clients say."""

from __future__ import annotations

import datetime
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from keys.made_keys import made
from tidegate.clock import ManualClock, SystemClock
from tidegate.keys import LOCAL_NAMES, CertificateError, LocalCA, PermittedNames
from tidegate.keys.ca import AUTHORITY_LIFETIME_S, LEAF_LIFETIME_S, LEAF_RENEWAL_S

NOW = 1_800_000_000.0
ENTRA = PermittedNames(
    dns=("localhost", "login.microsoftonline.com", "vault.azure.net"), addresses=("127.0.0.1", "::1")
)


def _handshake(server_file: Path, *, trust: Path, name: str) -> None:
    """A TLS handshake over a pair of sockets. ssl.SSLError: the client refuses."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(server_file)
    client = ssl.create_default_context(cafile=str(trust))
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with ours:
            try:
                with server.wrap_socket(ours, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with theirs, client.wrap_socket(theirs, server_hostname=name) as secured:
            secured.send(b".")
    finally:
        theirs.close()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_clients_that_trust_it_accept_localhost(tmp_path: Path, name: str) -> None:
    """Also under the strict rules of newer Pythons."""
    ca = LocalCA(tmp_path, clock=SystemClock())
    _handshake(ca.leaf().path, trust=ca.certificate_path, name=name)


def test_clients_refuse_another_name(tmp_path: Path) -> None:
    """The leaf says which names it is for."""
    ca = LocalCA(tmp_path, clock=SystemClock())
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _handshake(ca.leaf().path, trust=ca.certificate_path, name="example.com")


def test_a_stolen_key_signs_nothing_outside_the_permitted_names(tmp_path: Path) -> None:
    """A leaf for another host, properly signed by the authority's key, is refused by the client itself."""
    clock = SystemClock()
    LocalCA(tmp_path, clock=clock)
    forged = LocalCA(tmp_path, clock=clock)
    forged._permitted = PermittedNames(dns=("github.com",))
    leaf = forged.leaf(("github.com",))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        _handshake(leaf.path, trust=tmp_path / "ca.pem", name="github.com")


@pytest.mark.parametrize("name", ["example.com", "evil-localhost", "10.0.0.1", "localhost.example.com"])
def test_it_refuses_names_that_are_not_permitted(tmp_path: Path, name: str) -> None:
    """Before anything is signed, and it says what it may."""
    ca = LocalCA(tmp_path, clock=ManualClock(NOW))
    with pytest.raises(ValueError, match=r"may not sign for .*limited to localhost, 127\.0\.0\.1, ::1"):
        ca.leaf((name,))


def test_a_leaf_needs_a_name(tmp_path: Path) -> None:
    """No certificate for nothing."""
    with pytest.raises(ValueError, match="no name at all"):
        LocalCA(tmp_path, clock=ManualClock(NOW)).leaf(())


def test_permitted_names_include_what_lies_below_them() -> None:
    """As DNS subtrees do; addresses stand for themselves."""
    assert ENTRA.permits("demo.vault.azure.net")
    assert ENTRA.permits("::1")
    assert not ENTRA.permits("vault.azure.net.example.com")
    assert not ENTRA.permits("127.0.0.2")


def test_the_authority_is_tied_down(tmp_path: Path) -> None:
    """Critical name constraints, no authority below it, certificates and revocation only."""
    LocalCA(tmp_path, clock=ManualClock(NOW))
    certificate = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert constraints.critical
    assert constraints.value == LOCAL_NAMES.constraints()
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert usage.key_cert_sign
    assert not usage.digital_signature
    assert certificate.not_valid_after_utc.timestamp() == NOW + AUTHORITY_LIFETIME_S


def test_private_files_have_private_modes(tmp_path: Path) -> None:
    """Keys are for their owner; the certificate is for everyone who may enter the directory."""
    ca = LocalCA(tmp_path / "state", clock=ManualClock(NOW))
    leaf = ca.leaf()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(leaf.path.stat().st_mode) == 0o600


def test_a_restart_keeps_authority_and_leaf(tmp_path: Path) -> None:
    """Programs trust a file; it must not change under them."""
    first = LocalCA(tmp_path, clock=ManualClock(NOW))
    leaf, content = first.leaf(), first.leaf().path.read_bytes()
    second = LocalCA(tmp_path, clock=ManualClock(NOW + 60))
    assert second.certificate_pem == first.certificate_pem
    assert second.leaf() == leaf
    assert leaf.path.read_bytes() == content


def test_a_leaf_is_renewed_before_it_ends(tmp_path: Path) -> None:
    """Half-way through its week, by the same authority."""
    clock = ManualClock(NOW)
    ca = LocalCA(tmp_path, clock=clock)
    old = ca.leaf()
    clock.advance(LEAF_LIFETIME_S - LEAF_RENEWAL_S - 1)
    assert ca.leaf() == old
    clock.advance(1)
    assert ca.leaf().not_after == clock.now() + LEAF_LIFETIME_S


def test_a_leaf_for_other_names_is_made_anew(tmp_path: Path) -> None:
    """The kept one is for what it says."""
    ca = LocalCA(tmp_path, clock=ManualClock(NOW))
    ca.leaf(("localhost",))
    assert ca.leaf(("localhost", "127.0.0.1")).names == ("localhost", "127.0.0.1")
    certificate = x509.load_pem_x509_certificates((tmp_path / "tls" / "localhost.pem").read_bytes())[0]
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert len(list(names)) == 2


def test_an_authority_near_its_end_keeps_its_key(tmp_path: Path) -> None:
    """The renewed certificate has the same key and name: leaves of before still verify under it."""
    first = LocalCA(tmp_path, clock=ManualClock(NOW))
    leaf_before = x509.load_pem_x509_certificates(first.leaf().path.read_bytes())[0]
    second = LocalCA(tmp_path, clock=ManualClock(NOW + AUTHORITY_LIFETIME_S - 86_400))
    assert second.certificate_pem != first.certificate_pem
    renewed = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    leaf_before.verify_directly_issued_by(renewed)


def test_other_permitted_names_give_another_certificate(tmp_path: Path) -> None:
    """The constraint in the file is the one that was asked for, never a wider one from before."""
    LocalCA(tmp_path, clock=ManualClock(NOW), permitted=ENTRA)
    ca = LocalCA(tmp_path, clock=ManualClock(NOW))
    certificate = x509.load_pem_x509_certificate(ca.certificate_path.read_bytes())
    assert certificate.extensions.get_extension_for_class(x509.NameConstraints).value == LOCAL_NAMES.constraints()


def test_a_death_between_key_and_certificate_is_mended(tmp_path: Path) -> None:
    """The key is there, the certificate is not: it is made for that key."""
    LocalCA(tmp_path, clock=ManualClock(NOW))
    key = (tmp_path / "ca-key.pem").read_bytes()
    (tmp_path / "ca.pem").unlink()
    (tmp_path / ".ca.pem.tmp-00").write_bytes(b"-----BEGIN")
    LocalCA(tmp_path, clock=ManualClock(NOW))
    assert (tmp_path / "ca-key.pem").read_bytes() == key
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_damaged_certificate_or_leaf_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """Both follow from the key."""
    ca = LocalCA(tmp_path, clock=ManualClock(NOW))
    path = ca.leaf().path
    path.write_bytes(content)
    ca.certificate_path.write_bytes(content)
    again = LocalCA(tmp_path, clock=ManualClock(NOW))
    assert x509.load_pem_x509_certificates(again.leaf().path.read_bytes())
    assert again.certificate_pem.startswith("-----BEGIN CERTIFICATE-----")


def test_a_damaged_key_is_refused_and_kept(tmp_path: Path) -> None:
    """A new authority would break everybody's trust: the operator decides."""
    (tmp_path / "ca-key.pem").write_bytes(b"no key")
    with pytest.raises(CertificateError, match=r"ca-key\.pem: is not a private key; move"):
        LocalCA(tmp_path, clock=ManualClock(NOW))
    assert (tmp_path / "ca-key.pem").read_bytes() == b"no key"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """An RSA key that somebody put there."""
    (tmp_path / "ca-key.pem").write_text(made(0).private_pem())
    with pytest.raises(CertificateError, match="is not an elliptic curve key"):
        LocalCA(tmp_path, clock=ManualClock(NOW))


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One line with the place."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(CertificateError, match="state: certificates cannot be kept there"):
        LocalCA(tmp_path / "state", clock=ManualClock(NOW))


def test_a_leaf_of_another_authority_is_not_served(tmp_path: Path) -> None:
    """A state directory put together from two."""
    other = LocalCA(tmp_path / "other", clock=ManualClock(NOW))
    ca = LocalCA(tmp_path / "own", clock=ManualClock(NOW))
    path = ca.leaf().path
    path.write_bytes(other.leaf().path.read_bytes())
    leaf = x509.load_pem_x509_certificates(ca.leaf().path.read_bytes())[0]
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.certificate_path.read_bytes()))


def test_parallel_openers_agree(tmp_path: Path) -> None:
    """Several processes begin at once: one authority, one leaf."""
    found: list[tuple[str, bytes]] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        ca = LocalCA(tmp_path, clock=ManualClock(NOW))
        found.append((ca.certificate_pem, ca.leaf().path.read_bytes()))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


def test_certificates_of_foreign_keys_are_not_adopted(tmp_path: Path) -> None:
    """ca.pem of another key is replaced by one for ours."""
    ca = LocalCA(tmp_path, clock=ManualClock(NOW))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    begins = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    foreign = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=900))
        .add_extension(LOCAL_NAMES.constraints(), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca.certificate_path.write_text(foreign.public_bytes(serialization.Encoding.PEM).decode())
    assert (
        "Tidegate"
        in x509.load_pem_x509_certificate(
            LocalCA(tmp_path, clock=ManualClock(NOW)).certificate_pem.encode()
        ).subject.rfc4514_string()
    )
