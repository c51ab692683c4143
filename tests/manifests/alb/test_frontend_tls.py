"""What listeners negotiate, and whom they let in."""

from __future__ import annotations

import pytest

from attached import manifests_of
from authorities import Authority
from tidegate.diagnostics import Found
from tidegate.manifests.alb import FrontendTls, frontend_tls
from tidegate.manifests.alb.frontend_tls import PREDEFINED
from tidegate.manifests.schema.gateway_api import GROUP
from tidegate.model import ObjectKey

PEM = Authority().pem
GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: one, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}
    - {name: two, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}
---
apiVersion: v1
kind: Secret
metadata: {name: ca, namespace: %s}
stringData: {ca.crt: %s}
"""
STRICT = "default: {policyType: {type: predefined, name: 2023-06-S}}"
MUTUAL = "default: {verify: {caCertificateRef: {name: ca}}}"


def policy(spec: str, *sections: str, name: str = "p", target: str = "edge", more: str = "") -> str:
    listed = f", sectionNames: [{', '.join(sections)}]" if sections else ""
    return f"""
---
apiVersion: alb.networking.azure.io/v1
kind: FrontendTLSPolicy
metadata: {{name: {name}, namespace: shop{more}}}
spec:
  targetRef: {{group: gateway.networking.k8s.io, kind: Gateway, name: {target}{listed}}}
  {spec}
"""


def listeners(*policies: str, secrets_in: str = "shop", extra: str = "") -> tuple[list[FrontendTls], list[str]]:
    """What is said of both listeners, and the codes found."""
    quoted = '"' + PEM.replace("\n", "\\n") + '"'
    manifests, found = manifests_of(GATEWAY % (secrets_in, quoted) + "".join(policies) + extra), Found()
    gateway = ObjectKey(GROUP, "Gateway", "shop", "edge")
    made = [frontend_tls(manifests, gateway, name, found) for name in ("one", "two")]
    return made, [each.code.code for each in found]


def test_the_predefined_policies() -> None:
    """TLS 1.2 and nothing else, with the product's curves; the strict one has no CBC."""
    wide, strict = PREDEFINED["2023-06"], PREDEFINED["2023-06-S"]
    assert {(each.minimum_version, each.maximum_version) for each in (wide, strict)} == {("1.2", "1.2")}
    assert wide.curves == strict.curves == ("P-384", "P-256")
    assert all("GCM" in suite for suite in strict.cipher_suites)
    assert wide.cipher_suites[: len(strict.cipher_suites)] == strict.cipher_suites


@pytest.mark.parametrize(
    ("spec", "tls"),
    [("default: {}", "2023-06"), ("", "2023-06"), (STRICT, "2023-06-S")],
)
def test_the_policy_that_is_named(spec: str, tls: str) -> None:
    """2023-06 where none is."""
    made, codes = listeners(policy(spec))
    assert [each.tls for each in made] == [PREDEFINED[tls]] * 2
    assert codes == []


def test_without_a_policy() -> None:
    """The gateway's own."""
    assert listeners() == ([FrontendTls(), FrontendTls()], [])


def test_certificates_of_clients() -> None:
    """Asked for with the authority and the names that the policy has."""
    (one, two), codes = listeners(policy(MUTUAL, "one"))
    assert one.tls is not None
    assert one.tls.client_validation is not None
    assert one.tls.client_validation.roots == (PEM,)
    assert (two, codes) == (FrontendTls(), [])


def test_a_listeners_policy_comes_first() -> None:
    """Before its Gateway's; where that one asks for certificates and this one does not, that is told."""
    (one, two), codes = listeners(policy(MUTUAL, name="all"), policy(STRICT, "one", name="own"))
    assert one.tls == PREDEFINED["2023-06-S"]
    assert two.tls is not None
    assert two.tls.client_validation is not None
    assert codes == ["TG4713"]


@pytest.mark.parametrize(
    ("given", "closed", "codes"),
    [
        ((policy(MUTUAL),), [True, True], ["TG4710"]),
        ((policy(MUTUAL, "one"),), [True, False], ["TG4710"]),
        ((policy("override: {verify: {caCertificateRef: {name: ca}}}"),), [True, True], ["TG4705"]),
        ((policy("override: {policyType: {type: predefined, name: 2023-06}}"),), [False, False], ["TG4705"]),
        ((policy("default: {policyType: {type: predefined, name: 2024-01}}"),), [True, True], []),
        ((policy(MUTUAL, "tow"),), [True, True], []),
        ((policy(MUTUAL, target="egde"),), [True, True], []),
        ((policy(STRICT, target="egde"),), [False, False], []),
        ((policy(MUTUAL, target="egde"), policy(STRICT, name="own")), [False, False], []),
        ((policy(MUTUAL).replace("targetRef", "target"),), [True, True], []),
    ],
)
def test_what_cannot_be_checked_is_closed(given: tuple[str, ...], closed: list[bool], codes: list[str]) -> None:
    """An authority that is not there, an override, a malformed policy, a misspelt target: nobody is let in unchecked.
    A policy that asks nothing of clients closes nothing."""
    made, found = listeners(*given, secrets_in="elsewhere")
    assert [each.closed for each in made] == closed
    assert found[:1] == codes
