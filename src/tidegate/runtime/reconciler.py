"""The reload loop: from what is on the disk and what was observed to what Envoy, identity and the supervisor are told.

One coroutine does everything in one order, so that there are no races: read, compile, tell the user, hand out
(directory, wanted issuers and proofs, processes), publish. Whoever notices something new sets a flag and wakes it.
A compilation that cannot be published yet (a proof is missing) is published as soon as it can; until then Envoy keeps
what it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from tidegate.adapters.token_service import TokenServiceClient
from tidegate.adapters.unix_http import ServiceUnreachable
from tidegate.clock import Clock
from tidegate.diagnostics import Diagnostic, Found
from tidegate.diagnostics.codes.config import ISSUER_UNREACHABLE
from tidegate.envoy import Snapshot
from tidegate.identity import directory_file
from tidegate.model import Directory, Protocol, World
from tidegate.pipeline import Observed
from tidegate.runtime import replica_findings
from tidegate.runtime.channel import Channel
from tidegate.runtime.compiler import ALL, Compiled, Compiler, Look
from tidegate.runtime.issuer_watch import IssuerWatch
from tidegate.runtime.options import UpOptions
from tidegate.runtime.port_plan import NoFreePort
from tidegate.runtime.process_plan import ProcessPlan
from tidegate.runtime.processes import ENVOY, ProcessReport
from tidegate.runtime.proofs import ProofKeeper
from tidegate.runtime.readiness import LOOPBACK, PATIENCE_S, Readiness, accepts
from tidegate.runtime.ready import ready_content
from tidegate.runtime.ready import summary as ready_summary
from tidegate.runtime.reporter import Reporter
from tidegate.runtime.start_checks import objection
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.workloads import Replica
from tidegate.telemetry import names
from tidegate.xds import Refused, Settled, SnapshotCache, explain_nack

ENVIRONMENT_FAILED: Final = 3
_CHECK_AFTER_S: Final = 1.0
_LISTENERS_PAUSE_S: Final = 0.02
_IDENTITY_PAUSE_S: Final = 0.02

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


@dataclass(frozen=True)
class Parts:
    """What the loop is composed of."""

    options: UpOptions
    state: StateDirectory
    clock: Clock
    channel: Channel
    reporter: Reporter
    cache: SnapshotCache
    compiler: Compiler
    token_service: TokenServiceClient
    processes: ProcessPlan


class Reconciler:
    """Build, then `connect` what needs to call back, then `run`."""

    def __init__(self, parts: Parts, *, serving: bool) -> None:
        self._parts = parts
        self._serving = serving
        """Whether the instance served already: a control process that was restarted finds its ports in use."""
        self._wake = asyncio.Event()
        self._changed_files: set[Path] = set()
        self._look: Look = ALL
        """What to read with the next compilation."""
        self._check: asyncio.TimerHandle | None = None
        self._observed: Observed | None = None
        self._compiled: Compiled | None = None
        self._directory: Directory | None = None
        self._directory_written = asyncio.Event()
        self._identity_knows = False
        """Whether the token service has read the present directory."""
        self._ready_sent: object = None
        self._settled = ""
        self._refused: frozenset[tuple[str, str]] = frozenset()
        self._shown_nacks: set[Diagnostic] = set()
        self._progress = asyncio.Event()
        """Set, and replaced, whenever `until_programmed` should look again."""
        self._busy = False
        self._began_change: float | None = None
        self.changed_at = parts.clock.now()
        """Epoch seconds: when anything was last compiled, accepted or refused."""
        self.issuers: IssuerWatch
        self.proofs: ProofKeeper
        self.readiness: Readiness

    def connect(self, *, issuers: IssuerWatch, proofs: ProofKeeper, readiness: Readiness) -> None:
        self.issuers, self.proofs, self.readiness = issuers, proofs, readiness

    def close(self) -> None:
        """Stop watching issuers and replicas."""
        if self._check is not None:
            self._check.cancel()
        self.issuers.want(())
        self.readiness.expect((), {})

    # -- what others notice ---------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Something observed is different: compile again if it matters, publish what can be."""
        self._wake.set()

    def files_changed(self, paths: Iterable[Path]) -> None:
        paths = frozenset(paths)
        self._changed_files |= paths
        if self._look is not ALL:
            self._look |= paths
        self._check_later()
        if self._began_change is None:
            self._began_change = self._parts.clock.monotonic()
        self._wake.set()

    def _check_later(self) -> None:
        """The kernel may lose events when many come at once: once it is quiet, the disk is asked."""
        if self._check is not None:
            self._check.cancel()
        self._check = asyncio.get_running_loop().call_later(_CHECK_AFTER_S, self._look_at_everything)

    def _look_at_everything(self) -> None:
        self._check = None
        self._look = ALL
        self._wake.set()

    def process_reported(self, report: ProcessReport) -> None:
        self.readiness.report(report)
        if report.name == ENVOY and report.state == "running" and report.pid is not None:
            self._step("up.envoy", f"Envoy runs (pid {report.pid})")
        if report.state == "backing-off" and report.restarts + 1 == replica_findings.RESTARTS_TOLD:
            self._tell_ended(report)
        self._wake.set()

    def issuer_failed(self, url: str, reason: str) -> None:
        found = Found()
        local = reason.startswith("the local token service")
        way = "declare the tenant: an Organization and its Applications, as in examples/tasks; or give --use-entra"
        found.add(ISSUER_UNREACHABLE, at=None, url=url, reason=reason, help=way if local else "")
        for diagnostic in found:
            self._parts.reporter.diagnostic(diagnostic, texts={})

    def refused(self, node_id: str, refused: Refused) -> None:
        """Envoy said no: show it on the user's own line, once."""
        self.changed_at = self._parts.clock.now()
        _log.warning(names.NACK, node_id=node_id, type_url=refused.type_url, version=refused.version[:12])
        current = self._parts.cache.current
        if self._compiled is None or current is None:
            return
        found = explain_nack(
            refused,
            node_id=node_id,
            source_map=self._compiled.compilation.source_map,
            resources=current.resources,
        )
        for diagnostic in found:
            if diagnostic not in self._shown_nacks:
                self._shown_nacks.add(diagnostic)
                self._parts.reporter.diagnostic(diagnostic, texts=self._compiled.texts)

    def settled(self, node_id: str, settled: Settled) -> None:
        """An Envoy has applied what it did not refuse."""
        self.changed_at = self._parts.clock.now()
        self._settled = settled.version
        self._refused = frozenset((name.type_url, name.name) for name in settled.refused)
        _log.info(names.ACK, node_id=node_id, version=settled.version[:12], refused=len(settled.refused))
        self._step("up.programmed", "Envoy has applied the configuration", version=settled.version[:12])
        if self._began_change is not None and not self._look and self._is_current(settled.version):
            took = self._parts.clock.monotonic() - self._began_change
            self._began_change = None
            what = "what Envoy did not refuse of the change" if settled.refused else "the change"
            self._parts.reporter.event(
                "reload.live", f"{what} is live after {took * 1000:.0f} ms", duration_ms=round(took * 1000, 1)
            )
        self._tell_progress()
        self._wake.set()

    # -- what operations ask --------------------------------------------------------------------------------------

    @property
    def compiled(self) -> Compiled | None:
        return self._compiled

    @property
    def refused_resources(self) -> frozenset[tuple[str, str]]:
        """(type URL, name) of what Envoy refused of the snapshot that it settled on."""
        return self._refused

    @property
    def programmed(self) -> bool:
        """Whether Envoy has applied the current snapshot."""
        return self._is_current(self._settled)

    async def until_programmed(self, *, deadline_s: float) -> bool:
        """Wait for Envoy to have everything; False at the deadline."""
        try:
            async with asyncio.timeout(deadline_s):
                while self._wake.is_set() or self._busy or not self.programmed:
                    await self._progress.wait()
        except TimeoutError:
            return False
        return True

    def _tell_progress(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()

    def _is_current(self, version: str) -> bool:
        current = self._parts.cache.current
        return current is not None and current.digest == version

    # -- the loop -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            self._busy = True
            await self._cycle()
            self._busy = False
            self._tell_progress()
            await self._wake.wait()

    async def _cycle(self) -> None:
        hour = self._parts.clock.now() // 3600 * 3600
        observed = Observed(replicas=self.readiness.endpoints, issuers=self.issuers.known, now=hour)
        read, self._look = self._look, frozenset()
        changed, self._changed_files = self._changed_files, set()
        if read or observed != self._observed:
            first = self._compiled is None
            compiled = await self._parts.compiler.compile(observed, read=read)
            self._observed, self._compiled = observed, compiled
            self.changed_at = self._parts.clock.now()
            if read:
                self._tell_compiled(compiled, changed=changed, first=first)
            no = objection(compiled, self._parts.options) if first and not self._serving else None
            if no is not None:
                self._parts.reporter.fatal(no.text, exit_code=no.exit_code)
                return
            self._hand_out(compiled)
        compiled_now = self._compiled
        if compiled_now is not None:
            self._publish(compiled_now)
            self._parts.processes.let_go(self.readiness, observed=self._observed, programmed=self.programmed)
            await self._tell_ready(compiled_now)

    async def keep_identity_informed(self) -> None:
        """Make the token service read each new directory, as soon as it answers; until cancelled."""
        while True:
            await self._directory_written.wait()
            self._directory_written.clear()
            while True:
                try:
                    await self._parts.token_service.reload()
                except ServiceUnreachable:
                    await asyncio.sleep(_IDENTITY_PAUSE_S)
                else:
                    break
            self._step("up.identity", f"the token service answers at {self._parts.options.authority}")
            if not self._directory_written.is_set():
                self._identity_knows = True
                self.issuers.local_is_ready()
                self.wake()

    def _step(self, event: str, text: str, **fields: Any) -> None:
        """A step of the first start; a control process that was restarted has nothing to tell."""
        if not self._serving:
            self._parts.reporter.step(event, text, **fields)

    def _tell_compiled(self, compiled: Compiled, *, changed: set[Path], first: bool) -> None:
        reporter = self._parts.reporter
        if first:
            took = compiled.duration_s * 1000
            count = len(compiled.texts)
            noun = "file" if count == 1 else "files"
            self._step("up.compiled", f"{count} {noun} compiled in {took:.0f} ms", duration_ms=round(took, 1))
        elif changed:
            # Directories and editors' drafts come along; they are not what was changed.
            files = sorted(self._shown(path) for path in changed if path.suffix)
            what = files[0] if len(files) == 1 else f"{len(files)} files" if files else "a directory"
            took = compiled.duration_s * 1000
            reporter.event("reload.compiled", f"{what} changed; compiled in {took:.0f} ms", duration_ms=round(took, 1))
        reporter.diagnostics(compiled.diagnostics, texts=compiled.texts)
        if changed and not first and compiled.has_errors:
            reporter.event(
                names.COMPILE_KEPT_LAST,
                "what has errors keeps its last good version; everything else is applied",
                level="warning",
            )

    def _shown(self, path: Path) -> str:
        here = Path(self._parts.options.working_directory)
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

    def _hand_out(self, compiled: Compiled) -> None:
        """Tell everyone else what follows from a compilation."""
        world = compiled.compilation.world
        if world.directory != self._directory:
            directory_file.write(self._parts.state.directory_file, world.directory)
            self._directory = world.directory
            self._identity_knows = False
            self._directory_written.set()
        self.issuers.want(compiled.compilation.issuers_needed)
        self.proofs.want(frozenset(compiled.compilation.proof_secrets.values()))
        try:
            self._parts.processes.follow(world, self.readiness)
        except NoFreePort as reason:
            self._parts.reporter.fatal(str(reason), exit_code=ENVIRONMENT_FAILED)

    def _publish(self, compiled: Compiled) -> None:
        compilation = compiled.compilation
        secrets = self.proofs.secrets(compilation.proof_secrets)
        if secrets is None or not (self._identity_knows and self.issuers.local_settled):
            return
        snapshot: Snapshot = compilation.snapshot.with_secrets(secrets, before=self._parts.cache.current)
        if self._parts.cache.publish(snapshot):
            _log.info(names.PUBLISHED, version=snapshot.digest[:12])
        elif self._began_change is not None and not self._look:
            self._began_change = None  # The files changed, but nothing that Envoy serves.

    # -- readiness ------------------------------------------------------------------------------------------------

    async def _tell_ready(self, compiled: Compiled) -> None:
        if not (self.programmed and self.readiness.settled and self.issuers.settled):
            return
        parts, world = self._parts, compiled.compilation.world
        content = ready_content(world, options=parts.options, ca_file=str(parts.state.ca_file))
        if content == self._ready_sent:
            return
        for address, port in _stream_sockets(world):
            # Envoy acknowledges a listener when it is configured; a moment later its workers listen.
            if not await _listens(address, port + parts.options.port_offset):
                self.wake()
                return
        if not await parts.token_service.health():
            await asyncio.sleep(_LISTENERS_PAUSE_S)
            self.wake()
            return
        counts = ", ".join(f"{name} {ready}/{all_}" for name, (ready, all_) in self.readiness.counts.items())
        text = ready_summary(world, options=parts.options, ca_file=str(parts.state.ca_file), replicas=counts)
        if counts:
            self._step("up.replicas", f"replicas accept connections: {counts}")
        parts.channel.send({"type": "ready", "ready": content, "summary": text})
        self._ready_sent = content

    def _tell_ended(self, report: ProcessReport) -> None:
        replica = self.readiness.replica(report.name)
        if replica is not None:
            self._show(replica_findings.ended(replica, report, logs=self._parts.state.logs))

    def replica_is_silent(self, replica: Replica, port: int, after_s: float) -> None:
        """A replica runs and does not accept connections."""
        if after_s < PATIENCE_S:
            name = replica.workload.name
            self._step(f"up.waiting.{name}", f"waiting for {name} to accept connections on {LOOPBACK}:{port}")
            return
        self._show(replica_findings.silent(replica, port=port, after_s=after_s, logs=self._parts.state.logs))

    def _show(self, found: Found) -> None:
        texts = self._compiled.texts if self._compiled is not None else {}
        for diagnostic in found:
            self._parts.reporter.diagnostic(diagnostic, texts=texts)


def _stream_sockets(world: World) -> list[tuple[str, int]]:
    """Address and port of everything that can be connected to; a UDP socket answers nobody."""
    sockets = (
        (gateway.address, listener.port)
        for gateway in world.gateways
        for listener in gateway.listeners
        if listener.protocol is not Protocol.UDP
    )
    return list(dict.fromkeys(sockets))


async def _listens(address: str, port: int) -> bool:
    for _ in range(50):
        if await accepts(address, port):
            return True
        await asyncio.sleep(_LISTENERS_PAUSE_S)
    return False
