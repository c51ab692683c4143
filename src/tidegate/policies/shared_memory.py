"""The files that Envoy's workers share: made here, used by lua/{counters,quotas,slots,cache}.lua, their twins.

    0      header: magic, version, and three sizes of the layout (little-endian uint32 each); at 64 the machine's boot
    4096   64 spin locks, 64 bytes apart
    8192   what the file is for

The files are sparse: only what is in use takes space. Quotas are kept for good; what the others hold is of one run of
the machine, since their times or their contents mean nothing after it.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = 1
STRIPES: Final = 64
SLOTS: Final = 256
ENTRIES: Final = 128
LOCKS: Final = 4096
FIRST_SLOT: Final = 8192
SLOT: Final = 16 + 8 + 8 * 4 + ENTRIES * 8 + ENTRIES * 4
SIZE: Final = FIRST_SLOT + STRIPES * SLOTS * SLOT

_LOCKS_COUNT: Final = 64
_BOOT_AT: Final = 64
_BOOT_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
_PTHREAD_PROCESS_SHARED: Final = 1


@dataclass(frozen=True, slots=True)
class SharedFile:
    """One file; its name is the path that is given, and `suffix`."""

    suffix: str
    magic: bytes
    sizes: tuple[int, int, int]
    content: int
    """Bytes behind the locks."""
    lasting: bool = False
    """Whether its content is good after the machine's next start."""
    of_envoy: bool = False
    """Whether its content is of one run of Envoy."""

    @property
    def size(self) -> int:
        return FIRST_SLOT + self.content

    @property
    def header(self) -> bytes:
        return struct.pack("<8sIIII", self.magic, VERSION, *self.sizes)

    def below(self, path: Path) -> Path:
        """Where the file is."""
        return path.with_name(path.name + self.suffix)


COUNTERS: Final = SharedFile("", b"TIDEGATE", (STRIPES, SLOTS, ENTRIES), STRIPES * SLOTS * SLOT)
"""Sliding windows of rate limits."""
QUOTAS: Final = SharedFile(".quotas", b"TGQUOTAS", (64, 2048, 64), 64 * 2048 * 128, lasting=True)
"""Quotas, each in two copies with a checksum."""
LEASES: Final = SharedFile(".slots", b"TGLEASES", (64, 4096, 32), 64 * (64 + 4096 * 32), of_envoy=True)
"""Who is inside a limit-concurrency."""
CACHE: Final = SharedFile(".cache", b"TGCACHED", (16, 4096, 8 << 20), 16 * (64 + 4096 * 24 + (8 << 20)))
"""Cached values and responses."""
JOURNAL: Final = 32768
PUSHED: Final = struct.Struct("<4i3di12x")
"""An entry of the journal: key, time, calls, period, count."""
NEAR: Final = 65536
NEAR_PROBES: Final = 32
NEAR_PLACE: Final = struct.Struct("<4id8x")
"""A place of the table of near keys: key, until when."""
SYNC_HEAD: Final = 4096
SYNC_FIELDS: Final = struct.Struct("<6d")
"""synced, epoch, machines, refuses, head, tail."""
SYNC: Final = SharedFile(
    ".sync",
    b"TGSHARED",
    (JOURNAL, NEAR, NEAR_PROBES),
    SYNC_HEAD + JOURNAL * PUSHED.size + NEAR * NEAR_PLACE.size,
)
"""What this machine and the others tell each other of rate limits (lua/sharing.lua)."""
FILES: Final = (COUNTERS, QUOTAS, LEASES, CACHE, SYNC)


def create(path: Path) -> None:
    """Make the files (mode 0600) with free locks; those of this version and this run of the machine keep their content.

    Call it before Envoy starts. Envoy finds the first by the environment variable TIDEGATE_SHARED_MEMORY, and the
    others beside it.
    """
    boot = _boot()
    for file in FILES:
        if not _is_current(file, path, boot):
            _make(file, path, boot)
    reset_locks(path)


def reset_locks(path: Path) -> None:
    """Free every lock and end every lease, keeping what is counted. Only while no Envoy runs: one that was killed may
    have held some."""
    for file in FILES:
        if file.of_envoy:
            _make(file, path, _boot())
        with file.below(path).open("r+b") as opened, mmap.mmap(opened.fileno(), FIRST_SLOT) as memory:
            # What a free lock looks like is the C library's matter: 0 on some machines, 1 on others.
            initialise = ctypes.CDLL(None).pthread_spin_init
            for number in range(_LOCKS_COUNT):
                lock = ctypes.c_int()
                if initialise(ctypes.byref(lock), _PTHREAD_PROCESS_SHARED) != 0:
                    raise OSError("pthread_spin_init did not make a lock")
                at = LOCKS + number * 64
                memory[at : at + 4] = bytes(lock)


def _make(file: SharedFile, path: Path, boot: bytes) -> None:
    target = file.below(path)
    temporary = target.with_name(target.name + ".new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    with temporary.open("r+b") as opened:
        opened.write(file.header)
        opened.seek(_BOOT_AT)
        opened.write(boot)
        opened.truncate(file.size)
    temporary.replace(target)


def _is_current(file: SharedFile, path: Path, boot: bytes) -> bool:
    """Whether the file is one of this layout. Anything else is made anew: its content means nothing any more."""
    target = file.below(path)
    try:
        with target.open("rb") as opened:
            head = opened.read(_BOOT_AT + len(boot))
            return (
                target.stat().st_size == file.size
                and head.startswith(file.header)
                and (file.lasting or head[_BOOT_AT:] == boot)
            )
    except OSError:
        return False


def _boot() -> bytes:
    """What names this run of the machine; nothing where the system does not say."""
    try:
        return _BOOT_FILE.read_bytes().strip()
    except OSError:
        return b""
