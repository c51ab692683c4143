"""Policies over a plan's routes: documents read, programs built, and what happens where one is broken.

A route whose policies are not all readable must not be served without them. A broken document is stood in for by its
last good version; where there is none, what it covers answers 503.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.diagnostics import Diagnostic, Found
from tidegate.manifests import GatewayPlan, Level, Plan, PolicySource, RoutePlan, Scope, ScopeId
from tidegate.manifests.routes import CLOSED
from tidegate.model import Gateway, Listener, ObjectKey, PolicyProgram, Route
from tidegate.pipeline.preflight import with_preflights
from tidegate.policies import DEFAULT_GLOBAL, NamedValue, PolicyDocument, build_program, limit_document, read_document
from tidegate.sources import Source

Scopes = tuple[Scope, ...]
_DEFAULT = Scope(Level.GLOBAL, "")
"""The default global document, which is no file."""


@dataclass(frozen=True, slots=True)
class Read:
    """What one document came to."""

    key: object
    """Of the text, its place and the named values: equal, and nothing need be read again."""
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """What the documents of nested scopes came to."""

    documents: tuple[PolicyDocument, ...]
    program: PolicyProgram | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class PolicyMemory:
    """For the next compilation: what need not be done again, and the last good versions."""

    reads: Mapping[ScopeId, Read] = field(default_factory=dict)
    good: Mapping[ScopeId, PolicyDocument] = field(default_factory=dict)
    built: Mapping[Scopes, Built] = field(default_factory=dict)
    good_programs: Mapping[Scopes, PolicyProgram] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """Routes and policies together."""

    gateways: tuple[Gateway, ...]
    """With every route's program, routes in order of precedence."""
    broken: Mapping[ObjectKey, bool]
    """ApimPolicies whose document is not accepted, and whether their last good one goes on."""
    memory: PolicyMemory


def join_policies(plan: Plan, before: PolicyMemory, found: Found) -> Joined:
    """Read every document, build every program, and give each route its own."""
    values = {name: NamedValue(name, v.value, v.secret) for name, v in plan.named_values.items()}
    reads = {id_: _read(source, values, before.reads.get(id_)) for id_, source in sorted(plan.policies.items())}
    documents: dict[ScopeId, PolicyDocument] = {}
    for id_, read in reads.items():
        found.extend(read.diagnostics)
        document = read.document if read.document is not None else before.good.get(id_)
        if document is not None:
            documents[id_] = document
    joiner = _Joiner(documents, before, found)
    gateways = tuple(joiner.gateway(each) for each in plan.gateways)
    broken = {
        policy.owner: id_ in documents
        for id_, policy in plan.policies.items()
        if policy.owner is not None and reads[id_].document is None
    }
    return Joined(gateways, broken, PolicyMemory(reads, documents, joiner.built, joiner.good))


def _read(policy: PolicySource, values: Mapping[str, NamedValue], before: Read | None) -> Read:
    if policy.limits:
        return Read(None, limit_document(policy.limits, span=policy.span), ())
    source = policy.source
    if source is None:
        return Read(None, None, ())
    key = (_place(source), tuple((v.name, v.value, v.secret) for _, v in sorted(values.items())))
    if before is not None and before.key == key:
        return before
    found = Found()
    document = read_document(source, named_values=values, found=found)
    return Read(key, document, found.sorted())


def _place(source: Source) -> tuple[object, ...]:
    return (source.path, source.digest, source.lines_before, source.columns_before, source.within)


@dataclass
class _Joiner:
    documents: Mapping[ScopeId, PolicyDocument]
    before: PolicyMemory
    found: Found
    built: dict[Scopes, Built] = field(default_factory=dict)
    good: dict[Scopes, PolicyProgram] = field(default_factory=dict)

    def gateway(self, plan: GatewayPlan) -> Gateway:
        listeners = tuple(self._listener(each.listener, each.routes) for each in plan.listeners)
        return replace(plan.gateway, listeners=listeners)

    def _listener(self, listener: Listener, plans: Sequence[RoutePlan]) -> Listener:
        routes = [(plan, self._route(plan)) for plan in plans]
        return replace(listener, routes=with_preflights(routes))

    def _route(self, plan: RoutePlan) -> Route:
        if plan.closed or not plan.scopes:
            return plan.route
        program = self._program(plan)
        if program is None:
            return replace(plan.route, action=CLOSED)
        return replace(plan.route, program=program)

    def _program(self, plan: RoutePlan) -> PolicyProgram | None:
        scopes = plan.scopes
        if scopes[0].level is not Level.GLOBAL:
            scopes = (_DEFAULT, *scopes)
        if scopes not in self.built:
            documents = self._documents(scopes)
            if documents is None:
                return None
            self.built[scopes] = self._build(scopes, documents)
            self.found.extend(self.built[scopes].diagnostics)
        program = self.built[scopes].program or self.before.good_programs.get(scopes)
        if program is not None:
            self.good[scopes] = program
        return program

    def _documents(self, scopes: Scopes) -> tuple[PolicyDocument, ...] | None:
        """The documents of nested scopes, widest first; None when one was never readable."""
        documents = []
        for scope in scopes:
            document = DEFAULT_GLOBAL if scope is _DEFAULT else self.documents.get(scope.id)
            if document is None:
                return None
            documents.append(replace(document, scope=scope.level))
        return tuple(documents)

    def _build(self, scopes: Scopes, documents: tuple[PolicyDocument, ...]) -> Built:
        last = self.before.built.get(scopes)
        if last is not None and last.documents == documents:
            return last
        found = Found()
        program = build_program(documents, found=found)
        return Built(documents, program, found.sorted())
