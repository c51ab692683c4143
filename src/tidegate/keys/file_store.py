"""Keys in a private directory: one JSON file for each purpose, so that a rotation is one rename.

The directory has mode 0700 and its files 0600. `lock` is held (flock) from reading to the rename: of two processes
that rotate at once, the second sees the first one's result. A damaged or newer file is refused, never overwritten.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tidegate.files import (
    ensure_private_directory,
    exclusive_lock,
    remove_leftovers,
    write_private_file,
)
from tidegate.keys.signing import load_key
from tidegate.keys.states import KeyRecord, KeySet, KeyState
from tidegate.keys.store import Change, KeyStoreError, checked_purpose

_FORMAT: Final = "tidegate.keys"
_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20


class FileKeyStore:
    """Keys that survive restarts and `kill -9`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __repr__(self) -> str:
        return f"FileKeyStore({str(self._directory)!r})"

    def read(self, purpose: str) -> KeySet | None:
        path = self._path(purpose)
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyStoreError(f"{path}: the signing keys cannot be read: {error.strerror}") from error
        return _decode(data, path=path, purpose=purpose)

    def update(self, purpose: str, change: Change) -> KeySet:
        path = self._path(purpose)
        try:
            ensure_private_directory(self._directory)
            with exclusive_lock(self._directory / "lock"):
                remove_leftovers(path)
                stored = self.read(purpose)
                changed = change(stored)
                if changed is not stored:
                    write_private_file(path, _encode(changed))
                return changed
        except OSError as error:
            raise KeyStoreError(f"{path}: the signing keys cannot be written: {error.strerror}") from error

    def _path(self, purpose: str) -> Path:
        return self._directory / f"{checked_purpose(purpose)}.json"


def _encode(key_set: KeySet) -> bytes:
    records = []
    for record in key_set.records:
        item: dict[str, Any] = {
            "kid": record.kid,
            "state": record.state.value,
            "created": record.created,
            "changed": record.changed,
        }
        if record.key is not None:
            item["certificate"] = record.key.certificate_pem()
            item["privateKey"] = record.key.private_pem()
        records.append(item)
    document = {"format": _FORMAT, "version": _VERSION, "purpose": key_set.purpose, "keys": records}
    return json.dumps(document, indent=1).encode("ascii") + b"\n"


def _decode(data: bytes, *, path: Path, purpose: str) -> KeySet:
    way_out = "restore it from a backup, or move it away to begin with new keys (tokens signed before will not verify)"
    if len(data) > _MAX_BYTES:
        raise KeyStoreError(f"{path}: larger than {_MAX_BYTES} bytes, so not written by Tidegate; {way_out}")
    try:
        document = json.loads(data)
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise KeyStoreError(f"{path}: does not hold signing keys; {way_out}")
        if document.get("version") != _VERSION:
            raise KeyStoreError(
                f"{path}: has format version {document.get('version')!r}, this Tidegate reads {_VERSION}; "
                "use the Tidegate that wrote it"
            )
        if document["purpose"] != purpose:
            raise KeyStoreError(f"{path}: holds the keys for {document['purpose']!r}, not for {purpose!r}")
        return KeySet(purpose, tuple(_decode_record(item) for item in document["keys"]))
    except (ValueError, KeyError, TypeError) as error:
        # The cause may quote the file, which holds private keys: say what kind of error, not its text.
        raise KeyStoreError(f"{path}: damaged ({type(error).__name__}); {way_out}") from None


def _decode_record(item: Any) -> KeyRecord:
    state = KeyState(item["state"])
    key = None
    if state is not KeyState.RETIRED:
        key = load_key(private_pem=item["privateKey"], certificate_pem=item["certificate"])
    return KeyRecord(str(item["kid"]), state, float(item["created"]), float(item["changed"]), key)
