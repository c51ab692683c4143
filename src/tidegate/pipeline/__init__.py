"""The pure composition: sources in, `Compilation` out. No I/O, no clock, no logging.

`compile_sources` (compile.py) runs read, resolve and compile; `explain` (explain.py) walks one request through a world.
"""

from tidegate.pipeline.compilation import Compilation, Observed, ResourceName, Settings

__all__ = ["Compilation", "Observed", "ResourceName", "Settings"]
