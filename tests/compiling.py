"""Compiling inputs from tests: texts or folders in, a compilation out, and what of it goldens show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from goldens import TESTDATA, Case
from tidegate.diagnostics.render import render
from tidegate.model import Forward, Gateway, HeaderChanges, ObjectKey, Respond, Route, StreamRoute
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources, shown_texts
from tidegate.sources import Source, SourceSet

NOTHING_OBSERVED = Observed()
TESTDATA_BASE = TESTDATA / "base"


def sources_of(files: Mapping[str, str], *, values: Mapping[str, str] | None = None) -> SourceSet:
    """Texts by path as a set of sources."""
    return SourceSet({path: Source(path, text) for path, text in sorted(files.items())}, (".",), values or {})


def compiled(
    files: str | Mapping[str, str],
    *,
    previous: Compilation | None = None,
    observed: Observed = NOTHING_OBSERVED,
    values: Mapping[str, str] | None = None,
    **settings: bool | int | str,
) -> Compilation:
    """Compile one text (as `a.yaml`) or texts by path."""
    texts = {"a.yaml": files} if isinstance(files, str) else files
    chosen = replace(Settings(), **settings)  # type: ignore[arg-type]  # tests pass Settings' own fields
    return compile_sources(sources_of(texts, values=values), chosen, observed, previous)


def files_of(case: Case) -> dict[str, str]:
    """A case's inputs by the path to show: the file and its base, or every file of the folder."""
    if case.path.is_dir():
        paths = [path for path in sorted(case.path.rglob("*")) if path.is_file()]
        return {path.relative_to(case.path).as_posix(): path.read_text("utf-8") for path in paths}
    return {case.shown_path: case.source_text, **{f"base/{path.name}": _text(path) for path in case.base}}


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def codes(compilation: Compilation) -> list[str]:
    """The codes found, in the order of their places."""
    return [diagnostic.code.code for diagnostic in compilation.diagnostics]


def shown(compilation: Compilation, files: Mapping[str, str]) -> str:
    """Diagnostics as a user sees them."""
    texts = shown_texts(compilation, sources_of(files))
    return render(compilation.diagnostics, format="full", sources=texts)


def status_text(compilation: Compilation, *kinds: str) -> str:
    """Statuses of some kinds, conditions in one line each."""
    lines: list[str] = []
    for key in sorted(compilation.statuses):
        if key.kind in kinds:
            status = compilation.statuses[key]
            lines += [str(key), *_conditions(status, "  ")]
            for part in (*status.get("listeners", ()), *status.get("parents", ()), *status.get("ancestors", ())):
                lines += [f"  {_heading(part)}", *_conditions(part, "    ")]
    return "\n".join(lines)


def _heading(part: Mapping[str, object]) -> str:
    if "attachedRoutes" in part:
        return f"listener {part['name']}, attached routes: {part['attachedRoutes']}"
    reference = part.get("parentRef") or part.get("ancestorRef")
    return yaml.safe_dump(reference, default_flow_style=True, width=1000).strip()


def _conditions(part: Mapping[str, object], indent: str) -> list[str]:
    found = part.get("conditions", ())
    assert isinstance(found, (list, tuple))
    return [
        f"{indent}{c['type']}={c['status']} {c['reason']} @{c['observedGeneration']} {c['message']}".rstrip()
        for c in found
    ]


def routes_text(gateways: Iterable[Gateway], compilation: Compilation) -> str:
    """Every route in order of precedence, one line each."""
    lines: list[str] = []
    for gateway in gateways:
        lines.append(f"{gateway.name} at {gateway.address}")
        for listener in gateway.listeners:
            host = listener.hostname or "*"
            lines.append(f"  {listener.name} {listener.protocol} {listener.port} {host}")
            lines += [f"    {_route(route, compilation)}" for route in listener.routes]
            lines += [f"    {_stream(route)}" for route in listener.stream_routes]
    return "\n".join(lines)


def _route(route: Route, compilation: Compilation) -> str:
    match = route.match
    parts = [route.id, f"[{', '.join(route.hostnames)}]", match.method or "any", match.path.kind, match.path.value]
    parts += ["(any case)"] if match.path.ignore_case else []
    parts += [f"{header.name}={header.value}" for header in match.headers]
    if route.program is not None:
        parts.append(f"policies({', '.join(step.text.split(':')[0] for step in route.program.steps)})")
    parts += _changes("request", route.request_headers) + _changes("response", route.response_headers)
    match route.action:
        case Respond(status=status):
            parts.append(f"-> {status}")
        case Forward() as forward:
            parts.append("-> " + (" ".join(f"{w.backend or 500}*{w.weight}" for w in forward.backends) or "500"))
            for name in ("matched_prefix", "replace_prefix", "host"):
                if getattr(forward, name) is not None:
                    parts.append(f"{name}={getattr(forward, name)}")
            for weighted in forward.backends:
                backend = compilation.world.backends.get(weighted.backend)  # type: ignore[arg-type]  # None is no key
                if backend is not None:
                    parts.append("{" + " ".join(f"{e.address}:{e.port}" for e in backend.endpoints) + "}")
    return " ".join(parts)


def _stream(route: StreamRoute) -> str:
    backends = " ".join(f"{w.backend or 'refused'}*{w.weight}" for w in route.backends)
    return f"{route.id} [{', '.join(route.hostnames)}] -> {backends or 'refused'}"


def _changes(side: str, changes: HeaderChanges) -> list[str]:
    return [
        *(f"{side}-set({c.name}: {c.value})" for c in changes.set),
        *(f"{side}-add({c.name}: {c.value})" for c in changes.add),
        *(f"{side}-remove({name})" for name in changes.remove),
    ]


def key(kind: str, name: str, *, group: str = "gateway.networking.k8s.io", namespace: str = "shop") -> ObjectKey:
    """An object's key; a Gateway API kind in namespace `shop` unless said otherwise."""
    return ObjectKey(group, kind, namespace, name)
