"""FrontendTLSPolicy: what is negotiated with clients at a listener, and the certificates that they must present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import alb as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.alb.authorities import authorities
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.alb.judging import override
from tidegate.manifests.alb.settings import FrontendTls
from tidegate.manifests.alb.targets import policies_for
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import FrontendTLSPolicy, FrontendTLSPolicyConfig
from tidegate.manifests.schema.gateway_api import GROUP, Gateway
from tidegate.model import ClientValidation, ListenerTls, ObjectKey

_GCM: Final = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
)
# Of the product's four CBC suites, those with SHA384 are not in Envoy's TLS library; every client that has one of them
# has one of the others too. Its table also names two suites of TLS 1.3, which it does not enable.
_CBC: Final = ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256")
_CURVES: Final = ("P-384", "P-256")

PREDEFINED: Final = MappingProxyType(
    {
        "2023-06": ListenerTls(
            minimum_version="1.2", maximum_version="1.2", cipher_suites=(*_GCM, *_CBC), curves=_CURVES
        ),
        "2023-06-S": ListenerTls(minimum_version="1.2", maximum_version="1.2", cipher_suites=_GCM, curves=_CURVES),
    }
)
"""The product's predefined policies, in its order of preference (Microsoft, "TLS policy overview")."""


@dataclass(frozen=True, slots=True)
class GatewayPolicies:
    """The FrontendTLSPolicies that name one Gateway, the oldest first."""

    named: tuple[ObjectKey, ...] = ()
    meant: str = ""
    """One with a misspelt target probably means this Gateway: why its listeners are closed."""


NONE: Final = GatewayPolicies()


def target_of(policy: Object[FrontendTLSPolicy]) -> ObjectKey:
    target = policy.body.spec.target_ref
    return ObjectKey(target.group, target.kind, target.namespace or policy.key.namespace, target.name)


def policies_of_gateways(manifests: Manifests, namespace: str) -> dict[str, GatewayPolicies]:
    """The Gateways of a namespace that policies name, by name."""
    named: dict[str, list[ObjectKey]] = {}
    meant: dict[str, str] = {}
    unmet: list[tuple[Object[FrontendTLSPolicy], ObjectKey]] = []
    for policy in sorted(policies_for(manifests, FrontendTLSPolicy, namespace), key=lambda each: each.age_key):
        target = target_of(policy)
        if target.namespace != namespace or not permitted(manifests, referrer=policy.key, target=target):
            continue
        if _gateway(manifests, target) is None and not manifests.is_refused(target):
            unmet.append((policy, target))
        else:
            named.setdefault(target.name, []).append(policy.key)
    for policy, target in unmet:
        near = nearest(target.name, [each.key.name for each in manifests.in_namespace(Gateway, namespace)])
        if near is not None and near not in named and asks_certificates(policy):
            meant.setdefault(near, f"{policy.key} targets {target}, and probably means this Gateway")
    return {name: GatewayPolicies(tuple(named.get(name, ())), meant.get(name, "")) for name in sorted({*named, *meant})}


def asks_certificates(policy: Object[FrontendTLSPolicy]) -> bool:
    """Whether clients need a certificate; taken to be so where it cannot be read."""
    spec = policy.body.spec
    return not policy.serves or any(
        each is not None and each.verify is not None for each in (spec.default, spec.override)
    )


def _gateway(manifests: Manifests, key: ObjectKey) -> Object[Gateway] | None:
    if (key.group, key.kind) != (GROUP, "Gateway"):
        return None
    return manifests.get(Gateway, group=GROUP, namespace=key.namespace, name=key.name)


def frontend_tls(
    manifests: Manifests, gateway: ObjectKey, listener: str, found: Found, *, policies: GatewayPolicies | None = None
) -> FrontendTls:
    """What the listener's policy says: one that names it, before one for the whole Gateway; then the older.

    `policies` are `policies_of_gateways(manifests, gateway.namespace)[name]`.
    """
    if policies is None:
        policies = policies_of_gateways(manifests, gateway.namespace).get(gateway.name, NONE)
    own = [each for each in _all(manifests, policies.named) if listener in each.body.spec.target_ref.section_names]
    whole = [each for each in _all(manifests, policies.named) if not each.body.spec.target_ref.section_names]
    if own or whole:
        _say_what_is_replaced(own, whole, gateway, listener, found)
        policy = (*own, *whole)[0]
        tls, problems = judge_frontend_tls(manifests, policy, found)
        if tls is None and asks_certificates(policy):
            return FrontendTls(why_closed=problems[0].message)
        return FrontendTls(tls)
    if manifests.refused_in("FrontendTLSPolicy", gateway.namespace):
        return FrontendTls(why_closed=f"a FrontendTLSPolicy of namespace {gateway.namespace} is malformed")
    return FrontendTls(why_closed=policies.meant or _lost_section(manifests, gateway, policies))


def _all(manifests: Manifests, keys: Sequence[ObjectKey]) -> list[Object[FrontendTLSPolicy]]:
    found = (manifests.get(FrontendTLSPolicy, group=k.group, namespace=k.namespace, name=k.name) for k in keys)
    return [each for each in found if each is not None]


def _lost_section(manifests: Manifests, gateway: ObjectKey, policies: GatewayPolicies) -> str:
    """A policy that asks for certificates at a listener which is not there was meant for one that is."""
    for policy in _all(manifests, policies.named):
        lacking = lacking_sections(manifests, policy)
        if lacking and asks_certificates(policy):
            return f"{policy.key} targets listener `{lacking[0]}`, which {gateway} does not have"
    return ""


def lacking_sections(manifests: Manifests, policy: Object[FrontendTLSPolicy]) -> list[str]:
    """Listeners that the policy names and its Gateway does not have."""
    gateway = _gateway(manifests, target_of(policy))
    names = {listener.name for listener in gateway.body.spec.listeners} if gateway is not None else set()
    return [each for each in policy.body.spec.target_ref.section_names if each not in names]


def _say_what_is_replaced(
    own: Sequence[Object[FrontendTLSPolicy]],
    whole: Sequence[Object[FrontendTLSPolicy]],
    gateway: ObjectKey,
    listener: str,
    found: Found,
) -> None:
    if own and whole and asks_certificates(whole[0]) and not asks_certificates(own[0]):
        found.add(
            codes.VERIFY_REPLACED,
            at=own[0].at("spec", "targetRef", "sectionNames"),
            listener=listener,
            gateway=gateway,
            policy=own[0].key,
            wider=whole[0].key,
            help="add `verify` there too, unless this is meant",
            related=[Related(whole[0].at("spec", "default", "verify"), "asked of the Gateway's other listeners")],
        )


def judge_frontend_tls(
    manifests: Manifests, policy: Object[FrontendTLSPolicy], found: Found
) -> tuple[ListenerTls | None, tuple[Problem, ...]]:
    """What a policy says, or the problems for which its listeners are closed."""
    if not policy.serves:
        message = f"{policy.key} is malformed; its listeners are closed until it is right"
        return None, (Problem("Accepted", "InvalidFrontendTLSPolicy", message),)
    spec = policy.body.spec
    if spec.override is not None:
        return None, (override(policy, found),)
    config = spec.default or FrontendTLSPolicyConfig()
    tls = PREDEFINED[config.policy_type.name]
    if config.verify is None:
        return tls, ()
    reference = config.verify.ca_certificate_ref
    target = ObjectKey(reference.group, reference.kind, reference.namespace or policy.key.namespace, reference.name)
    bundle = authorities(manifests, referrer=policy.key, target=target)
    if not isinstance(bundle, str):
        if not bundle.silent:
            found.add(
                codes.CA_CERTIFICATE,
                at=policy.at("spec", "default", "verify", "caCertificateRef"),
                policy=policy.key,
                problem=bundle.problem,
                notes=["its listeners are closed: nobody could be verified"],
            )
        message = codes.CA_CERTIFICATE.format(policy=policy.key, problem=bundle.problem)
        reason = bundle.reason if bundle.reason in ("RefNotPermitted", "InvalidKind") else "InvalidCertificateRef"
        return None, (Problem("ResolvedRefs", reason, message),)
    validation = ClientValidation((bundle,), names=config.verify.subject_alt_names)
    return (
        ListenerTls(
            minimum_version=tls.minimum_version,
            maximum_version=tls.maximum_version,
            cipher_suites=tls.cipher_suites,
            curves=tls.curves,
            client_validation=validation,
        ),
        (),
    )


def gateway_problem(manifests: Manifests, policy: Object[FrontendTLSPolicy], found: Found) -> Problem | None:
    """Why a policy's target is no listener that it may have, reported."""
    target = target_of(policy)
    if (target.group, target.kind) != (GROUP, "Gateway"):
        wrong_kind = target.kind != "Gateway"
        finding = found.add(
            codes.TARGET_KIND,
            at=policy.at("spec", "targetRef", "kind" if wrong_kind else "group"),
            policy=policy.key,
            kind=f"{target.kind} of group `{target.group}`" if target.group else target.kind,
            expected=f"a Gateway of group {GROUP}",
        )
        return Problem("ResolvedRefs", "InvalidKind" if wrong_kind else "InvalidGroup", finding.message)
    if not permitted(manifests, referrer=policy.key, target=target):
        if malformed_grant(manifests, target.namespace):
            message = f"the ReferenceGrants of namespace {target.namespace} are malformed"
            return Problem("ResolvedRefs", "RefNotPermitted", message)
        finding = found.add(
            codes.TARGET_NOT_PERMITTED,
            at=policy.at("spec", "targetRef", "namespace"),
            policy=policy.key,
            target=target,
            help=f"add to namespace `{target.namespace}`: {grant_to_add(referrer=policy.key, target=target)}",
        )
        return Problem("ResolvedRefs", "RefNotPermitted", finding.message)
    gateway = _gateway(manifests, target)
    if gateway is None and manifests.is_refused(target):
        return Problem("ResolvedRefs", "InvalidGateway", f"{target} is malformed")
    if gateway is None:
        known = [each.key.name for each in manifests.in_namespace(Gateway, target.namespace)]
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at("spec", "targetRef", "name"),
            policy=policy.key,
            target=target,
            help=did_you_mean(target.name, known),
        )
        return Problem("ResolvedRefs", "InvalidGateway", finding.message)
    if lacking := lacking_sections(manifests, policy):
        known = [listener.name for listener in gateway.body.spec.listeners]
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at("spec", "targetRef", "sectionNames"),
            policy=policy.key,
            target=f"listener `{lacking[0]}` of {target}",
            help=did_you_mean(lacking[0], known) or f"it has {', '.join(f'`{name}`' for name in known)}",
        )
        return Problem("ResolvedRefs", "InvalidGateway", finding.message)
    return None
