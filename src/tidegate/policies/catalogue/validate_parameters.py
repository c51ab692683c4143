"""`validate-parameters`: headers, query and path of a request against the API's specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.validating import Validation, action, action_table, named_actions
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_PLACES: Final = {"headers": "header", "query": "query", "path": "path"}


@dataclass(frozen=True, slots=True)
class Group:
    """What is done about parameters of one place."""

    specified: Setting
    unspecified: Setting
    named: tuple[tuple[str, Setting], ...]


@dataclass(frozen=True, slots=True)
class ValidateParameters(Validation):
    groups: tuple[tuple[str, Group], ...]
    """Of header, query and path."""

    name: ClassVar[str] = "validate-parameters"

    @property
    def settings(self) -> Iterator[Setting]:
        for _, group in self.groups:
            yield from (group.specified, group.unspecified, *(setting for _, setting in group.named))

    def summary(self) -> str:
        shown = ", ".join(f"{place} {group.specified.shown}/{group.unspecified.shown}" for place, group in self.groups)
        return f"validate-parameters (specified/unspecified): {shown}"

    def emit(self, out: ProgramWriter) -> None:
        out.needs.add("parameters")
        fields = []
        for place, group in self.groups:
            unspecified = "" if place == "path" else f"unspecified = {_text(group.unspecified, out)}, "
            named = action_table(group.named, out, lower=place != "path")
            fields.append(f"{place} = {{specified = {_text(group.specified, out)}, {unspecified}named = {named}}}")
        table = f"{{{', '.join(fields)}}}"
        if all(setting.expression is None for setting in self.settings):
            table = out.lua.constant(table)
        out.lua.line(f"R.validate_parameters(q, {table}, {self.kept_in(out)})")


def _text(setting: Setting, out: ProgramWriter) -> str:
    text = setting.emit(out.lua)
    return f'({text} or "")' if setting.may_be_null else text


def read(reader: ElementReader) -> ValidateParameters | None:
    specified = action(reader, "specified-parameter-action")
    unspecified = action(reader, "unspecified-parameter-action")
    variable = reader.literal("errors-variable-name") or ""
    policy_id = reader.literal("id") or ""
    groups: dict[str, Group] = {}
    for element, place in _PLACES.items():
        for each in reader.child(element):
            own = action(each, "specified-parameter-action", required=False)
            other = action(each, "unspecified-parameter-action", required=False) if place != "path" else None
            named = named_actions(each, "parameter")
            if each.finish() and specified is not None and unspecified is not None:
                groups[place] = Group(own or specified, other or unspecified, named)
    if not reader.finish() or specified is None or unspecified is None:
        return None
    default = Group(specified, unspecified, ())
    every = tuple((place, groups.get(place, default)) for place in _PLACES.values())
    return ValidateParameters(reader.span, policy_id, variable, every)
