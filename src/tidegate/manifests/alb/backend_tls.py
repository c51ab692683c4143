"""BackendTLSPolicy of Application Gateway for Containers, and which of the two kinds of that name holds a port."""

from __future__ import annotations

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb.authorities import Unresolved, authorities, presented
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.alb.holders import claims, holder
from tidegate.manifests.alb.targets import ServicePolicies, wanted_by
from tidegate.manifests.backend_tls import TlsVerdict, judge_backend_tls
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import AlbBackendTLSPolicy, BackendTLSPolicyConfig, BackendVerify
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy
from tidegate.model import BackendTls, ObjectKey, SubjectAltName


def tls_of_port(
    manifests: Manifests, service: Object[Service], port: ServicePort, policies: ServicePolicies, found: Found
) -> TlsVerdict:
    """How TLS is spoken to a port. The Gateway API's kind has it before the product's; a port for which a policy was
    meant and that none covers is closed."""
    standard = holder(manifests, BackendTLSPolicy, policies.tls, service, port)
    if standard is not None:
        return judge_backend_tls(manifests, standard, found)
    own = holder(manifests, AlbBackendTLSPolicy, policies.alb_tls, service, port)
    if own is not None:
        return judge_alb_backend_tls(manifests, own, found)
    if manifests.refused_in("BackendTLSPolicy", service.key.namespace):
        return TlsVerdict(None, why=f"a BackendTLSPolicy of namespace {service.key.namespace} is malformed")
    return TlsVerdict(None, why=policies.meant or _lost_section(manifests, service, policies))


def _lost_section(manifests: Manifests, service: Object[Service], policies: ServicePolicies) -> str:
    """A policy that names a port which the Service does not have was meant for one that it has."""
    claimed = [
        *claims(manifests, BackendTLSPolicy, policies.tls, service),
        *claims(manifests, AlbBackendTLSPolicy, policies.alb_tls, service),
    ]
    lost = ((policy.key, wanted.lacking(service)) for policy, wanted in claimed)
    return next((f"{key} targets {lacking}, which {service.key} does not have" for key, lacking in lost if lacking), "")


def speaks_tls(manifests: Manifests, service: Object[Service], port: ServicePort, policies: ServicePolicies) -> bool:
    """Whether a policy says how TLS is spoken to a port, well or not."""
    return (
        holder(manifests, BackendTLSPolicy, policies.tls, service, port) is not None
        or holder(manifests, AlbBackendTLSPolicy, policies.alb_tls, service, port) is not None
    )


def judge_alb_backend_tls(manifests: Manifests, policy: Object[AlbBackendTLSPolicy], found: Found) -> TlsVerdict:
    """What a policy of the product's kind says, whatever it targets."""
    if not policy.serves:
        problem = Problem("Accepted", "InvalidBackendTLSPolicy", "what it targets answers 503 until it is right")
        return TlsVerdict(None, (problem,), f"{policy.key} is malformed")
    spec = policy.body.spec
    if spec.override is not None:
        finding = found.add(codes.OVERRIDE, at=policy.key_at("spec", "override"), policy=policy.key)
        return TlsVerdict(None, (Problem("Accepted", "OverrideNotSupported", finding.message),), finding.message)
    config = spec.default or BackendTLSPolicyConfig()
    problems: list[Problem] = []
    roots = None
    if config.verify is not None:
        bundle = _roots(manifests, policy, config.verify)
        if isinstance(bundle, str):
            roots = (bundle,)
        else:
            problems.append(_report(policy, bundle, found, "verify", "caCertificateRef"))
    certificate = None
    if config.client_certificate_ref is not None:
        read = presented(manifests, referrer=policy.key, reference=config.client_certificate_ref)
        if isinstance(read, Unresolved):
            problems.append(_report(policy, read, found, "clientCertificateRef"))
        else:
            certificate = read
    if problems:
        return TlsVerdict(None, tuple(problems), problems[0].message)
    wanted = config.verify.subject_alt_name if config.verify else None
    server_name = config.sni or wanted or _service_host(policy)
    names = (SubjectAltName("Hostname", wanted),) if wanted else ()
    _say_what_is_assumed(policy, config, server_name, found)
    return TlsVerdict(BackendTls(server_name, roots, names, certificate))


def _roots(manifests: Manifests, policy: Object[AlbBackendTLSPolicy], verify: BackendVerify) -> str | Unresolved:
    reference = verify.ca_certificate_ref
    namespace = reference.namespace or policy.key.namespace
    target = ObjectKey(reference.group, reference.kind, namespace, reference.name)
    return authorities(manifests, referrer=policy.key, target=target)


def _service_host(policy: Object[AlbBackendTLSPolicy]) -> str:
    name = wanted_by(policy)[0].service
    return f"{name.name}.{name.namespace}.svc"


def _say_what_is_assumed(
    policy: Object[AlbBackendTLSPolicy], config: BackendTLSPolicyConfig, server_name: str, found: Found
) -> None:
    # The product takes a backend that it cannot tell from another; the gateway asks for something all the same.
    if config.verify is None:
        found.add(
            codes.IDENTITY_ASSUMED,
            at=policy.key_at("spec", "default"),
            policy=policy.key,
            missing="`verify`",
            assumed=f"for {server_name}, from an authority that the operating system trusts",
            help="add `verify` with the `caCertificateRef` of the backend's authority",
        )
    elif config.sni is None and config.verify.subject_alt_name is None:
        found.add(
            codes.IDENTITY_ASSUMED,
            at=policy.key_at("spec", "default"),
            policy=policy.key,
            missing="`sni` and no `subjectAltName`",
            assumed=f"for {server_name}",
            help="add `sni`, or `verify.subjectAltName`",
        )


def _report(policy: Object[AlbBackendTLSPolicy], bad: Unresolved, found: Found, *path: str) -> Problem:
    code = codes.CA_CERTIFICATE if path[0] == "verify" else codes.CLIENT_CERTIFICATE
    if not bad.silent:
        found.add(
            code,
            at=policy.at("spec", "default", *path),
            policy=policy.key,
            problem=bad.problem,
            notes=["requests to what it targets answer 503"],
        )
    reason = bad.reason if bad.reason in ("RefNotPermitted", "InvalidKind") else "InvalidCertificateRef"
    return Problem("ResolvedRefs", reason, code.format(policy=policy.key, problem=bad.problem))
