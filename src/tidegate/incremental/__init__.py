"""Incremental computation: functions that are asked again only when something that they looked at has changed.

Reading order: `queries` (the engine), `layered` (its tables), `chunks` (many items, of which few change at a time). It
knows nothing of manifests: what the inputs are, and which of them changed, is its user's.
"""

from tidegate.incremental.chunks import Chunk, chunked
from tidegate.incremental.differences import Difference, difference
from tidegate.incremental.queries import Cycle, Frame, Memo, Revision

__all__ = ["Chunk", "Cycle", "Difference", "Frame", "Memo", "Revision", "chunked", "difference"]
