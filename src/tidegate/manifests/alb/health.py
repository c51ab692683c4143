"""How a port's endpoints are probed: a HealthCheckPolicy, else the readinessProbe of the pods' Deployment, else the
default where it applies (decision 0008)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.endpoints import Slices
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import HealthCheckPolicy, HealthCheckPolicyConfig
from tidegate.manifests.schema.apps import RUN, Container, Deployment, HttpGetAction, Probe
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.selectors import selects_pods
from tidegate.model import GrpcProbe, HealthCheck, HttpProbe, ObjectKey, TcpProbe

DEFAULT_HOST: Final = "localhost"
ANY_ANSWER: Final = ((100, 499),)
"""What the default probe takes for well: the product's documentation does not say, and an answer is a sign of life."""

DEFAULT: Final = HealthCheck(HttpProbe("/", DEFAULT_HOST, ANY_ANSWER))
"""GET / every 5 s, 30 s to answer; well after one, failing after three."""

Labelled = Mapping[tuple[str, str], Sequence[ObjectKey]]
"""Deployments by each label of their pods."""


def from_policy(
    policy: Object[HealthCheckPolicy], service: Object[Service], port: ServicePort, manifests: Manifests
) -> HealthCheck:
    """What a policy asks of the endpoints of one port."""
    config = policy.body.spec.default or HealthCheckPolicyConfig()
    probe: HttpProbe | GrpcProbe
    if config.grpc is not None:
        probe = GrpcProbe(config.grpc.service or "", config.grpc.authority or "")
    else:
        http = config.http
        match = http.match if http else None
        ranges = tuple((each.start, each.end) for each in match.status_codes) if match else ()
        probe = HttpProbe(
            path=(http.path if http else None) or "/",
            host=(http.host if http else None) or DEFAULT_HOST,
            statuses=ranges or HttpProbe().statuses,
            body=match.body if match else None,
        )
    own = HealthCheck(probe)
    port_asked = None if config.port in _serving_ports(service, port, manifests) else config.port
    # HealthCheckPolicyConfig.useTLS: at the serving port probes go as requests do, at another one in the clear.
    tls = True if config.over_tls else False if port_asked is not None else None
    return HealthCheck(
        probe,
        interval_s=config.interval or own.interval_s,
        timeout_s=config.timeout or own.timeout_s,
        healthy_threshold=config.healthy_threshold or own.healthy_threshold,
        unhealthy_threshold=config.unhealthy_threshold or own.unhealthy_threshold,
        port=port_asked,
        tls=tls,
    )


def from_readiness(
    manifests: Manifests, service: Object[Service], port: ServicePort, labelled: Labelled, found: Found
) -> HealthCheck | None:
    """The readinessProbe of the first Deployment whose pods the Service selects; None where none can be kept."""
    for key in _candidates(service, labelled):
        deployment = manifests.get(Deployment, group=key.group, namespace=key.namespace, name=key.name)
        if deployment is None:
            continue
        template = deployment.body.spec.template
        if not selects_pods(service.body.spec.selector, template.metadata.labels):
            continue
        container = _probed_container(template.spec.containers, port)
        if container is None or container.readiness_probe is None:
            continue
        kept = _kept(container.readiness_probe, container, port, local=RUN in template.metadata.annotations)
        if isinstance(kept, HealthCheck):
            return kept
        if kept:
            index = template.spec.containers.index(container)
            found.add(
                codes.READINESS_PROBE,
                at=deployment.key_at("spec", "template", "spec", "containers", index, "readinessProbe"),
                deployment=deployment.key,
                service=service.name,
                reason=kept,
                help="say what to ask instead in a HealthCheckPolicy",
            )
    return None


def by_default(slices: Slices) -> HealthCheck | None:
    """The default probe, for endpoints that nobody else watches: those of EndpointSlices."""
    return DEFAULT if slices else None


def labelled_deployments(manifests: Manifests, namespace: str) -> dict[tuple[str, str], tuple[ObjectKey, ...]]:
    """The Deployments of a namespace that have a readinessProbe, by each label of their pods."""
    labelled: dict[tuple[str, str], list[ObjectKey]] = {}
    for deployment in manifests.in_namespace(Deployment, namespace):
        template = deployment.body.spec.template
        if any(container.readiness_probe is not None for container in template.spec.containers):
            for item in template.metadata.labels.items():
                labelled.setdefault(item, []).append(deployment.key)
    return {item: tuple(keys) for item, keys in sorted(labelled.items())}


def _candidates(service: Object[Service], labelled: Labelled) -> Sequence[ObjectKey]:
    """The shortest list of one label of the selector: all of them must be there."""
    lists = [labelled.get(item, ()) for item in service.body.spec.selector.items()]
    return min(lists, key=len) if lists else ()


def _serving_ports(service: Object[Service], port: ServicePort, manifests: Manifests) -> set[int]:
    """Numbers that mean the port at which requests are served: locally, another number may stand for it."""
    if isinstance(port.target_port, int):
        return {port.target_port}
    if port.target_port is None:
        return {port.port}
    return {
        each.container_port
        for deployment in manifests.in_namespace(Deployment, service.key.namespace)
        if selects_pods(service.body.spec.selector, deployment.body.spec.template.metadata.labels)
        for container in deployment.body.spec.template.spec.containers
        for each in container.ports
        if each.name == port.target_port
    }


def _probed_container(containers: Sequence[Container], port: ServicePort) -> Container | None:
    """The container that serves the port; where nobody says, the first with a probe."""
    target = port.target_port if port.target_port is not None else port.port
    for container in containers:
        if any(target in (each.container_port, each.name) for each in container.ports):
            return container
    return next((each for each in containers if each.readiness_probe is not None), None)


def _kept(probe: Probe, container: Container, port: ServicePort, *, local: bool) -> HealthCheck | str:
    """The same check by the gateway, or why not; "" where a kubelet alone could make it."""
    asked: HttpProbe | GrpcProbe | TcpProbe
    tls: bool | None = None
    if probe.http_get is not None:
        number: int | str = probe.http_get.port
        if reason := _not_http(probe.http_get):
            return reason
        headers = {each.name.lower(): each.value for each in probe.http_get.http_headers}
        asked = HttpProbe(probe.http_get.path or "/", headers.get("host", ""))
        # A kubelet asks as the probe says, whatever requests do.
        tls = probe.http_get.scheme == "HTTPS"
    elif probe.grpc is not None:
        number, asked = probe.grpc.port, GrpcProbe(probe.grpc.service)
    elif probe.tcp_socket is not None:
        number, asked = probe.tcp_socket.port, TcpProbe()
        if probe.tcp_socket.host is not None:
            return f"it asks another host, `{probe.tcp_socket.host}`"
    else:
        return ""
    names = {each.name: each.container_port for each in container.ports}
    at = names.get(number) if isinstance(number, str) else number
    if at is None:
        return f"no port of the container is called `{number}`"
    target = port.target_port if port.target_port is not None else port.port
    serving = names.get(target) if isinstance(target, str) else target
    if at != serving and local:
        return f"it asks port {at}, and a local process serves one port only"
    return HealthCheck(
        asked,
        interval_s=float(probe.period_seconds),
        timeout_s=float(probe.timeout_seconds),
        healthy_threshold=probe.success_threshold,
        unhealthy_threshold=probe.failure_threshold,
        port=None if at == serving else at,
        tls=tls,
    )


def _not_http(action: HttpGetAction) -> str:
    if action.host is not None:
        return f"it asks another host, `{action.host}`"
    others = [each.name for each in action.http_headers if each.name.lower() != "host"]
    return f"it sends the header `{others[0]}`" if others else ""
