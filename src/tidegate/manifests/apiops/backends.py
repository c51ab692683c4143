"""Backend entities: what `backend-id` of set-backend-service names."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from tidegate.diagnostics.codes import apim as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.apiops.artifacts import Artifacts
from tidegate.manifests.apiops.layout import Layout
from tidegate.manifests.apiops.schema import BackendInformation, BackendProperties, BreakerRule
from tidegate.model import entities as model

_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SPAN: Final = re.compile(r"(?:(?P<days>\d+)\.)?(?P<hours>\d\d?):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)")


def read_backends(layout: Layout, artifacts: Artifacts) -> dict[str, model.BackendEntity]:
    """By id. One that is not understood is left out: policies that name it are refused where they do."""
    result: dict[str, model.BackendEntity] = {}
    for name, path in sorted(layout.backends.items()):
        information = artifacts.read(path, BackendInformation, subject=f"backend {name}", override=("backends", name))
        if information is None:
            continue
        wrong = _wrong(information.properties)
        if wrong is not None:
            field, reason = wrong
            artifacts.found.add(
                codes.BACKEND_ENTITY, at=artifacts.place(path, "properties", field), backend=name, reason=reason
            )
            continue
        result[name] = _entity(name, information.properties, artifacts, path)
    _check_members(result, artifacts)
    return result


def _entity(name: str, properties: BackendProperties, artifacts: Artifacts, path: str) -> model.BackendEntity:
    credentials, tls = properties.credentials, properties.tls
    rules = properties.circuit_breaker.rules if properties.circuit_breaker else ()
    services = properties.pool.services if properties.pool else ()
    return model.BackendEntity(
        id=name,
        span=artifacts.place(path, "properties"),
        url="" if properties.type == "Pool" else properties.url or "",
        members=tuple(
            model.PoolMember(each.id.rstrip("/").rpartition("/")[2], each.weight or 1, each.priority or 0)
            for each in services
        ),
        credentials=model.BackendCredentials(
            headers=tuple(sorted(credentials.header.items())),
            query=tuple(sorted(credentials.query.items())),
            authorization=(
                (credentials.authorization.scheme, credentials.authorization.parameter)
                if credentials.authorization
                else None
            ),
        )
        if credentials
        else model.BackendCredentials(),
        breaker=_breaker(rules[0]) if rules else None,
        verify_chain=tls.validate_certificate_chain if tls else True,
        verify_name=tls.validate_certificate_name if tls else True,
    )


def _breaker(rule: BreakerRule) -> model.BreakerRule:
    condition = rule.failure_condition
    return model.BreakerRule(
        failures=condition.count,
        interval_s=seconds_of(condition.interval) or 0.0,
        trip_s=seconds_of(rule.trip_duration) or 0.0,
        statuses=tuple((each.min, each.max) for each in condition.status_code_ranges),
        accepts_retry_after=rule.accept_retry_after,
    )


def _wrong(properties: BackendProperties) -> tuple[str, str] | None:
    """The field, and what is wrong with it."""
    if properties.type == "Pool":
        if properties.pool is None or not properties.pool.services:
            return "pool", "is a pool without services"
    else:
        parts = urlsplit(properties.url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "url", "has no http or https URL"
        if parts.query or parts.fragment or parts.username is not None:
            return "url", "has a URL with a query, a fragment or credentials"
    rules = properties.circuit_breaker.rules if properties.circuit_breaker else ()
    if len(rules) > 1:
        return "circuitBreaker", "has more than one rule of its circuit breaker, and API Management allows one"
    for rule in rules:
        if not seconds_of(rule.failure_condition.interval) or not seconds_of(rule.trip_duration):
            return "circuitBreaker", "has a circuit breaker whose times are no durations (ISO 8601, such as PT1M)"
    return None


def seconds_of(text: str) -> float | None:
    """An ISO 8601 duration (PT1M30S), or .NET's (00:01:30)."""
    match = _DURATION.fullmatch(text) or _SPAN.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (float(match[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _check_members(entities: dict[str, model.BackendEntity], artifacts: Artifacts) -> None:
    for entity in entities.values():
        for member in entity.members:
            if member.backend not in entities:
                artifacts.found.add(
                    codes.BACKEND_ENTITY,
                    at=entity.span,
                    backend=entity.id,
                    reason=f"has a member `{member.backend}`, which does not exist",
                    help=did_you_mean(member.backend, sorted(entities)),
                )
