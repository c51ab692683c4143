"""Parts of rules that HTTPRoutes and GRPCRoutes spell alike: header matches, patterns, sessions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final, Protocol

from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests import re2
from tidegate.manifests.references import Path, References
from tidegate.manifests.routes import report_invalid
from tidegate.manifests.schema.gateway_api import SessionPersistence as SessionPersistenceSpec
from tidegate.model import HeaderMatch, SessionPersistence, ValueMatchKind

# RFC 3986 section 2.3: percent-encoded, these mean what they mean bare. Of others the encoding may matter.
_UNRESERVED: Final = re.compile(r"%(2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])")


class HeaderSpec(Protocol):
    """A header match of either kind."""

    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...


def header_matches(headers: Iterable[HeaderSpec], references: References, path: Path) -> tuple[HeaderMatch, ...]:
    """Header matches at `path`. HTTPHeaderMatch.name: of equivalent names only the first counts. Raises Invalid."""
    matches: dict[str, HeaderMatch] = {}
    for index, header in enumerate(headers):
        name = header.name.lower()
        if name in matches:
            references.found.add(
                codes.HEADER_MATCH_TWICE,
                at=references.referrer.at(*path, index, "name"),
                route=references.referrer.key,
                name=header.name,
                help="to ask for either value, write two matches; to ask for both, one regular expression",
            )
            continue
        kind = ValueMatchKind(header.type)
        if kind is ValueMatchKind.REGEX:
            check_pattern(header.value, references, (*path, index, "value"))
        matches[name] = HeaderMatch(name, header.value, kind)
    return tuple(matches.values())


def check_pattern(pattern: str, references: References, path: Path) -> None:
    """Raises Invalid for what RE2 would refuse: two patterns that are fine may be too much together."""
    if why := re2.problem(pattern):
        raise report_invalid(references, codes.PATTERN, path, pattern=pattern, problem=why)


def normal_path(path: str, references: References, place: Path) -> str:
    """A path as requests have it when they are matched: the gateway has normalised theirs (RFC 3986 section 6.2.2).

    Raises Invalid for one that no request can have then.
    """
    if "%" not in path:
        return path
    normal = _UNRESERVED.sub(lambda match: chr(int(match[1], 16)), path)
    if any(segment in (".", "..") for segment in normal.split("/")):
        raise report_invalid(references, codes.PATH_NEVER_ASKED, place, text=path, normal=normal)
    return normal


def session_persistence(
    spec: SessionPersistenceSpec | None, references: References, path: Path, *, rule: str
) -> SessionPersistence | None:
    """GEP-1619. Raises Invalid for what would need a memory of sessions, which the gateway does not have."""
    if spec is None:
        return None
    in_header = spec.type == "Header"
    permanent = spec.cookie_config is not None and spec.cookie_config.lifetime_type == "Permanent"
    if spec.absolute_timeout is not None and not permanent:
        kept = "in a header" if in_header else "in a cookie that ends with the browser"
        raise report_invalid(
            references,
            codes.SESSION,
            (*path, "absoluteTimeout"),
            what=f"the end of a session that is kept {kept} cannot be told without a memory of sessions",
            help="leave it out" if in_header else "set `cookieConfig.lifetimeType: Permanent`, or leave it out",
        )
    key = references.referrer.key
    digest = hashlib.sha256(f"{key.kind}/{key.namespace}/{key.name}#{rule}".encode()).hexdigest()
    # "If not specified, a unique cookie name SHOULD be generated": unique by its rule, and the same after a restart.
    name = spec.session_name or f"tidegate-session-{digest[:12]}"
    return SessionPersistence(name, in_header, spec.absolute_timeout if permanent else None)
