"""The JSON files of the layout: ARM's resources as APIOps extracts them."""

from __future__ import annotations

from typing import Literal

from tidegate.manifests.schema.base import Schema, refused


class ApiProperties(Schema):
    NOT_YET = frozenset(("apiVersion", "apiVersionSetId", "apiVersionSet", "sourceApiId", "wsdlSelector", "value"))
    NOT_YET_VALUES = refused(
        type=("soap", "websocket", "graphql", "odata", "grpc"),
        apiType=("soap", "websocket", "graphql", "odata", "grpc"),
    )
    # Authentication settings and the rest describe an API to readers of the developer portal; nothing enforces them.
    ELSEWHERE = frozenset(
        (
            "isCurrent", "displayName", "description", "apiRevision", "apiRevisionDescription", "apiVersionDescription",
            "authenticationSettings", "contact", "license", "termsOfServiceUrl", "subscriptionKeyParameterNames",
            "isOnline", "format", "translateRequiredQueryParameters", "provisioningState",
        )
    )  # fmt: skip

    path: str
    protocols: tuple[Literal["http", "https"], ...] = ()
    service_url: str | None = None
    subscription_required: bool = True
    type: Literal["http"] = "http"
    api_type: Literal["http"] = "http"


class ApiInformation(Schema):
    ELSEWHERE = frozenset(("id", "name", "type"))

    properties: ApiProperties


class NamedValueProperties(Schema):
    NOT_YET = frozenset(("keyVault",))
    ELSEWHERE = frozenset(("tags", "provisioningState"))
    SECRET = frozenset(("value",))

    display_name: str
    secret: bool = False
    value: str | None = None


class NamedValueInformation(Schema):
    ELSEWHERE = frozenset(("id", "name", "type"))

    properties: NamedValueProperties
