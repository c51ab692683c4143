"""`ip-filter`: callers are let in, or kept out, by the address that they call from."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

ACTIONS: Final = ("allow", "forbid")


@dataclass(frozen=True, slots=True)
class IpFilter(Statement):
    action: Setting
    addresses: tuple[Setting, ...]
    ranges: tuple[Setting, ...]
    """Pairs: from, to."""

    name: ClassVar[str] = "ip-filter"

    def summary(self) -> str:
        pairs = zip(self.ranges[::2], self.ranges[1::2], strict=True)
        listed = [each.shown for each in self.addresses] + [f"{a.shown}-{b.shown}" for a, b in pairs]
        return f"ip-filter {self.action.shown}: {', '.join(listed)}"

    def emit(self, out: ProgramWriter) -> None:
        action = self.action.emit(out.lua)
        if self.action.expression is not None:
            action = out.lua.local(action)
        addresses, ranges = _listed(self.addresses, out), _listed(self.ranges, out)
        out.lua.line(f"R.ip_filter(q, {action}, {addresses}, {ranges})")


def _listed(settings: tuple[Setting, ...], out: ProgramWriter) -> str:
    if all(each.expression is None for each in settings):
        texts = [each.emit(out.lua) for each in settings]
        return out.lua.constant(f"{{{', '.join([f'n = {len(settings)}', *texts])}}}")
    # One after the other: a null among them must leave its place empty.
    locals_ = [out.lua.local(each.emit(out.lua)) for each in settings]
    return f"{{n = {len(settings)}, {', '.join(f'({name})' for name in locals_)}}}"


def read(reader: ElementReader) -> IpFilter | None:
    action = reader.setting("action", required=True)
    if action is not None and isinstance(action.literal, str) and action.literal not in ACTIONS:
        reader.error(codes.VALUE_UNEXPECTED, at=action.span, value=action.literal, expected="allow or forbid")
    policy_id = reader.literal("id") or ""
    addresses = tuple(value for child in reader.children("address") if (value := child.text()) is not None)
    ranges: list[Setting] = []
    for child in reader.children("address-range"):
        low, high = child.setting("from", required=True), child.setting("to", required=True)
        if child.finish() and low is not None and high is not None:
            ranges += [low, high]
            _check_range(child, low, high)
    for address in (*addresses, *ranges):
        _check_address(reader, address)
    if reader.ok and not addresses and not ranges:
        expected = "an `<address>` or an `<address-range>`"
        reader.error(codes.CHILD_MISSING, at=reader.span, parent=reader.name, expected=expected)
    if not reader.finish() or action is None:
        return None
    return IpFilter(reader.span, policy_id, action, addresses, tuple(ranges))


def _check_address(reader: ElementReader, setting: Setting) -> None:
    if not isinstance(setting.literal, str) or _parsed(setting) is not None:
        return
    help = 'write `<address-range from="..." to="..." />`' if "/" in setting.literal else ""
    reader.error(codes.VALUE_UNEXPECTED, at=setting.span, value=setting.shown, expected="an IP address", help=help)


def _check_range(reader: ElementReader, low: Setting, high: Setting) -> None:
    first, last = _parsed(low), _parsed(high)
    if first is None or last is None:
        return
    if first.version != last.version or int(first) > int(last):
        reader.error(
            codes.VALUE_UNEXPECTED, at=high.span, value=high.shown, expected=f"an address at or behind {low.shown}"
        )


def _parsed(setting: Setting):  # type: ignore[no-untyped-def]  # one of two classes without a common name
    try:
        return ip_address(str(setting.literal).strip()) if isinstance(setting.literal, str) else None
    except ValueError:
        return None
