"""The model: what the inputs mean, without the formats they came in and without Envoy's words.

Everything is frozen. Reading order: `names`, `backends`, `routes`, `gateways`, `policies`, `directory`, `workloads`,
`world`.
"""

from tidegate.model.backends import Backend, BackendId, Endpoint, ExternalBackend
from tidegate.model.directory import (
    Application,
    AppRole,
    AppRoleAssignment,
    Directory,
    OAuth2PermissionGrant,
    PasswordCredential,
    PermissionScope,
    ServicePrincipal,
    Tenant,
    User,
)
from tidegate.model.gateways import Certificate, Gateway, Listener, Protocol
from tidegate.model.names import ObjectKey, ObjectName
from tidegate.model.policies import IssuerKey, IssuerMetadata, PolicyProgram, StepSummary
from tidegate.model.routes import (
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    PathMatch,
    PathMatchKind,
    Respond,
    Route,
    RouteMatch,
    WeightedBackend,
)
from tidegate.model.workloads import EnvironmentVariable, Workload
from tidegate.model.world import World

__all__ = [
    "AppRole",
    "AppRoleAssignment",
    "Application",
    "Backend",
    "BackendId",
    "Certificate",
    "Directory",
    "Endpoint",
    "EnvironmentVariable",
    "ExternalBackend",
    "Forward",
    "Gateway",
    "HeaderChange",
    "HeaderChanges",
    "HeaderMatch",
    "IssuerKey",
    "IssuerMetadata",
    "Listener",
    "OAuth2PermissionGrant",
    "ObjectKey",
    "ObjectName",
    "PasswordCredential",
    "PathMatch",
    "PathMatchKind",
    "PermissionScope",
    "PolicyProgram",
    "Protocol",
    "Respond",
    "Route",
    "RouteMatch",
    "ServicePrincipal",
    "StepSummary",
    "Tenant",
    "User",
    "WeightedBackend",
    "Workload",
    "World",
]
