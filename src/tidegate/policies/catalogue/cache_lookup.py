"""`cache-lookup`: answer from the cache, without the backend.

Only GET requests, and those with an `Authorization` header only where `allow-private-response-caching` says so. A
response is found by host, path, query (all of it, or the parameters of `vary-by-query-parameter`), the headers of
`vary-by-header`, the developer and their groups; and only by requests that agree with the response's own `Vary`. A hit
ends the request like return-response: what is kept is the response as it was where cache-store stands, so outbound does
not run over it again (the reference leaves that open). Hits carry `Age`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.caching import read_caching_type
from tidegate.policies.catalogue.counting import values
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

DOWNSTREAM: Final = ("none", "private", "public")


@dataclass(frozen=True, slots=True)
class CacheLookup(Statement):
    headers: tuple[str, ...]
    query: tuple[str, ...]
    private: Setting | None
    by_developer: Setting | None
    by_groups: Setting | None
    downstream: Setting | None
    revalidate: Setting | None

    name: ClassVar[str] = "cache-lookup"

    @property
    def settings(self) -> Iterator[Setting]:
        given = (self.private, self.by_developer, self.by_groups, self.downstream, self.revalidate)
        yield from (setting for setting in given if setting)

    def summary(self) -> str:
        return f"cache-lookup by {', '.join(('URL', *self.headers))}"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True  # cache-store needs the key.
        query = dict.fromkeys((name.lower() for name in self.query), True) if self.query else None
        rules = out.lua.constant(lua_value({"headers": [name.lower() for name in self.headers], "query": query}))
        given = values((self.private, self.by_developer, self.by_groups, self.downstream, self.revalidate), out)
        defaults = ("false", "false", "false", '"none"', "true")
        arguments = (default if value == "nil" else value for value, default in zip(given, defaults, strict=True))
        out.call(f"R.cache_lookup(q, {rules}, {', '.join(arguments)})")


def read(reader: ElementReader) -> CacheLookup | None:
    private = reader.setting("allow-private-response-caching", BOOL)
    by_developer = reader.setting("vary-by-developer", BOOL)
    by_groups = reader.setting("vary-by-developer-groups", BOOL)
    downstream, revalidate = reader.setting("downstream-caching-type"), reader.setting("must-revalidate", BOOL)
    read_caching_type(reader)
    if downstream and isinstance(downstream.literal, str) and downstream.literal not in DOWNSTREAM:
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=downstream.span,
            value=downstream.literal,
            expected=f"one of {', '.join(DOWNSTREAM)}",
        )
    policy_id = reader.literal("id") or ""
    headers, query = _names(reader, "vary-by-header"), _names(reader, "vary-by-query-parameter")
    for name in headers:
        if not is_header_name(name):
            reader.error(codes.HEADER_NAME, at=reader.span, name=name)
    if not reader.finish():
        return None
    return CacheLookup(reader.span, policy_id, headers, query, private, by_developer, by_groups, downstream, revalidate)


def _names(reader: ElementReader, child: str) -> tuple[str, ...]:
    """Names of all children, several in one separated by semicolons."""
    texts = [text for each in reader.children(child) if (text := each.literal_text()) is not None]
    return tuple(name.strip() for text in texts for name in text.split(";") if name.strip())
