"""Wrong input gives a diagnostic or one clear line and the right exit code, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from system import tidegate

pytestmark = pytest.mark.e2e

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
"""

CASES = {
    "duplicate-keys": ("a.yaml", GATEWAY + "  gatewayClassName: other\n", ["a.yaml:7:3", "gatewayClassName"]),
    "brackets-yaml": ("a.yaml", "a: " + "[" * 100_000, ["a.yaml:1:"]),
    "brackets-json": ("a.json", "[" * 100_000, ["a.json:1:"]),
    "unclosed": ("a.yaml", 'a: "b\n', ["a.yaml:"]),
    "alias-bomb": (
        "a.yaml",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
        ["a.yaml:"],
    ),
    "unknown-kind": (
        "a.yaml",
        GATEWAY.replace("kind: Gateway", "kind: Gatway"),
        ["a.yaml:2:7", "did you mean `Gateway`"],
    ),
    "unknown-field": ("a.yaml", GATEWAY.replace("listeners:", "listener:"), ["a.yaml:6:3", "did you mean `listeners`"]),
    "wrong-type": ("a.yaml", GATEWAY.replace("port: 80", "port: eighty"), ["a.yaml:6:34"]),
    "nul-bytes": ("a.yaml", "a: \0\n", ["a.yaml"]),
    "not-utf-8": ("a.yaml", b"a: \xff\xfe\xff\n", ["a.yaml"]),
    "oversized": ("a.yaml", "# " + "x" * (20 << 20), ["a.yaml"]),
    "dangling-reference": (
        "a.yaml",
        GATEWAY
        + """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: nobody, port: 80}]}]
""",
        ["a.yaml:13:", "nobody"],
    ),
    "doctype": (
        "policy.xml",
        '<!DOCTYPE policies [<!ENTITY x "y">]>\n<policies><inbound><base/></inbound></policies>',
        ["policy.xml:1:"],
    ),
    "unknown-policy": (
        "policy.xml",
        "<policies>\n  <inbound>\n    <base />\n    <teleport />\n  </inbound>\n</policies>",
        ["policy.xml:4:6", "teleport"],
    ),
}

POLICY = """\
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}]
  policy: {file: policy.xml}
"""


@pytest.mark.parametrize("case", CASES)
def test_check_names_the_place_and_exits_with_1(tmp_path: Path, case: str) -> None:
    name, content, expected = CASES[case]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    if name == "policy.xml":
        (tmp_path / "gateway.yaml").write_text(GATEWAY + "---\n" + POLICY)
    done = tidegate("check", ".", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    for text in expected:
        assert text in said


def test_check_accepts_the_example_and_prints_machine_formats(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GATEWAY.replace("listeners:", "listener:"))
    assert tidegate("check", "examples/tasks/manifests").returncode == 0
    found = json.loads(tidegate("check", str(tmp_path), "--output-format", "json").stdout)
    assert json.dumps(found).count("TG") >= 1
    sarif = json.loads(tidegate("check", str(tmp_path), "--output-format", "sarif").stdout)
    assert sarif["version"] == "2.1.0"


def test_missing_path_and_unreadable_state(tmp_path: Path) -> None:
    done = tidegate("check", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "nowhere" in done.stdout + done.stderr
    (tmp_path / "a.yaml").write_text(GATEWAY)
    (tmp_path / "state").write_text("a file where the directory should be")
    done = tidegate("up", str(tmp_path / "a.yaml"), "--state", str(tmp_path / "state"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_command_line_mistakes_exit_with_2() -> None:
    for arguments in (["upp"], ["up", "--port-offset", "many"], ["explain"], ["token"]):
        done = tidegate(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_explain_prints_the_page_of_a_code() -> None:
    done = tidegate("explain", "TG5101")
    assert done.returncode == 0
    assert "envoy-rejected-config" in done.stdout
    assert tidegate("explain", "TG9999").returncode == 2
