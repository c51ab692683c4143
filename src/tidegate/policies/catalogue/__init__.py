"""The catalogue: every policy that Tidegate knows, and what it can do with it.

One file each for those that are translated: a frozen dataclass (the statement), `read` and the dataclass's `emit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tidegate.policies.catalogue import cors, forward_request, rate_limit_by_key, set_header, validate_jwt
from tidegate.policies.catalogue.kind import ALL, Kind

CATALOGUE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "cors": Kind(cors.read, ("inbound",), once=True, top=True),
        "forward-request": Kind(forward_request.read, ("backend",)),
        "rate-limit-by-key": Kind(rate_limit_by_key.read, ("inbound",)),
        "set-header": Kind(set_header.read, ALL, within=("return-response", "send-request")),
        "validate-jwt": Kind(validate_jwt.read, ("inbound",)),
    }
)

NOT_YET: Final = frozenset(
    {
        "authentication-basic", "authentication-certificate", "authentication-managed-identity",
        "azure-openai-emit-token-metric", "azure-openai-semantic-cache-lookup", "azure-openai-semantic-cache-store",
        "azure-openai-token-limit", "cache-lookup", "cache-lookup-value", "cache-remove-value", "cache-store",
        "cache-store-value", "cache-value", "check-header", "choose", "cross-domain", "emit-metric",
        "find-and-replace", "get-authorization-context", "invoke-dapr-binding", "invoke-request",
        "ip-filter", "json-to-xml", "jsonp", "limit-concurrency", "llm-content-safety", "llm-emit-token-metric",
        "llm-semantic-cache-lookup", "llm-semantic-cache-store", "llm-token-limit", "log-to-eventhub",
        "mock-response", "proxy", "publish-to-dapr", "quota", "quota-by-key", "rate-limit", "redirect-content-urls",
        "retry", "return-response", "rewrite-uri", "send-one-way-request", "send-request",
        "send-service-bus-message", "set-backend-service", "set-body", "set-method", "set-query-parameter",
        "set-status", "set-variable", "trace", "validate-azure-ad-token", "validate-client-certificate",
        "validate-content", "validate-headers", "validate-odata-request", "validate-parameters",
        "validate-status-code", "wait", "xml-to-json", "xsl-transform",
    }
)  # fmt: skip
"""Policies of API Management that are refused by name."""
