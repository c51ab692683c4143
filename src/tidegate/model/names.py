"""How objects are named. Named tuples: thousands of them are hashed and sorted with every change of a file."""

from __future__ import annotations

from typing import NamedTuple


class ObjectName(NamedTuple):
    """Namespace and name of a namespaced object."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class ObjectKey(NamedTuple):
    """One object among all inputs. API group, kind, namespace ("" for cluster-scoped kinds) and name."""

    group: str
    """"" for Kubernetes core."""
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
