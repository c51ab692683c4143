"""The catalogue: every policy that Tidegate knows, and what it can do with it.

One file each for those that are translated: a frozen dataclass (the statement), `read` and the dataclass's `emit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tidegate.policies.catalogue import (
    cache_lookup_value,
    cache_remove_value,
    cache_store_value,
    choose,
    cors,
    forward_request,
    limit_concurrency,
    quota,
    quota_by_key,
    rate_limit,
    rate_limit_by_key,
    return_response,
    set_header,
    set_method,
    set_status,
    set_variable,
    trace,
    validate_jwt,
)
from tidegate.policies.catalogue.kind import ALL, Kind

CATALOGUE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "cache-lookup-value": Kind(cache_lookup_value.read, ALL, within=("wait",)),
        "cache-remove-value": Kind(cache_remove_value.read, ALL),
        "cache-store-value": Kind(cache_store_value.read, ALL),
        "choose": Kind(choose.read, ALL, within=("wait",)),
        "cors": Kind(cors.read, ("inbound",), once=True, top=True),
        "forward-request": Kind(forward_request.read, ("backend",)),
        "limit-concurrency": Kind(limit_concurrency.read, ALL),
        "quota": Kind(quota.read, ("inbound",), once=True),
        "quota-by-key": Kind(quota_by_key.read, ("inbound",)),
        "rate-limit": Kind(rate_limit.read, ("inbound",), once=True),
        "rate-limit-by-key": Kind(rate_limit_by_key.read, ("inbound",)),
        "return-response": Kind(return_response.read, ALL),
        "set-header": Kind(set_header.read, ALL, within=("return-response", "send-request")),
        "set-method": Kind(set_method.read, ("inbound", "on-error"), within=("send-request",)),
        "set-status": Kind(set_status.read, ("backend", "outbound", "on-error"), within=("return-response",)),
        "set-variable": Kind(set_variable.read, ALL),
        "trace": Kind(trace.read, ALL),
        "validate-jwt": Kind(validate_jwt.read, ("inbound",)),
    }
)

_ALL_POLICIES: Final = frozenset(
    {
        "authentication-basic", "authentication-certificate", "authentication-managed-identity",
        "azure-openai-emit-token-metric", "azure-openai-semantic-cache-lookup", "azure-openai-semantic-cache-store",
        "azure-openai-token-limit", "cache-lookup", "cache-lookup-value", "cache-remove-value", "cache-store",
        "cache-store-value", "cache-value", "check-header", "choose", "cross-domain", "emit-metric",
        "find-and-replace", "get-authorization-context", "invoke-dapr-binding", "invoke-request",
        "ip-filter", "json-to-xml", "jsonp", "llm-content-safety", "llm-emit-token-metric",
        "llm-semantic-cache-lookup", "llm-semantic-cache-store", "llm-token-limit", "log-to-eventhub",
        "mock-response", "proxy", "publish-to-dapr", "redirect-content-urls",
        "retry", "return-response", "rewrite-uri", "send-one-way-request", "send-request",
        "send-service-bus-message", "set-backend-service", "set-body", "set-method", "set-query-parameter",
        "set-status", "set-variable", "trace", "validate-azure-ad-token", "validate-client-certificate",
        "validate-content", "validate-headers", "validate-odata-request", "validate-parameters",
        "validate-status-code", "wait", "xml-to-json", "xsl-transform",
    }
)  # fmt: skip
"""Of API Management, whatever Tidegate makes of them. include-fragment and base are not among them: they are gone when a
document has been read."""

NOT_YET: Final = _ALL_POLICIES - CATALOGUE.keys()
"""Policies of API Management that are refused by name."""
