"""The file of rate-limit counters that Envoy's workers share: made here, counted in by lua/counters.lua, its twin.

    0      header: "TIDEGATE", version, stripes, slots of a stripe, entries of a slot (little-endian uint32 each)
    4096   one spin lock for each stripe, 64 bytes apart
    8192   stripes * slots of SLOT bytes

The file is sparse: only slots that count something take space.
"""

from __future__ import annotations

import ctypes
import mmap
import struct
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

_HEADER: Final = struct.pack("<8sIIII", b"TIDEGATE", VERSION, STRIPES, SLOTS, ENTRIES)
_PTHREAD_PROCESS_SHARED: Final = 1


def create(path: Path) -> None:
    """Make the file (mode 0600) with free locks and no counts; one of this version that is there keeps its counts.

    Call it before Envoy starts. Envoy finds the file by the environment variable TIDEGATE_SHARED_MEMORY.
    """
    if not _is_current(path):
        temporary = path.with_name(path.name + ".new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        with temporary.open("r+b") as file:
            file.write(_HEADER)
            file.truncate(SIZE)
        temporary.replace(path)
    reset_locks(path)


def reset_locks(path: Path) -> None:
    """Free every lock, keeping the counts. Only while no Envoy runs: one that was killed may have held some."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), FIRST_SLOT) as memory:
        # What a free lock looks like is the C library's matter: 0 on some machines, 1 on others.
        initialise = ctypes.CDLL(None).pthread_spin_init
        for stripe in range(STRIPES):
            lock = ctypes.c_int()
            if initialise(ctypes.byref(lock), _PTHREAD_PROCESS_SHARED) != 0:
                raise OSError("pthread_spin_init did not make a lock")
            at = LOCKS + stripe * 64
            memory[at : at + 4] = bytes(lock)


def _is_current(path: Path) -> bool:
    """Whether the file is one of this layout. Anything else is made anew: its counts mean nothing any more."""
    try:
        with path.open("rb") as file:
            return path.stat().st_size == SIZE and file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False
