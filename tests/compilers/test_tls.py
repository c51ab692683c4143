"""Real Envoy: TLS towards backends, and certificates that clients present."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest

from authorities import Authority, client_tls
from live_edge import Edge, backend_on, edge, served
from real_envoy import Client, get
from recording_backends import http1, http2
from tidegate.model import (
    Backend,
    BackendProtocol,
    BackendTls,
    Certificate,
    ClientValidation,
    Listener,
    ListenerTls,
    Protocol,
    Respond,
    Route,
    SubjectAltName,
)
from worlds import forward, http, route, span

pytestmark = pytest.mark.e2e


# -- towards backends -------------------------------------------------------------------------------------------------


async def status_of(backend: Backend) -> int:
    """What a request for it is answered."""
    async with edge(http(route("all", forward(backend))), backends=(backend,)) as here:
        return (await get(here.port, "/")).status


async def test_a_backend_is_verified_by_authority_and_name_and_told_its_name() -> None:
    """BackendTLSPolicy: hostname is the SNI and what the certificate must be for."""
    authority = Authority()
    leaf = authority.issue("cart.example.com")
    async with backend_on(http1, tls=leaf.server("http/1.1")) as recording:
        trusted = BackendTls("cart.example.com", (authority.pem,))
        assert await status_of(served("cart", recording, tls=trusted)) == 200
        assert recording.last.peer.server_name == "cart.example.com"
        assert recording.last.peer.alpn == "http/1.1"
        assert recording.last.header("x-gateway-authorization") == "Bearer test"


@pytest.mark.parametrize(
    ("tls", "status"),
    [
        ({"names": ()}, 200),
        ({"server_name": "other.example.com"}, 503),
        ({"roots": "another authority"}, 503),
        ({"roots": "both"}, 200),
        ({"roots": None}, 503),
        ({"server_name": "sni.example.com", "names": (SubjectAltName("Hostname", "cart.example.com"),)}, 200),
        ({"names": (SubjectAltName("Hostname", "other.example.com"),)}, 503),
        ({"names": (SubjectAltName("Hostname", "*.example.com"),)}, 200),
        ({"names": (SubjectAltName("Hostname", "*.com"),)}, 503),
        ({"names": (SubjectAltName("URI", "spiffe://shop/cart"),)}, 200),
        ({"names": (SubjectAltName("URI", "spiffe://shop/other"),)}, 503),
        ({"names": (SubjectAltName("URI", "spiffe://x"), SubjectAltName("Hostname", "cart.example.com"))}, 200),
        ({"server_name": "", "names": ()}, 503),
    ],
)
async def test_only_the_right_backend_is_spoken_to(tls: dict[str, Any], status: int) -> None:
    """Wrong authority, wrong name: nothing is sent to it."""
    authority, stranger = Authority(), Authority()
    roots = {"another authority": (stranger.pem,), "both": (stranger.pem, authority.pem), None: None}
    chosen = roots[tls["roots"]] if "roots" in tls else (authority.pem,)
    spoken = BackendTls(**({"server_name": "cart.example.com", "names": ()} | tls | {"roots": chosen}))
    leaf = authority.issue("cart.example.com", "spiffe://shop/cart")
    async with backend_on(http1, tls=leaf.server("http/1.1")) as recording:
        assert await status_of(served("cart", recording, tls=spoken)) == status
        assert len(recording.received) == (1 if status == 200 else 0)


async def test_http_2_is_spoken_over_tls_and_in_the_clear() -> None:
    """By ALPN there, with prior knowledge here (GEP-1911)."""
    authority = Authority()
    leaf = authority.issue("cart.example.com")
    async with backend_on(http2, tls=leaf.server("h2")) as secret, backend_on(http2) as plain:
        over_tls = served(
            "cart", secret, protocol=BackendProtocol.HTTP2, tls=BackendTls("cart.example.com", (authority.pem,))
        )
        assert await status_of(over_tls) == 200
        assert (secret.last.version, secret.last.peer.alpn) == ("HTTP/2", "h2")
        assert await status_of(served("cart", plain, protocol=BackendProtocol.HTTP2)) == 200
        assert plain.last.version == "HTTP/2"


async def test_the_gateway_shows_its_certificate_to_backends_that_ask() -> None:
    """Gateway.spec.tls.backend.clientCertificateRef; without one such a backend is out of reach."""
    authority, clients = Authority(), Authority()
    leaf = authority.issue("cart.example.com")
    mine = clients.issue("gateway.example.com", common_name="gateway").for_model("gateway")
    async with backend_on(http1, tls=leaf.server("http/1.1", clients=clients)) as recording:
        tls = BackendTls("cart.example.com", (authority.pem,), client_certificate=mine)
        assert await status_of(served("cart", recording, tls=tls)) == 200
        assert recording.last.peer.certificate == "gateway"
        assert await status_of(served("cart", recording, tls=replace(tls, client_certificate=None))) == 503


# -- towards clients --------------------------------------------------------------------------------------------------


def https(hostname: str | None, *certificates: Certificate, routes: tuple[Route, ...] = (), **tls: Any) -> Listener:
    return Listener(
        hostname or "any", 80, Protocol.HTTPS, hostname, certificates, routes, span(), tls=ListenerTls(**tls)
    )


async def answer(here: Edge, context: ssl.SSLContext, sni: str, *, host: str | None = None) -> int:
    """The status, or 0 where the handshake fails."""
    try:
        async with Client(here.port, tls=context, sni=sni) as client:
            return (await client.get("/", host=host or sni)).status
    except (ssl.SSLError, ConnectionError, EOFError):
        return 0


async def test_clients_without_the_right_certificate_are_turned_away() -> None:
    """None, a stranger's, one of the authority for another name, the right one."""
    servers, clients, strangers = Authority(), Authority(), Authority()
    validation = ClientValidation((clients.pem,), names=("alice.example.com", "*.staff.example.com"))
    listener = https(
        "a.test",
        servers.issue("a.test").for_model("a"),
        routes=(route("all", Respond(204)),),
        client_validation=validation,
    )
    async with edge(listener) as here:
        assert await answer(here, client_tls(), "a.test") == 0
        for authority, name, status in (
            (strangers, "alice.example.com", 0),
            (clients, "bob.example.com", 0),
            (clients, "alice.example.com", 204),
            (clients, "bob.staff.example.com", 204),
            (clients, "a.b.staff.example.com", 0),
        ):
            context = authority.issue(name).shown_by(client_tls())
            assert await answer(here, context, "a.test") == status, name
        expired = clients.issue("alice.example.com", expired=True).shown_by(client_tls())
        assert await answer(here, expired, "a.test") == 0


async def test_clients_of_either_bundle_are_let_in() -> None:
    """Several authorities vouch, each for its own."""
    servers, one, two = Authority(), Authority(), Authority()
    listener = https(
        "a.test",
        servers.issue("a.test").for_model("a"),
        routes=(route("all", Respond(204)),),
        client_validation=ClientValidation((one.pem.rstrip(), two.pem)),
    )
    async with edge(listener) as here:
        for authority in (one, two):
            assert await answer(here, authority.issue("c.test").shown_by(client_tls()), "a.test") == 204


async def test_with_insecure_fallback_anybody_is_let_in_and_nobody_is_vouched_for() -> None:
    """Whoever shows a certificate of their own making must not seem to be who it says."""
    servers, clients, strangers = Authority(), Authority(), Authority()
    async with backend_on() as recording:
        cart = served("cart", recording)
        listener = https(
            "a.test",
            servers.issue("a.test").for_model("a"),
            routes=(route("all", forward(cart)),),
            client_validation=ClientValidation((clients.pem,), optional=True, names=("alice.example.com",)),
        )
        async with edge(listener, backends=(cart,)) as here:
            forged = strangers.issue("alice.example.com").shown_by(client_tls())
            expired = clients.issue("alice.example.com", expired=True).shown_by(client_tls())
            right = clients.issue("alice.example.com").shown_by(client_tls())
            for context in (client_tls(), forged, expired, right):
                assert await answer(here, context, "a.test") == 200
                assert recording.last.header("x-forwarded-client-cert") is None


async def test_backends_learn_who_the_client_is_and_clients_cannot_forge_it() -> None:
    """X-Forwarded-Client-Cert: removed from what clients send, set where they were verified."""
    servers, clients = Authority(), Authority()
    async with backend_on() as recording:
        cart = served("cart", recording)
        certificate = servers.issue("a.test", "b.test").for_model("a")
        routes = (route("all", forward(cart)),)
        plain = http(*routes)
        verified = https("a.test", certificate, routes=routes, client_validation=ClientValidation((clients.pem,)))
        async with edge(plain, verified, https("b.test", certificate, routes=routes), backends=(cart,)) as here:
            forged = ("x-forwarded-client-cert", 'Hash=1;Subject="CN=admin"')
            await get(here.port, "/", forged)
            assert recording.last.header("x-forwarded-client-cert") is None
            async with Client(here.port, tls=client_tls(), sni="b.test") as client:
                await client.get("/", forged, host="b.test")
            assert recording.last.header("x-forwarded-client-cert") is None
            alice = clients.issue("alice.example.com", common_name="alice").shown_by(client_tls())
            async with Client(here.port, tls=alice, sni="a.test") as client:
                await client.get("/", forged, host="a.test")
            told = recording.last.header("x-forwarded-client-cert") or ""
            assert "DNS=alice.example.com" in told
            assert "CN=alice" in told
            assert "admin" not in told


@pytest.mark.parametrize(("strict", "lax"), [("a.test", "b.test"), ("a.b.test", "*.b.test"), ("a.test", None)])
@pytest.mark.parametrize("spelling", ["{}", "{}.", "{}:80", "{upper}", "{}.:443"])
async def test_no_way_around_a_client_certificate(strict: str, lax: str | None, spelling: str) -> None:
    """A connection of a listener that asks for none reaches none that does, however the host is spelt."""
    servers, clients = Authority(), Authority()
    certificate = servers.issue("a.test").for_model("a")
    listeners = (
        https(
            strict,
            certificate,
            routes=(route("secret", Respond(201), hosts=(strict,)),),
            client_validation=ClientValidation((clients.pem,)),
        ),
        https(lax, certificate, routes=(route("open", Respond(202)),)),
    )
    host = spelling.format(strict, upper=strict.upper())
    async with edge(*listeners) as here:
        sni = (lax or "other.test").replace("*", "x")
        assert await answer(here, client_tls(), sni, host=sni) == 202
        assert await answer(here, client_tls(), sni, host=host) == 421
        for name in {strict, strict.upper()}:
            assert await answer(here, client_tls(), name, host=strict) == 0


async def test_a_session_of_one_listener_is_not_resumed_at_another() -> None:
    """A resumed handshake shows no certificate: a ticket must be good only where it was given."""
    servers, clients = Authority(), Authority()
    certificate = servers.issue("a.test", "b.test").for_model("a")
    strict = https(
        "a.test",
        certificate,
        routes=(route("secret", Respond(201)),),
        client_validation=ClientValidation((clients.pem,)),
        maximum_version="1.2",
    )
    lax = https("b.test", certificate, routes=(route("open", Respond(202)),), maximum_version="1.2")
    async with edge(strict, lax) as here:
        context = client_tls()

        def session_at(name: str, session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool]:
            with (
                socket.create_connection(("127.0.0.1", here.port)) as raw,
                context.wrap_socket(raw, server_hostname=name, session=session) as tls,
            ):
                return tls.session, tls.session_reused

        ticket, _ = await asyncio.to_thread(session_at, "b.test", None)
        assert (await asyncio.to_thread(session_at, "b.test", ticket))[1], "resumption works at all"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(session_at, "a.test", ticket)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
@pytest.mark.parametrize(
    ("limits", "version", "agreed"),
    [
        ({}, ssl.TLSVersion.TLSv1, None),
        ({}, ssl.TLSVersion.TLSv1_1, None),
        ({}, ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
        ({}, ssl.TLSVersion.TLSv1_3, "TLSv1.3"),
        ({"maximum_version": "1.2"}, ssl.TLSVersion.TLSv1_3, None),
        ({"minimum_version": "1.3"}, ssl.TLSVersion.TLSv1_2, None),
    ],
)
async def test_only_allowed_versions_are_spoken(
    limits: dict[str, str], version: ssl.TLSVersion, agreed: str | None
) -> None:
    """1.2 and 1.3 unless a policy says otherwise."""
    listener = https(None, Authority().issue("a.test").for_model("a"), **limits)
    context = client_tls()
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    async with edge(listener) as here:
        assert await version_with(here, context) == agreed


async def version_with(here: Edge, context: ssl.SSLContext) -> str | None:
    """The version agreed on; None if there was no agreement."""
    try:
        async with Client(here.port, tls=context, sni="a.test") as client:
            return await client.version()
    except (ssl.SSLError, ConnectionError):
        return None


async def test_only_allowed_ciphers_and_curves_are_spoken() -> None:
    """AGC's predefined policies are such lists."""
    wanted, other = "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"
    certificate = Authority().issue("a.test", rsa_key=True).for_model("a")
    listener = https(None, certificate, maximum_version="1.2", cipher_suites=(wanted,), curves=("P-384",))
    async with edge(listener) as here:
        for cipher, curve, agreed in (
            (wanted, "secp384r1", "TLSv1.2"),
            (other, "secp384r1", None),
            (wanted, "prime256v1", None),
        ):
            context = client_tls()
            context.set_ciphers(cipher)
            context.set_ecdh_curve(curve)
            assert await version_with(here, context) == agreed, (cipher, curve)


async def test_of_two_certificates_the_client_gets_the_one_that_it_can_use() -> None:
    """ECDSA where it can, RSA where it cannot."""
    ecdsa = Authority().issue("a.test").for_model("ecdsa")
    rsa = Authority().issue("a.test", rsa_key=True).for_model("rsa")
    async with edge(https("a.test", rsa, ecdsa, maximum_version="1.2")) as here:
        for cipher in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"):
            context = client_tls()
            context.set_ciphers(cipher)
            async with Client(here.port, tls=context, sni="a.test") as client:
                assert await client.cipher() == cipher


async def test_one_listener_serves_several_hosts_each_with_its_own_certificate() -> None:
    """The SNI chooses among a listener's certificates."""
    authority = Authority()
    certificates = [authority.issue(f"{name}.example.com").for_model(name) for name in ("one", "two", "three")]
    async with edge(https("*.example.com", *certificates, routes=(route("all", Respond(204)),))) as here:
        for name in ("one", "two", "three"):
            assert await answer(here, client_tls(trust=authority), f"{name}.example.com") == 204
