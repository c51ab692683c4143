"""Microsoft Graph manifests to the directory of identities.

Reading order: `tenants` (whose an object is), `applications`, `principals`, `grants`, `resolve` (all of it).
"""

from tidegate.manifests.directory.resolve import resolve_directory

__all__ = ["resolve_directory"]
