"""The catalogue: every policy that Tidegate knows, and what it can do with it.

One file each for those that are translated: a frozen dataclass (the statement), `read` and the dataclass's `emit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tidegate.policies.catalogue import (
    authentication_basic,
    authentication_certificate,
    authentication_managed_identity,
    cache_lookup,
    cache_lookup_value,
    cache_remove_value,
    cache_store,
    cache_store_value,
    cache_value,
    check_header,
    choose,
    cors,
    emit_metric,
    find_and_replace,
    forward_request,
    ip_filter,
    json_to_xml,
    jsonp,
    limit_concurrency,
    llm_emit_token_metric,
    llm_token_limit,
    log_to_eventhub,
    mock_response,
    proxy,
    quota,
    quota_by_key,
    rate_limit,
    rate_limit_by_key,
    redirect_content_urls,
    retry,
    return_response,
    rewrite_uri,
    send_one_way_request,
    send_request,
    send_service_bus_message,
    set_backend_service,
    set_body,
    set_header,
    set_method,
    set_query_parameter,
    set_status,
    set_variable,
    trace,
    validate_azure_ad_token,
    validate_client_certificate,
    validate_content,
    validate_headers,
    validate_jwt,
    validate_parameters,
    validate_status_code,
    wait,
    xml_to_json,
)
from tidegate.policies.catalogue.kind import ALL, Kind

CATALOGUE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "authentication-basic": Kind(authentication_basic.read, ("inbound",), within=("send-request",)),
        "authentication-certificate": Kind(authentication_certificate.read, ("inbound",), within=("send-request",)),
        "authentication-managed-identity": Kind(
            authentication_managed_identity.read, ("inbound",), within=("send-request",)
        ),
        "azure-openai-emit-token-metric": Kind(llm_emit_token_metric.read, ("inbound",)),
        "azure-openai-token-limit": Kind(llm_token_limit.read, ("inbound",)),
        "cache-lookup": Kind(cache_lookup.read, ("inbound",), once=True),
        "cache-lookup-value": Kind(cache_lookup_value.read, ALL, within=("wait",)),
        "cache-remove-value": Kind(cache_remove_value.read, ALL),
        "cache-store": Kind(cache_store.read, ("outbound",), once=True),
        "cache-store-value": Kind(cache_store_value.read, ALL),
        "cache-value": Kind(cache_value.read, ALL),
        "check-header": Kind(check_header.read, ("inbound",)),
        "choose": Kind(choose.read, ALL, within=("wait",)),
        "cors": Kind(cors.read, ("inbound",), once=True, top=True),
        "emit-metric": Kind(emit_metric.read, ALL),
        "find-and-replace": Kind(find_and_replace.read, ALL),
        "forward-request": Kind(forward_request.read, ("backend",)),
        "ip-filter": Kind(ip_filter.read, ("inbound",)),
        "json-to-xml": Kind(json_to_xml.read, ("inbound", "outbound", "on-error")),
        "jsonp": Kind(jsonp.read, ("outbound",), once=True),
        "limit-concurrency": Kind(limit_concurrency.read, ALL),
        "llm-emit-token-metric": Kind(llm_emit_token_metric.read, ("inbound",)),
        "llm-token-limit": Kind(llm_token_limit.read, ("inbound",)),
        "log-to-eventhub": Kind(log_to_eventhub.read, ALL),
        "mock-response": Kind(mock_response.read, ("inbound", "outbound", "on-error")),
        "proxy": Kind(proxy.read, ("inbound",), within=("send-request",)),
        "quota": Kind(quota.read, ("inbound",), once=True),
        "quota-by-key": Kind(quota_by_key.read, ("inbound",)),
        "rate-limit": Kind(rate_limit.read, ("inbound",), once=True),
        "rate-limit-by-key": Kind(rate_limit_by_key.read, ("inbound",)),
        "redirect-content-urls": Kind(redirect_content_urls.read, ("inbound", "outbound"), once=True),
        "retry": Kind(retry.read, ALL),
        "return-response": Kind(return_response.read, ALL),
        "rewrite-uri": Kind(rewrite_uri.read, ("inbound",)),
        "send-one-way-request": Kind(send_one_way_request.read, ALL),
        "send-request": Kind(send_request.read, ALL, within=("wait",)),
        "send-service-bus-message": Kind(send_service_bus_message.read, ("inbound", "outbound", "on-error")),
        "set-backend-service": Kind(set_backend_service.read, ("inbound", "backend")),
        "set-body": Kind(set_body.read, ALL, within=("return-response", "send-request")),
        "set-header": Kind(set_header.read, ALL, within=("return-response", "send-request")),
        "set-method": Kind(set_method.read, ("inbound", "on-error"), within=("send-request",)),
        "set-query-parameter": Kind(set_query_parameter.read, ("inbound", "backend")),
        "set-status": Kind(set_status.read, ("backend", "outbound", "on-error"), within=("return-response",)),
        "set-variable": Kind(set_variable.read, ALL),
        "trace": Kind(trace.read, ALL),
        "validate-azure-ad-token": Kind(validate_azure_ad_token.read, ("inbound",)),
        "validate-client-certificate": Kind(validate_client_certificate.read, ("inbound",)),
        "validate-content": Kind(validate_content.read, ("inbound", "outbound", "on-error")),
        "validate-headers": Kind(validate_headers.read, ("outbound", "on-error"), once=True),
        "validate-jwt": Kind(validate_jwt.read, ("inbound",)),
        "validate-parameters": Kind(validate_parameters.read, ("inbound",), once=True),
        "validate-status-code": Kind(validate_status_code.read, ("outbound", "on-error")),
        "wait": Kind(wait.read, ("inbound", "backend", "outbound")),
        "xml-to-json": Kind(xml_to_json.read, ("inbound", "outbound", "on-error")),
    }
)

_ALL_POLICIES: Final = frozenset(
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
        "set-status", "set-variable", "trace", "validate-client-certificate",
        "validate-content", "validate-headers", "validate-odata-request", "validate-parameters",
        "validate-status-code", "wait", "xml-to-json", "xsl-transform",
    }
)  # fmt: skip
"""Of API Management, whatever Tidegate makes of them. include-fragment and base are not among them: they are gone
when a document has been read."""

NOT_YET: Final = _ALL_POLICIES - CATALOGUE.keys()
"""Policies of API Management that are refused by name."""
