"""How much of an input is read. Every reader of this package refuses what exceeds these, with a diagnostic."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 4 * 1024 * 1024
"""Of one file. The largest OpenAPI files that teams publish are about half of this."""
DEPTH: Final = 64
"""Of nested values or elements. Everything that walks a tree may therefore recurse."""
NODES: Final = 200_000
"""Values of one YAML or JSON file, elements of one XML file."""
EXPANSION: Final = 100_000
"""Values that aliases and merge keys of one YAML file repeat. The "billion laughs" file ends here."""
ATTRIBUTES: Final = 256
"""Of one XML element."""
