"""The part of docs/supported.md on policies: what each reader of the catalogue asks its element for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found
from tidegate.policies.catalogue import CATALOGUE, NOT_YET
from tidegate.policies.catalogue.kind import Kind
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.sources import Source, read_xml
from tidegate.sources.xml import Attribute, Element

NOTES: Final = {
    "authentication-certificate": (
        "To hosts outside by https URLs that are known before anything runs; certificates of Key Vault, and those "
        "extracted without their keys, are refused where a policy names them."
    ),
    "authentication-managed-identity": (
        "The token comes from the local token service, once for each resource, and is kept until shortly "
        "before it expires."
    ),
    "azure-openai-emit-token-metric": "As `llm-emit-token-metric`.",
    "azure-openai-token-limit": "As `llm-token-limit`.",
    "base": "In every section. At the global scope it stands for nothing.",
    "cache-lookup": (
        "A hit ends the request as `return-response` does: outbound does not run again. Answers with "
        "Set-Cookie or `Vary: *` are not kept. The cache is one machine's, shared by its workers, and "
        "bounded."
    ),
    "cache-lookup-value": (
        "On a miss without a default the variable is not set. The cache is one machine's, shared by its "
        'workers, and bounded; `caching-type="external"` is refused.'
    ),
    "cors": (
        "Preflight requests are answered by it and never reach a backend. `terminate-unmatched-request` is "
        "true unless given."
    ),
    "emit-metric": (
        "A line of JSON in `events/metrics.jsonl` of the state directory; nothing is sent to Azure Monitor."
    ),
    "forward-request": (
        "Envoy's router forwards, and answers stream. Inside `retry`, before other policies, and where it "
        "follows redirects the program calls instead, and holds the answer whole (8 MiB at most)."
    ),
    "json-to-xml": (
        "Several roots are wrapped in `<Document>`; null becomes `xsi:nil`; an empty array an empty element."
    ),
    "jsonp": "`cb(...)` as application/javascript; a name that is none is an error with 400.",
    "limit-concurrency": (
        "Exact over the workers of one machine; who goes away while inside leaves within about two seconds."
    ),
    "llm-emit-token-metric": (
        "Three lines of JSON in `events/metrics.jsonl` of the state directory, by the answer's `usage`; where it "
        "tells none, a token for every four bytes."
    ),
    "llm-token-limit": (
        "By the answer's `usage`, of event streams too; where it tells none, a token for every four bytes."
    ),
    "log-to-eventhub": (
        "A line of JSON in `events/eventhub-<logger-id>.jsonl` of the state directory; nothing is sent to Azure."
    ),
    "proxy": "Refused: where all traffic must pass a proxy, let the network say so.",
    "quota": "Counts outlive restarts. A request body that comes in chunks counts no bandwidth.",
    "quota-by-key": (
        "Counts outlive restarts. A request body that comes in chunks counts no bandwidth. With `--valkey` "
        "many machines share them ([decision 0017](decisions/0017-shared-state.md))."
    ),
    "rate-limit": "A sliding window for each subscription; only requests with a key count.",
    "rate-limit-by-key": (
        "A sliding window, exact over the workers of a machine, and with `--valkey` over machines: never "
        "more calls pass than allowed ([decisions "
        "0003](decisions/0003-exact-rate-limits-in-shared-memory.md), "
        "[0017](decisions/0017-shared-state.md)). Counts that depend on the response can pass the limit by "
        "the calls under way."
    ),
    "redirect-content-urls": "Bodies only.",
    "retry": "Waits as written. Around `forward-request` the program calls the backend and holds its answer whole.",
    "send-request": (
        "Destinations of loopback, link-local and metadata networks are refused, also where a name leads "
        "there, unless the configuration allows them ([decision 0016](decisions/0016-egress.md)). HTTP/1.1; "
        "answers of 8 MiB at most."
    ),
    "send-service-bus-message": "A line of JSON in the state directory's `events`; nothing is sent to Azure.",
    "set-backend-service": (
        "Destinations as for `send-request`. Pools with weights and priorities; an entity's circuit breaker is refused."
    ),
    "set-body": "Liquid in C# naming; `include` and `extends` are refused.",
    "set-header": "What the client sent under another spelling of the name is removed too.",
    "set-status": "Envoy sends its own reason phrase; `reason` is for `context.Response.StatusReason`.",
    "trace": "To Envoy's log, and to the request's own trace (`tidegate explain --send`).",
    "validate-azure-ad-token": "On the engine of `validate-jwt`; tokens of version 1 and 2.",
    "validate-client-certificate": "Revocation lists are not fetched: `validate-revocation` must be false.",
    "validate-content": "JSON against the specification's schema; XML and SOAP are refused.",
    "validate-jwt": (
        "RS, PS and HS with 256, 384 and 512 bits, with the algorithm bound to the key; encrypted tokens "
        "with shared keys. A verdict is remembered until the token expires."
    ),
    "wait": (
        "Calls go side by side where all that it holds are `send-request`s; anything else runs one after the other."
    ),
    "xml-to-json": "`direct` as Newtonsoft does it. Comments are dropped.",
}
"""What a reader of the page must know beside the names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a policy's reader takes, as paths such as `required-claims/claim@name`."""

    honoured: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(slots=True)
class Recorder(ElementReader):
    """An element of which every child that is asked for exists, and that remembers what it was asked."""

    path: str = ""
    honoured: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def attribute(self, name: str, *, required: bool = False) -> Attribute | None:  # noqa: ARG002 - the signature is the reader's
        """Remember the name; there is no attribute."""
        asked = f"{self.path}@{name}" if self.path else name
        if asked not in self.honoured:
            self.honoured.append(asked)
        return None

    def unsupported(self, *names: str, help: str = "") -> None:  # noqa: ARG002 - the signature is the reader's
        """Remember the names as refused."""
        self.refused.extend(f"{self.path}@{name}" if self.path else name for name in names)

    def unsupported_child(self, *names: str, help: str = "") -> None:  # noqa: ARG002 - the signature is the reader's
        """Remember the names as refused."""
        self.refused.extend(f"<{name}>" for name in names)

    def children(self, name: str) -> Iterator[ElementReader]:
        """One child of the name, which remembers into the same lists."""
        path = f"{self.path}/{name}".lstrip("/")
        if f"<{path}>" not in self.honoured:
            self.honoured.append(f"<{path}>")
        yield Recorder(
            _element(name), self.section, {}, Found(), path=path, honoured=self.honoured, refused=self.refused
        )


def _element(name: str) -> Element:
    """An element with nothing in it."""
    element = read_xml(Source("catalogue", f"<{name} />"), Found())
    if element is None:
        raise ValueError(name)
    return element


def asked(name: str, kind: Kind) -> Asked:
    """What the policy's reader takes from its element."""
    recorder = Recorder(_element(name), kind.sections[0], {}, Found())
    kind.read(recorder)
    return Asked(tuple(recorder.honoured), tuple(recorder.refused))


def render() -> str:
    """One section for each policy that is translated, then the names of the rest."""
    parts = [f"### base\n\n{NOTES['base']}\n"]
    parts += [section(name, kind) for name, kind in sorted(CATALOGUE.items())]
    listed = ", ".join(f"`{name}`" for name in sorted(NOT_YET))
    parts.append(f"### Refused by name\n\nAn error each, with its place; none is dropped.\n\n{listed}\n")
    return "\n".join(parts)


def section(name: str, kind: Kind) -> str:
    """Where it may stand, and what it may hold."""
    found = asked(name, kind)
    once = ", once in a section" if kind.once else ""
    note = f"{NOTES.get(name, '')} [Its page](policies/{name}.md).".strip()
    lines = [f"### {name}", "", note, "", f"- In: {', '.join(kind.sections)}{once}"]
    lines.append(f"- Honoured: {_listed(found.honoured)}")
    if found.refused:
        lines.append(f"- Refused with an error: {_listed(found.refused)}")
    return "\n".join([*lines, ""])


def _listed(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)
