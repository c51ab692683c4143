"""What Tidegate says to the author of an input: places, codes, diagnostics, renderers.

Reading order: `spans` (where), `code` (what kinds of wrong there are), `diagnostic` (one finding and the collector
`Found`), `codes/` (the tables), `render` (how it is shown). Imports nothing of Tidegate.
"""

from tidegate.diagnostics.code import Code, Severity
from tidegate.diagnostics.diagnostic import Diagnostic, Found, Related
from tidegate.diagnostics.spans import Located, Span

__all__ = ["Code", "Diagnostic", "Found", "Located", "Related", "Severity", "Span"]
