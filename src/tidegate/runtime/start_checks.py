"""What is looked at once, between the first compilation and the first publication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes.config import PORT_IN_USE
from tidegate.diagnostics.codes.reading import PATH_MISSING
from tidegate.diagnostics.render import render, summary
from tidegate.runtime.compiler import Compiled
from tidegate.runtime.options import IDENTITY_PORT, UpOptions
from tidegate.runtime.ports import refusal, way_out

INPUT_WRONG: Final = 1
ENVIRONMENT_FAILED: Final = 3
_OWN_PORT: Final = f"the token service has port {IDENTITY_PORT} plus the port offset; give the listener another one"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why nothing is started."""

    text: str
    exit_code: int


def objection(compiled: Compiled, options: UpOptions) -> Objection | None:
    """None: go on."""
    missing = [one for one in compiled.diagnostics if one.code is PATH_MISSING]
    if missing:
        # A wrong word on the command line, not a file with a mistake: nothing of it could be served.
        return Objection(f"not started: {missing[0].message}", INPUT_WRONG)
    if options.strict and compiled.has_errors:
        return Objection(f"not started: {summary(compiled.diagnostics)}, and --strict was given", INPUT_WRONG)
    found = _ports_in_use(compiled, options)
    if len(found):
        text = render(found, format="full", sources=compiled.texts, color=options.color).rstrip("\n")
        return Objection(text, ENVIRONMENT_FAILED)
    return None


def _ports_in_use(compiled: Compiled, options: UpOptions) -> Found:
    found = Found()
    for gateway in compiled.compilation.world.gateways:
        for listener in gateway.listeners:
            refused = refusal(gateway.address, listener.port + options.port_offset)
            if refused is not None:
                own = (refused.address, refused.port) == (options.bind, options.identity_port)
                found.add(
                    PORT_IN_USE,
                    at=listener.span,
                    what=f"listener {listener.name} of Gateway {gateway.name}",
                    address=refused.place,
                    reason=refused.reason,
                    help=_OWN_PORT if own else way_out(refused),
                )
    return found
