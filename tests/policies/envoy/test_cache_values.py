"""Values in the cache, through real Envoy with two workers."""

from __future__ import annotations

from uuid import uuid4

import pytest

from policy_envoy import Lab, Route
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

KEY = '@(context.Request.Headers.GetValueOrDefault("X-Key", "nobody"))'
SHOW = set_header("X-Found", '@(context.Variables.ContainsKey("v") ? "yes" : "no")') + set_header(
    "X-Value", '@(context.Variables.GetValueOrDefault<string>("v", "none"))'
)


def test_stored_by_one_request_and_found_by_the_next(lab: Lab) -> None:
    """On whichever worker; a miss sets nothing, a default only then."""
    key = ("X-Key", str(uuid4()))
    lookup = lab.serve(document_text(f"<cache-lookup-value key='{KEY}' variable-name='v' />" + SHOW))
    default = lab.serve(document_text(f"<cache-lookup-value key='{KEY}' variable-name='v' default-value='d' />" + SHOW))
    store = lab.serve(
        document_text(
            f"<cache-store-value key='{KEY}' duration='60' "
            "value='@(context.Request.Headers.GetValueOrDefault(\"X-Value\"))' />"
        )
    )
    remove = lab.serve(document_text(f"<cache-remove-value key='{KEY}' />"))

    def seen(route: Route) -> list[tuple[str, str]]:
        answers = [route.get(key) for _ in range(8)]
        return sorted({(a.got("x-found")[0], a.got("x-value")[0]) for a in answers})

    assert (seen(lookup), seen(default)) == ([("no", "none")], [("yes", "d")])
    store.get(key, ("X-Value", "one"))
    assert (seen(lookup), seen(default)) == ([("yes", "one")], [("yes", "one")])
    store.get(key, ("X-Value", "two"))
    assert seen(lookup) == [("yes", "two")]
    remove.get(key)
    assert seen(lookup) == [("no", "none")]


def test_in_every_section(lab: Lab) -> None:
    """What outbound stores, the next request's inbound finds."""
    key = str(uuid4())
    route = lab.serve(
        document_text(
            f"<cache-lookup-value key='{key}' variable-name='v' />" + SHOW,
            outbound=f"<cache-store-value key='{key}' duration='60' value='@(\"s\" + context.Response.StatusCode)' />",
        )
    )
    assert [route.get(path="?status=202").got("x-value") for _ in range(2)] == [["none"], ["s202"]]


def test_duration_that_keeps_nothing(lab: Lab) -> None:
    """0 seconds and less: what was there before is gone too."""
    key = str(uuid4())
    lookup = lab.serve(document_text(f"<cache-lookup-value key='{key}' variable-name='v' />" + SHOW))
    for seconds, found in (("60", "yes"), ("@(0)", "no")):
        lab.serve(document_text(f"<cache-store-value key='{key}' duration='{seconds}' value='v' />")).get()
        assert lookup.get().got("x-found") == [found]
