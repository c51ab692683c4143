"""The world: everything that the inputs mean, in one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.model.backends import Backend, BackendId
from tidegate.model.directory import Directory
from tidegate.model.gateways import Gateway
from tidegate.model.workloads import Workload


@dataclass(frozen=True)
class World:
    gateways: tuple[Gateway, ...] = ()
    """Sorted by name. The gateway of API Management artifacts is named `apim/apim`."""
    backends: Mapping[BackendId, Backend] = field(default_factory=dict)
    """Every backend that a route refers to, and every Service port with a local workload."""
    directory: Directory = field(default_factory=Directory)
    workloads: tuple[Workload, ...] = ()
