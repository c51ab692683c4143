"""Suites to results: one Envoy for each PolicyTest, its cases one after the other."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tidegate.clock import Clock
from tidegate.diagnostics import Span
from tidegate.manifests.schema.policy_test import Case
from tidegate.model import Gateway, Listener, Protocol, World
from tidegate.pipeline import Compilation
from tidegate.pipeline.traces import read_trace, told
from tidegate.runtime.policy_tests.client import NoAnswer, ask
from tidegate.runtime.policy_tests.judge import CaseResult, SuiteResult, judge
from tidegate.runtime.policy_tests.messages import Answer, body_of, values
from tidegate.runtime.policy_tests.plane import TRACES, envoy_with, stood_in
from tidegate.runtime.policy_tests.stand_ins import StandIns, standing_in
from tidegate.runtime.policy_tests.suites import Suite
from tidegate.runtime.policy_tests.tokens import Issuers, UnknownIssuer
from tidegate.runtime.ports import refusal
from tidegate.runtime.traces import HEADER, trace_text

PATIENCE_S: Final = 60.0
_APIM: Final = "apim"
_OFFSETS: Final = range(10_000, 45_000)

Compile = Callable[[int, Issuers], Compilation]
"""The inputs compiled at a port offset, with these issuers' keys."""


class NoListener(Exception):
    """No listener takes the URL of a case; why, in words for the user."""


async def run_suites(
    suites: Sequence[Suite], issuer_urls: Sequence[str], compile_at: Compile, *, clock: Clock
) -> tuple[SuiteResult, ...]:
    """Run them in order. Raises EnvoyFailed where nothing can be run."""
    issuers = Issuers(issuer_urls)
    results: list[SuiteResult] = []
    for suite in suites:
        async with _served(compile_at, issuers) as served:
            runner = _Runner(served, issuers, clock)
            cases = [await runner.run(case, span) for case, span in suite.cases]
        results.append(SuiteResult(suite.name, suite.span.file, tuple(cases)))
    return tuple(results)


@dataclass(frozen=True)
class _Served:
    """An Envoy that serves the inputs."""

    compilation: Compilation
    stand_ins: StandIns
    offset: int
    traces: Path

    def trace(self, id_: str) -> tuple[str, ...]:
        """What a request met, for people; nothing where no policy ran."""
        text = trace_text(self.traces, id_)
        return () if text is None else told(read_trace(text), self.compilation)


@asynccontextmanager
async def _served(compile_at: Compile, issuers: Issuers) -> AsyncIterator[_Served]:
    """A fresh Envoy: no counter and no cached value of another suite."""
    offset = _free_offset(compile_at(0, issuers).world)
    compilation = compile_at(offset, issuers)
    # A Unix socket's path is limited to about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="tidegate-"))
    try:
        socket = folder / "stand-ins.sock"
        async with standing_in(socket) as stand_ins, envoy_with(stood_in(compilation.snapshot, socket), folder):
            yield _Served(compilation, stand_ins, offset, folder / TRACES)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_offset(world: World) -> int:
    places = {(gateway.address, listener.port) for gateway in world.gateways for listener in gateway.listeners}
    for offset in random.sample(_OFFSETS, 200):
        if all(port + offset < 65_536 and refusal(address, port + offset) is None for address, port in places):
            return offset
    raise NoListener("no port offset was found at which all listeners' ports are free")


@dataclass(frozen=True)
class _Runner:
    served: _Served
    issuers: Issuers
    clock: Clock

    async def run(self, case: Case, span: Span) -> CaseResult:
        began = self.clock.monotonic()
        stand_ins = self.served.stand_ins
        stand_ins.begin(case.answers)
        trace: tuple[str, ...] = ()
        try:
            for number in range(case.repeat):
                if number:
                    stand_ins.calls.clear()
                answer = await self._ask(case)
            id_ = next(iter(values(answer.headers, HEADER)), "")
            plain = tuple(line for line in answer.headers if line[0] != HEADER)
            problems = judge(case.expect, replace(answer, headers=plain), stand_ins.calls)
            if problems:
                trace = self.served.trace(id_)
        except (NoAnswer, NoListener, UnknownIssuer) as reason:
            problems = (str(reason),)
        return CaseResult(case.name, span, self.clock.monotonic() - began, problems, trace)

    async def _ask(self, case: Case) -> Answer:
        request = case.request
        parts = urlsplit(request.url)
        gateway, listener = self._listener(parts.scheme, parts.hostname, parts.port)
        body, lines = body_of(request.body, request.json_, request.headers)
        host = parts.netloc.rpartition("@")[2] or "gateway.example.com"
        sent: list[tuple[str, str]] = [("host", host)] if all(name != "host" for name, _ in lines) else []
        sent += lines
        sent.append((HEADER, "1"))
        if request.token is not None:
            token = self.issuers.token(request.token, now=self.clock.now())
            sent.append((request.token.header, f"Bearer {token}"))
        if body or request.method in ("POST", "PUT", "PATCH"):
            sent.append(("content-length", str(len(body))))
        secure = listener.protocol is Protocol.HTTPS
        return await ask(
            (gateway.address, listener.port + self.served.offset),
            method=request.method,
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            headers=tuple(sent),
            body=body,
            client_address=request.client_address,
            server_name=(parts.hostname or listener.hostname or "localhost").lstrip("*.") if secure else None,
            patience_s=PATIENCE_S,
        )

    def _listener(self, scheme: str, host: str | None, port: int | None) -> tuple[Gateway, Listener]:
        """Who takes a URL: by its port; for a path alone API Management's gateway, or the first listener."""
        http = [
            (gateway, listener)
            for gateway in self.served.compilation.world.gateways
            for listener in gateway.listeners
            if listener.protocol in (Protocol.HTTP, Protocol.HTTPS)
        ]
        if not http:
            raise NoListener("the inputs have no HTTP listener")
        apim = [each for each in http if each[0].name.name == _APIM]
        if not scheme:
            return (apim or http)[0]
        if port is None:
            wanted = Protocol.HTTPS if scheme == "https" else Protocol.HTTP
            fitting = [each for each in http if each[1].protocol is wanted]
        else:
            fitting = [each for each in http if each[1].port == port]
        named = [each for each in fitting if each[1].hostname in (None, host)]
        if not fitting:
            ports = ", ".join(sorted({f"{listener.protocol} {listener.port}" for _, listener in http}))
            raise NoListener(f"no listener takes {scheme}://{host}{f':{port}' if port else ''}; there are {ports}")
        return (named or fitting)[0]
