"""Model to xDS, as goldens; and what must hold for every one of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from goldens import Case, Golden, cases
from real_envoy import inlined, refusal, with_test_secrets
from tidegate.compilers import CompiledResources
from tidegate.compilers.world import SYSTEM_ROOTS
from tidegate.envoy import CLUSTER, ENDPOINT, EXTENSION, LISTENER, ROUTE, SECRET, JsonObject, ResourceName
from tidegate.envoy.convert import to_any
from tidegate.model import World
from worlds import backend, compiled, forward, http, route, world
from yaml_worlds import read_world

_AREAS = ("routes", "hosts", "listeners", "clusters")
CASES = [case for area in _AREAS for case in cases(f"compilers/{area}", switches=("prints",))]


def compile_case(case: Case) -> CompiledResources:
    this, issuers = read_world(case.source_text)
    return compiled(this, issuers=issuers, runtime="-- the library")


@pytest.mark.parametrize("case", CASES)
def test_worlds_compile_as_their_goldens_say(case: Case, golden: Golden) -> None:
    """Only the part that a case is about is printed."""
    result = compile_case(case)
    printed = {part: _PRINTED[part](result) for part in case.switches["prints"]}
    plain = json.loads(json.dumps(printed))  # without YAML's anchors for what is shared
    shown = yaml.safe_dump(plain, sort_keys=False, width=120, allow_unicode=True)
    findings = "\n".join(one.concise() for one in result.diagnostics)
    golden.compare(case, {"xds.yaml": shown, "diag.txt": findings})


@pytest.mark.parametrize("case", CASES)
def test_every_golden_snapshot_is_protobuf(case: Case) -> None:
    """No field is misspelt, also inside typed configs."""
    for name, resource in compile_case(case).snapshot:
        assert to_any(name.type_url, resource).value


@pytest.mark.e2e
@pytest.mark.parametrize("case", CASES)
def test_every_golden_snapshot_is_accepted_by_envoy(case: Case, test_certificate: tuple[str, str]) -> None:
    """Envoy's own rules for values hold, and nothing deprecated is used."""
    configuration = inlined(compile_case(case).snapshot)
    text = json.dumps(configuration).replace(
        json.dumps({"filename": SYSTEM_ROOTS}), json.dumps({"inline_string": test_certificate[0]})
    )
    configuration = json.loads(text)
    for secret in configuration["static_resources"]["secrets"]:
        if "tls_certificate" in secret:
            chain, key = test_certificate
            secret["tls_certificate"] = {
                "certificate_chain": {"inline_string": chain},
                "private_key": {"inline_string": key},
            }
        if "validation_context" in secret:
            secret["validation_context"] = {"trusted_ca": {"inline_string": test_certificate[0]}}
    assert refusal(configuration) == ""


@pytest.mark.parametrize("case", CASES)
def test_compiling_is_reproducible(case: Case) -> None:
    """Gateways, listeners and backends in another order give the same bytes."""
    this, issuers = read_world(case.source_text)
    expected = compiled(this, issuers=issuers, runtime="-- the library").snapshot
    for seed in range(3):
        shuffled = _shuffled(this, random.Random(seed))
        again = compiled(shuffled, issuers=dict(reversed(issuers.items())), runtime="-- the library").snapshot
        assert again.digest == expected.digest


def test_the_proofs_are_named_and_left_to_the_shell() -> None:
    """A snapshot says which secrets it lacks; filled in, it lacks none and only they are new."""
    cart = backend("cart", 8001)
    result = compiled(world(http(route("all", forward(cart))), backends=(cart,)))
    assert result.proof_secrets == {"proof/cart.shop.svc": "cart.shop.svc"}
    assert result.snapshot.external_secrets == {"proof/cart.shop.svc"}
    filled = with_test_secrets(result.snapshot)
    assert not filled.external_secrets
    assert set(filled.versions) - set(result.snapshot.versions) == {ResourceName(SECRET, "proof/cart.shop.svc")}


def test_a_listener_in_two_gateways_with_one_address_is_merged() -> None:
    """Gateways that were given the same address share its ports."""
    first = world(http(hostname="one.example.com")).gateways[0]
    second = replace(world(http(hostname="two.example.com")).gateways[0], name=first.name._replace(name="second"))
    result = compiled(World(gateways=(second, first)))
    assert list(result.snapshot.resources[LISTENER]) == ["127.0.0.1:8080"]
    assert [h["name"] for h in result.snapshot.resources[ROUTE]["http/127.0.0.1:8080"]["virtual_hosts"]] == [
        "one.example.com"
    ]


def _shuffled(this: World, order: random.Random) -> World:
    def shuffle(items: Any) -> Any:
        mixed = list(items)
        order.shuffle(mixed)
        return mixed

    gateways = tuple(
        replace(gateway, listeners=tuple(shuffle(gateway.listeners))) for gateway in shuffle(this.gateways)
    )
    return replace(this, gateways=gateways, backends=dict(shuffle(this.backends.items())))


def _hosts(result: CompiledResources) -> Iterator[JsonObject]:
    for table in result.snapshot.resources[ROUTE].values():
        hosts = {
            ", ".join(host["domains"]): [one.get("name") for one in host["routes"]] for host in table["virtual_hosts"]
        }
        yield {table["name"]: hosts}


def _routes(result: CompiledResources) -> Iterator[JsonObject]:
    for table in result.snapshot.resources[ROUTE].values():
        for host in table["virtual_hosts"]:
            yield from host["routes"]


def _listeners(result: CompiledResources) -> Iterator[JsonObject]:
    """Without the connection manager, which is the same everywhere and has a test of its own."""
    for listener in result.snapshot.resources[LISTENER].values():
        chains = [
            {**chain, "filters": [_without_manager(one) for one in chain["filters"]]}
            for chain in listener.get("filter_chains", ())
        ]
        yield {**listener, **({"filter_chains": chains} if chains else {})}


def _without_manager(network_filter: JsonObject) -> JsonObject | str:
    rds = network_filter.get("typed_config", {}).get("rds")
    return rds["route_config_name"] if rds else network_filter


def _resources(type_url: str) -> Any:
    return lambda result: list(result.snapshot.resources[type_url].values())


_PRINTED: Mapping[str, Any] = {
    "routes": lambda result: list(_routes(result)),
    "hosts": lambda result: list(_hosts(result)),
    "listeners": lambda result: list(_listeners(result)),
    "clusters": _resources(CLUSTER),
    "endpoints": _resources(ENDPOINT),
    "proxies": _resources(EXTENSION),
    "secrets": lambda result: sorted(result.snapshot.resources[SECRET]),
    "proofs": lambda result: dict(result.proof_secrets),
    "source_map": lambda result: {str(name): str(span) for name, span in result.source_map.items()},
}
