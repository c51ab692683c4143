"""Nothing of a configuration that is tested reaches the outside."""

from __future__ import annotations

import json
from pathlib import Path

from compiling import compiled
from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER
from tidegate.runtime.policy_tests.plane import stood_in

WORLD = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - backendRefs: [{name: shop, port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:9"}}
spec: {ports: [{port: 80}]}
"""


def test_every_cluster_ends_at_the_stand_ins() -> None:
    """No address is left, no TLS, no secret; listeners are what they were."""
    snapshot = compiled(WORLD).snapshot
    changed = stood_in(snapshot, Path("/run/s.sock"))
    clusters = changed.table(CLUSTER).resources
    assert clusters.keys() == snapshot.table(CLUSTER).resources.keys()
    for cluster in clusters.values():
        text = json.dumps(dict(cluster))
        assert "/run/s.sock" in text
        assert "socket_address" not in text
        assert "transport_socket" not in text
    assert not changed.table(ENDPOINT).resources
    assert not changed.external_secrets
    assert changed.table(LISTENER).resources == snapshot.table(LISTENER).resources
