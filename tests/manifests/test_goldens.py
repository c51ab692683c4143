"""Golden cases of the manifests, one area after the other; each shows the part that it is about."""

from __future__ import annotations

import pprint
from collections.abc import Callable

import pytest

from compiling import compiled, files_of, routes_text, shown, status_text
from goldens import Case, Golden, cases
from tidegate.manifests.route_kinds import ROUTES
from tidegate.pipeline import Compilation


def _schema(compilation: Compilation) -> dict[str, str]:
    return {"routes.txt": routes_text(compilation.world.gateways, compilation)}


def _attach(compilation: Compilation) -> dict[str, str]:
    return {
        "routes.txt": routes_text(compilation.world.gateways, compilation),
        "status.txt": status_text(compilation, *ROUTES),
    }


def _listeners(compilation: Compilation) -> dict[str, str]:
    return {
        "routes.txt": routes_text(compilation.world.gateways, compilation),
        "status.txt": status_text(compilation, "GatewayClass", "Gateway", "ListenerSet", *ROUTES),
    }


def _coverage(compilation: Compilation) -> dict[str, str]:
    return {
        "routes.txt": routes_text(compilation.world.gateways, compilation),
        "status.txt": status_text(compilation, "ApimPolicy"),
    }


def _workloads(compilation: Compilation) -> dict[str, str]:
    lines: list[str] = []
    for workload in compilation.world.workloads:
        lines += [
            f"{workload.name} x{workload.replicas} in {workload.directory}",
            f"  {list(workload.command)}",
            *(f"  {variable!r}" for variable in workload.environment),
            *(f"  for Service {service}" for service in workload.services),
        ]
    return {"workloads.txt": "\n".join(lines)}


def _directory(compilation: Compilation) -> dict[str, str]:
    directory = compilation.world.directory
    parts = (
        *directory.tenants,
        *directory.applications,
        *directory.service_principals,
        *directory.users,
        *directory.role_assignments,
        *directory.permission_grants,
    )
    return {"directory.txt": "\n".join(pprint.pformat(part, width=110) for part in parts)}


AREAS: dict[str, Callable[[Compilation], dict[str, str]]] = {
    "schema": _schema,
    "attach": _attach,
    "listeners": _listeners,
    "backends": _attach,
    "coverage": _coverage,
    "workloads": _workloads,
    "directory": _directory,
    "apiops": _schema,
}


def _check(case: Case, golden: Golden, show: Callable[[Compilation], dict[str, str]]) -> None:
    files = files_of(case)
    compilation = compiled(files, run_workloads=False)
    golden.compare(case, {**show(compilation), "diag.txt": shown(compilation, files)})


@pytest.mark.parametrize("case", [p for area in AREAS for p in cases(f"manifests/{area}")])
def test_manifest_cases(case: Case, golden: Golden) -> None:
    """Each case resolves as its goldens say, with every finding where they say."""
    _check(case, golden, AREAS[case.area.removeprefix("manifests/")])
