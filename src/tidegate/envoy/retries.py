"""Timeouts and retries of a forward action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import JsonObject

_OTHER_ENDPOINT: Final[JsonObject] = {
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 3,
}

# Nothing of the request has reached a backend's program in these cases, so sending it again is safe for any method.
_SAFE: Final = "connect-failure,refused-stream,reset-before-request"

# HTTPRouteRetry: connection errors (disconnect, reset, timeout, TCP failure) are retried where anything is.
_CONNECTION_ERRORS: Final = "connect-failure,refused-stream,reset"

_ATTEMPTS: Final = 2

# Envoy waits between nothing and twice as long with each further try; a bound keeps the last one from an age.
_LONGEST_BACKOFF: Final = 10


def default_retries(*, per_try_s: float | None = None) -> JsonObject:
    """The retries of routes that ask for none: only where no backend can have begun to work."""
    return {"retry_on": _SAFE, "num_retries": _ATTEMPTS, **_per_try(per_try_s), **_OTHER_ENDPOINT}


def retries(
    *, codes: Sequence[int], attempts: int | None, backoff_s: float | None, per_try_s: float | None = None
) -> JsonObject:
    """The retries that a route asks for, for any method: after connection errors, timeouts of one try, and codes.

    Envoy draws each pause at random, up to an interval that begins at twice `backoff_s` and doubles: on average the
    first pause is `backoff_s` long.
    """
    on = f"{_CONNECTION_ERRORS},retriable-status-codes" if codes else _CONNECTION_ERRORS
    return {
        "retry_on": on,
        "num_retries": _ATTEMPTS if attempts is None else attempts,
        **({"retriable_status_codes": sorted(set(codes))} if codes else {}),
        **_per_try(per_try_s),
        **(_backoff(backoff_s) if backoff_s else {}),
        **_OTHER_ENDPOINT,
    }


def _per_try(limit_s: float | None) -> JsonObject:
    return {"per_try_timeout": seconds(limit_s)} if limit_s else {}


def _backoff(pause_s: float) -> JsonObject:
    # Envoy counts whole milliseconds.
    base = max(2 * pause_s, 0.001)
    return {"retry_back_off": {"base_interval": seconds(base), "max_interval": seconds(base * _LONGEST_BACKOFF)}}
