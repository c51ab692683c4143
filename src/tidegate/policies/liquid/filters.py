"""Liquid's filters as API Management's set-body has them: names in Pascal case, and how many arguments each takes.

Source: the page "set-body policy" (its list of filters), and DotLiquid's standard filters for what the list leaves out.
"""

from __future__ import annotations

from typing import Final

FILTERS: Final[dict[str, tuple[int, int]]] = {
    "Abs": (0, 0),
    "Append": (1, 1),
    "AtLeast": (1, 1),
    "AtMost": (1, 1),
    "Capitalize": (0, 0),
    "Ceil": (0, 0),
    "Compact": (0, 0),
    "Concat": (1, 1),
    "Currency": (0, 1),
    "Date": (1, 1),
    "Default": (1, 1),
    "DividedBy": (1, 1),
    "Downcase": (0, 0),
    "Escape": (0, 0),
    "First": (0, 0),
    "Floor": (0, 0),
    "H": (0, 0),
    "Join": (0, 1),
    "Last": (0, 0),
    "Lstrip": (0, 0),
    "Map": (1, 1),
    "Minus": (1, 1),
    "Modulo": (1, 1),
    "NewlineToBr": (0, 0),
    "Plus": (1, 1),
    "Prepend": (1, 1),
    "Remove": (1, 1),
    "RemoveFirst": (1, 1),
    "Replace": (1, 2),
    "ReplaceFirst": (1, 2),
    "Reverse": (0, 0),
    "Round": (0, 1),
    "Rstrip": (0, 0),
    "Size": (0, 0),
    "Slice": (1, 2),
    "Sort": (0, 1),
    "Split": (1, 1),
    "Strip": (0, 0),
    "StripHtml": (0, 0),
    "StripNewlines": (0, 0),
    "Times": (1, 1),
    "Truncate": (0, 2),
    "TruncateWords": (0, 2),
    "Uniq": (0, 0),
    "Upcase": (0, 0),
    "UrlDecode": (0, 0),
    "UrlEncode": (0, 0),
    "Where": (1, 2),
}
"""Fewest and most arguments behind the colon."""


def in_pascal_case(name: str) -> str:
    """`strip_html` as API Management spells it."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
