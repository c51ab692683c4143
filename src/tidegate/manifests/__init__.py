"""Kubernetes, Gateway API, Microsoft Graph and Tidegate's own kinds: from located trees to the model.

Reading order: `schema/` (the shape of each kind), `check` (a document against its schema), `documents` and `reading`
(one file), `salvage` (what a malformed object still says), `gather` (all files, last good versions), then resolution,
which is made of queries: `asking` (what they are asked with); `classes`, `listeners`, `listener_sets`, `addresses`,
`gateway_listeners`, `listener_tls`, `gateways` (who listens); `attach`, `http_routes` and its like, `coverage`,
`routing` (who is reached); `references`, `services`, `backends`, `serving` (what is sent to); `attached`, `alb/`
(policies); `workloads`, `directory/`, `apiops/`; `resolve` (all of it).
What comes out is a `Plan`: the model, short of the policies' programs, which another package makes.
"""

from tidegate.manifests.apiops import ArtifactMemory
from tidegate.manifests.gather import Gathered, Memory, gather
from tidegate.manifests.plan import GatewayPlan, Level, ListenerPlan, Plan, PolicySource, RoutePlan, Scope, ScopeId
from tidegate.manifests.resolve import Resolved, resolve

__all__ = [
    "ArtifactMemory",
    "GatewayPlan",
    "Gathered",
    "Level",
    "ListenerPlan",
    "Memory",
    "Plan",
    "PolicySource",
    "Resolved",
    "RoutePlan",
    "Scope",
    "ScopeId",
    "gather",
    "resolve",
]
