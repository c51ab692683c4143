"""Tidegate: service connectivity without permanent trust, run on Envoy.

Reading order for newcomers: docs/architecture.md, then `pipeline`, then the package that interests you.
Importing this package does nothing.
"""

__version__ = "0.1.0.dev0"
