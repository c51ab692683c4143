"""Durations as manifests write them, in seconds: the Gateway API's (GEP-2257) and Go's (`time.ParseDuration`)."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

_GATEWAY: Final = re.compile(r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}")
_GATEWAY_PART: Final = re.compile(r"([0-9]{1,5})(h|ms|m|s)")
_GO: Final = re.compile(r"(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+")
_GO_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_GO_LONGEST_S: Final = 9_223_372_036.0
"""Go counts nanoseconds in 64 bits."""
_LONGEST_TEXT: Final = 64


def gateway_duration(text: object) -> float:
    """Seconds of a Gateway API Duration: up to four numbers of up to five digits, each with h, m, s or ms."""
    if not isinstance(text, str) or not _GATEWAY.fullmatch(text):
        raise ValueError('a duration such as "10s", "1m30s" or "500ms", in whole numbers with h, m, s or ms')
    return _sum(_GATEWAY_PART, text)


def go_duration(text: object) -> float:
    """Seconds of a duration as Go writes it, `1.5h` and `0` among them; a negative one is no time to wait."""
    if text == "0":
        return 0.0
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT or not _GO.fullmatch(text):
        raise ValueError('a duration such as "5s", "1m30s" or "1.5h", of h, m, s, ms, us or ns')
    seconds = _sum(_GO_PART, text)
    if seconds > _GO_LONGEST_S:
        raise ValueError("a duration of at most 2562047h")
    return seconds


def _sum(part: re.Pattern[str], text: str) -> float:
    # The fractions are summed exactly, so that 1s500ms is 1.5 and "0.1s" is 0.1.
    return round(sum(float(number) * _SECONDS[unit] for number, unit in part.findall(text)), 9)


def _positive(text: object) -> float:
    seconds = go_duration(text)
    if seconds <= 0:
        raise ValueError("a duration above 0s")
    return seconds


Duration = Annotated[float, BeforeValidator(gateway_duration)]
"""A Gateway API Duration, in seconds."""
GoDuration = Annotated[float, BeforeValidator(go_duration)]
"""A Go duration, in seconds."""
PositiveGoDuration = Annotated[float, BeforeValidator(_positive)]
"""A Go duration above zero, in seconds."""
