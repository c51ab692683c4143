"""apps: Deployment, as far as a local process needs it.

A pod template says much that only a cluster can do (images, probes, volumes, security contexts). Those fields are
accepted by name and unread; only a name that Kubernetes does not have is refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from tidegate.manifests.schema.base import NO_TEXTS, PortNumber, Resource, Schema
from tidegate.manifests.schema.gateway_api import LabelSelector
from tidegate.sources import Mapping, Node

RUN: Final = "tidegate.dev/run"
"""The annotation that says how to run one replica as a local process."""


class KeySelector(Schema):
    """secretKeyRef and configMapKeyRef."""

    name: str
    key: str
    optional: bool = False


_LABELLED: Final = re.compile(r"metadata\.(?:labels|annotations)\['[^']+'\]")
_FIELDS: Final = ("metadata.name", "metadata.namespace", "spec.serviceAccountName", "status.podIP", "status.hostIP")


def _pod_field(path: str) -> str:
    if path not in _FIELDS and _LABELLED.fullmatch(path) is None:
        raise ValueError(f"{', '.join(_FIELDS)}, metadata.labels['KEY'] or metadata.annotations['KEY']")
    return path


class ObjectFieldSelector(Schema):
    """fieldRef: what a replica is told of its pod."""

    ELSEWHERE = frozenset(("apiVersion",))

    field_path: Annotated[str, AfterValidator(_pod_field)]


class EnvVarSource(Schema):
    NOT_YET = frozenset(("resourceFieldRef", "fileKeyRef"))

    field_ref: ObjectFieldSelector | None = None

    secret_key_ref: KeySelector | None = None
    config_map_key_ref: KeySelector | None = None


class EnvVar(Schema):
    SHELL_TEXT = frozenset(("value",))

    name: Annotated[str, Field(min_length=1, pattern=r"^[^=\x00]+$")]
    value: str | None = None
    value_from: EnvVarSource | None = None


class EnvSource(Schema):
    name: str
    optional: bool = False


class EnvFromSource(Schema):
    prefix: str = ""
    secret_ref: EnvSource | None = None
    config_map_ref: EnvSource | None = None


class ContainerPort(Schema):
    ELSEWHERE = frozenset(("hostIP", "hostPort"))

    name: str | None = None
    container_port: PortNumber
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"


class ProbeHeader(Schema):
    name: str
    value: str


class HttpGetAction(Schema):
    path: str = "/"
    port: int | str
    """A number, or the name of one of the container's ports."""
    host: str | None = None
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    http_headers: tuple[ProbeHeader, ...] = ()


class GrpcAction(Schema):
    port: PortNumber
    service: str = ""


class TcpSocketAction(Schema):
    port: int | str
    host: str | None = None


class ExecAction(Schema):
    command: tuple[str, ...] = ()


class Probe(Schema):
    """A readinessProbe; times in seconds."""

    ELSEWHERE = frozenset(("terminationGracePeriodSeconds", "initialDelaySeconds"))
    NO_EFFECT = frozenset(("exec",))

    http_get: HttpGetAction | None = None
    grpc: GrpcAction | None = None
    tcp_socket: TcpSocketAction | None = None
    exec: ExecAction | None = None
    """A command in the container: only a kubelet can run it."""
    period_seconds: Annotated[int, Field(ge=1)] = 10
    timeout_seconds: Annotated[int, Field(ge=1)] = 1
    success_threshold: Annotated[int, Field(ge=1)] = 1
    failure_threshold: Annotated[int, Field(ge=1)] = 3


class Container(Schema):
    ELSEWHERE = frozenset(
        (
            "image", "imagePullPolicy", "command", "args", "workingDir", "resources", "resizePolicy",
            "restartPolicy", "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe",
            "startupProbe", "lifecycle", "terminationMessagePath", "terminationMessagePolicy",
            "securityContext", "stdin", "stdinOnce", "tty",
        )
    )  # fmt: skip

    name: str
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    readiness_probe: Probe | None = None


class PodSpec(Schema):
    ELSEWHERE = frozenset(
        (
            "volumes", "initContainers", "ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds",
            "activeDeadlineSeconds", "dnsPolicy", "dnsConfig", "nodeSelector", "nodeName", "serviceAccount",
            "automountServiceAccountToken", "hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace",
            "securityContext", "imagePullSecrets", "hostname", "subdomain", "setHostnameAsFQDN", "affinity",
            "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority", "preemptionPolicy",
            "readinessGates", "runtimeClassName", "enableServiceLinks", "overhead", "topologySpreadConstraints", "os",
            "schedulingGates", "resourceClaims", "resources", "hostnameOverride",
        )
    )  # fmt: skip

    NO_EFFECT = frozenset(("serviceAccountName",))

    containers: Annotated[tuple[Container, ...], Field(min_length=1)]
    service_account_name: str | None = None


class TemplateMeta(Schema):
    ELSEWHERE = frozenset(("name", "namespace", "creationTimestamp", "generateName", "finalizers", "ownerReferences"))
    SHELL_TEXT = frozenset(("annotations",))

    labels: dict[str, str] = NO_TEXTS
    annotations: dict[str, str] = NO_TEXTS


class PodTemplate(Schema):
    metadata: TemplateMeta = TemplateMeta()
    spec: PodSpec


class DeploymentSpec(Schema):
    ELSEWHERE = frozenset(
        ("strategy", "minReadySeconds", "revisionHistoryLimit", "paused", "progressDeadlineSeconds"),
    )

    replicas: Annotated[int, Field(ge=0, le=1000)] = 1
    selector: LabelSelector
    template: PodTemplate


class Deployment(Resource):
    spec: DeploymentSpec

    @classmethod
    def unread(cls, node: Node) -> frozenset[type[Schema]]:
        """Without a command to run here, a container's environment is the cluster's business alone."""
        inner: Node | None = node
        for name in ("spec", "template", "metadata", "annotations"):
            inner = inner.get(name) if isinstance(inner, Mapping) else None
        runs_here = isinstance(inner, Mapping) and inner.get(RUN) is not None
        return frozenset() if runs_here else frozenset((EnvVarSource,))
