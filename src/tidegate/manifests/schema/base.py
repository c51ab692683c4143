"""What all schemas share.

Field names are checked by `manifests.check` before pydantic sees a value, because three answers are possible and
pydantic knows one: a name that nobody knows, a name that the standard has and Tidegate does not honour yet
(`NOT_YET`), and a name that has its meaning elsewhere and changes nothing here (`ELSEWHERE`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tidegate.diagnostics import Code
from tidegate.sources import Node

NO_TEXTS: Final[dict[str, str]] = {}
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def refused(**values: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """The table for NOT_YET_VALUES: field -> values that the standard has and Tidegate refuses."""
    return MappingProxyType({field: frozenset(names) for field, names in values.items()})


class Schema(BaseModel):
    """A mapping of a manifest: names in camel case, types as written (the text "80" is not the number 80)."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=False,
        hide_input_in_errors=True,
    )

    NOT_YET: ClassVar[frozenset[str]] = frozenset()
    """Fields that the standard defines and Tidegate refuses: they would change behaviour."""
    ELSEWHERE: ClassVar[frozenset[str]] = frozenset()
    """Fields that the standard defines and that mean nothing to a gateway outside a cluster: accepted, unread."""
    NO_EFFECT: ClassVar[frozenset[str]] = frozenset()
    """Fields of the schema that are checked and change nothing here."""
    NOT_YET_VALUES: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({})
    """Values that the standard defines and Tidegate refuses, by field."""
    SECRET: ClassVar[frozenset[str]] = frozenset()
    """Fields whose values no finding may quote."""
    SHELL_TEXT: ClassVar[frozenset[str]] = frozenset()
    """Fields in which a `${NAME}` that nobody filled is the author's business (ConfigMap data, environment values)."""

    @classmethod
    def unread(cls, node: Node) -> frozenset[type[Schema]]:  # noqa: ARG003 - a hook; most have nothing to say
        """Parts of this document that nobody will read as it stands: what is NOT_YET there changes nothing."""
        return frozenset()


def _dns_label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError("lower-case letters, digits and `-`, at most 63 characters")
    return text


def is_dns_name(text: str) -> bool:
    """Whether a text is an RFC 1123 subdomain as Kubernetes judges it: only the whole is bounded, not each label."""
    return len(text) <= 253 and _NAME.fullmatch(text) is not None


def _dns_name(text: str) -> str:
    if not is_dns_name(text):
        raise ValueError("a DNS name: lower-case letters, digits, `-` and `.`, at most 253 characters")
    return text


def _hostname(text: str) -> str:
    bare = text.removeprefix("*.")
    if len(bare) > 253 or not all(_LABEL.fullmatch(part) for part in bare.split(".")) or _all_digits(bare):
        raise ValueError("a lower-case host name, without port or scheme, with at most a leading `*.`")
    return text


def _all_digits(text: str) -> bool:
    # Gateway API, Hostname: "does not allow IP addresses".
    return all(part.isdigit() for part in text.split("."))


Label = Annotated[str, AfterValidator(_dns_label)]
"""RFC 1123 label: names of Services, ports, namespaces."""
Name = Annotated[str, AfterValidator(_dns_name)]
"""RFC 1123 subdomain: names of most objects."""
Hostname = Annotated[str, AfterValidator(_hostname)]
"""Gateway API Hostname: a DNS name or `*.` and one."""
PortNumber = Annotated[int, Field(ge=1, le=65535)]


class ObjectMeta(Schema):
    """Names, labels and annotations; the API server's own fields are accepted and unread."""

    ELSEWHERE = frozenset(
        (
            "uid", "resourceVersion", "selfLink", "managedFields", "ownerReferences", "finalizers", "generateName",
            "deletionTimestamp", "deletionGracePeriodSeconds", "clusterName",
        )
    )  # fmt: skip
    SHELL_TEXT = frozenset(("annotations",))

    name: Name
    namespace: Label | None = None
    labels: dict[str, str] = NO_TEXTS
    annotations: dict[str, str] = NO_TEXTS
    generation: Annotated[int, Field(ge=1)] | None = None
    creation_timestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of a document that is well formed."""

    code: Code
    path: tuple[str | int, ...]


class Resource(Schema):
    """A whole document."""

    ELSEWHERE = frozenset(("status",))

    KIND: ClassVar[str] = ""
    """The kind, where the class is called otherwise since another group has a kind of that name."""
    LOST: ClassVar[str] = ""
    """Of a kind that is read and refused as a whole: what its author loses."""
    INSTEAD: ClassVar[str] = ""
    """And what to do instead."""

    api_version: str
    kind: str
    metadata: ObjectMeta

    @classmethod
    def kind_name(cls) -> str:
        """The kind as documents write it."""
        return cls.KIND or cls.__name__

    @classmethod
    def remarks(cls, node: Node) -> Iterator[Remark]:  # noqa: ARG003 - a hook; most have nothing to say
        """What to say of a document that is well formed."""
        yield from ()


class LocalObjectReference(Schema):
    name: Name
