"""Names of log events and keys. An event is a constant: dotted, past tense or state, no sentence."""

from __future__ import annotations

from typing import Final

# Events
COMPILED: Final = "pipeline.compiled"
COMPILE_KEPT_LAST: Final = "pipeline.last_good_kept"
PUBLISHED: Final = "xds.snapshot.published"
NACK: Final = "xds.nack.received"
ACK: Final = "xds.snapshot.acknowledged"
ISSUER_FETCHED: Final = "issuer.metadata.fetched"
ISSUER_UNREACHABLE: Final = "issuer.metadata.unreachable"
PROOFS_RENEWED: Final = "gateway.proofs.renewed"
PROOFS_UNAVAILABLE: Final = "gateway.proofs.unavailable"
REPLICA_READY: Final = "workload.replica.ready"
REPLICA_LOST: Final = "workload.replica.lost"
OPERATOR_REQUEST: Final = "operator.request.served"
FILES_CHANGED: Final = "files.changed"
CONTROL_STARTED: Final = "control.started"
BUG: Final = "tidegate.bug"

# Keys
AUDIENCES: Final = "audiences"
CODE: Final = "code"
COMMAND: Final = "command"
DIAGNOSTICS: Final = "diagnostics"
DURATION_MS: Final = "duration_ms"
ISSUER: Final = "issuer"
KEYS: Final = "keys"
LISTENERS: Final = "listeners"
NODE_ID: Final = "node_id"
OUTCOME: Final = "outcome"
PORT: Final = "port"
REASON: Final = "reason"
REPLICA: Final = "replica"
ROUTES: Final = "routes"
SOURCE: Final = "source"
TYPE_URL: Final = "type_url"
URL: Final = "url"
VERSION: Final = "version"
