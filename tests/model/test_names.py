"""How objects and what belongs to them are shown."""

from __future__ import annotations

from tidegate.model.backends import BackendId, ExternalBackend
from tidegate.model.names import ObjectKey, ObjectName


def test_names_read_as_people_write_them() -> None:
    """`Kind namespace/name`, and for cluster-scoped kinds without the namespace."""
    assert str(ObjectName("shop", "cart")) == "shop/cart"
    assert str(ObjectKey("", "Service", "shop", "cart")) == "Service shop/cart"
    assert str(ObjectKey("gateway.networking.k8s.io", "GatewayClass", "", "tidegate")) == "GatewayClass tidegate"


def test_backends_are_named_by_what_is_called() -> None:
    """A port of a Service, or an address outside."""
    assert str(BackendId(ObjectName("shop", "cart"), 80)) == "shop/cart:80"
    assert str(ExternalBackend("api.example.com", 443, tls=True)) == "https://api.example.com:443"
    assert str(ExternalBackend("api.example.com", 8080, tls=False)) == "http://api.example.com:8080"
