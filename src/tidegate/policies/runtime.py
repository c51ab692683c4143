"""The runtime library that Envoy's one Lua filter is given: a core, and the texts of what programs may ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain
from typing import Final

CORE: Final = (
    "prelude",  # R, failures, bounded tables
    "loading",  # the others
    "hash",
    "headers",  # set-header, answers in the making, trusted names
    "subscriptions",  # who calls, and in the context of which product
    "dispatch",  # Envoy's two hooks; last, since it uses all others
)
"""What every request needs, in the order of loading."""
UNITS: Final = (
    ("json",),
    ("base64",),
    ("values",),  # what every .NET object has: type, text, equality, casts
    ("decimal",),
    ("numbers",),  # arithmetic
    ("casts",),  # and Convert
    ("math",),
    ("number_text",),
    ("number_custom",),
    ("number_parse",),
    ("unicode",),
    ("text",),  # strings of UTF-16 units, characters
    ("text_search",),
    ("text_change",),
    ("format",),
    ("encoding",),  # Encoding, base64, hexadecimal, BitConverter
    ("guid",),  # and Random
    ("web",),  # escaping for URLs and HTML
    ("uri",),
    (
        "time",
        "time_text",
    ),
    ("span",),
    ("time_parse",),
    ("time_exact",),
    ("digests",),  # MD5 to SHA-512, HMAC
    ("aes",),
    ("rsa",),  # signatures that Envoy cannot check in the same request
    ("tokens",),  # AsJwt and validate-jwt
    ("jwt_keys",),  # keys of tokens, and encrypted tokens
    ("jwt_rules",),  # rules that are expressions
    ("validate_jwt",),  # and validate-azure-ad-token
    (
        "collections",  # arrays, lists, what enumerates
        "lists",  # lists, queues, stacks
        "dictionary",  # dictionaries and sets
    ),
    ("linq",),
    ("linq_order",),
    (
        "regex_chars",  # regular expressions: characters, escapes, sets
        "regex_parse",  # patterns to trees
        "regex_classes",
        "regex_compile",  # trees to programs
        "regex_match",  # the machine that runs them
        "regex",  # Regex and Match
    ),
    ("crypto",),  # what .NET calls them
    (
        "newtonsoft",  # LINQ to JSON
        "json_reader",
        "json_writer",
        "json_values",
        "json_more",
    ),
    ("jsonpath",),  # its filters
    ("jsonpath_reader",),
    ("xml",),  # its reader
    ("xml_tree",),
    ("xlinq",),  # System.Xml.Linq
    ("xlinq_tree",),
    ("xpath_values",),
    ("xpath",),
    ("xml_document",),  # XmlDocument, XmlReader
    ("json_xml",),  # from one to the other
    (
        "liquid",  # templates of set-body
        "liquid_loops",
        "liquid_filters",
        "liquid_numbers",
    ),
    ("transform",),  # policies that change bodies
    ("language",),  # what expressions call that is no .NET member
    ("shared",),  # memory that all workers share
    ("sharing",),  # windows over several machines
    ("counters",),  # sliding windows
    ("quotas",),  # fixed windows that last
    ("slots",),  # who is inside a limit-concurrency
    ("cache",),  # cached texts
    ("cache_values",),  # cache-lookup-value and its like
    ("cache_responses",),  # cache-lookup, cache-store
    ("limits",),  # rate-limit-by-key and its like
    ("tokens_of_models",),  # llm-token-limit
    ("cors",),
    ("context",),
    ("bodies",),  # responses that are whole, and what As<T>() reads
    ("retry",),  # its pauses; mock-response
    ("errors",),  # LastError, and what failures answer
    ("access",),  # check-header, ip-filter, validate-client-certificate
    ("schema",),  # JSON Schema
    ("validation",),  # messages against the API's specification
    ("sinks",),  # events and metrics
    ("trace",),  # what one request met
    ("url",),  # what a request asks for, and rewrite-uri and its like
    ("calls",),  # what leaves the gateway on a policy's behalf
    ("managed_identity",),
)
"""What is loaded when a name of it is asked for; files that change each other's tables come together."""
FILES: Final = (*CORE, *chain.from_iterable(UNITS))

_LEXEMES: Final = re.compile(
    r"""
    (?P<comment> --\[(?P<c>=*)\[.*?\](?P=c)\] | --[^\n]* )
    | (?P<text> \[(?P<t>=*)\[.*?\](?P=t)\] | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
    | (?P<blank> [ ]*\n[ ]* )
    """,
    re.DOTALL | re.VERBOSE,
)
_FUNCTION: Final = re.compile(r"^function R\.(\w+)\(", re.MULTILINE)
_ASSIGNED: Final = re.compile(r"^(R\.\w+(?:, R\.\w+)*) = ", re.MULTILINE)
_REGISTERED: Final = re.compile(
    r"""^(?:function )?R\.(?P<kind>body_types|enums|defaults)(?:\.(?P<name>\w+)|\["(?P<quoted>[^"]+)"\])(?: = |\()""",
    re.MULTILINE,
)
_ENUM: Final = re.compile(r'^R\.enum\("(\w+)"', re.MULTILINE)
_BRINGS: Final = re.compile(r"^-- brings: (.+)$", re.MULTILINE)


@cache
def runtime_source() -> str:
    """The library, for the Lua filter's `default_source_code`. Constant within one version of Tidegate."""
    head, *core = (stripped(read(name)) for name in CORE)
    # Each file's locals are its own: Lua allows 200 of them in one function.
    parts = [f"do\n{part}\nend" for part in core]
    at = CORE.index("loading") - 1
    parts[at] = f"do\n{_tables()}\n{core[at]}\nend"
    return "\n".join((head, *parts))


def read(name: str) -> str:
    """One file, as it was written."""
    return resources.files("tidegate.policies").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


def stripped(text: str) -> str:
    """Lua without comments and indentation. Lines stay where they are: errors name them."""

    def short(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match["text"]
        # Comments of several lines leave their lines.
        return "\n" * match[0].count("\n")

    return _LEXEMES.sub(short, _LEXEMES.sub(short, text)).rstrip("\n")


def brought(text: str) -> Iterator[str]:
    """The names that a file adds to R, and to its tables of types (`enums.DayOfWeek`)."""
    for match in _FUNCTION.finditer(text):
        yield match[1]
    for match in _ASSIGNED.finditer(text):
        yield from match[1].replace("R.", "").split(", ")
    for match in _REGISTERED.finditer(text):
        yield f"{match['kind']}.{match['name'] or match['quoted']}"
    for match in _ENUM.finditer(text):
        yield from (f"enums.{match[1]}", f"defaults.{match[1]}")
    # Names that are put together by loops.
    for match in _BRINGS.finditer(text):
        yield from match[1].split()


def _tables() -> str:
    """UNITS and NAMES of loading.lua."""
    units: list[str] = []
    names: list[str] = []
    for number, files in enumerate(UNITS, start=1):
        texts = [read(name) for name in files]
        # A file gets R as its argument, on its first line.
        quoted = [_quoted(f"local R = ...; {stripped(text)}") for text in texts]
        units.append("{" + ", ".join(f'{{"{file}", {text}}}' for file, text in zip(files, quoted, strict=True)) + "}")
        names += [f"{name}={number}" for name in sorted({name for text in texts for name in brought(text)})]
    return f"local UNITS = {{{', '.join(units)}}}\nlocal NAMES = {_quoted(chr(10) + chr(10).join(names) + chr(10))}"


def _quoted(text: str) -> str:
    """A text in the long brackets of a level that it does not hold itself; Lua drops a line's end right behind them."""
    level = ""
    while f"]{level}]" in text + "]":
        level += "="
    return f"[{level}[\n{text}]{level}]"
