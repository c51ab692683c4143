"""The directory file: what is written is read, what is malformed is refused with its place."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from identity.contoso import DIRECTORY, SECRET
from tidegate.identity import DirectoryRejected, FileDirectorySource, directory_file
from tidegate.model import Directory, Tenant


def test_a_directory_comes_back(tmp_path: Path) -> None:
    """Every field of every kind."""
    path = tmp_path / "directory.json"
    directory_file.write(path, DIRECTORY)
    assert directory_file.read(path) == DIRECTORY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_field_of_the_model_is_exercised() -> None:
    """A new collection must be in the test's directory, or the round trip proves nothing about it."""
    assert all(getattr(DIRECTORY, field.name) for field in dataclasses.fields(Directory))


def test_equal_directories_give_equal_bytes() -> None:
    """Control writes only what changed."""
    assert directory_file.encode(DIRECTORY) == directory_file.encode(dataclasses.replace(DIRECTORY))


def test_the_file_holds_no_secret() -> None:
    """Digests only."""
    assert SECRET.encode() not in directory_file.encode(DIRECTORY)


def _document(**changes: Any) -> dict[str, Any]:
    return {"format": "tidegate.directory", "version": 1, "directory": {}, **changes}


TENANT = {"id": "t", "display_name": "T"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "is not JSON (JSONDecodeError)"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a directory of identities"),
        ('{"format": "other"}', "is not a directory of identities"),
        (_document(version=2), "has format version 2, this Tidegate reads 1"),
        (_document(directory=[]), "directory must be an object, is list"),
        (_document(directory={"tenant": []}), "directory has an unknown member 'tenant'"),
        (_document(directory={"tenants": {}}), "directory.tenants must be a list, is dict"),
        (_document(directory={"tenants": [TENANT, 3]}), "directory.tenants[1] must be an object, is int"),
        (_document(directory={"tenants": [{"id": "t"}]}), "directory.tenants[0] lacks a member, one of d"),
        (_document(directory={"tenants": [{**TENANT, "id": 3}]}), "directory.tenants[0].id must be str, is int"),
        (_document(directory={"tenants": [{**TENANT, "domains": ["a", None]}]}), "domains[1] must be str, is NoneType"),
        ('{"format": "tidegate.directory", "version": 1, "directory": {"tenants": NaN}}', "is not JSON (ValueError)"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, document: Any, message: str) -> None:
    """Nothing is guessed, nothing is dropped."""
    path = tmp_path / "directory.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(DirectoryRejected) as raised:
        FileDirectorySource(path).load()
    assert message in str(raised.value)
    assert str(path) in str(raised.value)
    with pytest.raises(DirectoryRejected):
        directory_file.read(path)


def test_a_true_is_no_number(tmp_path: Path) -> None:
    """JSON's types are kept apart."""
    application = json.loads(directory_file.encode(DIRECTORY))
    application["directory"]["applications"][0]["requested_access_token_version"] = True
    path = tmp_path / "directory.json"
    path.write_text(json.dumps(application))
    with pytest.raises(DirectoryRejected, match="requested_access_token_version must be int, is bool"):
        directory_file.read(path)


def test_no_file_is_an_empty_directory(tmp_path: Path) -> None:
    """The service may start before control has written one."""
    assert FileDirectorySource(tmp_path / "directory.json").load().directory == Directory()


def test_an_unreadable_file_is_rejected(tmp_path: Path) -> None:
    """With the operating system's reason."""
    with pytest.raises(DirectoryRejected, match="cannot be read"):
        FileDirectorySource(tmp_path).load()


def test_a_source_reads_again_only_what_was_replaced(tmp_path: Path) -> None:
    """The same object while the file stands; a new one after a rename, also with the same size and time."""
    path = tmp_path / "directory.json"
    source = FileDirectorySource(path)
    directory_file.write(path, Directory(tenants=(Tenant("t1", "One"),)))
    first = source.load()
    assert source.load() is first
    status = path.stat()
    directory_file.write(path, Directory(tenants=(Tenant("t2", "Two"),)))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    second = source.load()
    assert second.directory.tenants[0].id == "t2"
    assert second.digest != first.digest


def test_a_source_recovers_from_a_malformed_file(tmp_path: Path) -> None:
    """Rejected each time it is asked, until it is mended."""
    path = tmp_path / "directory.json"
    source = FileDirectorySource(path)
    path.write_text("{")
    for _ in range(2):
        with pytest.raises(DirectoryRejected):
            source.load()
    directory_file.write(path, DIRECTORY)
    assert source.load().directory == DIRECTORY
