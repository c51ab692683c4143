"""Filters of HTTPRoutes and GRPCRoutes, of a rule and of a single backend alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests.references import Path, References, Verdict
from tidegate.manifests.routes import WELL_KNOWN_PORTS, report_invalid
from tidegate.manifests.schema.gateway_api import (
    GRPCRouteFilter,
    HTTPCORSFilter,
    HTTPHeaderFilter,
    HTTPPathModifier,
    HTTPRequestMirrorFilter,
    HTTPRequestRedirectFilter,
    HTTPRouteFilter,
    HTTPURLRewriteFilter,
)
from tidegate.manifests.services import Client
from tidegate.model import BackendFilters, Cors, HeaderChange, HeaderChanges, Mirror, Redirect, Rewrite

Filter: TypeAlias = HTTPRouteFilter | GRPCRouteFilter

NO_FILTERS: Final = BackendFilters()


def resolve_filters(
    filters: Sequence[Filter], references: References, path: Path, client: Client
) -> tuple[BackendFilters, list[Verdict]]:
    """The filters of a rule or of a backend at `path`, and the verdicts on what they refer to. Raises Invalid."""
    if not filters:
        return NO_FILTERS, []
    result = NO_FILTERS
    verdicts: list[Verdict] = []
    mirrors: list[Mirror] = []
    for index, each in enumerate(filters):
        here = (*path, index)
        if each.request_header_modifier is not None:
            changes = _changes(each.request_header_modifier, references, (*here, "requestHeaderModifier"))
            result = replace(result, request_headers=changes)
        if each.response_header_modifier is not None:
            changes = _changes(each.response_header_modifier, references, (*here, "responseHeaderModifier"))
            result = replace(result, response_headers=changes)
        if each.request_mirror is not None:
            place = (*here, "requestMirror", "backendRef")
            backend, verdict = references.resolve(each.request_mirror.backend_ref, place, client)
            verdicts.append(verdict)
            if backend is not None:  # HTTPRequestMirrorFilter: what does not resolve is not configured
                mirrors.append(Mirror(backend, *_share(each.request_mirror)))
        if isinstance(each, HTTPRouteFilter):
            result = _http_filter(each, result)
    copied = next((index for index, each in enumerate(filters) if each.request_mirror is not None), None)
    if copied is not None and result.redirect is not None:
        what = "a redirect forwards nothing of which a RequestMirror could send a copy"
        raise report_invalid(references, codes.FILTERS_CLASH, (*path, copied), reason="IncompatibleFilters", what=what)
    return replace(result, mirrors=tuple(mirrors)), verdicts


def _http_filter(each: HTTPRouteFilter, result: BackendFilters) -> BackendFilters:
    if each.request_redirect is not None:
        return replace(result, redirect=_redirect(each.request_redirect))
    if each.url_rewrite is not None:
        return replace(result, rewrite=_rewrite(each.url_rewrite))
    if each.cors is not None:
        return replace(result, cors=_cors(each.cors))
    return result


def _changes(filter_: HTTPHeaderFilter, references: References, path: Path) -> HeaderChanges:
    """A header modifier. HTTPHeaderFilter: more than one action for a header name is invalid."""
    seen: set[str] = set()
    lists = {"set": [h.name for h in filter_.set], "add": [h.name for h in filter_.add], "remove": filter_.remove}
    for field, names in lists.items():
        for index, name in enumerate(names):
            if name.lower() in seen:
                raise report_invalid(references, codes.HEADER_TWICE, (*path, field, index), name=name)
            seen.add(name.lower())
    return HeaderChanges(
        tuple(HeaderChange(h.name, h.value) for h in filter_.set),
        tuple(HeaderChange(h.name, h.value) for h in filter_.add),
        tuple(filter_.remove),
    )


def _share(mirror: HTTPRequestMirrorFilter) -> tuple[int, int]:
    if mirror.fraction is not None:
        return mirror.fraction.numerator, mirror.fraction.denominator
    return (100 if mirror.percent is None else mirror.percent), 100


def _redirect(filter_: HTTPRequestRedirectFilter) -> Redirect:
    path, prefix = _path_change(filter_.path)
    return Redirect(filter_.scheme, filter_.hostname, filter_.port, path, prefix, filter_.status_code)


def _rewrite(filter_: HTTPURLRewriteFilter) -> Rewrite:
    path, prefix = _path_change(filter_.path)
    return Rewrite(filter_.hostname, path, prefix)


def _path_change(change: HTTPPathModifier | None) -> tuple[str | None, str | None]:
    """The whole path, and what replaces the matched prefix: "/" where nothing does."""
    if change is None:
        return None, None
    if change.replace_full_path is not None:
        return change.replace_full_path or "/", None
    if change.replace_prefix_match is not None:
        return None, change.replace_prefix_match.rstrip("/") or "/"
    return None, None


def _cors(filter_: HTTPCORSFilter) -> Cors:
    return Cors(
        allow_origins=tuple(_origin(origin) for origin in filter_.allow_origins),
        allow_credentials=filter_.allow_credentials,
        allow_methods=filter_.allow_methods,
        allow_headers=filter_.allow_headers,
        expose_headers=filter_.expose_headers,
        max_age_s=filter_.max_age,
    )


def _origin(origin: str) -> str:
    """As browsers write it (RFC 6454 section 6.1): lower case, without the scheme's own port."""
    scheme, separator, rest = origin.lower().partition("://")
    return f"{scheme}{separator}{rest.removesuffix(f':{WELL_KNOWN_PORTS.get(scheme)}')}"
