"""Applications, with their secrets hashed at reading."""

from __future__ import annotations

import hashlib
import uuid

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import identity as codes
from tidegate.manifests.directory.tenants import Tenants
from tidegate.manifests.directory.times import epoch
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.graph import Application as ApplicationManifest
from tidegate.manifests.schema.graph import PasswordCredentialSpec
from tidegate.manifests.secrets import secret_bytes
from tidegate.model import Application, AppRole, ObjectKey, PasswordCredential, PermissionScope

_IDS = uuid.UUID("6f7f3a4e-3f43-5a5b-9d0e-54d3a1de9a7e")
"""Namespace of the identifiers that stand in for those a file leaves out (RFC 9562 section 5.5)."""


def stable_id(*parts: str) -> str:
    """An identifier that depends only on `parts`."""
    return str(uuid.uuid5(_IDS, "/".join(parts)))


def read_applications(
    manifests: Manifests, tenants: Tenants, found: Found
) -> dict[str, tuple[Object[ApplicationManifest], Application]]:
    """By app id. Of two with one app id or one identifier URI in a tenant, the first by name counts."""
    by_id: dict[str, tuple[Object[ApplicationManifest], Application]] = {}
    uris: dict[tuple[str, str], Object[ApplicationManifest]] = {}
    for each in manifests.of(ApplicationManifest):
        tenant = tenants.tenant_of(each, found)
        if tenant is None:
            continue
        spec = each.body.spec
        if spec.app_id in by_id:
            other = by_id[spec.app_id][0]
            _taken(each, other, "appId", spec.app_id, "spec", "appId", found=found)
            continue
        kept: list[str] = []
        for index, uri in enumerate(spec.identifier_uris):
            owner = uris.setdefault((tenant, uri), each)
            if owner is each:
                kept.append(uri)
            else:
                _taken(each, owner, "identifier URI", uri, "spec", "identifierUris", index, found=found)
        by_id[spec.app_id] = (each, _application(each, tenant, tuple(kept), manifests, found))
    return by_id


def _taken(
    each: Object[ApplicationManifest],
    other: Object[ApplicationManifest],
    field: str,
    value: str,
    *path: str | int,
    found: Found,
) -> None:
    found.add(codes.IDENTIFIER_TAKEN, at=each.at(*path), object=each.key, field=field, other=other.key, value=value)


def _application(
    each: Object[ApplicationManifest], tenant: str, uris: tuple[str, ...], manifests: Manifests, found: Found
) -> Application:
    spec = each.body.spec
    passwords = (
        _password(each, index, credential, manifests, found)
        for index, credential in enumerate(spec.password_credentials)
    )
    return Application(
        tenant_id=tenant,
        object_id=spec.id or stable_id("application", tenant, spec.app_id),
        app_id=spec.app_id,
        display_name=spec.display_name,
        identifier_uris=uris,
        app_roles=tuple(AppRole(r.id, r.value, tuple(r.allowed_member_types), r.is_enabled) for r in spec.app_roles),
        scopes=tuple(PermissionScope(s.id, s.value, s.is_enabled) for s in spec.api.oauth2_permission_scopes),
        passwords=tuple(p for p in passwords if p is not None),
        requested_access_token_version=spec.api.requested_access_token_version or 1,
    )


def _password(
    each: Object[ApplicationManifest],
    index: int,
    credential: PasswordCredentialSpec,
    manifests: Manifests,
    found: Found,
) -> PasswordCredential | None:
    path = ("spec", "passwordCredentials", index)
    secret = _secret_text(each, path, credential, manifests, found)
    if secret is None:
        return None
    start = epoch(credential.start_date_time, each, *path, "startDateTime", found=found)
    end = epoch(credential.end_date_time, each, *path, "endDateTime", found=found)
    if (start is None) != (credential.start_date_time is None) or (end is None) != (credential.end_date_time is None):
        return None  # a secret whose end cannot be read must not become one without end
    if end is None:
        found.add(
            codes.SECRET_UNENDING,
            at=each.at(*path),
            object=each.key,
            help="set `endDateTime`",
        )
    digest = hashlib.sha256(secret.encode()).hexdigest()
    key_id = credential.key_id or stable_id("password", each.body.spec.app_id, digest)
    return PasswordCredential(key_id, digest, start, end)


def _secret_text(
    each: Object[ApplicationManifest],
    path: tuple[str | int, ...],
    credential: PasswordCredentialSpec,
    manifests: Manifests,
    found: Found,
) -> str | None:
    if credential.secret_text is not None:
        return credential.secret_text
    if credential.secret_text_from is None:
        return None
    reference = credential.secret_text_from.secret_key_ref
    secret = manifests.get(Secret, group="", namespace=each.key.namespace, name=reference.name)
    value = secret_bytes(secret, reference.key) if secret else None
    if not value and ObjectKey("", "Secret", each.key.namespace, reference.name) in manifests.refused:
        return None
    if not value:
        found.add(
            codes.SECRET_REFERENCE,
            at=each.at(*path, "secretTextFrom"),
            object=each.key,
            target=f"key `{reference.key}` of Secret {each.key.namespace}/{reference.name}",
        )
        return None
    return value.decode("utf-8", "replace")
