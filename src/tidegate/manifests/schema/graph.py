"""graph.microsoft.com/v1.0: `spec` is the Microsoft Graph resource as it stands.

Graph refers by identifiers. So that a file can be written by hand, three kinds of names may stand in for one, each only
where Graph has the identifier: `principalRef` for `principalId`, `resourceRef` for `resourceId`, `clientRef` for
`clientId` (kind and metadata.name of a manifest in the same tenant), and `appRoleValue` for `appRoleId`.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import Name, Resource, Schema, refused

GROUP: Final = "graph.microsoft.com"

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _guid(text: str) -> str:
    if not _GUID.fullmatch(text):
        raise ValueError("a GUID such as 6e7448e2-5dd6-4f0a-8a3c-000000000001")
    return text.lower()


Guid = Annotated[str, AfterValidator(_guid)]

_COMMON_ELSEWHERE: Final = frozenset(("@odata.type", "@odata.context", "deletedDateTime", "createdDateTime"))


class VerifiedDomain(Schema):
    ELSEWHERE = frozenset(("capabilities", "type"))

    name: str
    is_default: bool = False
    is_initial: bool = False


class OrganizationSpec(Schema):
    ELSEWHERE = _COMMON_ELSEWHERE | {"tenantType", "countryLetterCode", "technicalNotificationMails"}

    id: Guid
    display_name: str
    verified_domains: tuple[VerifiedDomain, ...] = ()


class Organization(Resource):
    spec: OrganizationSpec


class AppRoleSpec(Schema):
    ELSEWHERE = frozenset(("displayName", "description", "origin"))

    id: Guid
    value: Annotated[str, Field(min_length=1, max_length=120)]
    allowed_member_types: Annotated[tuple[Literal["User", "Application"], ...], Field(min_length=1)]
    is_enabled: bool = True


class PermissionScopeSpec(Schema):
    ELSEWHERE = frozenset(
        (
            "adminConsentDescription", "adminConsentDisplayName", "userConsentDescription", "userConsentDisplayName",
            "type", "origin",
        )
    )  # fmt: skip

    id: Guid
    value: Annotated[str, Field(min_length=1, max_length=120)]
    is_enabled: bool = True


class PreAuthorizedApplication(Schema):
    app_id: Guid
    delegated_permission_ids: tuple[Guid, ...] = ()


class ApiApplicationSpec(Schema):
    NOT_YET = frozenset(("acceptMappedClaims",))
    ELSEWHERE = frozenset(("knownClientApplications",))

    oauth2_permission_scopes: Annotated[tuple[PermissionScopeSpec, ...], Field(alias="oauth2PermissionScopes")] = ()
    requested_access_token_version: Literal[1, 2] | None = None
    pre_authorized_applications: Annotated[tuple[PreAuthorizedApplication, ...], Field(max_length=0)] = ()


class SecretKeyRef(Schema):
    name: Name
    key: str


class SecretTextFrom(Schema):
    secret_key_ref: SecretKeyRef


class PasswordCredentialSpec(Schema):
    ELSEWHERE = frozenset(("displayName", "hint", "customKeyIdentifier"))
    SECRET = frozenset(("secretText",))

    key_id: Guid | None = None
    secret_text: Annotated[str, Field(min_length=1)] | None = None
    secret_text_from: SecretTextFrom | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.secret_text is None) == (self.secret_text_from is None):
            raise ValueError("either `secretText` or `secretTextFrom`")
        return self


class ApplicationSpec(Schema):
    NOT_YET = frozenset(
        ("keyCredentials", "tokenEncryptionKeyId", "optionalClaims", "groupMembershipClaims", "isFallbackPublicClient")
    )
    ELSEWHERE = _COMMON_ELSEWHERE | {
        "description", "notes", "tags", "info", "logo", "publisherDomain", "verifiedPublisher",
        "requiredResourceAccess", "web", "spa", "publicClient", "certification", "serviceManagementReference",
        "parentalControlSettings", "uniqueName", "applicationTemplateId", "createdByAppId", "disabledByMicrosoftStatus",
        "samlMetadataUrl", "defaultRedirectUri", "addIns", "isDeviceOnlyAuthSupported",
        "nativeAuthenticationApisEnabled",
    }  # fmt: skip
    NOT_YET_VALUES = refused(signInAudience=("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"))

    id: Guid | None = None
    app_id: Guid
    display_name: str
    sign_in_audience: Literal["AzureADMyOrg", "AzureADMultipleOrgs"] = "AzureADMyOrg"
    identifier_uris: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    app_roles: tuple[AppRoleSpec, ...] = ()
    api: ApiApplicationSpec = ApiApplicationSpec()
    password_credentials: tuple[PasswordCredentialSpec, ...] = ()


class Application(Resource):
    spec: ApplicationSpec


class ServicePrincipalSpec(Schema):
    NOT_YET = frozenset(("keyCredentials", "passwordCredentials", "claimsMappingPolicies", "tokenEncryptionKeyId"))
    ELSEWHERE = _COMMON_ELSEWHERE | {
        "displayName", "appDisplayName", "description", "notes", "tags", "homepage", "loginUrl", "logoutUrl",
        "replyUrls", "servicePrincipalNames", "appOwnerOrganizationId", "alternativeNames", "info", "signInAudience",
        "preferredSingleSignOnMode", "verifiedPublisher", "appRoles", "oauth2PermissionScopes", "appDescription",
        "applicationTemplateId", "disabledByMicrosoftStatus", "notificationEmailAddresses", "addIns",
        "resourceSpecificApplicationPermissions", "samlSingleSignOnSettings",
    }  # fmt: skip
    NOT_YET_VALUES = refused(servicePrincipalType=("ManagedIdentity", "Legacy", "SocialIdp"))

    id: Guid | None = None
    app_id: Guid
    app_role_assignment_required: bool = False
    account_enabled: bool = True
    service_principal_type: Literal["Application"] = "Application"


class ServicePrincipal(Resource):
    spec: ServicePrincipalSpec


class UserSpec(Schema):
    ELSEWHERE = _COMMON_ELSEWHERE | {
        "givenName", "surname", "mail", "mailNickname", "jobTitle", "department", "officeLocation", "mobilePhone",
        "businessPhones", "preferredLanguage", "usageLocation", "userType", "passwordProfile", "passwordPolicies",
        "otherMails", "proxyAddresses", "companyName", "employeeId", "city", "country", "state", "streetAddress",
        "postalCode", "identities", "onPremisesImmutableId",
    }  # fmt: skip

    id: Guid
    user_principal_name: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    display_name: str
    account_enabled: bool = True


class User(Resource):
    spec: UserSpec


class PrincipalRef(Schema):
    kind: Literal["User", "ServicePrincipal", "Application"]
    name: Name


class ServicePrincipalRef(Schema):
    """An Application stands for its service principal in the same tenant."""

    kind: Literal["ServicePrincipal", "Application"] = "ServicePrincipal"
    name: Name


def _exactly_one(one: object, other: object, *, names: str) -> None:
    if (one is None) == (other is None):
        raise ValueError(f"either {names}")


class AppRoleAssignmentSpec(Schema):
    ELSEWHERE = _COMMON_ELSEWHERE | {"id", "principalDisplayName", "resourceDisplayName", "creationTimestamp"}
    NOT_YET_VALUES = refused(principalType=("Group",))

    principal_id: Guid | None = None
    principal_ref: PrincipalRef | None = None
    principal_type: Literal["User", "ServicePrincipal"] | None = None
    resource_id: Guid | None = None
    resource_ref: ServicePrincipalRef | None = None
    app_role_id: Guid | None = None
    app_role_value: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _exactly_one(self.principal_id, self.principal_ref, names="`principalId` or `principalRef`")
        _exactly_one(self.resource_id, self.resource_ref, names="`resourceId` or `resourceRef`")
        _exactly_one(self.app_role_id, self.app_role_value, names="`appRoleId` or `appRoleValue`")
        return self


class AppRoleAssignment(Resource):
    spec: AppRoleAssignmentSpec


class OAuth2PermissionGrantSpec(Schema):
    ELSEWHERE = _COMMON_ELSEWHERE | {"id", "startTime", "expiryTime"}

    client_id: Guid | None = None
    client_ref: ServicePrincipalRef | None = None
    consent_type: Literal["AllPrincipals", "Principal"]
    principal_id: Guid | None = None
    principal_ref: PrincipalRef | None = None
    resource_id: Guid | None = None
    resource_ref: ServicePrincipalRef | None = None
    scope: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _exactly_one(self.client_id, self.client_ref, names="`clientId` or `clientRef`")
        _exactly_one(self.resource_id, self.resource_ref, names="`resourceId` or `resourceRef`")
        if self.consent_type == "Principal":
            _exactly_one(self.principal_id, self.principal_ref, names="`principalId` or `principalRef`")
        elif self.principal_id is not None or self.principal_ref is not None:
            raise ValueError("consentType AllPrincipals without a principal")
        return self


class OAuth2PermissionGrant(Resource):
    spec: OAuth2PermissionGrantSpec
