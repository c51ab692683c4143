"""Backends to clusters; the goldens in testdata/compilers/clusters show them whole."""

from __future__ import annotations

import pytest

from tidegate.compilers.clusters import cluster_name, compile_backend, proof_secret
from tidegate.envoy import CLUSTER, ENDPOINT, ResourceName
from tidegate.model import ExternalBackend
from worlds import backend, compiled, forward, http, route, world


def test_a_service_is_a_cluster_and_its_endpoints() -> None:
    """Under one name."""
    cart = backend("cart", 8001)
    made = dict(compile_backend(cart, system_roots=""))
    assert list(made) == [ResourceName(CLUSTER, "shop/cart:80"), ResourceName(ENDPOINT, "shop/cart:80")]


def test_two_ports_of_a_service_share_a_proof() -> None:
    """The audience is the Service."""
    plain, admin = backend("cart", 8001), backend("cart", 8002, port=81)
    result = compiled(world(http(route("all", forward(plain, admin))), backends=(plain, admin)))
    assert list(result.snapshot.resources[CLUSTER]) == ["shop/cart:80", "shop/cart:81"]
    assert list(result.proof_secrets) == [proof_secret("cart.shop.svc")]


def test_a_backend_that_the_world_does_not_have_is_our_mistake() -> None:
    """A route refers to it, so it must be there."""
    with pytest.raises(KeyError):
        compiled(world(http(route("all", forward(backend("cart", 8001))))))


def test_names_tell_backends_apart() -> None:
    """Scheme, host and port are all part of an outside host's name."""
    outside = [ExternalBackend("a.test", 443, tls=True), ExternalBackend("a.test", 443, tls=False)]
    assert [cluster_name(one) for one in outside] == ["https://a.test:443", "http://a.test:443"]
