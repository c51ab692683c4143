"""authentication-certificate: which certificate, and to whom it can be shown."""

from __future__ import annotations

import pytest

from authorities import Authority
from client_certificates import pfx_of
from policy_programs import document_text, problems, program
from tidegate.diagnostics import Found, Span
from tidegate.model import ClientCertificate, ExternalBackend
from tidegate.model.entities import BackendEntity, CertificateEntity
from tidegate.policies import build_program, read_document
from tidegate.policies.certificates import Opened, open_certificate
from tidegate.sources import Source

LEAF = Authority().issue("client.test")
PFX = pfx_of(LEAF.chain_pem, LEAF.key_pem, "secret")
OPENED = open_certificate(PFX, "secret")
assert isinstance(OPENED, Opened)
NOWHERE = Span("c.json", 1, 1, 1, 1)
ENTITIES = {
    "orders": CertificateEntity("orders", NOWHERE, PFX, "secret"),
    "locked": CertificateEntity("locked", NOWHERE, PFX, "other"),
}
BACKENDS = {
    "tls": BackendEntity("tls", NOWHERE, url="https://a.example.com"),
    "clear": BackendEntity("clear", NOWHERE, url="http://a.example.com"),
}
OWN = '<authentication-certificate body="{{pfx}}" password="secret" />'
VALUES = {"pfx": PFX}


def codes_of(inbound: str) -> list[str]:
    found = Found()
    document = read_document(
        Source("policy.xml", document_text(inbound)), named_values={}, certificates=ENTITIES, found=found
    )
    if document is not None:
        build_program([document], found=found, backends=BACKENDS)
    return [each.code.code for each in found.sorted()]


def shown(*certificates: ClientCertificate) -> list[str]:
    return [each.digest for each in certificates]


def test_the_backend_of_the_route_and_those_that_are_named() -> None:
    assert isinstance(OPENED, Opened)
    made = program(
        document_text(f'{OWN}<set-backend-service base-url="https://a.example.com/v1" />'), named_values=VALUES
    )
    assert shown(*made.certificates) == [OPENED.certificate.digest]
    plain = ExternalBackend("a.example.com", 443, tls=True)
    assert [str(each) for each in made.destinations] == [str(plain), f"{plain}{OPENED.certificate.mark}"]
    assert "PRIVATE" not in f"{made}"
    assert PFX not in f"{made}"


def test_a_call_is_not_the_route() -> None:
    call = f"<send-request><set-url>https://a.example.com/</set-url>{OWN}</send-request>"
    made = program(document_text(call), named_values=VALUES)
    assert made.certificates == ()
    assert [shown(each.certificate) for each in made.destinations if each.certificate] == [
        shown(OPENED.certificate) if isinstance(OPENED, Opened) else []
    ]


def test_certificates_by_name() -> None:
    assert isinstance(OPENED, Opened)
    spelt = " ".join(OPENED.thumbprint[i : i + 2].lower() for i in range(0, 40, 2))
    for attributes in ('certificate-id="orders"', 'certificate-id="/certificates/orders"', f'thumbprint="{spelt}"'):
        assert codes_of(f"<authentication-certificate {attributes} />") == []


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ("", "TG2801"),
        ('certificate-id="orders" thumbprint="ab"', "TG2801"),
        ('certificate-id="ordres"', "TG2802"),
        ('thumbprint="ab"', "TG2802"),
        ('certificate-id="locked"', "TG2803"),
        ('body="bm90IG9uZQ==" password="x"', "TG2803"),
        ('certificate-id="@(context.RequestId.ToString())"', "TG2014"),
    ],
)
def test_what_is_no_certificate(attributes: str, code: str) -> None:
    assert codes_of(f"<authentication-certificate {attributes} />") == [code]


@pytest.mark.parametrize(
    ("backend", "codes"),
    [
        ('base-url="https://a.example.com"', []),
        ('backend-id="tls"', []),
        ('backend-id="@(context.Request.Method)"', []),
        ('base-url="http://a.example.com"', ["TG2804"]),
        ('base-url="https://a.shop.svc"', ["TG2804"]),
        ('base-url="@(&quot;https://&quot; + context.RequestId)"', ["TG2804"]),
        ('backend-id="clear"', ["TG2804"]),
    ],
)
def test_who_can_be_shown_one(backend: str, codes: list[str]) -> None:
    found = codes_of(f'<authentication-certificate certificate-id="orders" /><set-backend-service {backend} />')
    assert found == codes


@pytest.mark.parametrize("url", ["http://a.example.com/", "https://a.shop.svc/", "@(context.RequestId.ToString())"])
def test_calls_that_cannot_show_one(url: str) -> None:
    call = f'<send-request mode="new"><set-url>{url}</set-url>{OWN}</send-request>'
    (problem,) = problems(document_text(call), named_values=VALUES)
    assert "TG2804" in problem
    assert PFX not in problem
