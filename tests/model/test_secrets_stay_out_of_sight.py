"""What must not be read in a log, an exception or a failed assertion."""

from __future__ import annotations

from tidegate.model.gateways import Certificate
from tidegate.model.names import ObjectName
from tidegate.model.workloads import EnvironmentVariable


def test_a_certificates_key_is_not_in_its_repr() -> None:
    """The name says which one it is."""
    shown = repr(Certificate(ObjectName("shop", "tls"), chain_pem="CHAIN", key_pem="KEY"))
    assert "shop/tls" in shown
    assert "KEY" not in shown


def test_a_secret_variable_is_not_in_its_repr() -> None:
    """One that is not secret is shown."""
    assert "hunter2" not in repr(EnvironmentVariable("PASSWORD", "hunter2", secret=True))
    assert "west" in repr(EnvironmentVariable("REGION", "west"))
