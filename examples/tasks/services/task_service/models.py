"""Tasks, as they stand in requests and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Task(BaseModel):
    id: str
    title: str
    done: bool
    owner: str
    """Object id of the user whose task it is."""
    created_at: str
    updated_at: str


class NewTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    owner: ObjectId | None = None
    """Whose task it is; Admins only. Everybody else makes tasks for themselves."""


class WholeTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    done: bool


class TaskChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    done: bool | None = None


class TaskList(BaseModel):
    tasks: list[Task]


class Outcome(BaseModel):
    """What became of a change: the task itself, and what the other services were told."""

    task: Task
    notification: str
    """"sent", "failed", or "skipped" for callers that are no users."""
    audit: str
    """"written" or "failed"."""
    problems: list[str] = []
    """Why something failed. The change itself stands."""
