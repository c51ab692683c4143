"""Two tenants for tests, small and whole, and a service over them. Ids say what they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from joserfc import jwk, jwt

from keys.made_keys import NOW, made
from tidegate.clock import ManualClock, SeededRandomness
from tidegate.identity import DirectoryRejected, LoadedDirectory, TokenService
from tidegate.identity.protocol.messages import Reply, TokenCall
from tidegate.identity.protocol.operator import OperatorRequest
from tidegate.keys import KeyRecord, KeySet, KeyState, MemoryKeyStore
from tidegate.model import (
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

AUTHORITY = "https://localhost:8444"
OBO = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def guid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


CONTOSO, FABRIKAM = guid(0x7E, 1), guid(0x7E, 2)
TASKS, NOTIFICATIONS, AUDIT, STRANGER, CLOSED, FABRIKAM_APP = (guid(0xA, number) for number in range(1, 7))
ADMIN, READER, LEAVER, FABRIKAM_USER = (guid(0xC, number) for number in range(1, 5))
SECRET = "tasks-secret-1"
EXPIRED_SECRET = "tasks-secret-0"
FUTURE_SECRET = "tasks-secret-2"
OTHER_SECRET = "other-secret-1"


def principal_of(app_id: str) -> str:
    """The object id of an application's service principal."""
    return app_id.replace("0000000a", "0000000b", 1)


def _secret(text: str, key_id: str, **times: float) -> PasswordCredential:
    return PasswordCredential(key_id, hashlib.sha256(text.encode()).hexdigest(), **times)


def _application(app_id: str, name: str, *, tenant: str = CONTOSO, **fields: Any) -> Application:
    object_id = app_id.replace("0000000a", "0000000d", 1)
    return Application(tenant, object_id, app_id, name, **fields)


def _enrolled(app_id: str, *, tenant: str = CONTOSO, **fields: Any) -> ServicePrincipal:
    return ServicePrincipal(tenant, principal_of(app_id), app_id, **fields)


ADMIN_ROLE = AppRole(guid(0xE, 1), "Admin", ("User",))
READER_ROLE = AppRole(guid(0xE, 2), "Reader", ("User",))
RETIRED_ROLE = AppRole(guid(0xE, 3), "Retired", ("User",), is_enabled=False)
WRITE_ROLE = AppRole(guid(0xE, 4), "AuditLog.Write", ("Application",))
BOTH_ROLE = AppRole(guid(0xE, 5), "AuditLog.Read", ("User", "Application"))

DIRECTORY = Directory(
    tenants=(Tenant(CONTOSO, "Contoso", ("contoso.com", "contoso.onmicrosoft.com")), Tenant(FABRIKAM, "Fabrikam")),
    applications=(
        _application(
            TASKS,
            "Tasks",
            identifier_uris=("api://tasks",),
            app_roles=(ADMIN_ROLE, READER_ROLE, RETIRED_ROLE),
            scopes=(
                PermissionScope(guid(0xF, 1), "Tasks.Read"),
                PermissionScope(guid(0xF, 2), "Tasks.Write"),
                PermissionScope(guid(0xF, 3), "Tasks.Old", is_enabled=False),
            ),
            passwords=(
                _secret(EXPIRED_SECRET, "old", end=NOW),
                _secret(SECRET, "present", start=NOW - 60, end=NOW + 30 * 86_400),
                _secret(FUTURE_SECRET, "future", start=NOW + 3_600),
            ),
            requested_access_token_version=2,
        ),
        _application(
            NOTIFICATIONS,
            "Notifications",
            identifier_uris=("api://notifications", "https://notify.contoso.com/"),
            app_roles=(AppRole(guid(0xE, 6), "Notify.All", ("Application",)),),
            scopes=(
                PermissionScope(guid(0xF, 4), "Notify.Send"),
                PermissionScope(guid(0xF, 5), "Notify.Broadcast"),
            ),
            passwords=(_secret(OTHER_SECRET, "present"),),
        ),
        _application(
            AUDIT,
            "Audit",
            identifier_uris=("api://audit",),
            app_roles=(WRITE_ROLE, BOTH_ROLE),
            scopes=(PermissionScope(guid(0xF, 6), "Audit.Read"),),
            requested_access_token_version=2,
        ),
        _application(STRANGER, "Stranger", passwords=(_secret(OTHER_SECRET, "present"),)),
        _application(
            CLOSED, "Closed", identifier_uris=("api://closed",), passwords=(_secret(OTHER_SECRET, "present"),)
        ),
        _application(
            FABRIKAM_APP,
            "Tasks",
            tenant=FABRIKAM,
            identifier_uris=("api://tasks",),
            scopes=(PermissionScope(guid(0xF, 7), "Tasks.Read"),),
            passwords=(_secret(OTHER_SECRET, "present"),),
            requested_access_token_version=2,
        ),
    ),
    service_principals=(
        _enrolled(TASKS),
        _enrolled(NOTIFICATIONS),
        _enrolled(AUDIT, app_role_assignment_required=True),
        _enrolled(STRANGER),
        _enrolled(CLOSED, account_enabled=False),
        _enrolled(FABRIKAM_APP, tenant=FABRIKAM),
    ),
    users=(
        User(CONTOSO, ADMIN, "admin@contoso.com", "Ada Admin"),
        User(CONTOSO, READER, "reader@contoso.com", "Rita Reader"),
        User(CONTOSO, LEAVER, "leaver@contoso.com", "Leo Leaver", account_enabled=False),
        User(FABRIKAM, FABRIKAM_USER, "fay@fabrikam.example.com", "Fay Fabrikam"),
    ),
    role_assignments=(
        AppRoleAssignment(CONTOSO, ADMIN, principal_of(TASKS), ADMIN_ROLE.id),
        AppRoleAssignment(CONTOSO, ADMIN, principal_of(TASKS), RETIRED_ROLE.id),
        AppRoleAssignment(CONTOSO, READER, principal_of(TASKS), READER_ROLE.id),
        AppRoleAssignment(CONTOSO, ADMIN, principal_of(AUDIT), BOTH_ROLE.id),
        AppRoleAssignment(CONTOSO, principal_of(TASKS), principal_of(AUDIT), WRITE_ROLE.id),
    ),
    permission_grants=(
        OAuth2PermissionGrant(CONTOSO, principal_of(TASKS), principal_of(NOTIFICATIONS), ("Notify.Send",)),
        OAuth2PermissionGrant(
            CONTOSO, principal_of(TASKS), principal_of(NOTIFICATIONS), ("Notify.Broadcast",), principal_id=ADMIN
        ),
        OAuth2PermissionGrant(CONTOSO, principal_of(TASKS), principal_of(AUDIT), ("Audit.Read",)),
    ),
    workload_audiences=("audit.tasks.svc", "task.tasks.svc"),
)


@dataclass
class FixedSource:
    """A directory that the test replaces. None: it is rejected."""

    directory: Directory | None = DIRECTORY
    version: int = 1

    def load(self) -> LoadedDirectory:
        if self.directory is None:
            raise DirectoryRejected("directory.json: is not JSON")
        return LoadedDirectory(self.directory, str(self.version))

    def replace(self, directory: Directory | None) -> None:
        self.directory = directory
        self.version += 1


class World:
    """A service with a clock and a directory that the test moves."""

    def __init__(self, directory: Directory = DIRECTORY, *, seed: int = 0) -> None:
        self.clock = ManualClock(NOW)
        self.source = FixedSource(directory)
        self.keys = MemoryKeyStore()
        for purpose, first in (("tenants", 0), ("gateway", 2)):
            self.keys.update(purpose, lambda _, purpose=purpose, first=first: _key_set(purpose, first))
        self.service = TokenService(
            authority=AUTHORITY,
            directory=self.source,
            keys=self.keys,
            clock=self.clock,
            randomness=SeededRandomness(seed),
        )

    def post(self, *, tenant: str = CONTOSO, version: int = 2, form: Any = None, **changes: Any) -> Reply:
        """Send a form (a mapping or pairs; bytes as they are) to the token endpoint."""
        body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
        call = TokenCall(tenant, version, body, content_type="application/x-www-form-urlencoded")
        return self.service.token(replace(call, **changes))

    def user_token(self, user: str = "admin@contoso.com", scope: str = "api://tasks/.default", **more: str) -> str:
        """An access token as the operator gets it."""
        return self.operator(user=user, scope=scope, **more)["access_token"]

    def operator(self, **fields: str) -> Any:
        return content(self.service.operator_token(OperatorRequest(**fields)))


def _key_set(purpose: str, first: int) -> KeySet:
    current, following = made(first), made(first + 1)
    return KeySet(
        purpose,
        (
            KeyRecord(current.kid, KeyState.CURRENT, NOW, NOW, current),
            KeyRecord(following.kid, KeyState.NEXT, NOW, NOW, following),
        ),
    )


def content(reply: Reply) -> Any:
    return json.loads(reply.body)


def client_credentials(**changes: str) -> dict[str, str]:
    """A good client credentials form of the tasks application; an empty value removes a field."""
    form = {
        "grant_type": "client_credentials",
        "client_id": TASKS,
        "client_secret": SECRET,
        "scope": "api://audit/.default",
        **changes,
    }
    return {name: value for name, value in form.items() if value}


def on_behalf_of(assertion: str, **changes: str) -> dict[str, str]:
    """A good on-behalf-of form of the tasks application."""
    form = {
        "grant_type": OBO,
        "client_id": TASKS,
        "client_secret": SECRET,
        "scope": "api://notifications/Notify.Send",
        "requested_token_use": "on_behalf_of",
        "assertion": assertion,
        **changes,
    }
    return {name: value for name, value in form.items() if value}


def decoded(token: str, key_set: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, verified by joserfc against a published key set."""
    token_ = jwt.decode(token, jwk.KeySet.import_key_set(key_set), algorithms=["RS256"])
    return dict(token_.header), dict(token_.claims)
