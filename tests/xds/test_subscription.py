"""What one client subscribes to, has and has refused."""

from __future__ import annotations

import pytest

from tidegate.envoy import CLUSTER, ENDPOINT
from tidegate.xds.subscription import InFlight, Subscription

VERSIONS = {"a": "1", "b": "1"}


def started(type_url: str, *names: str, having: dict[str, str] | None = None) -> Subscription:
    subscription = Subscription(type_url)
    subscription.change(subscribe=names, unsubscribe=(), initial_versions=having or {})
    return subscription


def test_a_first_request_without_names_is_a_wildcard_where_the_protocol_says_so() -> None:
    """Clusters and listeners; for endpoints it is nothing."""
    assert started(CLUSTER).upserts(VERSIONS) == VERSIONS
    assert started(ENDPOINT).upserts(VERSIONS) == {}


def test_a_later_request_without_names_changes_nothing() -> None:
    """It is an ACK."""
    subscription = started(CLUSTER, "a")
    subscription.change(subscribe=(), unsubscribe=(), initial_versions={})
    assert subscription.upserts(VERSIONS) == {"a": "1"}


@pytest.mark.parametrize("type_url", [CLUSTER, ENDPOINT])
def test_a_star_is_everything_until_it_is_dropped(type_url: str) -> None:
    """Names that were asked for as well stay."""
    subscription = started(type_url, "*", "a")
    assert subscription.upserts(VERSIONS) == VERSIONS
    subscription.accepted(InFlight("1", VERSIONS, (), "v"))
    subscription.change(subscribe=(), unsubscribe=("*",), initial_versions={})
    assert subscription.held == {"a": "1"}
    assert not subscription.wants("b")


def test_what_the_client_has_is_not_sent() -> None:
    assert started(CLUSTER, having={"a": "1", "b": "0"}).upserts(VERSIONS) == {"b": "1"}


def test_a_client_with_nothing_is_owed_an_answer() -> None:
    """One that has something is not waiting."""
    assert started(CLUSTER).owes_answer
    assert not started(CLUSTER, having={"a": "1"}).owes_answer


def test_a_refused_version_comes_back_only_with_new_content() -> None:
    subscription = started(CLUSTER)
    subscription.rejected(InFlight("1", VERSIONS, (), "v"), ["a"], rest_applied=True)
    assert subscription.held == {"b": "1"}
    assert subscription.upserts(VERSIONS) == {}
    assert subscription.upserts({**VERSIONS, "a": "2"}) == {"a": "2"}
    subscription.prune({**VERSIONS, "a": "2"})
    assert subscription.refused == {}


def test_without_a_culprit_each_is_to_be_tried_alone() -> None:
    subscription = started(ENDPOINT, "a", "b")
    subscription.rejected(InFlight("1", VERSIONS, (), "v"), [], rest_applied=False)
    assert (subscription.held, subscription.alone) == ({}, {"a", "b"})
    assert subscription.upserts(VERSIONS) == VERSIONS


def test_what_was_dropped_while_it_was_under_way_is_not_held() -> None:
    subscription = started(ENDPOINT, "a")
    subscription.change(subscribe=(), unsubscribe=("a",), initial_versions={})
    subscription.accepted(InFlight("1", {"a": "1"}, (), "v"))
    assert subscription.held == {}
