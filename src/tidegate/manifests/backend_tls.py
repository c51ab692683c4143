"""BackendTLSPolicy of the Gateway API (GEP-1897): how TLS is spoken to a Service's port, and who vouches for it."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb.authorities import Unresolved, authorities
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy
from tidegate.model import BackendTls, ObjectKey, SubjectAltName


@dataclass(frozen=True, slots=True)
class TlsVerdict:
    """What a policy says of TLS; closed where not all that it wants is there."""

    tls: BackendTls | None
    """None: connections must fail."""
    problems: tuple[Problem, ...] = ()
    why: str = ""
    """Why there is none."""


def judge_backend_tls(manifests: Manifests, policy: Object[BackendTLSPolicy], found: Found) -> TlsVerdict:
    """What a policy of the Gateway API says, whatever it targets.

    BackendTLSPolicyValidation: connections that would need an invalid reference must fail; valid ones beside it count.
    """
    if not policy.serves:
        problem = Problem("Accepted", "Invalid", "what it targets answers 503 until it is right")
        return TlsVerdict(None, (problem,), f"{policy.key} is malformed")
    validation = policy.body.spec.validation
    roots: list[str] = []
    problems: list[Problem] = []
    for index, reference in enumerate(validation.ca_certificate_refs):
        target = ObjectKey(reference.group, reference.kind, policy.key.namespace, reference.name)
        bundle = authorities(manifests, referrer=policy.key, target=target)
        if isinstance(bundle, str):
            roots.append(bundle)
            continue
        reason = "InvalidKind" if bundle.reason == "InvalidKind" else "InvalidCACertificateRef"
        place = ("spec", "validation", "caCertificateRefs", index)
        problems.append(Problem("ResolvedRefs", reason, report_authorities(policy, place, bundle, found)))
    system = validation.well_known_ca_certificates is not None
    if not roots and not system:
        why = f"{policy.key} has no valid CA certificate"
        return TlsVerdict(None, (*problems, Problem("Accepted", "NoValidCACertificate", problems[0].message)), why)
    names = tuple(SubjectAltName(each.type, each.hostname or each.uri or "") for each in validation.subject_alt_names)
    tls = BackendTls(validation.hostname, None if system else tuple(roots), names)
    return TlsVerdict(tls, tuple(problems))


def report_authorities(
    policy: Object[BackendTLSPolicy], path: tuple[str | int, ...], bundle: Unresolved, found: Found
) -> str:
    """Report an invalid reference to authorities; the message, which the condition repeats."""
    message = codes.CA_CERTIFICATE.format(policy=policy.key, problem=bundle.problem)
    if not bundle.silent:
        found.add(
            codes.CA_CERTIFICATE,
            at=policy.at(*path),
            policy=policy.key,
            problem=bundle.problem,
            notes=["requests that need it answer 503"],
        )
    return message
