"""TG47: policies that attach to Services, routes and Gateways: Application Gateway for Containers, BackendTLSPolicy,
RateLimitPolicy."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, info, warning

TARGET_KIND: Final = error("TG4701", "attached-target-kind", "{policy} targets a {kind}; it attaches to {expected}")
TARGET_NOT_FOUND: Final = error(
    "TG4702", "attached-target-not-found", "{policy} targets {target}, which does not exist"
)
TARGET_NOT_PERMITTED: Final = error(
    "TG4703",
    "attached-target-not-permitted",
    "{policy} targets {target} of another namespace, and no ReferenceGrant allows it",
)
TARGET_TAKEN: Final = error("TG4704", "attached-target-taken", "{policy} targets {target}, which {other} already has")
OVERRIDE: Final = error(
    "TG4705", "policy-override-unsupported", "{policy} has `override`, which the product rejects; only `default` works"
)
SECTIONS: Final = error(
    "TG4706", "policy-sections-not-permitted", "{policy} names sections of {target}; it is for all of it"
)
TARGET_GROUP: Final = warning(
    "TG4707", "attached-target-group", '{policy} targets a {kind} of group ""; it is read as `{group}`'
)

CA_CERTIFICATE: Final = error("TG4710", "ca-certificate-unresolved", "{policy}: the CA certificate {problem}")
CLIENT_CERTIFICATE: Final = error(
    "TG4711", "client-certificate-unresolved", "{policy}: the client certificate {problem}"
)
IDENTITY_ASSUMED: Final = warning(
    "TG4712", "backend-identity-assumed", "{policy} has no {missing}: the backend's certificate must be {assumed}"
)
VERIFY_REPLACED: Final = warning(
    "TG4713",
    "frontend-verify-replaced",
    "listener {listener} of {gateway} asks clients for no certificate: {policy}, which names it, stands for {wider}",
)

PROBE_WITHOUT_TLS: Final = error(
    "TG4720",
    "health-check-without-tls",
    "{policy} has `useTLS`, and no BackendTLSPolicy says how to speak TLS to Service {service}",
)
READINESS_PROBE: Final = info(
    "TG4721",
    "readiness-probe-left-out",
    "the readinessProbe of {deployment} is not asked of Service {service}: {reason}",
)
PROBE_PORT: Final = info(
    "TG4722",
    "health-check-port-left-out",
    "{policy} asks port {port}, and a local process of Service {service} serves one port only: it is not asked",
)

RING_HASH: Final = warning(
    "TG4730", "ring-hash-not-in-crd", "{policy} has strategy ring-hash, which the CRD of the product does not list"
)

AFFINITY_STRATEGY: Final = error(
    "TG4740",
    "affinity-without-ring-hash",
    "{policy} wants session affinity, and {other} balances Service {service} {how}",
)
TIMEOUT_SUPERSEDED: Final = warning(
    "TG4741", "route-timeout-superseded", "{policy} sets a timeout for {route}, which has timeouts of its own"
)

COOKIE_DISCARDED: Final = warning(
    "TG4742",
    "managed-cookie-settings",
    "{policy} has `{field}` for a managed-cookie, which is always AGCAffinity for 86400 s",
)

LOAD_BALANCER_NOT_FOUND: Final = warning(
    "TG4750", "load-balancer-not-found", "{gateway} belongs to {target}, which does not exist"
)
LOAD_BALANCER_ANNOTATION: Final = warning("TG4751", "load-balancer-annotations", "{gateway} {problem}")

CLAIM_UNVERIFIED: Final = error(
    "TG4760",
    "rate-limit-claim-unverified",
    "calls are counted by claim `{claim}`, and no `validate-jwt` verifies the token that says it",
)

CODES: Final = (
    TARGET_KIND,
    TARGET_NOT_FOUND,
    TARGET_NOT_PERMITTED,
    TARGET_TAKEN,
    OVERRIDE,
    SECTIONS,
    TARGET_GROUP,
    CA_CERTIFICATE,
    CLIENT_CERTIFICATE,
    IDENTITY_ASSUMED,
    VERIFY_REPLACED,
    PROBE_WITHOUT_TLS,
    READINESS_PROBE,
    PROBE_PORT,
    RING_HASH,
    AFFINITY_STRATEGY,
    TIMEOUT_SUPERSEDED,
    COOKIE_DISCARDED,
    LOAD_BALANCER_NOT_FOUND,
    LOAD_BALANCER_ANNOTATION,
    CLAIM_UNVERIFIED,
)
