"""What `context` of a template is in C#: the expression whose value the template goes on from.

Source: the page "set-body policy", its list of what a template can bind to. Missing entries of dictionaries are nothing
in Liquid, where C#'s indexer throws.
"""

from __future__ import annotations

from typing import Final

_DICTIONARIES: Final = ("Headers", "Query", "MatchedParameters")
_MAY_BE_NULL: Final = ("Product", "User", "Subscription")
_CALLED: Final = ("ToString", "ToUri")


def context_code(path: tuple[str, ...]) -> tuple[str, int]:
    """C# for a path behind `context`, and how many steps it takes; "" if there is nothing such.

    >>> context_code(("Variables", "order", "id"))
    ('context.Variables.GetValueOrDefault<object>("order")', 2)
    >>> context_code(("Request", "Headers", "X-Id"))
    ('context.Request.Headers.GetValueOrDefault("X-Id")', 3)
    """
    if not path or "" in path[:2]:
        return "", 0
    code = "context"
    for index, name in enumerate(path):
        behind = path[index + 1] if index + 1 < len(path) else ""
        if name == "Variables" and index == 0:
            if not behind:
                return "", 0
            return f"{code}.Variables.GetValueOrDefault<object>({_text(behind)})", 2
        if name in _DICTIONARIES and behind:
            return f"{code}.{name}.GetValueOrDefault({_text(behind)})", index + 2
        if not name.isidentifier():
            return "", 0
        if name == "HasBody":
            return f"({code}.Body != null)", index + 1
        if name in _CALLED:
            return f"{code}.ToString()", index + 1
        code += f".{name}{'?' if name in _MAY_BE_NULL and behind else ''}"
    return code, len(path)


def _text(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
