"""Bytes: encodings, Convert, BitConverter, Guid, Uri."""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import Type

TYPES: Final[tuple[Type, ...]] = ()
ROWS: Final[tuple[MemberRow, ...]] = ()
