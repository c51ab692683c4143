"""alb.networking.azure.io/v1: what Application Gateway for Containers adds to the Gateway API.

Field names and limits are those of its CRDs. `override` is read because the product reads and rejects it
(OverrideNotSupported); durations are Go's, here in seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from tidegate.diagnostics.codes import kinds as codes
from tidegate.manifests.schema.base import Label, Name, PortNumber, Remark, Resource, Schema
from tidegate.manifests.schema.durations import GoDuration, PositiveGoDuration
from tidegate.manifests.schema.gateway_api.common import GroupName, HeaderName, KindName, SecretObjectReference
from tidegate.manifests.schema.rules import wrong_at
from tidegate.sources import Mapping, Node, Sequence

GROUP: Final = "alb.networking.azure.io"

_DECIMAL: Final = r"^([0-9]+([.][0-9]+)?|[.][0-9]+)$"
_NO_LIMIT: Final = 1_000_000_000
"""The CRD's default for circuit breakers: as good as none."""

Count = Annotated[int, Field(ge=0, le=2**32 - 1)]
Threshold = Annotated[int, Field(ge=1, le=2**31 - 1)]
Decimal = Annotated[str, Field(pattern=_DECIMAL, max_length=32)]
StatusCode = Annotated[int, Field(ge=100, le=599)]


class TargetRef(Schema):
    """CustomTargetRef: what a policy attaches to, and which sections of it (listeners, a Service's ports by name)."""

    group: GroupName
    kind: KindName
    name: Name
    namespace: Label | None = None
    """None: the policy's own."""
    section_names: tuple[str, ...] = ()


class ApplicationLoadBalancerSpec(Schema):
    NO_EFFECT = frozenset(("associations",))

    associations: tuple[str, ...] = ()
    """Resource ids of subnets. Nothing outside Azure has them."""


class ApplicationLoadBalancer(Resource):
    spec: ApplicationLoadBalancerSpec


class FrontendPolicyType(Schema):
    name: Literal["2023-06", "2023-06-S"]
    type: Literal["predefined"]


class FrontendVerify(Schema):
    """MTLSPolicyVerify: what is asked of the certificates that clients present."""

    ca_certificate_ref: SecretObjectReference
    subject_alt_names: tuple[Annotated[str, Field(min_length=1, max_length=253)], ...] = ()


class FrontendTLSPolicyConfig(Schema):
    policy_type: FrontendPolicyType = FrontendPolicyType(name="2023-06", type="predefined")
    verify: FrontendVerify | None = None


class FrontendTLSPolicySpec(Schema):
    target_ref: TargetRef
    default: FrontendTLSPolicyConfig | None = None
    override: FrontendTLSPolicyConfig | None = None


class FrontendTLSPolicy(Resource):
    spec: FrontendTLSPolicySpec


class PolicyPort(Schema):
    port: PortNumber


class BackendVerify(Schema):
    """CommonTLSPolicyVerify: what is asked of a backend's certificate."""

    ca_certificate_ref: SecretObjectReference
    subject_alt_name: Annotated[str, Field(min_length=1, max_length=253)] | None = None


class BackendTLSPolicyConfig(Schema):
    verify: BackendVerify | None = None
    sni: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    ports: tuple[PolicyPort, ...] = ()
    """Of the Service; empty: all of them."""
    client_certificate_ref: SecretObjectReference | None = None


class AlbBackendTLSPolicySpec(Schema):
    target_ref: TargetRef
    default: BackendTLSPolicyConfig | None = None
    override: BackendTLSPolicyConfig | None = None


class AlbBackendTLSPolicy(Resource):
    """BackendTLSPolicy of this group; the Gateway API has a kind of the same name."""

    KIND = "BackendTLSPolicy"

    spec: AlbBackendTLSPolicySpec


class StatusCodes(Schema):
    """Both ends included."""

    start: StatusCode
    end: StatusCode

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise wrong_at(("end",), f"at least `start`, which is {self.start}")
        return self


class HealthCheckMatch(Schema):
    body: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    status_codes: Annotated[tuple[StatusCodes, ...], Field(max_length=100)] = ()


class HttpSpecifiers(Schema):
    host: Annotated[str, Field(max_length=253)] | None = None
    path: Annotated[str, Field(pattern=r"^/[^\s\x00-\x1f\x7f]*$", max_length=1024)] | None = None
    match: HealthCheckMatch | None = None


class GrpcSpecifiers(Schema):
    authority: Annotated[str, Field(max_length=253)] | None = None
    service: Annotated[str, Field(max_length=253)] | None = None


class HealthCheckPolicyConfig(Schema):
    """None: the product's default (interval 5 s, timeout 30 s, healthy after 1, unhealthy after 3)."""

    interval: PositiveGoDuration | None = None
    timeout: PositiveGoDuration | None = None
    port: PortNumber | None = None
    unhealthy_threshold: Threshold | None = None
    healthy_threshold: Threshold | None = None
    use_tls: Annotated[bool | None, Field(alias="useTLS")] = None
    protocol: Literal["HTTP", "HTTPS"] | None = None
    """Of the product's documentation and older CRDs: HTTPS is `useTLS`."""
    http: HttpSpecifiers | None = None
    grpc: GrpcSpecifiers | None = None

    @model_validator(mode="after")
    def _one_protocol(self) -> Self:
        if self.protocol is not None and self.use_tls is not None:
            raise wrong_at(("protocol",), "left out where `useTLS` is given")
        if self.http is not None and self.grpc is not None:
            raise wrong_at(("grpc",), "left out where `http` is given")
        return self

    @property
    def over_tls(self) -> bool:
        """Whether TLS is asked for, in whichever way it was written."""
        return bool(self.use_tls) or self.protocol == "HTTPS"


class HealthCheckPolicySpec(Schema):
    target_ref: TargetRef
    default: HealthCheckPolicyConfig | None = None
    override: HealthCheckPolicyConfig | None = None


class HealthCheckPolicy(Resource):
    spec: HealthCheckPolicySpec


class RouteTimeouts(Schema):
    route_timeout: GoDuration | None = None
    """The whole request, streams included, in seconds; 0: no limit."""


class SessionAffinity(Schema):
    affinity_type: Literal["application-cookie", "managed-cookie"]
    cookie_name: HeaderName | None = None
    cookie_duration: GoDuration | None = None
    """In seconds."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.affinity_type == "application-cookie" and self.cookie_name is None:
            raise ValueError("an application-cookie with its `cookieName`")
        return self


class RoutePolicyConfig(Schema):
    timeouts: RouteTimeouts | None = None
    session_affinity: SessionAffinity | None = None


class RoutePolicySpec(Schema):
    target_ref: TargetRef
    default: RoutePolicyConfig | None = None
    override: RoutePolicyConfig | None = None


class RoutePolicy(Resource):
    spec: RoutePolicySpec


class TargetRefWithPorts(Schema):
    """The CRD nests the target (`targetRef`); the product's documentation writes its fields flat. Both are read."""

    target_ref: TargetRef | None = None
    group: GroupName | None = None
    kind: KindName | None = None
    name: Name | None = None
    namespace: Label | None = None
    section_names: tuple[str, ...] = ()
    ports: tuple[PolicyPort, ...] = ()

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        flat = {info.alias for name, info in type(self).model_fields.items() if name in self.model_fields_set}
        flat -= {"targetRef", "ports"}
        if self.target_ref is not None and flat:
            raise wrong_at((sorted(str(each) for each in flat)[0],), "left out where `targetRef` is given")
        if self.target_ref is None and (self.group is None or self.kind is None or self.name is None):
            raise ValueError("a `targetRef` with group, kind and name")
        return self

    @property
    def target(self) -> TargetRef:
        """The target, in whichever shape it was written."""
        if self.target_ref is not None:
            return self.target_ref
        return TargetRef.model_construct(
            group=self.group or "",
            kind=self.kind or "",
            name=self.name or "",
            namespace=self.namespace,
            section_names=self.section_names,
        )


class CircuitBreakerConfig(Schema):
    max_connections: Count = _NO_LIMIT
    max_requests: Count = _NO_LIMIT
    max_pending_requests: Count = _NO_LIMIT
    max_retries: Count = _NO_LIMIT


class SlowStartConfig(Schema):
    window: GoDuration
    """In seconds."""
    aggression: Decimal = "1.0"
    start_weight_percent: Annotated[int, Field(ge=0, le=100)] = 10

    @model_validator(mode="after")
    def _above_zero(self) -> Self:
        if float(self.aggression) == 0:
            raise wrong_at(("aggression",), "a number above 0")
        return self


class LoadAwareConfig(Schema):
    blackout_period: GoDuration = 10.0
    """In seconds."""
    metric_expiration_period: GoDuration = 180.0
    """In seconds."""
    error_utilization_penalty: Decimal = "1.0"
    named_metrics: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=253)], ...], Field(max_length=10)] = ()


class LoadBalancingConfig(Schema):
    strategy: Literal["round-robin", "least-request", "ring-hash", "load-aware"] = "round-robin"
    """The CRD's enumeration leaves out ring-hash; the product's documentation and constants have it."""
    slow_start: SlowStartConfig | None = None
    load_aware: LoadAwareConfig | None = None

    @model_validator(mode="after")
    def _compatible(self) -> Self:
        if self.slow_start is not None and self.strategy not in ("round-robin", "least-request"):
            raise wrong_at(("slowStart",), f"left out: {self.strategy} has no slow start")
        if self.load_aware is not None and self.strategy != "load-aware":
            raise wrong_at(("loadAware",), "left out unless the strategy is load-aware")
        return self


class BackendLoadBalancingPolicySpec(Schema):
    target_refs: Annotated[tuple[TargetRefWithPorts, ...], Field(min_length=1, max_length=16)]
    circuit_breaker: CircuitBreakerConfig | None = None
    load_balancing: LoadBalancingConfig | None = None


class BackendLoadBalancingPolicy(Resource):
    spec: BackendLoadBalancingPolicySpec

    @classmethod
    def remarks(cls, node: Node) -> Iterator[Remark]:
        spec = node.get("spec") if isinstance(node, Mapping) else None
        targets = spec.get("targetRefs") if isinstance(spec, Mapping) else None
        for index, target in enumerate(targets.items if isinstance(targets, Sequence) else ()):
            if isinstance(target, Mapping) and target.get("targetRef") is None:
                yield Remark(codes.SHAPE_DOCUMENTED, ("spec", "targetRefs", index))
