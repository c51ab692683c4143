"""Local replicas of Deployments: what each is started with. Pure; ports and paths come in.

A replica gets what it would get in a cluster (its container's env, the variables of Services) and how to reach what
Tidegate runs; from the user's own environment only what a program needs to run at all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidegate.model import Endpoint, Gateway, ObjectName, Protocol, Workload, World
from tidegate.runtime.processes import ProcessSpec

INHERITED: Final = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "VIRTUAL_ENV"),
    *("PYTHONPATH", "PYTHONHASHSEED", "LD_LIBRARY_PATH", "JAVA_HOME", "DOTNET_ROOT", "GOPATH", "NODE_PATH", "NVM_DIR"),
)
"""Nothing else is passed on: a proxy or a credential of the user's shell is not the workload's."""

_PORT: Final = re.compile(r"\$\{PORT\}|\$PORT(?![A-Za-z0-9_])")
_HOST: Final = "_SERVICE_HOST"
_SERVICE_PORT: Final = "_SERVICE_PORT"
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Z0-9]")

DEFAULT_GRACE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every replica is told."""

    environment: Mapping[str, str]
    """Of `tidegate up`."""
    programs: str
    """The directory of the Python environment's programs: `uvicorn` means the one beside tidegate."""
    library: str | None
    """Where tidegate_auth is found, if it is not installed."""
    authority: str
    ca_file: str
    state: str
    """The directory below which each workload has one of its own."""
    port_offset: int


@dataclass(frozen=True, slots=True)
class Replica:
    """One process of a workload."""

    name: str
    """`namespace/name-generation-index`; also the supervised process' name. The generation is a digest of what it is
    started with: a changed Deployment has replicas of other names, and the old ones serve until those are ready."""
    workload: Workload
    index: int


def replicas_of(world: World, around: Surroundings) -> tuple[Replica, ...]:
    """Every replica that should run, in order."""
    return tuple(
        Replica(f"{workload.name}-{_generation(workload, world, around)}-{index}", workload, index)
        for workload in world.workloads
        for index in range(workload.replicas)
    )


def _generation(workload: Workload, world: World, around: Surroundings) -> str:
    """Without ports and Services' variables: as in a cluster, a Service that moves restarts nobody."""
    started_with = [workload.command, workload.directory, sorted(_own_environment(workload, world, around).items())]
    return hashlib.sha256(json.dumps(started_with).encode()).hexdigest()[:5]


def process_of(replica: Replica, world: World, ports: Mapping[str, int], around: Surroundings) -> ProcessSpec:
    """How the supervisor starts it. `ports` has one for every replica of the world."""
    workload, port = replica.workload, ports[replica.name]
    return ProcessSpec(
        name=replica.name,
        command=tuple(_PORT.sub(str(port), word) for word in workload.command),
        environment=_environment(replica, world, ports, around),
        directory=workload.directory,
        phase="workload",
        grace_s=DEFAULT_GRACE_S,
        log_name=f"{workload.name}-{replica.index}",
    )


def workload_state(around: Surroundings, workload: Workload) -> Path:
    """The workload's own directory below the state directory."""
    return Path(around.state) / workload.name.namespace / workload.name.name


def _environment(replica: Replica, world: World, ports: Mapping[str, int], around: Surroundings) -> dict[str, str]:
    workload = replica.workload
    services = service_variables(world, ports, around, namespace=workload.name.namespace)
    own = {each.name: f"{each.value}{replica.index}" for each in workload.environment if each.per_replica}
    # What the manifest says wins over what we add, but for the port: the Service's endpoints follow ours.
    return {**services, **_own_environment(workload, world, around), **own, "PORT": str(ports[replica.name])}


def _own_environment(workload: Workload, world: World, around: Surroundings) -> dict[str, str]:
    given = around.environment
    environment = {name: given[name] for name in given if name in INHERITED or name.startswith("LC_")}
    environment["PATH"] = f"{around.programs}:{given.get('PATH', '/usr/local/bin:/usr/bin:/bin')}"
    environment["PYTHONUNBUFFERED"] = "1"
    if around.library is not None:
        inherited = given.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{inherited}:{around.library}" if inherited else around.library
    environment |= gateway_variables(world.gateways, offset=around.port_offset)
    environment |= {
        "TIDEGATE_AUTHORITY": around.authority,
        "TIDEGATE_CA_FILE": around.ca_file,
        "TIDEGATE_WORKLOAD_STATE": str(workload_state(around, workload)),
    }
    if workload.services:
        service = workload.services[0]
        environment["TIDEGATE_AUDIENCE"] = f"{service.name}.{service.namespace}.svc"
    return environment | {variable.name: variable.value for variable in workload.environment}


def service_variables(
    world: World, ports: Mapping[str, int], around: Surroundings, *, namespace: str
) -> dict[str, str]:
    """Kubernetes' environment variables of the Services in the same namespace ("Discovering services").

    A Service has no address of its own here: the variables name its first replica or endpoint.
    """
    first: dict[ObjectName, Endpoint] = {}
    for backend in sorted(world.backends.values(), key=lambda one: one.id):
        if backend.endpoints:
            first.setdefault(backend.id.service, backend.endpoints[0])
    # A replica's port is known before it is ready, so that the variables do not depend on who started first.
    for replica in reversed(replicas_of(world, around)):
        for service in replica.workload.services:
            first[service] = Endpoint("127.0.0.1", ports[replica.name])
    variables: dict[str, str] = {}
    for service, endpoint in sorted(first.items()):
        if service.namespace == namespace:
            variables[f"{variable_name(service.name)}{_HOST}"] = endpoint.address
            variables[f"{variable_name(service.name)}{_SERVICE_PORT}"] = str(endpoint.port)
    return variables


def gateway_variables(gateways: Iterable[Gateway], *, offset: int) -> dict[str, str]:
    """`NAME_GATEWAY_URL` of each Gateway: where its first plain listener is reached."""
    variables: dict[str, str] = {}
    for gateway in sorted(gateways, key=lambda one: one.name):
        listeners = sorted(gateway.listeners, key=lambda one: (one.protocol is not Protocol.HTTP, one.port))
        if listeners:
            first = listeners[0]
            scheme = "http" if first.protocol is Protocol.HTTP else "https"
            url = f"{scheme}://{gateway.address}:{first.port + offset}"
            variables.setdefault(f"{variable_name(gateway.name.name)}_GATEWAY_URL", url)
    return variables


def variable_name(name: str) -> str:
    """Kubernetes' way to make an environment variable's name: upper case, `_` for what is no letter or digit."""
    return _NOT_IN_A_NAME.sub("_", name.upper())
