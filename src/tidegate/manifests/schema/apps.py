"""apps: Deployment, as far as a local process needs it.

A pod template says much that only a cluster can do (images, probes, volumes, security contexts). Those fields are
accepted by name and unread; only a name that Kubernetes does not have is refused.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tidegate.manifests.schema.base import NO_TEXTS, Resource, Schema
from tidegate.manifests.schema.gateway_api import LabelSelector
from tidegate.sources import Mapping, Node

RUN: Final = "tidegate.dev/run"
"""The annotation that says how to run one replica as a local process."""


class KeySelector(Schema):
    """secretKeyRef and configMapKeyRef."""

    name: str
    key: str
    optional: bool = False


class EnvVarSource(Schema):
    NOT_YET = frozenset(("fieldRef", "resourceFieldRef", "fileKeyRef"))

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


class Container(Schema):
    ELSEWHERE = frozenset(
        (
            "image", "imagePullPolicy", "command", "args", "workingDir", "ports", "resources", "resizePolicy",
            "restartPolicy", "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe",
            "startupProbe", "lifecycle", "terminationMessagePath", "terminationMessagePolicy",
            "securityContext", "stdin", "stdinOnce", "tty",
        )
    )  # fmt: skip

    name: str
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()


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
