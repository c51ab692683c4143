"""set-backend-service: what is refused, and what the rest of the compiler learns of it."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, read
from tidegate.diagnostics import Found, Span
from tidegate.model import ExternalBackend
from tidegate.model.entities import BackendCredentials, BackendEntity, PoolMember
from tidegate.policies import build_program

AT = Span("backends/b/backendInformation.json", 1, 1, 1, 1)
ENTITIES = {
    "one": BackendEntity(
        "one",
        AT,
        "https://one.example.com/v1",
        credentials=BackendCredentials((("X-Key", ("k",)),), (("code", ("c",)),), ("Basic", "abc")),
    ),
    "two": BackendEntity("two", AT, "http://two.example.com:81"),
    "pool": BackendEntity("pool", AT, members=(PoolMember("one", 3, 1), PoolMember("two", 1, 2))),
}

REFUSED = {
    'base-url="orders.example.com"': "TG2701",
    'base-url="ftp://a.example.com"': "TG2701",
    'base-url="https://u:p@a.example.com"': "TG2701",
    'base-url="https://a.example.com?x=1"': "TG2701",
    'base-url="http://169.254.169.254/"': "TG2701",
    'base-url="https://a.example.com" backend-id="one"': "TG2704",
    "": "TG2704",
    'backend-id="three"': "TG2705",
    'dapr-app-id="a"': "TG2302",
}


@pytest.mark.parametrize(("attributes", "code"), REFUSED.items())
def test_what_is_refused(attributes: str, code: str) -> None:
    found = problems(document_text(f"<set-backend-service {attributes} />"))
    assert [problem.split(" ")[1] for problem in found] == [code]


def test_hosts_are_declared() -> None:
    found = Found()
    document = read(document_text('<set-backend-service base-url="https://a.example.com:8443/x" />'), found)
    assert document is not None
    made = build_program([document], found=found)
    assert made is not None
    assert made.destinations == (ExternalBackend("a.example.com", 8443, tls=True),)
    assert (made.chooses_backend, made.calls) == (True, True)


@pytest.mark.parametrize(
    ("id_", "hosts"),
    [
        ("two", ["two.example.com"]),
        ("pool", ["one.example.com", "two.example.com"]),
        ('@(context.Request.Headers.GetValueOrDefault("x", ""))', ["one.example.com", "two.example.com"]),
    ],
)
def test_entities(id_: str, hosts: list[str]) -> None:
    """A literal needs only its own; an expression may name any."""
    found = Found()
    document = read(document_text(f'<set-backend-service backend-id="{id_}" />'), found)
    assert document is not None
    made = build_program([document], found=found, backends=ENTITIES)
    assert made is not None
    assert [each.host for each in made.destinations] == hosts
    assert ('["x-key"] = "k"' in made.lua) == ("one.example.com" in hosts)
