"""What the command line of `tidegate up` asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

IDENTITY_PORT: Final = 444
"""The token service is reached at this port plus the offset; 443 belongs to listeners."""

LogFormat = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class UpOptions:
    """Options of `tidegate up`, resolved: absolute paths, defaults filled in."""

    paths: tuple[str, ...]
    state: str
    working_directory: str
    """Where the command was given: spans are shown relative to it."""
    bind: str = "127.0.0.1"
    port_offset: int = 8000
    sets: Mapping[str, str] = field(default_factory=dict)
    ready_file: str | None = None
    log_format: LogFormat = "text"
    run: bool = False
    strict: bool = False
    use_entra: bool = False
    log_requests: bool = False
    color: bool = False
    concurrency: int = 0
    """Envoy's worker threads; 0: one per usable core."""
    allow_egress: tuple[str, ...] = ()
    """Hosts, addresses and CIDR ranges that policies may call although the guard would refuse them."""
    refuse_private_egress: bool = False
    """Whether policies may not call private networks either."""
    valkey: str = ""
    """Where rate limits are shared with other machines; "": they are this machine's. May hold a password."""
    refuse_without_valkey: bool = False
    """While Valkey is away, calls that meet a limit are refused; else each machine counts for itself."""
    hint: str = ""
    """Shown when everything serves, e.g. the demo's text."""

    def __repr__(self) -> str:
        return f"UpOptions(paths={self.paths!r}, state={self.state!r}, ...)"

    @property
    def identity_port(self) -> int:
        return IDENTITY_PORT + self.port_offset

    @property
    def authority(self) -> str:
        """The token service's address, as programs see it."""
        return f"https://localhost:{self.identity_port}"

    def to_json(self) -> dict[str, Any]:
        """For the channel to the control process; never for a log, `sets` may hold secrets."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> UpOptions:
        tuples = {name: tuple(data.get(name, ())) for name in ("paths", "allow_egress")}
        return cls(**{**data, **tuples})
