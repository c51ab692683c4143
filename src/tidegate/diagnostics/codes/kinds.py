"""TG13: kinds that are read, and what of them is not as their own documentation says."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

KIND_REFUSED: Final = error("TG1301", "kind-refused", "{subject} is read and has no effect: lost are {lost}")
SHAPE_DOCUMENTED: Final = warning(
    "TG1302",
    "target-shape-documented",
    "{subject}: `{field}` is written as the documentation has it, not as the CRD does",
)
VERSION_FOR_API_VERSION: Final = warning(
    "TG1303", "version-for-api-version", "this {kind} has `version` where Kubernetes wants `apiVersion`"
)
INGRESS_REFUSED: Final = error("TG1304", "ingress-refused", "{what} of class `{name}` is not served")
KUSTOMIZATION_UNAPPLIED: Final = warning(
    "TG1305",
    "kustomization-unapplied",
    "the files are read as they are: nothing that this Kustomization says is applied",
)
LIST_MISTAKEN: Final = error("TG1306", "list-mistaken", "this {kind} stands in a sequence that is no List")

CODES: Final = (
    KIND_REFUSED,
    SHAPE_DOCUMENTED,
    VERSION_FOR_API_VERSION,
    INGRESS_REFUSED,
    KUSTOMIZATION_UNAPPLIED,
    LIST_MISTAKEN,
)
