"""Certificates with their keys, as Secrets hold them."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.model.names import ObjectName


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key from a Secret of type kubernetes.io/tls."""

    name: ObjectName
    chain_pem: str
    key_pem: str

    def __repr__(self) -> str:
        return f"Certificate({self.name}, ...)"
