"""What is wrong with a HealthCheckPolicy, a BackendLoadBalancingPolicy or their targets; no problem: it holds."""

from __future__ import annotations

from typing import Any

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.alb.holders import tls_policies
from tidegate.manifests.alb.targets import ServicePolicies, wanted_by
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy, HealthCheckPolicy
from tidegate.model import ObjectKey


def judge_health_check(
    policy: Object[HealthCheckPolicy], policies: ServicePolicies, found: Found
) -> tuple[Problem, ...]:
    """Its own problems, whatever it targets. `policies` are those of the Service that it targets."""
    spec = policy.body.spec
    if spec.override is not None:
        return (override(policy, found),)
    if spec.target_ref.section_names:
        return (sections(policy, spec.target_ref.name, found),)
    if spec.default is not None and spec.default.over_tls and not tls_policies(policies):
        finding = found.add(
            codes.PROBE_WITHOUT_TLS,
            at=policy.at("spec", "default", "useTLS" if spec.default.use_tls else "protocol"),
            policy=policy.key,
            service=wanted_by(policy)[0].service,
            help="add a BackendTLSPolicy, or leave `useTLS` out",
        )
        return (Problem("ResolvedRefs", "BackendTLSPolicyNotFound", finding.message),)
    return ()


def sound_health_checks(manifests: Manifests, policies: ServicePolicies) -> tuple[ObjectKey, ...]:
    """The HealthCheckPolicies of a Service that have nothing wrong with them: only these can have it."""
    return tuple(key for key in policies.health if _is_sound(manifests, key, policies))


def _is_sound(manifests: Manifests, key: ObjectKey, policies: ServicePolicies) -> bool:
    policy = manifests.get(HealthCheckPolicy, group=key.group, namespace=key.namespace, name=key.name)
    return policy is not None and not judge_health_check(policy, policies, Found())


def remark_on_balancing(policy: Object[BackendLoadBalancingPolicy], found: Found) -> None:
    """Say what works here and not with the product."""
    config = policy.body.spec.load_balancing
    if config is not None and config.strategy == "ring-hash":
        found.add(
            codes.RING_HASH,
            at=policy.at("spec", "loadBalancing", "strategy"),
            policy=policy.key,
            notes=["the product's documentation has it; a cluster with that CRD refuses the object"],
        )


def override(policy: Object[Any], found: Found) -> Problem:
    """`override` is in the CRDs, and rejected."""
    finding = found.add(
        codes.OVERRIDE, at=policy.key_at("spec", "override"), policy=policy.key, help="write it under `default`"
    )
    return Problem("Accepted", "OverrideNotSupported", finding.message)


def sections(policy: Object[Any], target: object, found: Found) -> Problem:
    """Section names where a policy is for the whole target."""
    finding = found.add(
        codes.SECTIONS, at=policy.key_at("spec", "targetRef", "sectionNames"), policy=policy.key, target=target
    )
    return Problem("Accepted", "SectionNamesNotPermitted", finding.message)
