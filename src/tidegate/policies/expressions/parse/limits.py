"""How large an expression may be, so that everything that walks its tree may recurse."""

from __future__ import annotations

from typing import Final

MAX_LENGTH: Final = 32_768
"""Characters of one expression. Azure's limit is on the document; nobody reads a longer one."""
MAX_DEPTH: Final = 50
"""Of nested operators, brackets and statements. Python's stack and Lua's parser (200 levels) both bound it."""
STATEMENT_DEPTH: Final = 2
"""What loops, `try` and their like count more than brackets do: each becomes several blocks of Lua."""
MAX_OPERANDS: Final = 400
"""Of operators that stand side by side without brackets: `a + b + c`."""
MAX_ARGUMENTS: Final = 100
"""Of one call."""
