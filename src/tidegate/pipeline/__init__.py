"""The pure composition: sources in, `Compilation` out. No I/O, no clock, no logging.

`compile_sources` (compile.py) runs read, resolve and compile; `programs` joins routes with their policies; `status` and
`explain` answer questions about a compilation.
"""

from tidegate.envoy import ResourceName
from tidegate.pipeline.compilation import Compilation, Observed, Settings
from tidegate.pipeline.compile import compile_sources

__all__ = ["Compilation", "Observed", "ResourceName", "Settings", "compile_sources"]
