"""API Management's artifacts in the APIOps folder layout, served by a gateway of their own on port 81.

Reading order: `layout` (which file is what), `schema`, `overrides` and `artifacts` (the JSON files), `named_values`,
`subscriptions` (products and who may call), `versions` (where an API is reached), `templates` and `specification`
(operations), `service_url` (where they go), `api` (the routes of one), `gateway` (all of it).
"""

from tidegate.manifests.apiops.artifacts import ArtifactMemory
from tidegate.manifests.apiops.contract import Contract
from tidegate.manifests.apiops.gateway import PORT, ApimPlan, ApimSettings, resolve_apiops
from tidegate.manifests.apiops.layout import is_information

__all__ = ["PORT", "ApimPlan", "ApimSettings", "ArtifactMemory", "Contract", "is_information", "resolve_apiops"]
