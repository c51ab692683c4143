"""Deployments with `tidegate.dev/run`: how to run one replica as a local process."""

from __future__ import annotations

import posixpath
import shlex
from pathlib import PurePosixPath

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.codes import references as reference_codes
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.apps import RUN, Container, Deployment
from tidegate.manifests.schema.core import ConfigMap, Secret, Service
from tidegate.manifests.secrets import config_texts, secret_texts
from tidegate.manifests.selectors import selects_pods
from tidegate.model import EnvironmentVariable, ObjectKey, Workload

DIRECTORY = "tidegate.dev/directory"


def resolve_workloads(manifests: Manifests, found: Found) -> tuple[Workload, ...]:
    """Every Deployment with a local command, sorted by name. One whose environment does not resolve is left out."""
    workloads = (_workload(d, manifests, found) for d in manifests.of(Deployment))
    return tuple(w for w in workloads if w is not None)


def _workload(deployment: Object[Deployment], manifests: Manifests, found: Found) -> Workload | None:
    template = deployment.body.spec.template
    text = template.metadata.annotations.get(RUN)
    if text is None:
        return None
    place = deployment.at("spec", "template", "metadata", "annotations", RUN)
    try:
        command = tuple(shlex.split(text))
    except ValueError:
        found.add(codes.RUN_COMMAND, at=place, object=deployment.key, reason="not closed: a quote is missing")
        return None
    if not command:
        found.add(codes.RUN_COMMAND, at=place, object=deployment.key, reason="empty")
        return None
    if len(template.spec.containers) > 1:
        found.add(codes.RUN_CONTAINERS, at=place, object=deployment.key, count=len(template.spec.containers))
        return None
    environment = _environment(deployment, template.spec.containers[0], manifests, found)
    if environment is None:
        return None
    folder = PurePosixPath(deployment.file).parent / template.metadata.annotations.get(DIRECTORY, ".")
    return Workload(
        name=deployment.name,
        command=command,
        directory=posixpath.normpath(folder.as_posix()),
        replicas=deployment.body.spec.replicas,
        environment=environment,
        services=tuple(
            s.name
            for s in manifests.of(Service)
            if s.key.namespace == deployment.key.namespace
            and selects_pods(s.body.spec.selector, template.metadata.labels)
        ),
        span=deployment.at("metadata", "name"),
    )


def _environment(
    deployment: Object[Deployment], container: Container, manifests: Manifests, found: Found
) -> tuple[EnvironmentVariable, ...] | None:
    """In Kubernetes' order: envFrom first, a later source over an earlier one, then env over all of it."""
    values: dict[str, EnvironmentVariable] = {}
    complete = True
    base = ("spec", "template", "spec", "containers", 0)

    def missing(variable: str, kind: str, name: str, *path: str | int, key: str = "") -> None:
        target = ObjectKey("", kind, deployment.key.namespace, name)
        if target not in manifests.refused:
            found.add(
                reference_codes.ENVIRONMENT_REFERENCE,
                at=deployment.at(*base, *path),
                object=deployment.key,
                variable=f"`{variable}`",
                target=f"key `{key}` of {target}" if key else target,
            )

    for index, source in enumerate(container.env_from):
        for reference, kind in ((source.secret_ref, "Secret"), (source.config_map_ref, "ConfigMap")):
            if reference is None:
                continue
            texts = _texts(deployment, kind, reference.name, manifests)
            if texts is None and not reference.optional:
                missing(f"{source.prefix}*", kind, reference.name, "envFrom", index)
                complete = False
            for name, value in (texts or {}).items():
                full = source.prefix + name
                values[full] = EnvironmentVariable(full, value, secret=kind == "Secret")
    for index, variable in enumerate(container.env):
        if variable.value_from is None:
            values[variable.name] = EnvironmentVariable(variable.name, variable.value or "")
            continue
        if (field := variable.value_from.field_ref) is not None:
            values[variable.name] = _of_pod(variable.name, field.field_path, deployment)
            continue
        for key, kind in (
            (variable.value_from.secret_key_ref, "Secret"),
            (variable.value_from.config_map_key_ref, "ConfigMap"),
        ):
            if key is None:
                continue
            texts = _texts(deployment, kind, key.name, manifests)
            if texts is not None and key.key in texts:
                values[variable.name] = EnvironmentVariable(variable.name, texts[key.key], secret=kind == "Secret")
            elif not key.optional:
                missing(variable.name, kind, key.name, "env", index, "valueFrom", key=key.key)
                complete = False
    return tuple(values[name] for name in sorted(values)) if complete else None


def _of_pod(variable: str, path: str, deployment: Object[Deployment]) -> EnvironmentVariable:
    """A replica stands for a pod: it has a name of its own, and the addresses of this machine."""
    template = deployment.body.spec.template
    match path.removesuffix("']").split("['"):
        case ["metadata.name"]:
            return EnvironmentVariable(variable, f"{deployment.key.name}-", per_replica=True)
        case ["metadata.namespace"]:
            value = deployment.key.namespace
        case ["spec.serviceAccountName"]:
            value = template.spec.service_account_name or "default"
        case ["metadata.labels", key]:
            value = template.metadata.labels.get(key, "")
        case ["metadata.annotations", key]:
            value = template.metadata.annotations.get(key, "")
        case _:
            value = "127.0.0.1"
    return EnvironmentVariable(variable, value)


def _texts(deployment: Object[Deployment], kind: str, name: str, manifests: Manifests) -> dict[str, str] | None:
    namespace = deployment.key.namespace
    if kind == "Secret":
        secret = manifests.get(Secret, group="", namespace=namespace, name=name)
        return dict(secret_texts(secret)) if secret else None
    config = manifests.get(ConfigMap, group="", namespace=namespace, name=name)
    return dict(config_texts(config)) if config else None
