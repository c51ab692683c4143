"""The table of kinds: which are read, in which versions, and which of the known groups are still to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.manifests.schema import alb, alb_refused, apps, core, gateway_api, graph, policy_test, tidegate
from tidegate.manifests.schema.base import Resource


@dataclass(frozen=True, slots=True)
class Kind:
    group: str
    name: str
    versions: tuple[str, ...]
    schema: type[Resource]
    namespaced: bool = True


_ALL: Final = (
    Kind("", "Namespace", ("v1",), core.Namespace, namespaced=False),
    Kind("", "Service", ("v1",), core.Service),
    Kind("", "Secret", ("v1",), core.Secret),
    Kind("", "ConfigMap", ("v1",), core.ConfigMap),
    Kind("", "ServiceAccount", ("v1",), core.ServiceAccount),
    Kind("apps", "Deployment", ("v1",), apps.Deployment),
    Kind("discovery.k8s.io", "EndpointSlice", ("v1",), core.EndpointSlice),
    Kind(gateway_api.GROUP, "GatewayClass", ("v1", "v1beta1"), gateway_api.GatewayClass, namespaced=False),
    Kind(gateway_api.GROUP, "Gateway", ("v1", "v1beta1"), gateway_api.Gateway),
    Kind(gateway_api.GROUP, "HTTPRoute", ("v1", "v1beta1"), gateway_api.HTTPRoute),
    Kind(gateway_api.GROUP, "GRPCRoute", ("v1", "v1alpha2"), gateway_api.GRPCRoute),
    Kind(gateway_api.GROUP, "TLSRoute", ("v1", "v1alpha3", "v1alpha2"), gateway_api.TLSRoute),
    Kind(gateway_api.GROUP, "TCPRoute", ("v1", "v1alpha2"), gateway_api.TCPRoute),
    Kind(gateway_api.GROUP, "UDPRoute", ("v1", "v1alpha2"), gateway_api.UDPRoute),
    Kind(gateway_api.GROUP, "ListenerSet", ("v1",), gateway_api.ListenerSet),
    Kind(gateway_api.GROUP, "BackendTLSPolicy", ("v1", "v1alpha3"), gateway_api.BackendTLSPolicy),
    Kind(gateway_api.GROUP, "ReferenceGrant", ("v1", "v1beta1"), gateway_api.ReferenceGrant),
    Kind(alb.GROUP, "ApplicationLoadBalancer", ("v1",), alb.ApplicationLoadBalancer),
    Kind(alb.GROUP, "FrontendTLSPolicy", ("v1",), alb.FrontendTLSPolicy),
    Kind(alb.GROUP, "BackendTLSPolicy", ("v1",), alb.AlbBackendTLSPolicy),
    Kind(alb.GROUP, "HealthCheckPolicy", ("v1",), alb.HealthCheckPolicy),
    Kind(alb.GROUP, "RoutePolicy", ("v1",), alb.RoutePolicy),
    Kind(alb.GROUP, "BackendLoadBalancingPolicy", ("v1",), alb.BackendLoadBalancingPolicy),
    Kind(alb.GROUP, "IngressExtension", ("v1",), alb_refused.IngressExtension),
    Kind(alb.GROUP, "WebApplicationFirewallPolicy", ("v1",), alb_refused.WebApplicationFirewallPolicy),
    Kind(graph.GROUP, "Organization", ("v1.0",), graph.Organization),
    Kind(graph.GROUP, "Application", ("v1.0",), graph.Application),
    Kind(graph.GROUP, "ServicePrincipal", ("v1.0",), graph.ServicePrincipal),
    Kind(graph.GROUP, "User", ("v1.0",), graph.User),
    Kind(graph.GROUP, "AppRoleAssignment", ("v1.0",), graph.AppRoleAssignment),
    Kind(graph.GROUP, "OAuth2PermissionGrant", ("v1.0",), graph.OAuth2PermissionGrant),
    Kind(tidegate.GROUP, "ApimPolicy", ("v1alpha1",), tidegate.ApimPolicy),
    Kind(tidegate.GROUP, "RateLimitPolicy", ("v1alpha1",), tidegate.RateLimitPolicy),
    Kind(tidegate.GROUP, "PolicyTest", ("v1alpha1",), policy_test.PolicyTest),
)

KINDS: Final[Mapping[tuple[str, str], Kind]] = {(kind.group, kind.name): kind for kind in _ALL}
"""Every kind that is read, by group and name."""

KNOWN_KINDS: Final[Mapping[str, frozenset[str]]] = {
    gateway_api.GROUP: frozenset(),
    "gateway.networking.x-k8s.io": frozenset(("XListenerSet", "XBackend", "XBackendTrafficPolicy", "XMesh")),
    alb.GROUP: frozenset(),
    graph.GROUP: frozenset(("Group",)),
    tidegate.GROUP: frozenset(("SessionPolicy", "Rollout")),
    "managedidentity.azure.com": frozenset(("UserAssignedIdentity", "FederatedIdentityCredential")),
    "authorization.azure.com": frozenset(("RoleAssignment",)),
    "servicelinker.azure.com": frozenset(("Linker",)),
    "keyvault.azure.com": frozenset(("Vault",)),
}  # fmt: skip
"""Kinds of groups that are ours to honour, not read yet: an error, since they change what a request meets.

Groups in neither table, and kinds of Kubernetes' own groups that are not in `KINDS`, are somebody else's: nothing is
done with them, and an information says so.
"""

WAYS_OUT: Final[Mapping[tuple[str, str], str]] = {
    ("gateway.networking.x-k8s.io", "XListenerSet"): "ListenerSet of gateway.networking.k8s.io/v1 has the same fields",
}
"""What to write instead of a kind that is known and not read."""

INGRESS_CLASSES: Final = frozenset(("azure-alb-external", "azure-alb", "tidegate"))
"""Ingresses of these classes would be ours to serve; those of others are somebody else's."""

PROTECTING: Final = frozenset(
    (
        (tidegate.GROUP, "ApimPolicy"),
        (tidegate.GROUP, "RateLimitPolicy"),
        (gateway_api.GROUP, "BackendTLSPolicy"),
        (alb.GROUP, "BackendTLSPolicy"),
        (alb.GROUP, "FrontendTLSPolicy"),
    )
)
"""Policies whose absence would leave something open: where one cannot be read, what it may cover is closed."""

ROUTES: Final = frozenset(
    (gateway_api.GROUP, name) for name in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
)
"""Kinds whose absence would hand their requests to a wider route."""

FOREIGN_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(
        (
            "Pod", "ReplicationController", "PersistentVolume", "PersistentVolumeClaim", "Endpoints", "Node", "Event",
            "LimitRange", "ResourceQuota", "PodTemplate", "Binding", "ComponentStatus",
        )
    ),
    "apps": frozenset(("StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision")),
    "discovery.k8s.io": frozenset(),
}  # fmt: skip
"""Kinds of Kubernetes' groups in which we read some: these do not concern a gateway; any other is a mistake."""

OURS: Final = frozenset((*KNOWN_KINDS, *FOREIGN_KINDS))
"""Groups in which a kind that no table knows is a mistake."""
