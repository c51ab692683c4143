"""The Entra-compatible token service: tenants, metadata, client credentials, on-behalf-of, the gateway's proofs.

Reading order: `protocol/` (what may be asked and who decides, no I/O), `errors` (every refusal, as a table),
`claims` and `tokens` (what is issued), `discovery` (what is advertised), `indexes` and `directory_file` (whom we know),
`service` (all of it together), `app` and `internal` (ASGI), `serve` (sockets, TLS, upkeep).
"""

from tidegate.identity.app import create_public_app
from tidegate.identity.directory_file import FileDirectorySource
from tidegate.identity.internal import create_internal_app
from tidegate.identity.ports import DirectoryRejected, DirectorySource, LoadedDirectory
from tidegate.identity.protocol.operator import TIDEGATE_CLI
from tidegate.identity.serve import Bound, serve
from tidegate.identity.service import TokenService

__all__ = [
    "TIDEGATE_CLI",
    "Bound",
    "DirectoryRejected",
    "DirectorySource",
    "FileDirectorySource",
    "LoadedDirectory",
    "TokenService",
    "create_internal_app",
    "create_public_app",
    "serve",
]
