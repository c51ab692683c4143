"""Policies over a plan's routes: documents read, programs built, and what happens where one is broken.

A route whose policies are not all readable must not be served without them. A broken document is stood in for by its
last good version; where there is none, what it covers answers 503.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tidegate.diagnostics import Diagnostic, Found
from tidegate.incremental import difference
from tidegate.manifests import GatewayPlan, Level, ListenerPlan, Plan, RoutePlan, Scope, ScopeId
from tidegate.manifests.apiops import Contract
from tidegate.manifests.routes import CLOSED
from tidegate.model import Gateway, Listener, MockAnswer, ObjectKey, ObjectName, PolicyProgram, ProductProgram, Route
from tidegate.model.entities import BackendEntity
from tidegate.pipeline.preflight import Ranked, merged, ranked, without
from tidegate.pipeline.reading import Filling, Read, read_policy
from tidegate.policies import DEFAULT_GLOBAL, PolicyDocument, build_program
from tidegate.policies.lua_text import lua_value

T = TypeVar("T")
Scopes = tuple[Scope, ...]
_DEFAULT = Scope(Level.GLOBAL, "")
"""The default global document, which is no file."""


@dataclass(frozen=True, slots=True)
class Built:
    """What the documents of nested scopes came to."""

    documents: tuple[PolicyDocument, ...]
    """As they were read."""
    program: PolicyProgram | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Contracted:
    """What a specification's words on one operation came to."""

    lua: str | None
    """None: they cannot be checked."""
    mock: tuple[MockAnswer, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, eq=False, slots=True)
class JoinedListener:
    """One listener with its policies."""

    plan: ListenerPlan
    routes: tuple[Ranked, ...]
    """In order of precedence."""
    ambiguous: bool
    """Whether two of them have the same precedence: then the order of the plan decides."""
    uses: Mapping[Scopes, int]
    """How many of its routes are under which scopes."""
    listener: Listener


@dataclass(frozen=True)
class PolicyMemory:
    """For the next compilation: what need not be done again, and the last good versions."""

    reads: Mapping[ScopeId, Read] = field(default_factory=dict)
    good: Mapping[ScopeId, PolicyDocument] = field(default_factory=dict)
    built: Mapping[Scopes, Built] = field(default_factory=dict)
    good_programs: Mapping[Scopes, PolicyProgram] = field(default_factory=dict)
    listeners: Mapping[tuple[ObjectName, str], JoinedListener] = field(default_factory=dict)
    gateways: Mapping[ObjectName, tuple[Gateway, Gateway]] = field(default_factory=dict)
    """Each as it was planned, and with its listeners."""
    backends: Mapping[str, BackendEntity] = field(default_factory=dict)
    contracts: Mapping[tuple[Contract, frozenset[str]], Contracted] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """Routes and policies together."""

    gateways: tuple[Gateway, ...]
    """With every route's program, routes in order of precedence."""
    broken: Mapping[ObjectKey, bool]
    """ApimPolicies whose document is not accepted, and whether their last good one goes on."""
    memory: PolicyMemory


def join_policies(plan: Plan, before: PolicyMemory, found: Found) -> Joined:
    """Read every document, build every program, and give each route its own.

    What is under no changed document, and is planned as it was, is the very object that it was.
    """
    filling = Filling.of(plan)
    reads = {id_: read_policy(policy, filling, before.reads.get(id_)) for id_, policy in sorted(plan.policies.items())}
    documents: dict[ScopeId, PolicyDocument] = {}
    for id_, read in reads.items():
        if read.diagnostics:
            found.extend(read.diagnostics)
        document = read.document if read.document is not None else before.good.get(id_)
        if document is not None:
            documents[id_] = document
    joiner = _Joiner(documents, before, plan.backend_entities)
    gateways = tuple(joiner.gateway(each) for each in plan.gateways)
    memory = joiner.memory(reads)
    for built in memory.built.values():
        if built.diagnostics:
            found.extend(built.diagnostics)
    for made in memory.contracts.values():
        if made.diagnostics:
            found.extend(made.diagnostics)
    broken = {
        policy.owner: id_ in documents
        for id_, policy in plan.policies.items()
        if policy.owner is not None and reads[id_].document is None
    }
    return Joined(gateways, broken, memory)


class _Joiner:
    """One run over all gateways of a plan."""

    def __init__(
        self,
        documents: Mapping[ScopeId, PolicyDocument],
        before: PolicyMemory,
        backends: Mapping[str, BackendEntity],
    ) -> None:
        self._documents = documents
        self._before = before
        self._backends = backends
        # Where entities have changed, all programs are built anew: nobody changes them often.
        self._same_backends = backends == before.backends
        self._changed = {
            id_ for id_ in documents.keys() | before.good.keys() if documents.get(id_) is not before.good.get(id_)
        }
        self._built: dict[Scopes, Built | None] = {}
        self._contracts: dict[tuple[Contract, frozenset[str]], Contracted] = {}
        self._listeners: dict[tuple[ObjectName, str], JoinedListener] = {}
        self._gateways: dict[ObjectName, tuple[Gateway, Gateway]] = {}

    @property
    def _moved(self) -> bool:
        return bool(self._changed) or not self._same_backends

    def gateway(self, plan: GatewayPlan) -> Gateway:
        listeners = tuple(self._listener(plan.gateway.name, each) for each in plan.listeners)
        planned, made = self._before.gateways.get(plan.gateway.name, (None, None))
        if (
            made is None
            or planned != plan.gateway
            or len(made.listeners) != len(listeners)
            or any(old is not new for old, new in zip(made.listeners, listeners, strict=True))
        ):
            made = replace(plan.gateway, listeners=listeners)
        self._gateways[plan.gateway.name] = (plan.gateway, made)
        return made

    def memory(self, reads: Mapping[ScopeId, Read]) -> PolicyMemory:
        """What the next run begins with."""
        before, listeners = self._before, self._listeners
        uses = {key: each.uses for key, each in listeners.items()}
        built, good = before.built, before.good_programs
        same = uses.keys() == before.listeners.keys() and all(
            each is before.listeners[key].uses for key, each in uses.items()
        )
        if not same:
            used = dict.fromkeys(scopes for each in uses.values() for scopes in each)
            made = {scopes: self._build(scopes) for scopes in used}
            built = {scopes: each for scopes, each in made.items() if each is not None}
            programs = {scopes: self._program(scopes) for scopes in built}
            good = {scopes: program for scopes, program in programs.items() if program is not None}
        elif self._moved:
            # Copied whole: asking each of thousands for the hash of its scopes costs more than all the rest.
            built, good = dict(built), dict(good)
            for scopes in [one for each in uses.values() for one in each if self._is_affected(one)]:
                _keep(built, scopes, self._build(scopes))
                _keep(good, scopes, self._program(scopes))
        return PolicyMemory(
            reads, self._documents, built, good, listeners, self._gateways, self._backends, self._kept_contracts()
        )

    def _kept_contracts(self) -> Mapping[tuple[Contract, frozenset[str]], Contracted]:
        """Those of this run, and those of routes that are still there."""
        if not self._before.contracts:
            return self._contracts
        present = {id(route.contract) for each in self._listeners.values() for route in each.plan.routes}
        kept = {key: each for key, each in self._before.contracts.items() if id(key[0]) in present}
        return {**kept, **self._contracts}

    def _listener(self, gateway: ObjectName, plan: ListenerPlan) -> Listener:
        before = self._before.listeners.get((gateway, plan.listener.name))
        made = before if before is not None and self._is_same(plan, before) else self._join(plan, before)
        self._listeners[gateway, plan.listener.name] = made
        return made.listener

    def _is_same(self, plan: ListenerPlan, before: JoinedListener) -> bool:
        # Equal tuples of the very same plans are told at a glance.
        return (
            plan.listener == before.plan.listener
            and plan.routes == before.plan.routes
            and not (self._moved and any(map(self._is_affected, before.uses)))
        )

    def _is_affected(self, scopes: Scopes) -> bool:
        if not self._same_backends:
            return True
        changed = self._changed
        for scope in scopes:  # noqa: SIM110 - asked of every route: a generator would double its cost
            if scope.id in changed:
                return True
        return False

    def _concerns(self, plan: RoutePlan) -> bool:
        """Whether one of a route's documents has changed."""
        if self._is_affected(plan.scopes):
            return True
        for each in plan.products:  # noqa: SIM110 - as above
            if self._is_affected(each.scopes):
                return True
        return False

    def _join(self, plan: ListenerPlan, before: JoinedListener | None) -> JoinedListener:
        last = before.plan.routes if before is not None else ()
        new, gone, _ = difference(last, plan.routes)
        kept: Sequence[Ranked] = ()
        again: Sequence[RoutePlan] = plan.routes
        if before is not None and not before.ambiguous:
            moved = [each for each in last if self._concerns(each)] if self._moved else []
            kept = without(before.routes, (*gone, *moved))
            present = {id(each) for each in plan.routes} if moved else frozenset[int]()
            again = (*new, *(each for each in moved if id(each) in present))
        routes, ambiguous = merged(kept, [one for each in again for one in ranked(each, self._route(each))])
        if ambiguous and kept:
            every = [one for each in plan.routes for one in ranked(each, self._route(each))]
            routes, ambiguous = merged((), every)
        left = self._uses(before, new, gone)
        listener = replace(plan.listener, routes=tuple([each.route for each in routes]))
        return JoinedListener(plan, routes, ambiguous, left, listener)

    def _uses(
        self, before: JoinedListener | None, new: Sequence[RoutePlan], gone: Sequence[RoutePlan]
    ) -> Mapping[Scopes, int]:
        """How many routes are under which scopes; the very same table as long as that stays."""
        if before is not None and not new and not gone:
            return before.uses
        uses = Counter(before.uses if before is not None else ())
        uses.subtract(scopes for each in gone for scopes in _scopes(each))
        uses.update(scopes for each in new for scopes in _scopes(each))
        left: Mapping[Scopes, int] = +uses
        if before is not None and left.keys() == before.uses.keys() and left == before.uses:
            return before.uses
        return left

    def _route(self, plan: RoutePlan) -> Route:
        if not _has_program(plan):
            return plan.route
        program = self._program(_defaulted(plan.scopes))
        if program is None:
            return replace(plan.route, action=CLOSED, facts=None)
        products = tuple(
            ProductProgram(each.product, made)
            for each in plan.products
            if (made := self._program(_defaulted(each.scopes))) is None or made.digest != program.digest
        )
        route = replace(plan.route, program=program, products=products)
        needs = program.needs.union(*(each.program.needs for each in products if each.program is not None))
        return self._informed(route, plan.contract, needs) if needs else route

    def _informed(self, route: Route, contract: Contract | None, needs: frozenset[str]) -> Route:
        """With what the specification says of the operation's messages; closed where it says what nobody can check."""
        if route.facts is None or contract is None:
            return route
        key = (contract, needs)
        made = self._before.contracts.get(key) or _contracted(contract, needs)
        self._contracts[key] = made
        if made.lua is None:
            return replace(route, action=CLOSED, program=None, products=(), facts=None)
        return replace(route, facts=replace(route.facts, contract=made.lua, mock=made.mock))

    def _program(self, scopes: Scopes) -> PolicyProgram | None:
        built = self._build(scopes)
        if built is None:
            return None
        return built.program or self._before.good_programs.get(scopes)

    def _build(self, scopes: Scopes) -> Built | None:
        """What the documents of nested scopes, widest first, come to; None when one was never readable."""
        if scopes not in self._built:
            self._built[scopes] = self._built_of(scopes)
        return self._built[scopes]

    def _built_of(self, scopes: Scopes) -> Built | None:
        documents = []
        for scope in scopes:
            document = DEFAULT_GLOBAL if scope is _DEFAULT else self._documents.get(scope.id)
            if document is None:
                return None
            documents.append(document)
        last = self._before.built.get(scopes)
        if last is not None and self._same_backends and last.documents == tuple(documents):
            return last
        found = Found()
        nested = [replace(document, scope=scope.level) for document, scope in zip(documents, scopes, strict=True)]
        program = build_program(nested, found=found, backends=self._backends)
        return Built(tuple(documents), program, found.sorted())


def _contracted(contract: Contract, needs: frozenset[str]) -> Contracted:
    found = Found()
    parts = contract.parts(needs, found)
    if parts is None:
        return Contracted(None, (), found.sorted())
    mock = tuple(MockAnswer(**each) for each in parts.pop("mock", ()))
    return Contracted(f"return {lua_value(parts)}" if parts else "", mock, found.sorted())


def _keep(table: dict[Scopes, T], scopes: Scopes, value: T | None) -> None:
    if value is not None:
        table[scopes] = value
    else:
        table.pop(scopes, None)


def _has_program(plan: RoutePlan) -> bool:
    """Access is checked by the runtime, too, so that an operation without policies has the default program."""
    return (bool(plan.scopes) or plan.route.facts is not None) and not plan.closed


def _scopes(plan: RoutePlan) -> tuple[Scopes, ...]:
    """The documents that its programs are made of: its own first, then those of each product."""
    if not _has_program(plan):
        return ()
    if not plan.products:
        return (_defaulted(plan.scopes),)
    return tuple(dict.fromkeys(map(_defaulted, (plan.scopes, *(each.scopes for each in plan.products)))))


def _defaulted(scopes: Scopes) -> Scopes:
    if not scopes or scopes[0].level is not Level.GLOBAL:
        return (_DEFAULT, *scopes)
    return scopes
