"""What `tidegate up` tells the person who started it: lines of text, or one JSON object a line."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
from typing import IO, Any, Final

from tidegate.clock import Clock

_DIM: Final = "\x1b[2m"
_RED: Final = "\x1b[31m"
_RESET: Final = "\x1b[0m"


class Terminal:
    """Standard output and standard error. A reader that went away (`| head`) is no reason to stop serving."""

    def __init__(
        self, *, json_lines: bool, color: bool, clock: Clock, out: IO[str] | None = None, err: IO[str] | None = None
    ) -> None:
        self._json_lines = json_lines
        self._color = color
        self._clock = clock
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def event(self, event: str, text: str, *, level: str = "info", fields: dict[str, Any] | None = None) -> None:
        """Tell one event. `text` is for people and may have several lines; `event` and `fields` are for programs."""
        if self._json_lines:
            self._write(self._out, self._as_json(event, level=level, fields={"text": text, **(fields or {})}))
        elif text:
            self._write(self._out, text)

    def dim(self, event: str, text: str, *, fields: dict[str, Any] | None = None) -> None:
        """An event of little weight."""
        shown = f"{_DIM}{text}{_RESET}" if self._color and not self._json_lines else text
        self.event(event, shown, fields=fields)

    def request(self, line: str) -> None:
        """One line of Envoy's access log: a JSON object."""
        self._write(self._out, line if self._json_lines else request_line(line))

    def fatal(self, text: str, *, exit_code: int) -> None:
        """Why it ends, on standard error."""
        if self._json_lines:
            self._write(self._err, self._as_json("up.failed", level="error", fields={"text": text, "exit": exit_code}))
            return
        # A rendered diagnostic says `error[...]` itself.
        prefix = "" if text.startswith(("error", "\x1b")) else f"{_RED}error{_RESET}: " if self._color else "error: "
        self._write(self._err, prefix + text)

    def _as_json(self, event: str, *, level: str, fields: dict[str, Any]) -> str:
        at = datetime.datetime.fromtimestamp(self._clock.now(), tz=datetime.UTC).isoformat(timespec="milliseconds")
        return json.dumps({"timestamp": at, "level": level, "event": event, **fields}, ensure_ascii=False)

    @staticmethod
    def _write(stream: IO[str], line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(line + "\n")
            stream.flush()


def request_line(line: str) -> str:
    """`200 GET /tasks 12 ms, tasks/task#0.0`, from the access log's JSON; anything else as it is."""
    try:
        fields = json.loads(line)
        head = f"{fields['status']} {fields['method']} {fields['path']}"
        tail = [f"{fields['duration_ms']} ms", str(fields["route"] or "no route")]
    except (ValueError, KeyError, TypeError, RecursionError):
        return line
    if fields.get("details") not in (None, "via_upstream"):
        tail.append(str(fields["details"]))
    return f"{head}  {', '.join(tail)}"
