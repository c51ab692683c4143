"""The house's own rules, each on a small tree of files that exists only here."""

from __future__ import annotations

import pytest

from scripts.house_rules import (
    UNTESTED,
    Finding,
    check,
    locks_are_hashed_and_name_no_index,
    long_files_say_why,
    newsfragments_are_well_formed,
    no_index_hosts,
    no_machine_paths,
    source_files_have_tests,
    suppressions_give_reasons,
)

FUNCTION = "def attach() -> None: ...\n"
HASH = "    --hash=sha256:" + "0" * 64
# Written in pieces, so that this file keeps the rules that it tests.
INDEX_HOST = "pypi" + ".org"
MACHINE_PATH = "/ho" + "me/ada/tidegate"


def paths(findings: object) -> list[str]:
    """The paths of findings, in order."""
    return [finding.path for finding in findings]  # type: ignore[attr-defined] # any iterable of findings


def test_a_module_without_a_test_is_found() -> None:
    """A source file needs a test file in the tree that mirrors it."""
    assert paths(source_files_have_tests({"src/tidegate/xds/server.py": FUNCTION})) == ["src/tidegate/xds/server.py"]


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("src/tidegate/xds/server.py", "tests/xds/test_server.py"),
        ("src/tidegate/xds/server.py", "tests/xds/test_server_reconnects.py"),
        ("src/tidegate/policies/expressions/parse.py", "tests/policies/expressions/test_parse.py"),
        ("src/tidegate/policies/expressions/parse.py", "tests/policies/test_expressions_parse.py"),
        ("packages/tidegate-auth/src/tidegate_auth/proof.py", "packages/tidegate-auth/tests/test_proof.py"),
    ],
)
def test_a_test_is_found_by_its_name(source: str, test: str) -> None:
    """The names that count as a module's test."""
    assert list(source_files_have_tests({source: FUNCTION, test: ""})) == []


def test_a_test_is_found_by_what_it_imports() -> None:
    """A test file that covers several modules of its package by name counts for each of them."""
    tracked = {
        "src/tidegate/envoy/clusters.py": FUNCTION,
        "src/tidegate/envoy/secrets.py": FUNCTION,
        "src/tidegate/envoy/routes.py": FUNCTION,
        "tests/envoy/test_resources.py": "from tidegate.envoy import secrets\nimport tidegate.envoy.clusters\n",
    }
    assert paths(source_files_have_tests(tracked)) == ["src/tidegate/envoy/routes.py"]


def test_a_test_of_what_a_package_exports_is_a_test_of_its_module() -> None:
    """`from tidegate.sources import read_yaml` tests `sources/yaml.py`."""
    tracked = {
        "src/tidegate/sources/__init__.py": "from tidegate.sources.yaml import read_yaml\n",
        "src/tidegate/sources/yaml.py": FUNCTION,
        "tests/sources/test_documents.py": "from tidegate.sources import read_yaml\n",
    }
    assert list(source_files_have_tests(tracked)) == []


def test_a_test_of_another_package_does_not_count() -> None:
    """`tests/xds/test_server.py` says nothing about `identity/server.py`."""
    tracked = {"src/tidegate/identity/server.py": FUNCTION, "tests/xds/test_server.py": ""}
    assert paths(source_files_have_tests(tracked)) == ["src/tidegate/identity/server.py"]


def test_a_module_of_plain_types_needs_no_test() -> None:
    """A table decides nothing by itself."""
    assert list(source_files_have_tests({"src/tidegate/model/names.py": "PORTS = (80, 443)\n"})) == []


def test_the_allow_list_shrinks() -> None:
    """A line of the allow-list that is no longer needed, or whose file is gone, is found."""
    tracked = {
        UNTESTED: "src/tidegate/a/kept.py  # end to end\nsrc/tidegate/a/tested.py\nsrc/tidegate/a/gone.py\n",
        "src/tidegate/a/kept.py": FUNCTION,
        "src/tidegate/a/tested.py": FUNCTION,
        "tests/a/test_tested.py": "",
    }
    assert [finding.line for finding in source_files_have_tests(tracked)] == [2, 3]


def test_a_long_file_says_why() -> None:
    """More than 400 lines need a reason at the top."""
    long = "x = 1\n" * 401
    assert paths(long_files_say_why({"src/tidegate/a.py": long})) == ["src/tidegate/a.py"]
    assert not list(long_files_say_why({"src/tidegate/a.py": '"""Long because a table stays whole."""\n' + long}))
    assert not list(long_files_say_why({"tests/test_a.py": long}))


def test_an_index_host_is_found_with_its_line() -> None:
    """No file may say where packages come from."""
    assert list(no_index_hosts({"README.md": f"one\nsee {INDEX_HOST}\n"})) == [
        Finding("README.md", 2, f"names a package index host: `{INDEX_HOST}`")
    ]


def test_a_path_of_one_machine_is_found() -> None:
    """A home directory in a file is a leak; a route's path is not."""
    assert paths(no_machine_paths({"a.md": MACHINE_PATH, "b.md": "/home", "c.md": "/homes/ada/x"})) == ["a.md"]


def test_a_pin_without_a_hash_is_found() -> None:
    """Every distribution of a lock is pinned with a hash, and no index is chosen there."""
    lock = f"click==8.5.1 \\\n{HASH}\n    # via x\nrich==15.0.0\n--index-url x\n"
    assert [f.line for f in sorted(locks_are_hashed_and_name_no_index({"requirements/runtime.txt": lock}))] == [4, 5]


def test_a_lock_file_that_records_hosts_is_refused() -> None:
    """Locks of tools that write the index into them are not kept."""
    assert paths(locks_are_hashed_and_name_no_index({"uv.lock": ""})) == ["uv.lock"]


@pytest.mark.parametrize("name", ["2.added.md", "+demo.fixed.md", "2.1.security.md"])
def test_a_newsfragment_with_a_good_name_passes(name: str) -> None:
    """The names that towncrier reads."""
    assert list(newsfragments_are_well_formed({f"newsfragments/{name}": "`tidegate up` starts.\n"})) == []


@pytest.mark.parametrize(
    ("name", "text"), [("2.feature.md", "It starts."), ("2.added.md", "It starts"), ("2.added.md", "One.\n\nTwo.")]
)
def test_a_malformed_newsfragment_is_found(name: str, text: str) -> None:
    """A wrong kind, a missing period and two paragraphs are found."""
    assert len(list(newsfragments_are_well_formed({f"newsfragments/{name}": text}))) == 1


def test_a_suppression_needs_a_reason() -> None:
    """A bare suppression is found; one that says why is not."""
    bare = "import x  # " + "noqa: F401\n"
    assert paths(suppressions_give_reasons({"a.py": bare})) == ["a.py"]
    assert list(suppressions_give_reasons({"a.py": bare.rstrip() + " (re-exported)\n"})) == []


def test_all_rules_are_applied_in_order() -> None:
    """Findings come sorted by file and line."""
    tracked = {"src/tidegate/z/b.py": FUNCTION, "a.md": f"{INDEX_HOST} {MACHINE_PATH}"}
    assert paths(check(tracked)) == ["a.md", "a.md", "src/tidegate/z/b.py"]
