"""What the catalogue says of a policy: how it is read, and where it may stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tidegate.policies.document import Statement

if TYPE_CHECKING:
    from tidegate.policies.catalogue.reader import ElementReader

ALL: Final = ("inbound", "backend", "outbound", "on-error")
REQUEST: Final = ("inbound", "backend")


@dataclass(frozen=True, slots=True)
class Kind:
    """A policy that is translated."""

    read: Callable[[ElementReader], Statement | None]
    sections: tuple[str, ...]
    once: bool = False
    """At most one in a section of a document."""
    top: bool = False
    """Only as a direct child of a section."""
    within: tuple[str, ...] = ()
    """Elements with their own rules that it may stand in, whatever the section: `return-response`, `send-request`,
    `wait`. It then changes that element's message."""
