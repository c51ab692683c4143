"""What a running instance does for `tidegate status`, `explain`, `token` and `simulate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from tidegate.adapters.token_service import TokenServiceClient
from tidegate.adapters.unix_http import ServiceUnreachable
from tidegate.pipeline import Settings, explain
from tidegate.pipeline.traces import read_trace, told
from tidegate.runtime.compiler import Compiled
from tidegate.runtime.operator_protocol import OperationRefused
from tidegate.runtime.operator_server import Operation
from tidegate.runtime.options import UpOptions
from tidegate.runtime.ready import ready_content
from tidegate.runtime.reconciler import Reconciler
from tidegate.runtime.status import counts, status_list
from tidegate.runtime.traces import trace_text
from tidegate.runtime.transitions import TransitionTimes
from tidegate.telemetry import names

INPUT_WRONG: Final = 1
ENVIRONMENT_FAILED: Final = 3
_ROTATION_DEADLINE_S: Final = 10.0

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


def operations(
    reconciler: Reconciler,
    *,
    options: UpOptions,
    settings: Settings,
    token_service: TokenServiceClient,
    ca_file: str,
    traces: Path,
) -> Mapping[str, Operation]:
    """The commands by name."""
    times = TransitionTimes()

    def compiled() -> Compiled:
        if reconciler.compiled is None:
            raise OperationRefused("it is still starting; nothing was compiled yet", exit_code=ENVIRONMENT_FAILED)
        return reconciler.compiled

    async def status(_request: Mapping[str, Any]) -> Any:
        now = compiled()
        world = now.compilation.world
        endpoints = reconciler.readiness.endpoints
        replicas = {
            str(name): {
                "ready": ready,
                "wanted": wanted,
                "endpoints": [f"{one.address}:{one.port}" for one in endpoints.get(name, ())],
            }
            for name, (ready, wanted) in reconciler.readiness.counts.items()
        }
        extra = {
            "serving": ready_content(world, options=options, ca_file=ca_file),
            "programmed": reconciler.programmed,
            "counts": counts(world),
            "replicas": replicas,
            "version": now.compilation.snapshot.digest[:12],
        }
        listed = status_list(now, programmed=reconciler.programmed, refused=reconciler.refused_resources, extra=extra)
        times.stamp(listed["items"], changed_at=reconciler.changed_at)
        return listed

    async def explain_request(request: Mapping[str, Any]) -> Any:
        return explained(
            now=compiled(),
            settings=settings,
            method=str(request["method"]),
            url=str(request["url"]),
            headers={str(name): str(value) for name, value in dict(request.get("headers") or {}).items()},
        )

    async def trace(request: Mapping[str, Any]) -> Any:
        compilation = compiled().compilation
        text = trace_text(traces, str(request["id"]))
        if text is None:
            raise OperationRefused("there is no such trace (any more)", exit_code=INPUT_WRONG)
        met = read_trace(text)
        lines = told(met, compilation)
        return {"text": "\n".join(lines), "json": {"id": met.id, "status": met.status, "lines": lines}}

    async def token(request: Mapping[str, Any]) -> Any:
        wish = {name: request[name] for name in ("scope", "user", "app", "tenant") if request.get(name)}
        try:
            status_code, answer = await token_service.token(wish)
        except ServiceUnreachable as reason:
            raise OperationRefused(
                f"the token service does not answer: {reason}", exit_code=ENVIRONMENT_FAILED
            ) from None
        _log.info(names.OPERATOR_REQUEST, command="token", outcome=status_code)
        if status_code != 200:
            raise OperationRefused(_oauth_error(answer), exit_code=INPUT_WRONG)
        return answer

    async def rotate_keys(_request: Mapping[str, Any]) -> Any:
        try:
            answer = await token_service.rotate_keys()
        except ServiceUnreachable as reason:
            raise OperationRefused(
                f"the token service does not answer: {reason}", exit_code=ENVIRONMENT_FAILED
            ) from None
        await reconciler.issuers.refresh_local()
        applied = await reconciler.until_programmed(deadline_s=_ROTATION_DEADLINE_S)
        _log.info(names.OPERATOR_REQUEST, command="rotate-keys", outcome=applied)
        return {**answer, "gateway_knows": applied}

    return {"status": status, "explain": explain_request, "trace": trace, "token": token, "rotate-keys": rotate_keys}


def explained(
    *, now: Compiled, settings: Settings, method: str, url: str, headers: Mapping[str, str]
) -> dict[str, Any]:
    """An explanation in both of its forms."""
    explanation = explain(now.compilation, method, url, headers, settings)
    return {"text": explanation.to_text(), "json": explanation.to_json()}


def _silent(reason: ServiceUnreachable) -> OperationRefused:
    return OperationRefused(f"the token service does not answer: {reason}", exit_code=ENVIRONMENT_FAILED)


def _oauth_error(answer: Any) -> str:
    """The error's description, in one line; Entra's has several."""
    if isinstance(answer, dict):
        text = str(answer.get("error_description") or answer.get("error") or "")
        return text.splitlines()[0] if text else "the token service refused"
    return "the token service refused"
