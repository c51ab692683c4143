"""Backends to clusters; the goldens in testdata/compilers/clusters show them whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from live_edge import backend_on, edge
from real_envoy import get
from tidegate.compilers.clusters import cluster_name, compile_backend, proof_audience, proof_secret
from tidegate.envoy import CLUSTER, ENDPOINT, ResourceName
from tidegate.model import (
    BackendProtocol,
    BackendTls,
    ExternalBackend,
    HealthCheck,
    HttpProbe,
    LoadBalancing,
    LoadBalancingStrategy,
)
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


def test_the_proof_goes_to_our_own_http_backends_only() -> None:
    """It is a bearer token: a host outside could use it, and raw bytes cannot carry it."""
    cart = backend("cart", 8001)
    outside = replace(cart, hostname="api.example.com", hostname_port=443)
    assert proof_audience(cart) == "cart.shop.svc"
    assert proof_audience(replace(cart, protocol=BackendProtocol.HTTP2)) == "cart.shop.svc"
    for other in (outside, replace(cart, protocol=BackendProtocol.TCP), ExternalBackend("a.test", 443, tls=True)):
        assert proof_audience(other) is None


def test_endpoints_are_no_part_of_a_cluster() -> None:
    """With probes, a ring and TLS too: only the endpoints are sent when they change."""

    def cluster_with(*ports: int) -> object:
        made = replace(
            backend("cart", *ports),
            tls=BackendTls("cart.test", ("pem",)),
            load_balancing=LoadBalancing(LoadBalancingStrategy.RING_HASH),
            health_check=HealthCheck(HttpProbe(), port=9),
        )
        resources = dict(compile_backend(made, system_roots=""))
        return {name: resource for name, resource in resources.items() if name.type_url != ENDPOINT}

    assert cluster_with(1, 2, 3) == cluster_with()


def test_a_long_probe_does_not_keep_unused_connections_for_requests() -> None:
    """Envoy ends probes by the idle timeout of requests, so that grows; these are given up by age then."""

    def options(timeout_s: float) -> object:
        checked = replace(backend("cart", 1), health_check=HealthCheck(HttpProbe(), timeout_s=timeout_s))
        ((_, cluster), *_) = compile_backend(checked, system_roots="")
        (http_options,) = cluster["typed_extension_protocol_options"].values()
        return http_options["common_http_protocol_options"]

    assert options(1) == {"idle_timeout": "4s"}
    assert options(30) == {"idle_timeout": "31s", "max_connection_duration": "4s"}


@pytest.mark.e2e
async def test_a_host_outside_is_found_by_its_name_and_gets_no_proof() -> None:
    """ExternalName; nor does it get what a client sends in the proof's place."""
    async with backend_on() as recording:
        outside = replace(backend("cart"), hostname="localhost", hostname_port=recording.port)
        async with edge(http(route("all", forward(outside))), backends=(outside,)) as here:
            answer = await get(here.port, "/", ("X-Gateway-Authorization", "Bearer forged"))
            assert answer.status == 200
            assert recording.last.header("x-gateway-authorization") is None
