"""The gateway of the layout: one listener on port 81, one route an operation, the policies of its three scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.apiops.artifacts import ArtifactMemory, Artifacts
from tidegate.manifests.apiops.layout import ApiFolder, Layout, files_of, find_layout
from tidegate.manifests.apiops.schema import ApiInformation, NamedValueInformation
from tidegate.manifests.apiops.service_url import read_service_url
from tidegate.manifests.apiops.specification import Operation
from tidegate.manifests.apiops.templates import literalness, template_match
from tidegate.manifests.gather import Gathered
from tidegate.manifests.objects import text_of
from tidegate.manifests.plan import (
    GatewayPlan,
    Level,
    ListenerPlan,
    NamedValueText,
    PolicySource,
    Precedence,
    RoutePlan,
    Scope,
    ScopeId,
)
from tidegate.manifests.routes import CLOSED
from tidegate.model import (
    Forward,
    Gateway,
    Listener,
    ObjectKey,
    ObjectName,
    PathMatch,
    PathMatchKind,
    Protocol,
    Respond,
    Route,
    RouteMatch,
)
from tidegate.sources import Mapping as MappingNode
from tidegate.sources import Scalar, SourceSet
from tidegate.sources.nodes import at

NAME: Final = ObjectName("apim", "apim")
PORT: Final = 81
NOT_FOUND: Final = '{"statusCode":404,"message":"Resource not found"}'
"""API Management's own words for a request that no operation takes."""


@dataclass(frozen=True)
class ApimPlan:
    """What the layout comes to."""

    gateway: GatewayPlan | None = None
    policies: Mapping[ScopeId, PolicySource] = field(default_factory=dict)
    named_values: Mapping[str, NamedValueText] = field(default_factory=dict)
    memory: ArtifactMemory = field(default_factory=ArtifactMemory)


def resolve_apiops(
    gathered: Gathered, sources: SourceSet, memory: ArtifactMemory, *, bind: str, found: Found
) -> ApimPlan:
    """Read and resolve the layout among the inputs; an empty plan when there is none."""
    hidden = frozenset(path for path in memory.paths if sources.hides(path))
    layout = find_layout(sources, hidden, found)
    if layout is None:
        return ApimPlan()
    artifacts = Artifacts(gathered.memory.readings, memory, found)
    reader = _Reader(layout, artifacts, gathered, found)
    named_values = reader.named_values()
    routes = reader.routes()
    listener = Listener("http", PORT, Protocol.HTTP, None, (), (), layout.place)
    return ApimPlan(
        GatewayPlan(
            Gateway(NAME, bind, (), layout.place, unmatched_body=NOT_FOUND), (ListenerPlan(listener, tuple(routes)),)
        ),
        {
            path: PolicySource(sources.files.get(path), None, Span(path, 1, 1, 1, 1))
            for path in files_of(layout)
            if path.endswith(".xml")
        },
        named_values,
        ArtifactMemory(artifacts.schemas, artifacts.operations, frozenset(files_of(layout))),
    )


@dataclass(frozen=True)
class _Reader:
    layout: Layout
    artifacts: Artifacts
    gathered: Gathered
    found: Found

    def named_values(self) -> dict[str, NamedValueText]:
        values: dict[str, NamedValueText] = {}
        for folder, path in sorted(self.layout.named_values.items()):
            read = self.artifacts.read(path, NamedValueInformation, subject=f"named value {folder}")
            if read is None:
                continue
            name, value = read.properties.display_name, read.properties.value
            if value is None:
                self.found.add(
                    codes.APIM_NAMED_VALUE,
                    at=Span(path, 1, 1, 1, 1),
                    name=name,
                    reason="has no `value`",
                    help='write "value": "${NAME}" and give it with `--set NAME=...`' if read.properties.secret else "",
                )
                continue
            values[name] = NamedValueText(name, value, read.properties.secret, Span(path, 1, 1, 1, 1))
        return values

    def routes(self) -> list[RoutePlan]:
        routes: list[RoutePlan] = []
        paths: dict[str, str] = {}
        for name, api in sorted(self.layout.apis.items()):
            if self._is_old_revision(api):
                continue
            subject = f"API {name}"
            information = self.artifacts.read(api.information, ApiInformation, subject=subject)
            path = information.properties.path if information is not None else self._salvaged_path(api)
            if path is None:
                continue
            path = path.strip("/")
            other = paths.setdefault(path.lower(), name)
            if other != name:
                self._report_taken(api, first=other, path=path)
                continue
            routes += self._api_routes(api, path, information)
        return routes + [self._boundary(path) for path in paths if _inside_another(path, paths)]

    def _api_routes(self, api: ApiFolder, path: str, information: ApiInformation | None) -> list[RoutePlan]:
        """Every operation's route; one 503 for the whole path where the API cannot be served as it says."""
        operations: tuple[Operation, ...] | None = None
        if api.specification is None:
            place = Span(api.information, 1, 1, 1, 1)
            self.found.add(codes.APIM_SPECIFICATION_MISSING, at=place, api=f"`{api.name}`")
        else:
            operations = self.artifacts.read_operations(api.specification, api.name)
        forward = self._forward(api, path, information) if information is not None else None
        if operations is None or forward is None:
            return [self._closed(api, path)]
        known = {operation.id.lower(): operation for operation in operations}
        for name, policy in sorted(api.operation_policies.items()):
            if name.lower() not in known:
                self.found.add(
                    codes.APIM_OPERATION_UNKNOWN,
                    at=Span(policy, 1, 1, 1, 1),
                    api=f"`{api.name}`",
                    operation=name,
                    help=did_you_mean(name, [operation.id for operation in operations]),
                )
        options = {operation.template for operation in operations if operation.method == "OPTIONS"}
        return [self._route(api, path, o, forward, preflight=o.template not in options) for o in operations]

    def _forward(self, api: ApiFolder, path: str, information: ApiInformation) -> Forward | None:
        properties = information.properties
        if properties.subscription_required:
            self.found.add(
                codes.APIM_FIELD_UNSUPPORTED,
                at=self._at(api.information, "properties", "subscriptionRequired"),
                api=f"`{api.name}`",
                field="subscriptionRequired",
                reason="is true (its default), and subscription keys are not checked yet",
                help='write "subscriptionRequired": false',
            )
            return None
        forward = read_service_url(properties.service_url, matched=f"/{path}", manifests=self.gathered.manifests)
        if isinstance(forward, str):
            place = self._at(api.information, "properties", "serviceUrl")
            self.found.add(codes.APIM_SERVICE_URL, at=place, api=f"`{api.name}`", reason=forward)
            return None
        return forward

    def _route(
        self, api: ApiFolder, path: str, operation: Operation, forward: Forward, *, preflight: bool
    ) -> RoutePlan:
        policies = {name.lower(): policy for name, policy in api.operation_policies.items()}
        scopes = (
            (Level.GLOBAL, self.layout.policy),
            (Level.API, api.policy),
            (Level.OPERATION, policies.get(operation.id.lower())),
        )
        match = RouteMatch(template_match(path, operation.template), method=operation.method)
        return RoutePlan(
            Route(
                id=f"{NAME.name}/{api.name}/{operation.id}",
                hostnames=(),
                match=match,
                action=forward,
                owner=_owner(api.name),
                span=operation.span,
            ),
            (*_api_rank(path), literalness(operation.template), operation.template, operation.method),
            scopes=tuple(Scope(level, id_) for level, id_ in scopes if id_ is not None),
            preflight=preflight,
        )

    def _closed(self, api: ApiFolder, path: str) -> RoutePlan:
        route = Route(
            id=f"{NAME.name}/{api.name}",
            hostnames=(),
            match=RouteMatch(PathMatch(PathMatchKind.PREFIX, f"/{path}", ignore_case=True)),
            action=CLOSED,
            owner=_owner(api.name),
            span=Span(api.information, 1, 1, 1, 1),
        )
        return RoutePlan(route, (*_api_rank(path), "~", "", ""), closed=True)

    def _boundary(self, path: str) -> RoutePlan:
        """An API whose path lies inside another's takes all of it: what it does not have is not looked for outside."""
        route = Route(
            id=f"{NAME.name}/{path}/unmatched",
            hostnames=(),
            match=RouteMatch(PathMatch(PathMatchKind.PREFIX, f"/{path}", ignore_case=True)),
            action=Respond(404, NOT_FOUND),
            owner=_owner(path),
            span=self.layout.place,
        )
        return RoutePlan(route, (*_api_rank(path), "~~", "", ""))

    def _is_old_revision(self, api: ApiFolder) -> bool:
        """Whether this is a revision that is not current: it is reached by `;rev=N` only, which is not served yet."""
        root = self.artifacts.root(api.information)
        properties = root.get("properties") if isinstance(root, MappingNode) else None
        current = properties.get("isCurrent") if isinstance(properties, MappingNode) else None
        if not isinstance(current, Scalar) or current.value is not False:
            return False
        self.found.add(
            codes.APIM_FILE_UNSUPPORTED, at=current.span, what=f"revision `{api.name}`, which is not current,"
        )
        return True

    def _salvaged_path(self, api: ApiFolder) -> str | None:
        """The path of an API whose information is malformed: what it wanted to serve answers 503."""
        root = self.artifacts.root(api.information)
        properties = root.get("properties") if isinstance(root, MappingNode) else None
        return text_of(properties.get("path")) if isinstance(properties, MappingNode) else None

    def _at(self, path: str, *steps: str) -> Span:
        root = self.artifacts.root(path)
        return at(root, *steps) if root is not None else Span(path, 1, 1, 1, 1)

    def _report_taken(self, api: ApiFolder, *, first: str, path: str) -> None:
        self.found.add(
            codes.APIM_PATH_TAKEN,
            at=self._at(api.information, "properties", "path"),
            first=f"`{first}`",
            second=f"`{api.name}`",
            path=path,
        )


def _owner(api: str) -> ObjectKey:
    return ObjectKey("apimanagement.azure.com", "Api", NAME.namespace, api)


def _api_rank(path: str) -> Precedence:
    """The API with the longer path comes first."""
    return (-len(path.split("/")) if path else 0, path)


def _inside_another(path: str, paths: Mapping[str, str]) -> bool:
    return any(other != path and (not other or path.startswith(f"{other}/")) for other in paths)
