"""`emit-metric`: a number with dimensions. Here a line of JSON in `metrics.jsonl` of the state directory's `events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

DEFAULTS: Final = (
    "API ID", "Operation ID", "Product ID", "User ID", "Subscription ID", "Location", "Gateway ID", "Backend ID",
)  # fmt: skip
"""Dimensions that need no value."""
MAX_DIMENSIONS: Final = 10
DEFAULT_NAMESPACE: Final = "API Management"

Dimensions: TypeAlias = tuple[tuple[str, Setting | None], ...]
"""Names with their values; None is the default of the name."""


@dataclass(frozen=True, slots=True)
class EmitMetric(Statement):
    metric: str
    namespace: str
    value: Setting | None
    """None: 1."""
    dimensions: Dimensions

    name: ClassVar[str] = "emit-metric"

    def summary(self) -> str:
        by = ", ".join(name for name, _ in self.dimensions)
        return f"emit-metric {self.namespace}/{self.metric} by {by}"

    def emit(self, out: ProgramWriter) -> None:
        value = '"1"' if self.value is None else out.lua.local(self.value.emit(out.lua))
        dimensions = emit_dimensions(self.dimensions, out)
        names = f"{lua_string(self.metric)}, {lua_string(self.namespace)}"
        out.lua.line(f"R.emit_metric(q, {names}, {value}, {dimensions})")


def emit_dimensions(dimensions: Dimensions, out: ProgramWriter) -> str:
    """Write what works out their values; the Lua table of them all."""
    listed = [
        f"{{{lua_string(name)}, nil}}"
        if setting is None
        else f"{{{lua_string(name)}, {out.lua.local(setting.emit(out.lua))}, true}}"
        for name, setting in dimensions
    ]
    return f"{{{', '.join(listed)}}}"


def read(reader: ElementReader) -> EmitMetric | None:
    metric = reader.literal("name", required=True)
    value, namespace = reader.setting("value"), reader.literal("namespace")
    policy_id = reader.literal("id") or ""
    dimensions = read_dimensions(reader)
    if not reader.ok or metric is None:
        return None
    return EmitMetric(reader.span, policy_id, metric, namespace or DEFAULT_NAMESPACE, value, dimensions)


def read_dimensions(reader: ElementReader) -> Dimensions:
    """The `<dimension>`s, after which nothing else may be left of the element."""
    dimensions: list[tuple[str, Setting | None]] = []
    for child in reader.children("dimension"):
        name, setting = child.literal("name", required=True), child.setting("value")
        child.finish()
        if name is None:
            continue
        if setting is None and name not in DEFAULTS:
            at = child.element.attributes["name"].span
            child.error(
                codes.VALUE_UNEXPECTED, at=at, value=name, expected=f"one of {', '.join(DEFAULTS)}, or given a `value`"
            )
            reader.ok = False
        dimensions.append((name, setting))
    reader.finish()
    if reader.ok and not 1 <= len(dimensions) <= MAX_DIMENSIONS:
        expected = f"1 to {MAX_DIMENSIONS} `<dimension>`s"
        reader.error(codes.CHILD_MISSING, at=reader.span, parent=reader.name, expected=expected)
    return tuple(dimensions)
