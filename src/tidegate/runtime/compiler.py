"""Reading and compiling, off the event loop, with what has to be remembered between two compilations."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final, Literal, TypeAlias

import structlog

from tidegate.adapters.rereading import Inputs, Rereader
from tidegate.clock import Clock
from tidegate.diagnostics import Diagnostic, Found, Severity
from tidegate.envoy.egress import egress_rules
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources, shown_texts
from tidegate.runtime.options import UpOptions
from tidegate.runtime.subscription_keys import SubscriptionKeys
from tidegate.sources import SourceSet
from tidegate.telemetry import names

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


_SUBSCRIPTION: Final = "/subscriptionInformation.json"


class All(Enum):
    """The one value that stands for everything below the paths."""

    ALL = "all"


ALL: Final = All.ALL
Look: TypeAlias = frozenset[Path] | Literal[All.ALL]
"""What to read: these changed paths (none: nothing), or everything."""


def settings_of(options: UpOptions) -> Settings:
    """What of the command line changes the compilation."""
    return Settings(
        bind=options.bind,
        port_offset=options.port_offset,
        authority=options.authority,
        use_entra=options.use_entra,
        run_workloads=options.run,
        log_requests=options.log_requests,
        egress=egress_rules(options.allow_egress, refuse_private=options.refuse_private_egress),
    )


@dataclass(frozen=True)
class Compiled:
    """One compilation with everything that was found on the way."""

    compilation: Compilation
    sources: SourceSet
    diagnostics: tuple[Diagnostic, ...]
    """Of reading and of compiling, sorted."""
    duration_s: float

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics)

    @property
    def texts(self) -> Mapping[str, str]:
        return shown_texts(self.compilation, self.sources)


class Compiler:
    """Compiles the options' paths, again and again."""

    def __init__(self, options: UpOptions, *, clock: Clock) -> None:
        self._options = options
        self._keys = SubscriptionKeys(Path(options.state))
        self._settings = settings_of(options)
        self._clock = clock
        self._reader = Rereader(
            Inputs(
                paths=tuple(options.paths),
                sets=options.sets,
                skip=(options.state,),
                working_directory=Path(options.working_directory),
            )
        )
        self._read: tuple[SourceSet, tuple[Diagnostic, ...]] | None = None
        self._last: Compilation | None = None
        self._wrote_keys = False

    async def compile(self, observed: Observed, *, read: Look) -> Compiled:
        """Compile what is on the disk, or what was read last with new observations."""
        return await asyncio.to_thread(self._compile, observed, read=read)

    def _compile(self, observed: Observed, *, read: Look) -> Compiled:
        began = self._clock.monotonic()
        if self._read is None or read is ALL:
            self._read = self._reader.read_all()
        elif read:
            self._read = self._reader.read_changed(read)
        sources, found_reading = self._read
        compilation = self._compiled(sources, observed)
        self._last = compilation
        if compilation.generated_keys or self._wrote_keys:
            self._wrote_keys = self._keys.write(compilation.generated_keys) or self._wrote_keys
        found = Found(found_reading)
        found.extend(compilation.diagnostics)
        duration = self._clock.monotonic() - began
        _log.info(
            names.COMPILED,
            duration_ms=round(duration * 1000, 1),
            version=compilation.snapshot.digest[:12],
            diagnostics=len(found),
        )
        return Compiled(compilation, sources, found.sorted(), duration)

    def _compiled(self, sources: SourceSet, observed: Observed) -> Compilation:
        if not self._settings.key_seed and any(
            path.endswith("/subscriptionInformation.json") for path in sources.files
        ):
            self._settings = replace(self._settings, key_seed=self._keys.seed())
        if self._last is not None:
            return compile_sources(sources, self._settings, observed, self._last)
        # Nearly all that the first compilation makes stays: looking through it for garbage, then and later, is in vain.
        gc.disable()
        try:
            return compile_sources(sources, self._settings, observed, None)
        finally:
            gc.freeze()
            gc.enable()
