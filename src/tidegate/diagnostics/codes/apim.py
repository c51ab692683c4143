"""TG124x: API Management's entities in the APIOps layout, beside those of `manifests` (TG122x)."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, info, warning

PRODUCT_API_UNKNOWN: Final = error(
    "TG1241", "apim-product-api-unknown", "product `{product}` has an API `{api}`, which does not exist"
)
SUBSCRIPTION_SCOPE: Final = error(
    "TG1242", "apim-subscription-scope", "subscription `{subscription}`: its scope {reason}"
)
SUBSCRIPTION_KEY_TWICE: Final = error(
    "TG1243", "apim-subscription-key-twice", "subscriptions `{first}` and `{second}` have the same key"
)
SUBSCRIPTION_KEYLESS: Final = info(
    "TG1244", "apim-subscription-keyless", "subscription `{subscription}` has no keys here; local ones are made for it"
)
OPEN_PRODUCTS: Final = warning(
    "TG1245",
    "apim-open-products",
    "API `{api}` is in {count} products without a subscription; calls without a key are in the context of `{first}`",
)
VERSION_SET: Final = error("TG1246", "apim-version-set", "API `{api}`: its version set {reason}")
OVERRIDE_UNREADABLE: Final = error("TG1247", "apim-override-unreadable", "the environment's configuration {reason}")
OVERRIDE_UNUSED: Final = info(
    "TG1248", "apim-override-unused", "there is no artifact `{name}` for this entry of `{section}`"
)
ENVIRONMENT_UNKNOWN: Final = error(
    "TG1249", "apim-environment-unknown", "there is no `configuration.{environment}.yaml` beside the artifacts"
)

BACKEND_ENTITY: Final = error("TG1250", "apim-backend-entity", "backend `{backend}` {reason}")
SCHEMA_UNSUPPORTED: Final = error(
    "TG1251",
    "apim-schema-unsupported",
    "operation `{operation}`: its description {reason}, which a policy wants to check",
)

CODES: Final = (
    PRODUCT_API_UNKNOWN,
    SUBSCRIPTION_SCOPE,
    SUBSCRIPTION_KEY_TWICE,
    SUBSCRIPTION_KEYLESS,
    OPEN_PRODUCTS,
    VERSION_SET,
    OVERRIDE_UNREADABLE,
    OVERRIDE_UNUSED,
    ENVIRONMENT_UNKNOWN,
    BACKEND_ENTITY,
    SCHEMA_UNSUPPORTED,
)
