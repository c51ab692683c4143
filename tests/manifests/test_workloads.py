"""Local processes of Deployments."""

from __future__ import annotations

from compiling import compiled
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
