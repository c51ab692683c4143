"""Answers with bodies, for tests of policies that change them."""

from __future__ import annotations

from urllib.parse import quote

from policy_envoy import Answer, Route

JSON, XML = "application/json", "text/xml"
ACCEPT_XML, ACCEPT_JSON = ("Accept", "text/html, application/xml;q=0.5"), ("Accept", "application/vnd.api+json")


def answered(route: Route, body: str, kind: str, *headers: tuple[str, str], query: str = "") -> Answer:
    """The answer to a request whose backend sends this body with this content type."""
    return route.get(*headers, path=f"?body={quote(body)}&header=content-type:{quote(kind)}{query}")
