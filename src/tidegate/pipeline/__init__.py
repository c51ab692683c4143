"""The pure composition: sources in, `Compilation` out. No I/O, no clock, no logging.

`compile_sources` (compile.py) runs read, resolve and compile; `programs` joins routes with their policies; `explain`
walks one request through a world. Statuses and documents are in the `Compilation`; `shown_texts`
are the files' texts for drawing diagnostics, with secrets covered.
"""

from tidegate.envoy import ResourceName
from tidegate.pipeline.compilation import Compilation, Observed, Settings
from tidegate.pipeline.compile import compile_sources
from tidegate.pipeline.explain import explain
from tidegate.pipeline.explanation import Explanation
from tidegate.pipeline.masking import shown_texts
from tidegate.pipeline.steps import step_lines

__all__ = [
    "Compilation",
    "Explanation",
    "Observed",
    "ResourceName",
    "Settings",
    "compile_sources",
    "explain",
    "shown_texts",
    "step_lines",
]
