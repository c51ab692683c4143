"""RateLimitPolicy: a rate limit for routes without any policy document, by header, claim, client address."""

from __future__ import annotations

import itertools

import pytest

from gateway_clients import Answer
from gateway_lab import Lab, conditions
from policy_programs import METADATA
from policy_tokens import ISSUER, claims, public_der, token
from tidegate.model import IssuerKey, IssuerMetadata
from tidegate.pipeline import Observed

pytestmark = pytest.mark.e2e

ROUTES = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - {name: cart, matches: [{path: {value: /cart}}], backendRefs: [{name: v1, port: 80}]}
    - {name: rest, backendRefs: [{name: v1, port: 80}]}
---
"""


_NUMBERS = itertools.count(1)
"""Counters outlive a test, as they outlive a reload: each test counts for a policy of its own."""


def limited(lab: Lab, limits: str, *, target: str = "kind: HTTPRoute, name: shop", errors: bool = False) -> None:
    """The routes with these limits."""
    lab.http("v1")
    lab.apply(
        ROUTES
        + f"""
apiVersion: tidegate.dev/v1alpha1
kind: RateLimitPolicy
metadata: {{name: fair-use-{next(_NUMBERS)}}}
spec:
  targetRefs: [{{group: gateway.networking.k8s.io, {target}}}]
  limits: [{limits}]
""",
        errors=errors,
    )


def statuses(lab: Lab, count: int, *headers: tuple[str, str], path: str = "/") -> list[int]:
    with lab.session() as session:
        return [session.ask(path, *headers).status for _ in range(count)]


def test_a_limit_for_everyone(lab: Lab) -> None:
    """Exactly so many, then 429 with Retry-After; the backend does not see the rest."""
    limited(lab, "{calls: 3, period: 1h}")
    answers: list[Answer] = []
    with lab.session() as session:
        answers += [session.ask() for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].header("retry-after") or 0) > 0
    assert lab.compilation is not None
    (status,) = [one for key, one in lab.compilation.statuses.items() if key.kind == "RateLimitPolicy"]
    assert conditions(status["ancestors"][0])["Accepted"] == "True"


def test_by_header(lab: Lab) -> None:
    """Each value has a counter; those without the header share one."""
    limited(lab, "{calls: 2, period: 1h, key: {type: Header, name: X-Api-Key}}")
    assert statuses(lab, 3, ("x-api-key", "a")) == [200, 200, 429]
    assert statuses(lab, 3, ("X-API-Key", "b")) == [200, 200, 429]
    assert statuses(lab, 3) == [200, 200, 429]


def test_by_client_address(lab: Lab) -> None:
    """The address that connects, not what a header claims."""
    limited(lab, "{calls: 2, period: 1h, key: {type: ClientAddress}}")
    forged = [statuses(lab, 1, ("x-forwarded-for", f"10.0.0.{number}"))[0] for number in range(4)]
    assert forged == [200, 200, 429, 429]


def test_several_limits(lab: Lab) -> None:
    """All of them hold."""
    limited(lab, "{calls: 2, period: 1h, key: {type: Header, name: user}}, {calls: 3, period: 1h}")
    assert statuses(lab, 3, ("user", "a")) == [200, 200, 429]
    assert statuses(lab, 2, ("user", "b")) == [200, 429]


def test_one_rule(lab: Lab) -> None:
    """sectionName: only the named rule."""
    limited(lab, "{calls: 1, period: 1h}", target="kind: HTTPRoute, name: shop, sectionName: cart")
    assert statuses(lab, 2, path="/cart") == [200, 429]
    assert statuses(lab, 3, path="/other") == [200, 200, 200]


def test_a_whole_gateway(lab: Lab) -> None:
    """Every route of it shares the count."""
    limited(lab, "{calls: 2, period: 1h}", target="kind: Gateway, name: edge")
    assert statuses(lab, 1, path="/cart") + statuses(lab, 2, path="/other") == [200, 200, 429]


def test_a_claim_that_nobody_verified(lab: Lab) -> None:
    """A limit by claim needs a validate-jwt; without it anybody could be anybody: refused, and closed."""
    limited(lab, "{calls: 2, period: 1h, key: {type: Claim, name: sub}}", errors=True)
    assert lab.found("TG4760")
    assert 200 not in statuses(lab, 3) or statuses(lab, 5).count(200) == 0


def test_by_claim(lab: Lab) -> None:
    """Whom the verified token names, whatever else a request says; a token that does not verify counts for nobody."""
    key = IssuerKey("k1", "RSA", ("RS256",), public_der("k1"))
    lab.observed = Observed(issuers={METADATA: IssuerMetadata(METADATA, ISSUER, (key,))})
    lab.add(f"""
        apiVersion: tidegate.dev/v1alpha1
        kind: ApimPolicy
        metadata: {{name: check}}
        spec:
          targetRefs: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}}]
          policy:
            inline: |
              <policies>
                <inbound>
                  <base />
                  <validate-jwt header-name="Authorization"><openid-config url="{METADATA}" /></validate-jwt>
                </inbound>
                <backend><base /></backend>
                <outbound><base /></outbound>
                <on-error><base /></on-error>
              </policies>
    """)
    limited(lab, "{calls: 2, period: 1h, key: {type: Claim, name: sub}}")
    alice = ("authorization", f"Bearer {token(claims(sub='alice'))}")
    again = ("authorization", f"Bearer {token(claims(sub='alice', jti='2'))}")
    bob = ("authorization", f"Bearer {token(claims(sub='bob'))}")
    forged = ("authorization", f"Bearer {token(claims(sub='bob'), signer='k2')}")
    assert statuses(lab, 2, forged) == [401, 401]
    assert statuses(lab, 1, alice) + statuses(lab, 2, again) == [200, 200, 429]
    assert statuses(lab, 3, bob) == [200, 200, 429]


def test_a_target_that_is_not_there(lab: Lab) -> None:
    """Told at its line; what is there goes on without a limit."""
    limited(lab, "{calls: 1, period: 1h}", target="kind: HTTPRoute, name: nowhere", errors=True)
    assert statuses(lab, 3) == [200, 200, 200]
    assert lab.found("TG4702") == ["a.yaml:16"]
