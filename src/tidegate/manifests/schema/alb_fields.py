"""Every field of Application Gateway for Containers' kinds, and what became of it here.

A row stands for its field and for everything below it that has no row of its own. A test holds this against `alb`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tidegate.manifests.schema.support import Support, differs, no, yes

_OVERRIDE: Final = "as the product: the policy is not accepted (OverrideNotSupported)"


def _target(path: str = "spec.targetRef", *, sections: Support | None = None, group: str = "") -> Iterator[Support]:
    yield yes(f"{path}.group", group)
    yield yes(f"{path}.kind")
    yield yes(f"{path}.name")
    yield yes(f"{path}.namespace", "another namespace needs a ReferenceGrant there")
    yield sections or yes(f"{path}.sectionNames[]", "a Service's ports by name")


def _no_sections(path: str = "spec.targetRef") -> Support:
    return no(f"{path}.sectionNames[]", "as the product: not accepted (SectionNamesNotPermitted)")


ALB_FIELDS: Final[Mapping[str, tuple[Support, ...]]] = {
    "ApplicationLoadBalancer": (
        differs(
            "spec.associations[]", "read; subnets of Azure mean nothing here, and Gateways are served all the same"
        ),
    ),
    "FrontendTLSPolicy": (
        *_target(
            sections=yes(
                "spec.targetRef.sectionNames[]",
                "the Gateway's own listeners; before a policy for the whole Gateway, which is for its ListenerSets too",
            )
        ),
        differs(
            "spec.default.policyType.name",
            "TLS 1.2 only, with the product's suites and curves, but for two CBC suites with SHA-384 "
            "that Envoy's TLS library has not; without a policy TLS 1.3 is spoken too",
        ),
        yes("spec.default.policyType.type"),
        yes("spec.default.verify.caCertificateRef", "a Secret or ConfigMap with `ca.crt`"),
        yes("spec.default.verify.subjectAltNames[]"),
        no("spec.override", _OVERRIDE),
    ),
    "BackendTLSPolicy": (
        *_target(),
        differs(
            "spec.default.verify.caCertificateRef",
            "a Secret or ConfigMap with `ca.crt`; without `verify` the certificate must come from an authority that "
            "the operating system trusts, where the product checks nothing",
        ),
        yes("spec.default.verify.subjectAltName"),
        differs(
            "spec.default.sni",
            "where it and `verify.subjectAltName` are missing the certificate must be for NAME.NAMESPACE.svc; "
            "the product asks for no name then",
        ),
        yes("spec.default.ports[].port", "none: all ports of the Service"),
        yes("spec.default.clientCertificateRef", "a Secret of type kubernetes.io/tls"),
        no("spec.override", _OVERRIDE),
    ),
    "HealthCheckPolicy": (
        *_target(sections=_no_sections()),
        yes("spec.default.interval"),
        yes("spec.default.timeout"),
        yes("spec.default.port"),
        yes("spec.default.unhealthyThreshold"),
        yes("spec.default.healthyThreshold"),
        yes("spec.default.useTLS", "needs a BackendTLSPolicy, as with the product"),
        differs("spec.default.protocol", "of the product's documentation: HTTPS is `useTLS`"),
        yes("spec.default.http.host", "localhost where it is missing"),
        yes("spec.default.http.path"),
        yes("spec.default.http.match.body"),
        yes("spec.default.http.match.statusCodes[].start"),
        yes("spec.default.http.match.statusCodes[].end"),
        yes("spec.default.grpc.authority"),
        yes("spec.default.grpc.service"),
        no("spec.override", _OVERRIDE),
    ),
    "RoutePolicy": (
        *_target(sections=_no_sections(), group='also `""`, as the product\'s documentation has it, with a warning'),
        yes("spec.default.timeouts.routeTimeout", "an HTTPRoute's own timeouts count before it; 0 is no limit"),
        yes("spec.default.sessionAffinity.affinityType"),
        yes("spec.default.sessionAffinity.cookieName", "of a managed-cookie it has no effect, as with the product"),
        yes("spec.default.sessionAffinity.cookieDuration", "AGCAffinity lasts 86,400 s, as with the product"),
        no("spec.override", _OVERRIDE),
    ),
    "BackendLoadBalancingPolicy": (
        *_target("spec.targetRefs[].targetRef"),
        *(
            differs(f"spec.targetRefs[].{name}", "the shape of the product's documentation; the CRD has `targetRef`")
            for name in ("group", "kind", "name", "namespace", "sectionNames[]")
        ),
        yes("spec.targetRefs[].ports[].port"),
        yes("spec.circuitBreaker.maxConnections"),
        yes("spec.circuitBreaker.maxRequests"),
        yes("spec.circuitBreaker.maxPendingRequests"),
        yes("spec.circuitBreaker.maxRetries"),
        differs("spec.loadBalancing.strategy", "also ring-hash, which the documentation has and the CRD has not"),
        yes("spec.loadBalancing.slowStart.window"),
        yes("spec.loadBalancing.slowStart.aggression"),
        yes("spec.loadBalancing.slowStart.startWeightPercent"),
        yes("spec.loadBalancing.loadAware.blackoutPeriod"),
        yes("spec.loadBalancing.loadAware.metricExpirationPeriod"),
        yes("spec.loadBalancing.loadAware.errorUtilizationPenalty"),
        yes("spec.loadBalancing.loadAware.namedMetrics[]"),
    ),
    "IngressExtension": (
        no("spec.rules[]", "Ingresses are not served; an HTTPRoute has filters for all of it"),
        no("spec.backendSettings[]", "Ingresses are not served; the policies above have all of it"),
    ),
    "WebApplicationFirewallPolicy": (
        no("spec.targetRef", "the policy has no effect, and an error says so"),
        no("spec.webApplicationFirewall.id", "the rules are Azure's; keep a firewall in front of this gateway"),
    ),
}
"""By kind."""
