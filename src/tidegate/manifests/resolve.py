"""All of resolution: manifests in, plan out. Every cross-reference, default and status is decided below this."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.diagnostics import Found
from tidegate.manifests.apiops import PORT, ArtifactMemory, resolve_apiops
from tidegate.manifests.attach import Attached, attach
from tidegate.manifests.backends import Backends
from tidegate.manifests.classes import class_statuses
from tidegate.manifests.coverage import cover
from tidegate.manifests.directory import resolve_directory
from tidegate.manifests.gateway_status import gateway_status, refused_status
from tidegate.manifests.gather import Gathered
from tidegate.manifests.listeners import GatewayState, ListenerState, judge_gateways
from tidegate.manifests.plan import GatewayPlan, ListenerPlan, Plan
from tidegate.manifests.schema.core import Secret, Service
from tidegate.manifests.secrets import check_secret
from tidegate.manifests.workloads import resolve_workloads
from tidegate.model import Endpoint, Gateway, Listener, ObjectName, Protocol
from tidegate.sources import SourceSet


def resolve(
    gathered: Gathered,
    sources: SourceSet,
    *,
    bind: str,
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]],
    run_workloads: bool,
    before: ArtifactMemory,
    found: Found,
) -> Plan:
    """Resolve everything that was gathered. `before` is what the last reading knew of the APIOps layout."""
    manifests = gathered.manifests
    for secret in manifests.of(Secret):
        check_secret(secret, found)
    backends = Backends(manifests, replicas, run_workloads, found)
    apim = resolve_apiops(gathered, sources, before, bind=bind, backends=backends, found=found)
    reserved = [(bind, PORT)] if apim.gateway is not None else []
    gateways = judge_gateways(manifests, bind=bind, reserved=reserved, found=found)
    coverage = cover(gathered, sources, found)
    attached = attach(gateways, manifests, backends=backends, coverage=coverage, found=found)
    workloads = resolve_workloads(manifests, found)
    for service in manifests.of(Service):
        if any(service.name in workload.services for workload in workloads):
            for port in service.body.spec.ports:
                backends.serve(service, port)
    statuses = {**class_statuses(manifests), **attached.statuses, **coverage.statuses}
    statuses |= {key: refused_status(number) for key, number in manifests.refused.items() if key.kind == "Gateway"}
    for state in gateways:
        counts = {i: n for (name, i), n in attached.counts.items() if name == state.object.name}
        statuses[state.object.key] = gateway_status(state, counts)
    plans = [_gateway_plan(state, attached) for state in gateways]
    plans += [apim.gateway] if apim.gateway is not None else []
    return Plan(
        gateways=tuple(sorted(plans, key=lambda plan: plan.gateway.name)),
        backends=dict(sorted(backends.named.items())),
        directory=resolve_directory(manifests, audiences=(b.audience for b in backends.named.values()), found=found),
        workloads=workloads,
        policies={**coverage.sources, **apim.policies},
        named_values=apim.named_values,
        statuses=statuses,
        artifacts=apim.memory,
    )


def _gateway_plan(state: GatewayState, attached: Attached) -> GatewayPlan:
    return GatewayPlan(
        Gateway(state.object.name, state.address, (), state.object.at("metadata", "name")),
        tuple(_listener_plan(state, listener, attached) for listener in state.listeners if listener.serves),
    )


def _listener_plan(state: GatewayState, listener: ListenerState, attached: Attached) -> ListenerPlan:
    spec = listener.spec
    return ListenerPlan(
        Listener(
            name=spec.name,
            port=spec.port,
            protocol=Protocol(spec.protocol),
            hostname=spec.hostname,
            certificates=listener.certificates,
            routes=(),
            span=state.object.at("spec", "listeners", listener.index),
        ),
        tuple(attached.routes.get((state.object.name, listener.index), ())),
    )
