"""Local processes of Deployments."""

from __future__ import annotations

import pytest

from compiling import codes, compiled
from tidegate.manifests.workloads import DIRECTORY

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {}
  template:
    metadata: {annotations: {tidegate.dev/run: "serve --port ${PORT} '$PORT x'", %s: "%s"}}
    spec: {containers: [{name: cart}]}
"""


def test_directory_is_relative_to_the_manifest() -> None:
    """And an absolute one is as it is; the place of the port stays in its words."""
    for given, expected in (("../services", "m/services"), ("/srv", "/srv"), (".", "m/k")):
        (workload,) = compiled({"m/k/a.yaml": DEPLOYMENT % (DIRECTORY, given)}).world.workloads
        assert workload.directory == expected
    assert workload.command == ("serve", "--port", "${PORT}", "$PORT x")
    assert (workload.replicas, workload.services) == (1, ())


def test_deployment_without_a_command_is_nothing_to_run() -> None:
    """A file from elsewhere does not become a process."""
    assert (
        compiled((DEPLOYMENT % (DIRECTORY, ".")).replace("tidegate.dev/run", "example.com/run")).world.workloads == ()
    )


@pytest.mark.parametrize(
    ("path", "value", "per_replica"),
    [
        ("metadata.name", "cart-", True),
        ("metadata.namespace", "shop", False),
        ("spec.serviceAccountName", "default", False),
        ("status.podIP", "127.0.0.1", False),
        ("metadata.labels['app']", "", False),
        ("metadata.annotations['tidegate.dev/directory']", ".", False),
    ],
)
def test_a_replica_is_told_of_its_pod(path: str, value: str, per_replica: bool) -> None:
    """As the samples of many gateways ask for it: POD_NAME and NAMESPACE."""
    env = f'[{{name: cart, env: [{{name: A, valueFrom: {{fieldRef: {{fieldPath: "{path}"}}}}}}]}}]'
    (workload,) = compiled((DEPLOYMENT % (DIRECTORY, ".")).replace("[{name: cart}]", env)).world.workloads
    (variable,) = workload.environment
    assert (variable.value, variable.per_replica) == (value, per_replica)


def test_a_field_that_no_replica_has_is_refused() -> None:
    """A node is nothing here."""
    env = "[{name: cart, env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}]"
    assert codes(compiled((DEPLOYMENT % (DIRECTORY, ".")).replace("[{name: cart}]", env))) == ["TG1114"]
