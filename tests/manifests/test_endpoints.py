"""Endpoints of Services."""

from __future__ import annotations

import pytest

from compiling import compiled, sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.backends import Backends, audience
from tidegate.manifests.endpoints import endpoints_of, runnable
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.schema.core import Service
from tidegate.model import Endpoint, ObjectName

TEXT = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "%s"}}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {}
  template:
    metadata: {labels: {app: cart}, annotations: {tidegate.dev/run: serve}}
    spec: {containers: [{name: cart}]}
"""


def endpoints(text: str, *, run: bool = False, seen: tuple[Endpoint, ...] = ()) -> tuple[tuple[Endpoint, ...], Found]:
    manifests = gather(sources_of({"a.yaml": text}), Memory(), Found()).manifests
    (service,) = manifests.of(Service)
    found = Found()
    replicas = {ObjectName("shop", "cart"): seen}
    port = service.body.spec.ports[0]
    got = endpoints_of(service, port, manifests=manifests, replicas=replicas, run_workloads=run, found=found)
    assert runnable(service, manifests) == (ObjectName("shop", "cart"),)
    return got, found


@pytest.mark.parametrize("bad", ["127.0.0.1", "localhost:80", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:a", ":80"])
def test_annotation_that_is_no_address(bad: str) -> None:
    """It is told and left out; the rest is used, sorted and once."""
    got, found = endpoints(TEXT % f"127.0.0.2:80,{bad},127.0.0.1:80,127.0.0.1:80")
    assert got == (Endpoint("127.0.0.1", 80), Endpoint("127.0.0.2", 80))
    assert [d.code.code for d in found] == ["TG1204"]


def test_replicas_replace_the_annotation() -> None:
    """Where workloads run, also before the first replica accepts connections."""
    one = Endpoint("127.0.0.1", 9001)
    assert endpoints(TEXT % "127.0.0.2:80", run=True, seen=(one,))[0] == (one,)
    assert endpoints(TEXT % "127.0.0.2:80", run=True)[0] == ()
    assert len(endpoints(TEXT % "127.0.0.2:80", seen=(one,))[0]) == 1


def test_audience_is_the_service() -> None:
    """As its DNS name; and what speaks no HTTP has no backend."""
    assert audience(ObjectName("shop", "cart")) == "cart.shop.svc"
    manifests = gather(
        sources_of({"a.yaml": (TEXT % "").replace("port: 80", "port: 80, protocol: UDP")}), Memory(), Found()
    )
    backends = Backends(manifests.manifests, {}, run_workloads=False, found=Found())
    (service,) = manifests.manifests.of(Service)
    assert backends.serve(service, service.body.spec.ports[0]) is None
    assert not compiled(TEXT % "").has_errors
