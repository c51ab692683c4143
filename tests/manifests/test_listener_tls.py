"""Certificates of listeners that have expired, are for other hosts, or overlap."""

from __future__ import annotations

import json

import pytest
import yaml

from compiling import codes, compiled, key
from gateway_certificates import NOW, authority
from tidegate.pipeline import Compilation, Observed


def gateway(listeners: str) -> str:
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: {listeners}
"""


HTTPS = "[{name: https, port: 443, protocol: HTTPS, hostname: a.example.com, tls: {certificateRefs: [{name: cert}]}}]"


def world(*objects: object, listeners: str = HTTPS) -> str:
    made = [yaml.safe_dump(json.loads(json.dumps(each))) for each in objects]
    return "\n---\n".join([gateway(listeners), *made])


def cert(name: str = "cert", host: str = "a.example.com", *, namespace: str = "shop", days: int = 30) -> object:
    return authority().secret(name, host, namespace=namespace, days=days)


def conditions(compilation: Compilation, listener: int = 0) -> dict[str, str]:
    (status,) = compilation.statuses[key("Gateway", "edge")]["listeners"][listener : listener + 1]
    return {c["type"]: f"{c['status']} {c['reason']}" for c in status["conditions"]}


def test_expired_certificate() -> None:
    """Told with its day and in ResolvedRefs; served all the same. Without the time, nothing is told."""
    text = world(cert(days=-1))
    expired = compiled(text, observed=Observed(now=NOW.timestamp()))
    assert codes(expired) == ["TG4507"]
    assert "expired on" in expired.diagnostics[0].message
    assert conditions(expired)["ResolvedRefs"] == "False InvalidCertificateRef"
    assert conditions(expired)["Programmed"] == "True Programmed"
    assert codes(compiled(text)) == []
    early = compiled(world(cert()), observed=Observed(now=0.0))
    assert "is not valid before" in early.diagnostics[0].message


@pytest.mark.parametrize(("ahead_s", "found"), [(3599, []), (3600, ["TG4507"])])
def test_a_certificate_made_within_the_hour_is_valid(ahead_s: int, found: list[str]) -> None:
    """The time is told by the hour, and people serve what they have just made."""
    begins = int(NOW.timestamp()) - 60 * 86400  # of every certificate here
    assert codes(compiled(world(cert()), observed=Observed(now=begins - ahead_s))) == found


def test_time_passes_without_any_edit() -> None:
    """Another hour has certificates judged again, and nothing else."""
    text = world(cert(days=1))
    now = compiled(text, observed=Observed(now=NOW.timestamp()))
    later = compiled(text, previous=now, observed=Observed(now=NOW.timestamp() + 3 * 86400))
    assert (codes(now), codes(later)) == ([], ["TG4507"])


@pytest.mark.parametrize(
    ("host", "found"), [("a.example.com", []), ("*.example.com", []), ("b.example.com", ["TG4508"])]
)
def test_certificate_for_other_hosts(host: str, found: list[str]) -> None:
    """A warning: clients would refuse it."""
    assert codes(compiled(world(cert(host=host)))) == found


def test_overlapping_hostnames_are_told() -> None:
    """OverlappingTLSConfig: connections that clients reuse for other names; there only where it is True."""
    listeners = (
        HTTPS[:-1] + ", {name: wild, port: 443, protocol: HTTPS, hostname: '*.example.com', "
        "tls: {certificateRefs: [{name: wild}]}}"
        ", {name: far, port: 443, protocol: HTTPS, hostname: far.example.org, tls: {certificateRefs: [{name: far}]}}]"
    )
    seen = compiled(world(cert(), cert("wild", "*.example.com"), cert("far", "far.example.org"), listeners=listeners))
    overlaps = [conditions(seen, index).get("OverlappingTLSConfig") for index in range(3)]
    assert overlaps == ["True OverlappingHostnames", "True OverlappingHostnames", None]
