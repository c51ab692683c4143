"""All of resolution: manifests in, plan out. Every cross-reference, default and status is decided below this.

It is made of queries (see `tidegate.incremental`): what a change does not concern is taken from the last resolution,
down to the identity of what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tidegate.diagnostics import Found
from tidegate.incremental import Chunk, Memo, Revision, chunked
from tidegate.manifests.addresses import requested, served_gateways
from tidegate.manifests.apiops import ArtifactMemory
from tidegate.manifests.artifacts import ArtifactFiles, apim, apim_policies, artifact_files
from tidegate.manifests.asking import Ask, Inputs, changed_inputs
from tidegate.manifests.attached_status import attached_statuses
from tidegate.manifests.classes import class_statuses
from tidegate.manifests.conditions import JsonObject
from tidegate.manifests.coverage import policy_source, policy_status
from tidegate.manifests.directory import resolve_directory
from tidegate.manifests.gateway_status import gateway_status, listener_set_status, refused_status
from tidegate.manifests.gateways import ServedListener, gateway_state, served_listener, served_of
from tidegate.manifests.gather import Gathered
from tidegate.manifests.listener_sets import joining, sets_by_gateway
from tidegate.manifests.listeners import ListenerId, find_gateway, find_owner, listener_place
from tidegate.manifests.objects import Object
from tidegate.manifests.plan import GatewayPlan, ListenerPlan, Plan, PolicySource, ScopeId
from tidegate.manifests.rate_limits import limit_source, limit_status
from tidegate.manifests.routing import at_listener, routed
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.gateway_api import GROUP, ListenerSet
from tidegate.manifests.schema.tidegate import ApimPolicy, RateLimitPolicy
from tidegate.manifests.secrets import check_secret
from tidegate.manifests.serving import audiences, backends, workloads
from tidegate.model import Directory, Endpoint, Gateway, Listener, ObjectKey, ObjectName, Protocol
from tidegate.sources import SourceSet


@dataclass(frozen=True, eq=False)
class Resolved:
    """What one resolution hands to the next. Opaque to others, and never changed."""

    inputs: Inputs | None = None
    memo: Memo = field(default_factory=Memo)
    ran: tuple[str, ...] = ()
    """The queries that were asked again; for tests and measurements."""


NOTHING: Mapping[str, object] = {}


def resolve(
    gathered: Gathered,
    sources: SourceSet,
    *,
    bind: str,
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]],
    run_workloads: bool,
    before: ArtifactMemory,
    found: Found,
    last: Resolved | None = None,
    settings: Mapping[str, object] = NOTHING,
) -> Plan:
    """Resolve everything that was gathered.

    `before` is what the last reading knew of the APIOps layout. `last` is `Plan.resolved` of the resolution before,
    of the same memory as `gathered`; it makes the answer faster, and no other. `settings` are what else one value
    decides: `now`, epoch seconds, tells certificates that have expired.
    """
    last = last or Resolved()
    known = last.inputs.artifacts if last.inputs is not None else None
    files = artifact_files(gathered, sources, before, known if isinstance(known, ArtifactFiles) else None)
    inputs = Inputs(gathered, sources, bind, replicas, run_workloads, files, settings)
    changed = changed_inputs(last.inputs, inputs) if last.inputs is not None else ()
    revision = Revision(last.memo, changed, lambda r, frame: Ask(r, frame, inputs))
    plan = revision.call(whole)
    memo = revision.finish()
    found.extend(memo.found)
    return replace(plan, resolved=Resolved(inputs, memo, tuple(revision.ran)))


def whole(ask: Ask) -> Plan:
    """Everything."""
    ask.call(secrets_checked)
    layout = ask.call(apim)
    plans = [ask.call(gateway_plan, name) for name in ask.call(served_gateways)]
    plans += [layout.gateway] if layout.gateway is not None else []
    return Plan(
        gateways=tuple(sorted(plans, key=lambda plan: plan.gateway.name)),
        backends=ask.call(backends),
        directory=ask.call(directory),
        workloads=ask.call(workloads),
        policies={**ask.call(policies), **ask.call(apim_policies)},
        named_values=layout.named_values,
        fragments=layout.fragments,
        backend_entities=layout.backends,
        certificates=layout.certificates,
        generated_keys=layout.generated_keys,
        statuses=ask.call(statuses),
        artifacts=layout.memory,
    )


# Gateways and their listeners.


def gateway_plan(ask: Ask, name: ObjectName) -> GatewayPlan:
    """One Gateway with its listeners."""
    state = ask.call(gateway_state, name)
    served = [each for each in state.listeners if each.serves] if state is not None else []
    return GatewayPlan(ask.call(gateway_model, name), tuple(ask.call(listener_plan, each.state.id) for each in served))


def gateway_model(ask: Ask, name: ObjectName) -> Gateway:
    """A Gateway without listeners."""
    state, gateway = ask.call(gateway_state, name), find_gateway(ask.manifests, name)
    if state is None or gateway is None:
        raise KeyError(name)
    return Gateway(name, state.placement.address, (), gateway.at("metadata", "name"))


def listener_plan(ask: Ask, id_: ListenerId) -> ListenerPlan:
    """One listener with its routes."""
    return ListenerPlan(ask.call(listener_model, id_), ask.call(at_listener, id_).plans)


def listener_model(ask: Ask, id_: ListenerId) -> Listener:
    """A listener without routes, except for those that are told apart by nothing but their listener."""
    served = ask.call(served_listener, id_)
    spec = served.state.spec
    streams = sorted(ask.call(at_listener, id_).streams, key=lambda each: each.order)
    return Listener(
        name=served.state.name,
        port=spec.port,
        protocol=Protocol(spec.protocol),
        hostname=spec.hostname,
        certificates=served.tls.certificates,
        routes=(),
        span=listener_place(find_owner(ask.manifests, id_.owner), id_.position),
        tls=served.tls.tls,
        stream_routes=tuple(each.route for each in streams),
    )


# Status.


def statuses(ask: Ask) -> dict[ObjectKey, JsonObject]:
    """`.status` of everything that has one."""
    found = {**ask.call(class_status), **ask.call(refused_statuses), **ask.call(routed).statuses}
    for name in ask.call(served_gateways):
        found |= ask.call(gateway_statuses, name)
    for listener_set in ask.manifests.of(ListenerSet):
        if listener_set.key not in found:
            found |= ask.call(detached_set_status, listener_set.key)
    for policy in ask.manifests.of(ApimPolicy):
        found[policy.key] = ask.call(policy_status, policy.key)
    found |= ask.call(attached_statuses)
    for limit in ask.manifests.of(RateLimitPolicy):
        found[limit.key] = ask.call(rate_limit_status, limit.key)
    return found


def rate_limit_status(ask: Ask, key: ObjectKey) -> JsonObject:
    """Of one RateLimitPolicy."""
    policy = _rate_limit(ask, key)
    return limit_status(ask.manifests, policy, ask.found) if policy is not None else {}


def rate_limit_source(ask: Ask, key: ObjectKey) -> PolicySource | None:
    """What one RateLimitPolicy limits to; None for one that may not serve."""
    policy = _rate_limit(ask, key)
    return limit_source(policy) if policy is not None and policy.serves else None


def _rate_limit(ask: Ask, key: ObjectKey) -> Object[RateLimitPolicy] | None:
    return ask.manifests.get(RateLimitPolicy, group=key.group, namespace=key.namespace, name=key.name)


def class_status(ask: Ask) -> dict[ObjectKey, JsonObject]:
    """Of the classes that are ours."""
    return class_statuses(ask.manifests)


def refused_statuses(ask: Ask) -> dict[ObjectKey, JsonObject]:
    """Of Gateways and ListenerSets of which nothing could be read."""
    return {
        key: refused_status(number)
        for key, number in ask.manifests.refused.items()
        if key.group == GROUP and key.kind in ("Gateway", "ListenerSet")
    }


def gateway_statuses(ask: Ask, name: ObjectName) -> dict[ObjectKey, JsonObject]:
    """Of one Gateway and of the ListenerSets that name it and have joined."""
    state, gateway = ask.call(gateway_state, name), find_gateway(ask.manifests, name)
    if state is None or gateway is None:
        return {}
    sets = {key: ask.call(joined_set_status, name, key) for key in ask.call(sets_by_gateway).get(name, ())}
    joined = sum(status["conditions"][0]["status"] == "True" for status in sets.values())
    own = ask.call(served_of, name, gateway.key)
    return {**sets, gateway.key: gateway_status(state, gateway, own, _counts(ask, own), sets=joined)}


def joined_set_status(ask: Ask, gateway: ObjectName, key: ObjectKey) -> JsonObject:
    """Of one ListenerSet that has joined a Gateway."""
    listener_set = ask.manifests.get(ListenerSet, group=GROUP, namespace=key.namespace, name=key.name)
    if listener_set is None:
        return {}
    own = ask.call(served_of, gateway, key)
    accepted = ask.call(requested, gateway).accepted == "Accepted"
    return listener_set_status(listener_set, ask.call(joining, key), own, _counts(ask, own), parent_accepted=accepted)


def _counts(ask: Ask, listeners: tuple[ServedListener, ...]) -> dict[ListenerId, int]:
    return {each.state.id: ask.call(attached_routes, each.state.id) for each in listeners}


def attached_routes(ask: Ask, id_: ListenerId) -> int:
    """How many routes are accepted at a listener."""
    return ask.call(at_listener, id_).count


def detached_set_status(ask: Ask, key: ObjectKey) -> dict[ObjectKey, JsonObject]:
    """Of a ListenerSet that has not joined a Gateway; none where it means nothing of ours."""
    state = ask.call(joining, key)
    listener_set = ask.manifests.get(ListenerSet, group=GROUP, namespace=key.namespace, name=key.name)
    if listener_set is None or (state.gateway is None and not state.told):
        return {}
    return {key: listener_set_status(listener_set, state, (), {}, parent_accepted=True)}


# The rest.


def directory(ask: Ask) -> Directory:
    """The directory of identities, with the audiences of the backends that there are."""
    return replace(ask.call(identities), workload_audiences=ask.call(audiences))


def identities(ask: Ask) -> Directory:
    """The directory without what depends on routes."""
    return resolve_directory(ask.manifests, audiences=(), found=ask.found)


def policies(ask: Ask) -> dict[ScopeId, PolicySource]:
    """Where the documents of ApimPolicies are, and what RateLimitPolicies say."""
    sources = {str(p.key): ask.call(policy_source, p.key) for p in ask.manifests.of(ApimPolicy)}
    sources |= {str(p.key): ask.call(rate_limit_source, p.key) for p in ask.manifests.of(RateLimitPolicy)}
    return {id_: source for id_, source in sources.items() if source is not None}


def secrets_checked(ask: Ask) -> None:
    """Findings about what Secrets hold."""
    for chunk in ask.call(_secret_chunks):
        ask.call(_check_secrets, chunk)


def _secret_keys(ask: Ask) -> tuple[ObjectKey, ...]:
    return ask.manifests.keys(Secret)


def _secret_chunks(ask: Ask) -> tuple[Chunk[ObjectKey], ...]:
    return chunked(ask.call(_secret_keys))


def _check_secrets(ask: Ask, chunk: Chunk[ObjectKey]) -> None:
    for key in chunk:
        ask.call(_check_secret, key)


def _check_secret(ask: Ask, key: ObjectKey) -> None:
    secret = ask.manifests.get(Secret, group="", namespace=key.namespace, name=key.name)
    if secret is not None:
        check_secret(secret, ask.found)
