"""Files that are written whole or not at all, and read by nobody else.

Standard library only: the supervisor, whose start everybody waits for, imports it too.
"""

from tidegate.files.private import (
    ensure_private_directory,
    exclusive_lock,
    remove_leftovers,
    write_private_file,
)

__all__ = ["ensure_private_directory", "exclusive_lock", "remove_leftovers", "write_private_file"]
