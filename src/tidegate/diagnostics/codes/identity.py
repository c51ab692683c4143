"""TG6: the directory and the token service."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, info, warning

TENANT_UNKNOWN: Final = error("TG6001", "tenant-unknown", "{object} belongs to no Organization")
PRINCIPAL_IMPLIED: Final = info(
    "TG6002", "service-principal-implied", "{application} has no ServicePrincipal; it gets one in its home tenant"
)
IDENTIFIER_TAKEN: Final = error("TG6003", "identifier-taken", "{object} has the {field} of {other}: `{value}`")
GRAPH_REFERENCE: Final = error(
    "TG6004", "graph-reference-unresolved", "{object}: {target} does not exist in its tenant"
)
APP_ROLE_UNKNOWN: Final = error("TG6005", "app-role-unknown", "{object}: {resource} has no app role `{role}`")
APP_ROLE_MEMBER: Final = error("TG6006", "app-role-member-type", "{object}: app role `{role}` is not for a {member}")
SCOPE_UNKNOWN: Final = error("TG6007", "permission-scope-unknown", "{object}: {resource} has no permission `{scope}`")
SECRET_UNENDING: Final = warning("TG6008", "secret-without-end", "{object} has a client secret that never expires")
SECRET_REFERENCE: Final = error(
    "TG6009", "secret-reference-unresolved", "{object}: its client secret is in {target}, which does not exist"
)
APPLICATION_MISSING: Final = error(
    "TG6010", "application-missing", "{object} is of application {app_id}, which no Application declares"
)

CODES: Final = (
    TENANT_UNKNOWN,
    PRINCIPAL_IMPLIED,
    IDENTIFIER_TAKEN,
    GRAPH_REFERENCE,
    APP_ROLE_UNKNOWN,
    APP_ROLE_MEMBER,
    SCOPE_UNKNOWN,
    SECRET_UNENDING,
    SECRET_REFERENCE,
    APPLICATION_MISSING,
)
