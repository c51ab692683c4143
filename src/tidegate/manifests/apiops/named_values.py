"""Named values: what `{{name}}` stands for."""

from __future__ import annotations

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.apiops.artifacts import Artifacts
from tidegate.manifests.apiops.layout import Layout
from tidegate.manifests.apiops.schema import NamedValueInformation
from tidegate.manifests.plan import NamedValueText


def read_named_values(layout: Layout, artifacts: Artifacts) -> dict[str, NamedValueText]:
    """By display name. One without a value here (a secret, or one of Key Vault) is an error with the way out."""
    values: dict[str, NamedValueText] = {}
    for folder, path in sorted(layout.named_values.items()):
        read = artifacts.read(
            path, NamedValueInformation, subject=f"named value {folder}", override=("namedValues", folder)
        )
        if read is None:
            continue
        name, value = read.properties.display_name, read.properties.value
        vaulted = read.properties.key_vault is not None
        if value is None:
            artifacts.found.add(
                codes.APIM_NAMED_VALUE,
                at=Span(path, 1, 1, 1, 1),
                name=name,
                reason="is in Key Vault, which is not asked" if vaulted else "has no `value`",
                help='write "value": "${NAME}" and give it with `--set NAME=...`, or put it into a '
                "configuration.<environment>.yaml",
            )
            continue
        values[name] = NamedValueText(name, value, read.properties.secret or vaulted, Span(path, 1, 1, 1, 1))
    return values
