"""certificates/NAME/certificateInformation.json: those with their keys are what policies can name."""

from __future__ import annotations

import json

from apim_files import api, document
from authorities import Authority
from client_certificates import pfx_of
from compiling import sources_of
from tidegate.pipeline import Observed, Settings, compile_sources

LEAF = Authority().issue("client.test")
PFX = pfx_of(LEAF.chain_pem, LEAF.key_pem, "secret")
POLICY = document('<base /><authentication-certificate certificate-id="orders" />')
ORDERS = api("orders", policy=POLICY, serviceUrl="https://a.example.com", subscriptionRequired=False)
PATH = "certificates/orders/certificateInformation.json"


def said(properties: dict[str, object], environment: str = "", **files: str) -> list[str]:
    values = {"TIDEGATE_ENVIRONMENT": environment} if environment else {}
    every = {**ORDERS, PATH: json.dumps({"properties": properties}), **files}
    found = compile_sources(sources_of(every, values=values), Settings(), Observed()).diagnostics
    assert PFX not in f"{found}"
    return [each.code.code for each in found if each.code.code.startswith("TG28")]


def test_a_certificate_with_its_key() -> None:
    assert said({"data": PFX, "password": "secret", "thumbprint": "ignored"}) == []


def test_one_as_apiops_extracts_it() -> None:
    """The way out is said."""
    assert said({"subject": "CN=client.test", "thumbprint": "AB", "keyVault": {"secretIdentifier": "x"}}) == ["TG2802"]
    assert said({"data": PFX, "password": "other"}) == ["TG2803"]


def test_an_environment_brings_the_key() -> None:
    """As it does with secrets of named values."""
    properties = {"data": PFX, "password": "secret"}
    configuration = json.dumps({"certificates": [{"name": "orders", "properties": properties}]})
    assert said({"thumbprint": "AB"}, "dev", **{"configuration.dev.yaml": configuration}) == []
