"""How backends are told apart."""

from __future__ import annotations

import pytest

from tidegate.manifests.backend_ids import backend_id, presented_by, presenting, spoken_as
from tidegate.manifests.services import Client, Port
from tidegate.model import BackendId, ObjectName

CART = ObjectName("shop", "cart")
EDGE = ObjectName("infra", "edge.example")


@pytest.mark.parametrize("client", Client)
@pytest.mark.parametrize("app_protocol", [None, "kubernetes.io/h2c"])
def test_a_certificate_changes_nothing_else(client: Client, app_protocol: str | None) -> None:
    """A Gateway's certificate makes a backend of its own, spoken to in the same way; two Gateways, two backends."""
    id_ = backend_id(CART, Port(80, "", "TCP", app_protocol), client)
    own = presenting(id_, EDGE)
    assert own != id_
    assert own != presenting(id_, ObjectName("infra", "edge"))
    assert presenting(own, EDGE) == own
    assert spoken_as(own) == spoken_as(id_) == id_.variant
    assert presented_by(own) == EDGE
    assert presented_by(id_) is None


def test_http2_ports_are_one_backend_for_http_and_grpc() -> None:
    """The port says it itself: HTTPRoutes and GRPCRoutes share its connections."""
    port = Port(90, "", "TCP", "kubernetes.io/h2c")
    assert backend_id(CART, port, Client.GRPC) == backend_id(CART, port, Client.HTTP) == BackendId(CART, 90)
