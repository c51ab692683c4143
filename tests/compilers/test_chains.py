"""Filter chains that mean what they meant are the very objects that they were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.compilers.chains import ChainMaker, Chains, has_programs
from tidegate.model import Certificate, Listener, ObjectName, PolicyProgram, Protocol, Respond
from worlds import http, route

CERTIFICATE = Certificate(ObjectName("shop", "a"), "chain", "key")


def secure(**more: Any) -> Listener:
    """HTTPS for a.test."""
    plain = http(route("all", Respond(204)), hostname="a.test")
    return replace(plain, **({"protocol": Protocol.HTTPS, "certificates": (CERTIFICATE,)} | more))


def chains(*listeners: Listener, before: Chains | None = None) -> Chains:
    maker = ChainMaker("p", runtime="-- lua", log=False, before=before or {})
    for one in listeners:
        maker.https(one)
    return maker.made


def test_routes_and_certificates_leave_a_chain_as_it_is() -> None:
    """They come by RDS and SDS."""
    first = chains(secure())
    other = replace(CERTIFICATE, chain_pem="another", key_pem="key")
    second = chains(secure(certificates=(other,), routes=(route("new", Respond(200)),)), before=first)
    assert second["https/a.test"] is first["https/a.test"]


def test_a_chain_holds_the_runtime_of_policies_only_where_a_route_has_one() -> None:
    """Each copy costs every worker a Lua state."""
    program = PolicyProgram(digest="d", lua="")
    with_policy = secure(routes=(replace(route("all", Respond(204)), program=program),))
    assert (has_programs(secure()), has_programs(with_policy)) == (False, True)
    first = chains(secure())
    second = chains(with_policy, before=first)
    assert "-- lua" not in str(first["https/a.test"].part)
    assert "-- lua" in str(second["https/a.test"].part)


def test_another_hostname_leaves_the_others_chains_alone() -> None:
    first = chains(secure())
    second = chains(secure(), secure(hostname="b.test"), before=first)
    assert second["https/a.test"] is first["https/a.test"]
    assert list(second) == ["https/a.test", "https/b.test"]
