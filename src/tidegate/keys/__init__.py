"""Keys: the ones that sign tokens, their rotation and their stores, and the local certificate authority. No HTTP.

Reading order: `states` (the life of a key, as a table), `rotation` (what happens when), `signing` (one key),
`store` and `file_store` (where they live), `keyring` (the keys in use), `ca` (TLS for localhost).
"""

from tidegate.keys.ca import LOCAL_NAMES, CertificateError, Leaf, LocalCA, PermittedNames
from tidegate.keys.file_store import FileKeyStore
from tidegate.keys.keyring import KeyRing
from tidegate.keys.rotation import first_keys
from tidegate.keys.signing import ALGORITHM, SigningKey, base64url
from tidegate.keys.states import KeyRecord, KeySet, KeyState, Schedule
from tidegate.keys.store import GATEWAY, PURPOSES, TENANTS, KeyStore, KeyStoreError, MemoryKeyStore

__all__ = [
    "ALGORITHM",
    "GATEWAY",
    "LOCAL_NAMES",
    "PURPOSES",
    "TENANTS",
    "CertificateError",
    "FileKeyStore",
    "KeyRecord",
    "KeyRing",
    "KeySet",
    "KeyState",
    "KeyStore",
    "KeyStoreError",
    "Leaf",
    "LocalCA",
    "MemoryKeyStore",
    "PermittedNames",
    "Schedule",
    "SigningKey",
    "base64url",
    "first_keys",
]
