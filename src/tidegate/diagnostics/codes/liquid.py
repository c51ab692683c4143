"""TG26: Liquid templates of set-body."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

SYNTAX: Final = error("TG2601", "liquid-syntax", "this is no Liquid: {detail}")
TAG_UNKNOWN: Final = error("TG2602", "liquid-tag-unknown", "set-body's Liquid has no tag `{name}`")
FILTER_UNKNOWN: Final = error("TG2603", "liquid-filter-unknown", "set-body's Liquid has no filter `{name}`")
UNCLOSED: Final = error("TG2604", "liquid-unclosed", "`{{% {name} %}}` is never closed by `{{% {end} %}}`")
CONTEXT_UNKNOWN: Final = error("TG2605", "liquid-context", "a template cannot show `{path}` as a whole")
TOO_LARGE: Final = error("TG2606", "liquid-too-large", "the template has more than {limit} pieces")
TOO_DEEP: Final = error("TG2607", "liquid-too-deep", "tags are nested more than {limit} deep")
ATTRIBUTE: Final = error("TG2608", "liquid-attribute", '`{name}` of `<set-body>` belongs to template="liquid"')

CODES: Final = (SYNTAX, TAG_UNKNOWN, FILTER_UNKNOWN, UNCLOSED, CONTEXT_UNKNOWN, TOO_LARGE, TOO_DEEP, ATTRIBUTE)
