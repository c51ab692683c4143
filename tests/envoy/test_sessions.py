"""Sessions in Envoy's shape; tests/compilers/test_sessions.py shows that they last."""

from __future__ import annotations

from tidegate.envoy.sessions import STATEFUL_SESSION, cookie_hash, cookie_session, header_session, session_filter


def test_a_session_is_turned_on_by_its_route() -> None:
    """The filter itself knows none."""
    assert session_filter()["disabled"] is True
    assert "session_state" not in session_filter()["typed_config"]
    for made in (cookie_session("s", path="/", lifetime_s=None), header_session("x-s")):
        assert made[STATEFUL_SESSION]["stateful_session"]["session_state"]["typed_config"]


def test_only_a_managed_cookie_is_given() -> None:
    """An application's own is read. Without a lifetime a managed one ends with the browser."""
    assert cookie_hash("JSESSIONID", lifetime_s=60, managed=False) == {"cookie": {"name": "JSESSIONID"}}
    assert cookie_hash("AGCAffinity", lifetime_s=None, managed=True)["cookie"]["ttl"] == "0s"
