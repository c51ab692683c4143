"""The catalogue: every policy that Tidegate knows, and what it can do with it.

One file each for those that are translated: a frozen dataclass (the statement), `read` and the dataclass's `emit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tidegate.policies.catalogue import cors, forward_request, rate_limit_by_key, set_header, validate_jwt
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement

_ALL: Final = ("inbound", "backend", "outbound", "on-error")


@dataclass(frozen=True, slots=True)
class Kind:
    """A policy that is translated."""

    read: Callable[[ElementReader], Statement | None]
    sections: tuple[str, ...]
    once: bool = False
    """At most one in a section of a document."""


CATALOGUE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "cors": Kind(cors.read, ("inbound",), once=True),
        "forward-request": Kind(forward_request.read, ("backend",), once=True),
        "rate-limit-by-key": Kind(rate_limit_by_key.read, ("inbound",)),
        "set-header": Kind(set_header.read, _ALL),
        "validate-jwt": Kind(validate_jwt.read, ("inbound",)),
    }
)

NOT_YET: Final = frozenset(
    {
        "authentication-basic", "authentication-certificate", "authentication-managed-identity",
        "azure-openai-emit-token-metric", "azure-openai-semantic-cache-lookup", "azure-openai-semantic-cache-store",
        "azure-openai-token-limit", "cache-lookup", "cache-lookup-value", "cache-remove-value", "cache-store",
        "cache-store-value", "cache-value", "check-header", "choose", "cross-domain", "emit-metric",
        "find-and-replace", "get-authorization-context", "include-fragment", "invoke-dapr-binding", "invoke-request",
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
