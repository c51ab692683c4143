"""What a RateLimitPolicy tells callers apart by."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import runtime

_NETWORK = b"""
function network(address)
  local info = { downstreamDirectRemoteAddress = function() return address end }
  return R.client_network({ h = { streamInfo = function() return info end } })
end
"""


@pytest.fixture(scope="module")
def clients() -> LuaRuntime:
    """With a function that takes an address as Envoy writes it."""
    vm = runtime()
    vm.execute(_NETWORK)
    return vm


def network(vm: LuaRuntime, address: str) -> str:
    text: bytes = vm.globals().network(address.encode())
    return text.decode()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7:51234", "192.0.2.7"),
        ("[::1]:51234", "0:0:0:0::/64"),
        ("[2001:db8::1]:1", "2001:db8:0:0::/64"),
        ("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64"),
        ("[fe80::1:2:3:4]:1", "fe80:0:0:0::/64"),
        ("[1:2:3:4:5:6:7::]:1", "1:2:3:4::/64"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
    ],
)
def test_networks(clients: LuaRuntime, address: str, expected: str) -> None:
    """IPv4 by address, IPv6 by its first half, and IPv4 in IPv6's clothes as what it is."""
    assert network(clients, address) == expected


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1))
def test_all_addresses_of_a_network_are_one_client(number: int, other: int) -> None:
    """And those of another network are another, however they are written."""
    own = ipaddress.IPv6Address(number)
    if own.ipv4_mapped is not None:
        return
    neighbour = ipaddress.IPv6Address(number >> 64 << 64 | other)
    stranger = ipaddress.IPv6Address(number ^ 1 << 64)
    here = network(_VM, f"[{own}]:1")
    if neighbour.ipv4_mapped is None:
        assert network(_VM, f"[{neighbour}]:2") == here
    assert network(_VM, f"[{stranger}]:1") != here
    assert ipaddress.ip_network(here.replace("::/64", ":0:0:0:0/64")) == ipaddress.ip_network(f"{own}/64", strict=False)


_VM = runtime()
_VM.execute(_NETWORK)


def test_claims_belong_to_their_issuer(clients: LuaRuntime) -> None:
    """The same user of another issuer is somebody else; a token without the claim is nobody's."""
    said = clients.eval(
        b"""function()
          local function token(issuer, sub)
            return { issuer = issuer, claims = sub and { sub = { n = 1, sub } } or {} }
          end
          return { R.claim_of(token("a", "x"), "sub"), R.claim_of(token("b", "x"), "sub"),
            R.claim_of(token("a", nil), "sub") == nil, R.claim_of(token(nil, "x"), "sub") }
        end"""
    )()
    assert list(said.values()) == [b"a\0x", b"b\0x", True, b"\0x"]
