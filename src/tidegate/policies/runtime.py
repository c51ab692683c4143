"""The runtime library that Envoy's one Lua filter is given: the files of lua/, one after the other."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

FILES: Final = (
    "prelude",  # R, failures, bounded tables
    "json",
    "base64",
    "hash",
    "values",  # what every .NET object has: type, text, equality, casts
    "decimal",
    "numbers",  # arithmetic
    "casts",  # and Convert
    "math",
    "number_text",
    "number_custom",
    "number_parse",
    "unicode",
    "text",  # strings of UTF-16 units, characters
    "text_search",
    "text_change",
    "format",
    "encoding",  # Encoding, base64, hexadecimal, BitConverter
    "guid",  # and Random
    "web",  # escaping for URLs and HTML
    "uri",
    "time",
    "span",
    "time_text",
    "time_parse",
    "time_exact",
    "digests",  # MD5 to SHA-512, HMAC
    "aes",
    "rsa",  # signatures that Envoy cannot check in the same request
    "tokens",  # AsJwt and validate-jwt
    "jwt_keys",  # keys of tokens, and encrypted tokens
    "jwt_rules",  # rules that are expressions
    "validate_jwt",  # and validate-azure-ad-token
    "collections",  # arrays, lists, what enumerates
    "lists",  # lists, queues, stacks
    "dictionary",  # dictionaries and sets
    "linq",
    "linq_order",
    "regex_chars",  # regular expressions: characters, escapes, sets
    "regex_parse",  # patterns to trees
    "regex_classes",
    "regex_compile",  # trees to programs
    "regex_match",  # the machine that runs them
    "regex",  # Regex and Match
    "crypto",  # what .NET calls them
    "newtonsoft",  # LINQ to JSON
    "json_reader",
    "json_writer",
    "json_values",
    "json_more",
    "jsonpath",  # its filters
    "jsonpath_reader",
    "xml",  # its reader
    "xml_tree",
    "xlinq",  # System.Xml.Linq
    "xlinq_tree",
    "xpath_values",
    "xpath",
    "xml_document",  # XmlDocument, XmlReader
    "json_xml",  # from one to the other
    "liquid",  # templates of set-body
    "liquid_loops",
    "liquid_filters",
    "liquid_numbers",
    "transform",  # policies that change bodies
    "language",  # what expressions call that is no .NET member
    "headers",  # set-header, answers in the making, trusted names
    "shared",  # memory that all workers share
    "sharing",  # windows over several machines
    "counters",  # sliding windows
    "quotas",  # fixed windows that last
    "slots",  # who is inside a limit-concurrency
    "cache",  # cached texts
    "cache_values",  # cache-lookup-value and its like
    "cache_responses",  # cache-lookup, cache-store
    "limits",  # rate-limit-by-key and its like
    "tokens_of_models",  # llm-token-limit
    "cors",
    "context",
    "bodies",  # responses that are whole, and what As<T>() reads
    "retry",  # its pauses; mock-response
    "errors",  # LastError, and what failures answer
    "access",  # check-header, ip-filter, validate-client-certificate
    "schema",  # JSON Schema
    "validation",  # messages against the API's specification
    "subscriptions",  # who calls, and in the context of which product
    "sinks",  # events and metrics
    "trace",  # what one request met
    "url",  # what a request asks for, and rewrite-uri and its like
    "calls",  # what leaves the gateway on a policy's behalf
    "managed_identity",
    "dispatch",  # Envoy's two hooks; last, since it uses all others
)


@cache
def runtime_source() -> str:
    """The library, for the Lua filter's `default_source_code`. Constant within one version of Tidegate."""
    folder = resources.files("tidegate.policies").joinpath("lua")
    # Each file's locals are its own: Lua allows 200 of them in one function.
    parts = [folder.joinpath(f"{name}.lua").read_text(encoding="utf-8") for name in FILES]
    head, *rest = parts
    return "\n".join((head, *(f"do\n{part}\nend" for part in rest)))
