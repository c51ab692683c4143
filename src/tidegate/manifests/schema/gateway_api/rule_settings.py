"""What a rule may say beside matches, filters and backends: timeouts, retries, sessions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.manifests.schema.base import Schema
from tidegate.manifests.schema.durations import Duration
from tidegate.manifests.schema.gateway_api.common import HeaderName
from tidegate.manifests.schema.rules import distinct, wrong_at


class HTTPRouteTimeouts(Schema):
    """In seconds; 0 is no limit."""

    request: Duration | None = None
    backend_request: Duration | None = None

    @model_validator(mode="after")
    def _within_request(self) -> Self:
        if self.request and self.backend_request is not None and self.backend_request > self.request:
            raise wrong_at(("backendRequest",), "no longer than `request`, of which it is a part")
        return self


class HTTPRouteRetry(Schema):
    """GEP-1731."""

    codes: Annotated[
        tuple[Annotated[int, Field(ge=400, le=599)], ...], Field(max_length=200), distinct("a status")
    ] = ()
    attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    backoff: Duration | None = None
    """In seconds."""


class CookieConfig(Schema):
    lifetime_type: Literal["Permanent", "Session"] = "Session"


class SessionPersistence(Schema):
    """GEP-1619. An idle timeout would need a memory of sessions; the gateway's sessions live in their token alone."""

    NOT_YET = frozenset(("idleTimeout",))

    session_name: Annotated[HeaderName, Field(max_length=128)] | None = None
    absolute_timeout: Duration | None = None
    """In seconds."""
    type: Literal["Cookie", "Header"] = "Cookie"
    cookie_config: CookieConfig | None = None

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        cookie = self.cookie_config
        if cookie is not None and self.type != "Cookie":
            raise wrong_at(("cookieConfig",), "left out where the type is Header")
        if cookie is not None and cookie.lifetime_type == "Permanent" and self.absolute_timeout is None:
            raise wrong_at(("cookieConfig", "lifetimeType"), "`Permanent` only beside an `absoluteTimeout`")
        return self
