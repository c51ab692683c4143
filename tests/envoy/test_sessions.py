"""Sessions in Envoy's shape; tests/compilers/test_sessions.py shows that they last."""

from __future__ import annotations

import pytest

from tidegate.envoy.sessions import (
    STATEFUL_SESSION,
    cookie_hash,
    cookie_session,
    header_session,
    managed_cookie_hash,
    session_filter,
    set_cookie,
)


def test_a_session_is_turned_on_by_its_route() -> None:
    """The filter itself knows none."""
    assert session_filter()["disabled"] is True
    assert "session_state" not in session_filter()["typed_config"]
    for made in (cookie_session("s", path="/", lifetime_s=None, secure=False), header_session("x-s")):
        assert made[STATEFUL_SESSION]["stateful_session"]["session_state"]["typed_config"]


def test_only_a_managed_cookie_is_given() -> None:
    """An application's own is read. Without a lifetime a managed one ends with the browser."""
    assert cookie_hash("JSESSIONID") == {"cookie": {"name": "JSESSIONID"}}
    assert managed_cookie_hash("AGCAffinity", lifetime_s=None, secure=False)["cookie"]["ttl"] == "0s"


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_nobodys_but_the_gateways(secure: bool) -> None:
    """No script reads them, and none that came by HTTPS goes back in the clear."""
    made = set_cookie("s-backend", "a1", path="/shop", lifetime_s=60, secure=secure)
    middle = "Secure; " if secure else ""
    assert made == f"s-backend=a1; Max-Age=60; Path=/shop; SameSite=Lax; {middle}HttpOnly"
    (session,) = cookie_session("s", path="/", lifetime_s=None, secure=secure).values()
    cookie = session["stateful_session"]["session_state"]["typed_config"]["cookie"]
    hashed = managed_cookie_hash("s", lifetime_s=None, secure=secure)["cookie"]
    assert ({"name": "Secure"} in cookie["attributes"]) is secure
    assert cookie["attributes"] == hashed["attributes"]
