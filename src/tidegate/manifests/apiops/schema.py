"""The JSON files of the layout: ARM's resources as APIOps extracts them."""

from __future__ import annotations

from typing import Final, Literal

from tidegate.manifests.schema.base import Schema, refused

NO_LISTS: Final[dict[str, tuple[str, ...]]] = {}
_ENVELOPE = frozenset(("id", "name", "type", "sku", "tags", "location", "systemData"))
"""What ARM puts around every resource."""


class KeyNames(Schema):
    """Where an API looks for subscription keys."""

    header: str = "Ocp-Apim-Subscription-Key"
    query: str = "subscription-key"


class ApiProperties(Schema):
    NOT_YET = frozenset(("wsdlSelector", "value"))
    NOT_YET_VALUES = refused(
        type=("soap", "websocket", "graphql", "odata", "grpc"),
        apiType=("soap", "websocket", "graphql", "odata", "grpc"),
    )
    # Authentication settings and the rest describe an API to readers of the developer portal; nothing enforces them.
    ELSEWHERE = frozenset(
        (
            "description", "apiRevisionDescription", "apiVersionDescription", "authenticationSettings", "contact",
            "license", "termsOfServiceUrl", "isOnline", "format", "translateRequiredQueryParameters",
            "provisioningState", "sourceApiId", "apiVersionSet",
        )
    )  # fmt: skip

    path: str
    display_name: str = ""
    protocols: tuple[Literal["http", "https", "ws", "wss"], ...] = ()
    service_url: str | None = None
    subscription_required: bool = True
    subscription_key_parameter_names: KeyNames | None = None
    type: Literal["http"] = "http"
    api_type: Literal["http"] = "http"
    api_revision: str = "1"
    api_version: str | None = None
    api_version_set_id: str | None = None
    is_current: bool | None = None


class ApiInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: ApiProperties


class KeyVault(Schema):
    ELSEWHERE = frozenset(("identityClientId", "lastStatus"))

    secret_identifier: str = ""


class NamedValueProperties(Schema):
    ELSEWHERE = frozenset(("tags", "provisioningState"))
    SECRET = frozenset(("value",))

    display_name: str
    secret: bool = False
    value: str | None = None
    key_vault: KeyVault | None = None


class NamedValueInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: NamedValueProperties


class CertificateProperties(Schema):
    ELSEWHERE = frozenset(("subject", "thumbprint", "expirationDate", "keyVault", "provisioningState"))
    SECRET = frozenset(("data", "password"))

    data: str | None = None
    password: str | None = None


class CertificateInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: CertificateProperties


class ProductProperties(Schema):
    ELSEWHERE = frozenset(("description", "terms", "authenticationType", "application"))

    display_name: str
    subscription_required: bool = True
    approval_required: bool = False
    subscriptions_limit: int | None = None
    state: Literal["notPublished", "published"] = "notPublished"


class ProductInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: ProductProperties


class SubscriptionProperties(Schema):
    ELSEWHERE = frozenset(("stateComment", "notificationDate", "allowTracing"))
    SECRET = frozenset(("primaryKey", "secondaryKey"))

    scope: str
    display_name: str | None = None
    state: Literal["active", "suspended", "expired", "submitted", "rejected", "cancelled"] = "active"
    primary_key: str | None = None
    secondary_key: str | None = None
    owner_id: str | None = None
    created_date: str | None = None
    start_date: str | None = None
    # For audit only (ARM, SubscriptionContractProperties): nothing expires by itself, the state says whether it has.
    expiration_date: str | None = None
    end_date: str | None = None


class SubscriptionInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: SubscriptionProperties


class VersionSetProperties(Schema):
    ELSEWHERE = frozenset(("description",))

    display_name: str = ""
    versioning_scheme: Literal["Segment", "Header", "Query"]
    version_header_name: str | None = None
    version_query_name: str | None = None


class VersionSetInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: VersionSetProperties


class BackendAuthorization(Schema):
    SECRET = frozenset(("parameter",))

    scheme: str
    parameter: str


class BackendCredentials(Schema):
    NOT_YET = frozenset(("certificate", "certificateIds", "managedIdentity"))
    SECRET = frozenset(("header", "query"))

    header: dict[str, tuple[str, ...]] = NO_LISTS
    query: dict[str, tuple[str, ...]] = NO_LISTS
    authorization: BackendAuthorization | None = None


class PoolService(Schema):
    id: str
    weight: int | None = None
    priority: int | None = None


class Pool(Schema):
    NOT_YET = frozenset(("sessionAffinity", "failureResponse"))

    services: tuple[PoolService, ...] = ()


class StatusRange(Schema):
    min: int
    max: int


class FailureCondition(Schema):
    NOT_YET = frozenset(("percentage",))
    # Connections that fail count always; the reasons only name them.
    ELSEWHERE = frozenset(("errorReasons",))

    count: int
    interval: str
    status_code_ranges: tuple[StatusRange, ...] = ()


class BreakerRule(Schema):
    name: str = ""
    failure_condition: FailureCondition
    trip_duration: str
    accept_retry_after: bool = False


class CircuitBreaker(Schema):
    rules: tuple[BreakerRule, ...] = ()


class BackendTls(Schema):
    validate_certificate_chain: bool = True
    validate_certificate_name: bool = True


class BackendProperties(Schema):
    NOT_YET = frozenset(("proxy",))
    NOT_YET_VALUES = refused(protocol=("soap",))
    ELSEWHERE = frozenset(("title", "description", "resourceId", "azureRegion"))

    type: Literal["Single", "Pool"] = "Single"
    url: str | None = None
    protocol: Literal["http", "soap"] = "http"
    credentials: BackendCredentials | None = None
    tls: BackendTls | None = None
    pool: Pool | None = None
    circuit_breaker: CircuitBreaker | None = None


class BackendInformation(Schema):
    ELSEWHERE = _ENVELOPE

    properties: BackendProperties
