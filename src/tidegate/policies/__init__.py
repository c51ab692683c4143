"""API Management policies: documents in, Lua programs for Envoy out. Pure; what runs in Envoy is in lua/.

Reading order: `document` (what a document is), `read`, `catalogue/` (one file a policy), `expressions/` (C#), `program`
(scopes merged, Lua written), `limits` (RateLimitPolicy as a document),
`runtime` and lua/README.md (the contract with Envoy), `shared_memory` (counters).
"""

from tidegate.policies.document import PolicyDocument
from tidegate.policies.limits import limit_document
from tidegate.policies.named_values import NamedValue
from tidegate.policies.program import build_program
from tidegate.policies.read import read_document
from tidegate.policies.runtime import runtime_source
from tidegate.policies.scopes import DEFAULT_GLOBAL

__all__ = [
    "DEFAULT_GLOBAL",
    "NamedValue",
    "PolicyDocument",
    "build_program",
    "limit_document",
    "read_document",
    "runtime_source",
]
