"""C#'s reserved words (section 6.4.4)."""

from __future__ import annotations

from typing import Final

KEYWORDS: Final = frozenset((
    "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const",
    "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern",
    "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int", "interface",
    "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override",
    "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof",
    "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint",
    "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
))  # fmt: skip
"""Words that are names only behind an `@`."""
TYPE_WORDS: Final = frozenset((
    "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "char", "float", "double",
    "decimal", "string", "object", "void",
))  # fmt: skip
"""Keywords that name types: members may be asked of them, as in `string.Empty`."""
