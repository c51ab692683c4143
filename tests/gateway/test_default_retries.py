"""Requests of routes that say nothing of retries survive an endpoint that nobody listens on."""

from __future__ import annotations

import socket

import pytest

from gateway_lab import Lab
from recording_backends import Backend, running

pytestmark = pytest.mark.e2e

MANIFESTS = """---
apiVersion: v1
kind: Service
metadata: {name: half, annotations: {tidegate.dev/endpoints: "127.0.0.1:%d, 127.0.0.1:%d"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: half, port: 80}]}]
"""


def test_a_dead_endpoint_costs_no_request(lab: Lab) -> None:
    """What could not be connected goes to another endpoint: no backend can have begun to work on it."""
    alive = lab.stack.enter_context(running(lab.plane.background, Backend("alive", "127.0.0.1")))
    with socket.socket() as nobody:  # bound and not listening: the port is nobody else's meanwhile
        nobody.bind(("127.0.0.1", 0))
        lab.apply(MANIFESTS % (alive.port, nobody.getsockname()[1]))
        assert set(lab.count(40)) == {"alive"}
