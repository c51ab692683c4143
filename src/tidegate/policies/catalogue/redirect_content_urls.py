"""`redirect-content-urls`: links of the backend in a response become the gateway's, and the other way in a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class RedirectContentUrls(Statement):
    name: ClassVar[str] = "redirect-content-urls"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True  # Where the request came in and went to is known only then.
        out.lua.line(f"R.redirect_urls(q, {out.target.body})")


def read(reader: ElementReader) -> RedirectContentUrls | None:
    policy_id = reader.literal("id") or ""
    reader.finish()
    return RedirectContentUrls(reader.span, policy_id) if reader.ok else None
