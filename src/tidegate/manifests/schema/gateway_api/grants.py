"""ReferenceGrant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tidegate.manifests.schema.base import Label, Name, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import GroupName, KindName


class ReferenceGrantFrom(Schema):
    group: GroupName
    kind: KindName
    namespace: Label


class ReferenceGrantTo(Schema):
    group: GroupName
    kind: KindName
    name: Name | None = None


class ReferenceGrantSpec(Schema):
    from_: Annotated[tuple[ReferenceGrantFrom, ...], Field(alias="from", min_length=1, max_length=16)]
    to: Annotated[tuple[ReferenceGrantTo, ...], Field(min_length=1, max_length=16)]


class ReferenceGrant(Resource):
    spec: ReferenceGrantSpec
