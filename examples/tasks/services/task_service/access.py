"""Who may do what, in one place.

| role   | sees            | creates             | changes and deletes |
| Admin  | all of a tenant | for everybody in it | all of a tenant     |
| Editor | their own       | for themselves      | their own           |
| Reader | their own       | -                   | -                   |

A Reader's tasks are those that an Admin made for them. Nobody sees another tenant's tasks.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate_auth import Caller

ADMIN = "Admin"
EDITOR = "Editor"
READER = "Reader"
WRITERS = (ADMIN, EDITOR)
EVERYBODY = (ADMIN, EDITOR, READER)


@dataclass(frozen=True, slots=True)
class Reach:
    """The tasks that a caller can see at all."""

    tenant: str
    owner: str | None
    """None: every owner of the tenant."""


def reach(caller: Caller) -> Reach:
    """What `caller` sees. A task outside of it does not exist for them: 404, not 403."""
    return Reach(tenant=caller.tid, owner=None if caller.has_role(ADMIN) else caller.oid)


def may_assign(caller: Caller, *, owner: str) -> bool:
    """Whether `caller` may make a task for `owner`."""
    return caller.has_role(ADMIN) or owner == caller.oid
