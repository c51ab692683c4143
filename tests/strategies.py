"""Inputs for property tests: C# expressions with every kind of literal, policy documents around them, YAML values."""

from __future__ import annotations

from hypothesis import strategies as st

_WORD = st.sampled_from(
    ["context", "x", "d", "Subject", "é", "名", "global::System", "a.b", "1", "0x1F", "?.y", "&&", "<", "=>"]
)
_REGULAR = st.text(st.sampled_from("ab)({}[]'é😀 /*&;@$"), max_size=8).map(lambda s: '"' + s + '\\"' + '"')
_VERBATIM = st.text(st.sampled_from("ab)(}{\\\n'😀 "), max_size=8).map(lambda s: '@"' + s + '""' + '"')
_CHARACTER = st.sampled_from(["'a'", "'\"'", "'\\''", "'('", "'\\u0041'", "'\\n'"])
_COMMENT = st.sampled_from(["/* ) \" ' */", "// it's ) \" \n", "/* \n */"])
_FORMAT = st.sampled_from(["", ":yyyy", ",-10:X2", ":yyyy-MM-dd'T'HH"])


def _interpolated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    hole = st.tuples(inner.filter(lambda s: "?" not in s and ":" not in s), _FORMAT).map(
        lambda p: "{(" + p[0] + ")" + p[1] + "}"
    )
    text = st.text(st.sampled_from("ab)(' é"), max_size=5) | st.sampled_from(["{{", "}}", "{{ }}"])
    regular = st.lists(text | hole, max_size=4).map(lambda parts: '$"' + "".join(parts) + '"')
    verbatim = st.tuples(
        st.sampled_from(['$@"', '@$"']), st.lists(text | hole | st.just('""') | st.just("\n"), max_size=4)
    ).map(lambda pair: pair[0] + "".join(pair[1]) + '"')
    return regular | verbatim


def _bracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(["()", "[]", "{}"]), st.lists(inner, max_size=4)).map(
        lambda pair: pair[0][0] + " ".join(pair[1]) + pair[0][1]
    )


code = st.recursive(
    _WORD | _REGULAR | _VERBATIM | _CHARACTER | _COMMENT,
    lambda inner: _bracketed(inner) | _interpolated(inner),
    max_leaves=12,
)
"""C# as its lexer sees it: literals, comments, brackets that match."""

fence = st.tuples(st.sampled_from(["()", "{}"]), st.lists(code, max_size=4).map(" ".join)).map(
    lambda pair: "@" + pair[0][0] + pair[1] + pair[0][1]
)
"""A whole expression with its fence."""

literal = st.text(st.sampled_from("abc é😀{}()@.-"), max_size=8).filter(
    lambda s: not s.lstrip().startswith(("@(", "@{"))
)
"""Text without an expression that needs no escaping."""

messy_text = st.text(
    st.sampled_from("<>&;\"'=/!-[]{}()@$\\:#%*|~?, \n\rabn0é😀\ufeff\x00") | st.characters(), max_size=60
)
"""Characters that mean something to one of the readers."""
