"""The shape of every kind that Tidegate reads, one file an API group; `kinds` is the table of them all."""

from tidegate.manifests.schema.base import Resource, Schema
from tidegate.manifests.schema.kinds import KINDS, KNOWN_KINDS, Kind

__all__ = ["KINDS", "KNOWN_KINDS", "Kind", "Resource", "Schema"]
