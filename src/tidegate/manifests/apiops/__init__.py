"""API Management's artifacts in the APIOps folder layout, served by a gateway of their own on port 81.

Reading order: `layout` (which file is what), `schema` and `artifacts` (the JSON files), `templates` and `specification`
(operations), `service_url` (where they go), `gateway` (all of it).
"""

from tidegate.manifests.apiops.artifacts import ArtifactMemory
from tidegate.manifests.apiops.gateway import PORT, ApimPlan, resolve_apiops
from tidegate.manifests.apiops.layout import is_information

__all__ = ["PORT", "ApimPlan", "ArtifactMemory", "is_information", "resolve_apiops"]
