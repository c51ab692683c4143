"""Cases against a real Envoy, as `tidegate policy test` runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from system import tidegate

pytestmark = pytest.mark.e2e

POLICY = """\
<policies>
  <inbound>
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.example.com/t/v2.0/.well-known/openid-configuration" />
      <audiences><audience>api://tasks</audience></audiences>
    </validate-jwt>
    <rate-limit-by-key calls="3" renewal-period="60" counter-key="@(context.Request.IpAddress)" />
    <set-header name="X-Who" exists-action="override">
      <value>@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().Subject)</value>
    </set-header>
  </inbound>
  <backend><forward-request /></backend>
  <outbound><set-header name="X-Out"><value>yes</value></set-header></outbound>
  <on-error />
</policies>
"""
CASES = """\
apiVersion: tidegate.dev/v1alpha1
kind: PolicyTest
metadata: {name: tasks}
spec:
  cases:
    - name: a stranger is turned away
      request: {url: /todo/tasks}
      expect: {status: 401, backend: not called}
    - name: a user is told to the service
      request: {url: /todo/tasks, token: {audience: "api://tasks", claims: {sub: ada}}}
      answers: [{status: 201, json: {id: 1}}]
      expect:
        status: 201
        headers: {X-Out: "yes", Server: null}
        json: {id: 1}
        calls: [{method: GET, path: /tasks, headers: {X-Who: ada}}]
    - name: a body goes through
      request: {url: /todo/tasks, method: POST, json: {a: 1}, token: {audience: "api://tasks"}}
      expect: {status: 200, calls: [{json: {a: 1}}]}
    - name: a forged token
      request: {url: /todo/tasks, token: {audience: "api://tasks", signedBy: stranger}}
      expect: {status: 401}
    - name: a service that is away
      request: {url: /todo/tasks, token: {audience: "api://tasks"}, clientAddress: 127.0.0.9}
      answers: [{fails: refused}]
      expect: {status: 500}
    - name: too many from one place
      request: {url: /todo/tasks, token: {audience: "api://tasks"}, clientAddress: 127.0.0.8}
      repeat: 4
      expect: {status: 429, backend: not called}
    - name: wrong on purpose
      request: {url: /todo/tasks, clientAddress: 127.0.0.7, token: {audience: "api://tasks"}}
      expect: {status: 404, headers: {X-Out: null}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An API with one operation, and its cases."""
    folder = tmp_path_factory.mktemp("policy-test")
    api = folder / "apimartifacts" / "apis" / "tasks"
    api.mkdir(parents=True)
    properties = {"path": "todo", "serviceUrl": "https://tasks.example.com", "subscriptionRequired": False}
    (api / "apiInformation.json").write_text(json.dumps({"properties": properties}))
    operation = {"responses": {"200": {"description": "fine"}}}
    paths = {"/tasks": {"get": {**operation, "operationId": "list"}, "post": {**operation, "operationId": "add"}}}
    specification = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": paths}
    (api / "specification.json").write_text(json.dumps(specification))
    (api / "policy.xml").write_text(POLICY)
    (folder / "cases.yaml").write_text(CASES)
    return folder


def test_each_case_is_judged(folder: Path) -> None:
    """Only the one that is wrong fails, with its place and what came instead; CI gets the same as JUnit XML."""
    done = tidegate("policy", "test", ".", "--junit", "report.out", cwd=folder)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "FAILED cases.yaml:31: default/tasks: wrong on purpose",
        "    status: expected 404, got 200",
        "    header X-Out: expected none, got 'yes'",
        "    what the policies did:",
    ]
    trace = [re.sub(r" +\(\d+ us\)$", "", line.strip()) for line in lines[4:]]
    assert "response header x-out: none -> yes" in trace
    assert "request header x-who: none -> policy-test" in trace
    assert any(line.startswith("apimartifacts/apis/tasks/policy.xml:7: rate-limit-by-key: 3 calls") for line in trace)
    assert "eyJ" not in done.stdout, "no token is shown"
    assert "6 passed, 1 failed" in done.stdout
    (suite,) = parse(folder / "report.out").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("7", "1")


def test_a_part_of_the_cases(folder: Path) -> None:
    """By name; nothing that fails, and the exit code is 0."""
    done = tidegate("policy", "test", ".", "-k", "stranger", "-v", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("passed cases.yaml:6: default/tasks: a stranger is turned away\n1 passed, 0 failed")


def test_nothing_runs_while_the_files_have_an_error(folder: Path, tmp_path: Path) -> None:
    """A policy that cannot be kept is told as `check` tells it."""
    (tmp_path / "x.yaml").write_text(CASES.replace("status: 401, backend", "stauts: 401, backend"))
    done = tidegate("policy", "test", str(tmp_path), cwd=folder)
    assert done.returncode == 1
    assert "did you mean `status`?" in done.stdout
    (tmp_path / "x.yaml").unlink()
    done = tidegate("policy", "test", str(tmp_path), cwd=folder)
    assert done.returncode == 1
    assert "there is no PolicyTest" in done.stderr
