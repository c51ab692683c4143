"""The control plane's side of xDS: whole snapshots to any number of Envoys, by delta ADS.

Reading order: `messages` (what is said), `subscription` (what one client has), `stream` (what it is sent, and when),
`nack` (what a refusal means to the user), `cache`, `wire`, `server`. Only `cache`, `wire` and `server` do I/O or know
protobuf.
"""

from tidegate.xds.cache import SnapshotCache
from tidegate.xds.messages import Accepted, Refused, Settled
from tidegate.xds.nack import explain_nack
from tidegate.xds.server import serve_ads

__all__ = ["Accepted", "Refused", "Settled", "SnapshotCache", "explain_nack", "serve_ads"]
