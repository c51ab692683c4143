"""The gateway of the layout: one listener on port 81, one route an operation, the policies of its scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import apim as apim_codes
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.apiops.api import Api, ApiRouter, boundary, owner_of, rank_of
from tidegate.manifests.apiops.artifacts import ApiRoutes, ArtifactMemory, Artifacts
from tidegate.manifests.apiops.backends import read_backends
from tidegate.manifests.apiops.certificates import read_certificates
from tidegate.manifests.apiops.layout import ApiFolder, Layout, files_of, layout_of, report
from tidegate.manifests.apiops.named_values import read_named_values
from tidegate.manifests.apiops.overrides import SECTIONS, Overrides, read_overrides
from tidegate.manifests.apiops.schema import ApiInformation
from tidegate.manifests.apiops.subscriptions import Entities, read_entities
from tidegate.manifests.apiops.versions import Address, VersionSets, is_current
from tidegate.manifests.gather import Gathered
from tidegate.manifests.objects import text_of
from tidegate.manifests.plan import (
    FragmentSource,
    GatewayPlan,
    ListenerPlan,
    NamedValueText,
    PolicySource,
    RoutePlan,
    ScopeId,
)
from tidegate.manifests.routes import CLOSED
from tidegate.model import Gateway, Listener, ObjectName, PathMatch, PathMatchKind, Protocol, Route, RouteMatch
from tidegate.model.entities import BackendEntity, CertificateEntity
from tidegate.sources import Mapping as MappingNode
from tidegate.sources import SourceSet

NAME: Final = ObjectName("apim", "apim")
PORT: Final = 81
NOT_FOUND: Final = '{"statusCode":404,"message":"Resource not found"}'
"""API Management's own words for a request that no operation takes."""


@dataclass(frozen=True)
class ApimSettings:
    """What the command line says of the artifacts."""

    environment: str = ""
    """Whose `configuration.<environment>.yaml` goes over the files; "" for none."""
    key_seed: bytes = field(default=b"", repr=False)
    """What the keys of subscriptions without keys are made from; b"" makes none."""


@dataclass(frozen=True)
class ApimPlan:
    """What the layout comes to."""

    gateway: GatewayPlan | None = None
    policies: Mapping[ScopeId, PolicySource] = field(default_factory=dict)
    named_values: Mapping[str, NamedValueText] = field(default_factory=dict)
    fragments: Mapping[str, FragmentSource] = field(default_factory=dict)
    backends: Mapping[str, BackendEntity] = field(default_factory=dict)
    certificates: Mapping[str, CertificateEntity] = field(default_factory=dict)
    generated_keys: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    """(subscription, primary key, secondary key) of those that were made here."""
    memory: ArtifactMemory = field(default_factory=ArtifactMemory)


_NO_SETTINGS: Final = ApimSettings()


def resolve_apiops(
    gathered: Gathered,
    sources: SourceSet,
    memory: ArtifactMemory,
    *,
    bind: str,
    found: Found,
    settings: ApimSettings = _NO_SETTINGS,
) -> ApimPlan:
    """Read and resolve the layout among the inputs; an empty plan when there is none."""
    names, layout = _layout(sources, memory)
    if layout is None:
        return ApimPlan()
    report(layout, found)
    overrides = _overrides(layout, gathered, settings, found)
    artifacts = Artifacts(gathered.memory.readings, memory, found, overrides)
    named_values = read_named_values(layout, artifacts)
    entities = read_entities(layout, artifacts, settings.key_seed)
    reader = _Reader(layout, artifacts, gathered, entities, found)
    routes = reader.routes()
    listener = Listener("http", PORT, Protocol.HTTP, None, (), (), layout.place)
    policies = _policies(layout, sources, memory)
    return ApimPlan(
        GatewayPlan(
            Gateway(NAME, bind, (), layout.place, unmatched_body=NOT_FOUND), (ListenerPlan(listener, tuple(routes)),)
        ),
        policies,
        named_values,
        {
            name: FragmentSource(name, sources.files.get(path), Span(path, 1, 1, 1, 1))
            for name, path in layout.fragments.items()
        },
        read_backends(layout, artifacts),
        read_certificates(layout, artifacts),
        entities.generated,
        ArtifactMemory(
            artifacts.schemas,
            artifacts.specifications,
            artifacts.looked,
            reader.made,
            policies,
            frozenset(files_of(layout)),
            names,
            layout,
        ),
    )


def _layout(sources: SourceSet, memory: ArtifactMemory) -> tuple[tuple[str, ...], Layout | None]:
    """The layout; the last one as long as the same files are there. Paths that are hidden now still count."""
    hidden = {path for path in memory.paths if sources.hides(path)} if sources.unreadable else frozenset()
    # Sources come in the order of their paths.
    names = tuple(sources.files)
    if hidden or sources.unreadable:
        names = tuple(sorted({*names, *hidden, *(path for path in sources.unreadable if path)}))
    if names == memory.names:
        return names, memory.layout
    return names, layout_of(tuple(sorted(names)))


def _overrides(layout: Layout, gathered: Gathered, settings: ApimSettings, found: Found) -> Overrides:
    path = layout.configurations.get(settings.environment)
    if settings.environment and path is None:
        found.add(
            apim_codes.ENVIRONMENT_UNKNOWN,
            at=layout.place,
            environment=settings.environment,
            help=did_you_mean(settings.environment, [name for name in layout.configurations if name]),
        )
    for environment, other in sorted(layout.configurations.items()):
        if other != path:
            found.add(
                codes.APIM_FILE_UNREAD,
                at=Span(other, 1, 1, 1, 1),
                what=f"the overrides in `{other}`",
                help=f"`--set TIDEGATE_ENVIRONMENT={environment}` puts them over the artifacts" if environment else "",
            )
    if path is None or not settings.environment:
        return Overrides()
    reading = gathered.memory.readings.get(path)
    overrides = read_overrides(reading.roots[0] if reading is not None and reading.roots else None, found)
    overrides.unknown({name: frozenset(getattr(layout, table)) for name, table in SECTIONS.items()}, found)
    return overrides


def _policies(layout: Layout, sources: SourceSet, memory: ArtifactMemory) -> dict[ScopeId, PolicySource]:
    result: dict[ScopeId, PolicySource] = {}
    paths = [layout.policy, *(product.policy for product in layout.products.values())]
    for api in layout.apis.values():
        paths += [api.policy, *api.operation_policies.values()]
    for path in paths:
        if path is None:
            continue
        source, last = sources.files.get(path), memory.policies.get(path)
        if last is not None and last.source is source:
            result[path] = last
        else:
            result[path] = PolicySource(source, None, Span(path, 1, 1, 1, 1))
    return result


class _Reader:
    """One run over all APIs."""

    def __init__(
        self, layout: Layout, artifacts: Artifacts, gathered: Gathered, entities: Entities, found: Found
    ) -> None:
        self._layout = layout
        self._artifacts = artifacts
        self._found = found
        self._versions = VersionSets(layout, artifacts)
        self._router = ApiRouter(artifacts, gathered.manifests, layout.policy, entities)
        self.made: dict[str, ApiRoutes] = {}

    def routes(self) -> list[RoutePlan]:
        routes: list[RoutePlan] = []
        taken: dict[tuple[object, ...], str] = {}
        addresses: list[Address] = []
        several = {api.id for api in self._layout.apis.values() if api.revision is not None}
        for name, folder in sorted(self._layout.apis.items()):
            information = self._artifacts.read(
                folder.information, ApiInformation, subject=f"API {name}", override=("apis", name)
            )
            address = self._address(folder, information)
            if address is None:
                continue
            other = taken.setdefault(address.key, name)
            if other != name:
                self._report_taken(folder, first=other, path=address.path)
                continue
            addresses.append(address)
            if information is None:
                routes.append(self._closed(folder, address))
                continue
            api = Api(
                folder,
                information,
                self._specification(folder),
                address,
                also_by_revision=folder.id in several and is_current(folder, information.properties),
            )
            routes += self._routed(name, api)
        edges = _boundaries(addresses)
        if self._layout.policy is not None and all(address.path for address in edges):
            # The global on-error speaks of what no operation takes, too.
            edges.append(Address(""))
        return routes + [boundary(address, self._layout.place, self._layout.policy) for address in edges]

    def _routed(self, name: str, api: Api) -> tuple[RoutePlan, ...]:
        """The API's routes, the very same ones as long as nothing that they are made of has changed."""
        inputs = self._router.inputs(api)
        before = self._artifacts.before.apis.get(name)
        made = before if before is not None and before.key == inputs else self._router.routes(api, inputs)
        self.made[name] = made
        if made.diagnostics:
            self._found.extend(made.diagnostics)
        return made.routes

    def _specification(self, folder: ApiFolder) -> object:
        if folder.specification is None:
            return None
        return self._artifacts.read_specification(folder.specification, folder.name)

    def _address(self, folder: ApiFolder, information: ApiInformation | None) -> Address | None:
        if information is None:
            # What a malformed API wanted to serve answers 503, where its path can be told.
            root = self._artifacts.root(folder.information)
            properties = root.get("properties") if isinstance(root, MappingNode) else None
            path = text_of(properties.get("path")) if isinstance(properties, MappingNode) else None
            if path is None:
                return None
            return Address(path.strip("/") if folder.revision is None else f"{path.strip('/')};rev={folder.revision}")
        address = self._versions.address(folder, information.properties)
        if isinstance(address, Address):
            return address
        self._found.add(
            apim_codes.VERSION_SET,
            at=self._artifacts.place(folder.information, "properties", "apiVersionSetId"),
            api=folder.name,
            reason=address,
        )
        return None

    def _closed(self, folder: ApiFolder, address: Address) -> RoutePlan:
        route = Route(
            id=f"{NAME.name}/{folder.name}",
            hostnames=(),
            match=RouteMatch(
                PathMatch(PathMatchKind.PREFIX, f"/{address.path}", ignore_case=True),
                headers=address.headers,
                query=address.query,
            ),
            action=CLOSED,
            owner=owner_of(folder.name),
            span=Span(folder.information, 1, 1, 1, 1),
        )
        return RoutePlan(route, (*rank_of(address), "~", "", ""), closed=True)

    def _report_taken(self, folder: ApiFolder, *, first: str, path: str) -> None:
        self._found.add(
            codes.APIM_PATH_TAKEN,
            at=self._artifacts.place(folder.information, "properties", "path"),
            first=f"`{first}`",
            second=f"`{folder.name}`",
            path=path,
        )


def _boundaries(addresses: list[Address]) -> list[Address]:
    """What no operation takes is not looked for outside: of APIs inside others' paths, and of versions."""
    paths = {address.path.lower() for address in addresses}
    result: dict[tuple[object, ...], Address] = {}
    for address in addresses:
        any_version = address.any_version
        if any_version is not None:
            result.setdefault(any_version.key, any_version)
        elif _inside_another(address.path.lower(), paths):
            result.setdefault(address.key, Address(address.path))
    return list(result.values())


def _inside_another(path: str, paths: set[str]) -> bool:
    if not path:
        return False
    parts = path.split("/")
    return "" in paths or any("/".join(parts[:length]) in paths for length in range(1, len(parts)))
