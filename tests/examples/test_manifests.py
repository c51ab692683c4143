"""The example's files agree with each other: what one names, another has."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MANIFESTS = EXAMPLES / "tasks" / "manifests"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def documents() -> list[dict[str, Any]]:
    return [document for file in sorted(MANIFESTS.glob("*.yaml")) for document in yaml.safe_load_all(file.read_text())]


def of(kind: str) -> list[dict[str, Any]]:
    return [document for document in documents() if document["kind"] == kind]


def test_every_policy_document_is_used_and_every_use_has_one() -> None:
    """And its target is there."""
    routes = {(document["kind"], document["metadata"]["name"]) for document in documents()}
    files = set()
    for policy in of("ApimPolicy"):
        files.add(MANIFESTS / policy["spec"]["policy"]["file"])
        for target in policy["spec"]["targetRefs"]:
            assert (target["kind"], target["name"]) in routes
    assert files == set((MANIFESTS / "policies").glob("*.xml"))


@pytest.mark.parametrize("deployment", of("Deployment"), ids=lambda deployment: deployment["metadata"]["name"])
def test_every_deployment_runs_an_application_that_exists(deployment: dict[str, Any]) -> None:
    """The command names a factory in the named directory; the secrets in its environment are in the manifests."""
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    directory = (MANIFESTS / annotations["tidegate.dev/directory"]).resolve()
    program, flag, target, *rest = shlex.split(annotations["tidegate.dev/run"])
    assert (program, flag, rest) == ("uvicorn", "--factory", ["--host", "127.0.0.1", "--port", "$PORT"])
    module, _, attribute = target.partition(":")
    assert (directory / f"{module.replace('.', '/')}.py").is_file()
    assert callable(getattr(importlib.import_module(module), attribute))
    secrets = {(item["metadata"]["name"], key) for item in of("Secret") for key in item["stringData"]}
    for variable in deployment["spec"]["template"]["spec"]["containers"][0]["env"]:
        if "valueFrom" in variable:
            reference = variable["valueFrom"]["secretKeyRef"]
            assert (reference["name"], reference["key"]) in secrets


def test_every_identifier_that_is_used_belongs_to_something() -> None:
    """In the manifests, the policies and API Management's artifacts."""
    owned: set[str] = set()
    for kind in ("Organization", "Application", "ServicePrincipal", "User"):
        for document in of(kind):
            spec = document["spec"]
            owned |= {spec["id"], spec.get("appId", spec["id"])}
            owned |= {role["id"] for role in spec.get("appRoles", ())}
            owned |= {scope["id"] for scope in spec.get("api", {}).get("oauth2PermissionScopes", ())}
            owned |= {credential["keyId"] for credential in spec.get("passwordCredentials", ())}
    folders = (MANIFESTS.parent, EXAMPLES / "apiops")
    files = [path for each in folders for path in each.rglob("*") if path.suffix in {".yaml", ".xml", ".json"}]
    used = {(path.name, guid) for path in files for guid in GUID.findall(path.read_text())}
    assert {item for item in used if item[1] not in owned} == set()


def test_identifiers_are_not_shared() -> None:
    """Two objects with one id would be one object."""
    ids = [
        document["spec"]["id"]
        for document in documents()
        if "graph" in document["apiVersion"] and "id" in document["spec"]
    ]
    assert len(set(ids)) == len(ids)


def test_the_api_of_the_artifacts_has_the_operations_of_its_specification() -> None:
    """An operation's policy folder is named after an operationId."""
    api = EXAMPLES / "apiops" / "apimartifacts" / "apis" / "tasks"
    specification = yaml.safe_load((api / "specification.yaml").read_text())
    operations = {
        operation["operationId"]
        for item in specification["paths"].values()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }
    assert {folder.name for folder in (api / "operations").iterdir()} <= operations
    assert json.loads((api / "apiInformation.json").read_text())["properties"]["serviceUrl"] == "http://task.tasks.svc"
