"""The order of filters, and what each says."""

from __future__ import annotations

from tidegate.envoy import SECRET, ResourceName
from tidegate.envoy.cors import CORS
from tidegate.envoy.http_filters import LUA, http_filters, program_metadata, program_override, upstream_http_filters
from tidegate.envoy.references import references
from tidegate.envoy.resources import CLUSTER
from tidegate.envoy.sessions import STATEFUL_SESSION


def names(filters: list[dict[str, object]]) -> list[object]:
    return [one["name"] for one in filters]


ROUTER = "envoy.filters.http.router"


def test_policies_come_before_the_router() -> None:
    """What they answer is readable as what a backend answers; a session's endpoint is known before one is chosen."""
    assert names(http_filters(runtime="-- lua", log_requests=False)) == [CORS, LUA, STATEFUL_SESSION, ROUTER]


def test_without_the_library_a_policy_refuses() -> None:
    """On connections that still have these filters when a route gets its listener's first policy."""
    filters = http_filters(runtime="", log_requests=False)
    assert names(filters) == [CORS, LUA, STATEFUL_SESSION, ROUTER]
    assert filters[1]["typed_config"]["abort"]["http_status"] == 503
    assert filters[1]["disabled"]


def test_the_path_is_kept_for_the_log_before_anything_changes_it() -> None:
    """And only for the log: nothing is kept where nothing is logged."""
    assert names(http_filters(runtime="", log_requests=True))[0] == "envoy.filters.http.set_filter_state"


def test_filters_are_off_until_a_route_turns_them_on() -> None:
    """A route without a program, CORS or sessions pays nothing."""
    filters = http_filters(runtime="-- lua", log_requests=False)
    assert [one.get("disabled", False) for one in filters] == [True, True, True, False]
    assert program_override(filter_context={"program": "d"})[LUA]["filter_context"] == {"program": "d"}


def test_a_program_is_found_under_the_name_of_its_filter() -> None:
    """That is where Lua's `metadata()` looks."""
    assert program_metadata({"source": "return {}"}) == {"filter_metadata": {LUA: {"source": "return {}"}}}


def test_the_proof_is_put_in_last() -> None:
    """After everything that could have written the header; it names its secret."""
    filters = upstream_http_filters(proof_secret="proof/a")
    assert names(filters) == ["envoy.filters.http.credential_injector", "envoy.filters.http.upstream_codec"]
    assert references(CLUSTER, {"filters": filters}) == {ResourceName(SECRET, "proof/a")}


def test_a_host_outside_gets_no_proof() -> None:
    assert names(upstream_http_filters(proof_secret=None)) == ["envoy.filters.http.upstream_codec"]
