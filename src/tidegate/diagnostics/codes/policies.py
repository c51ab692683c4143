"""TG2: API Management policy documents."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, info, warning

ROOT_UNEXPECTED: Final = error("TG2001", "policy-root", "a policy document begins with `<policies>`, not `<{name}>`")
SECTION_UNKNOWN: Final = error("TG2002", "policy-section-unknown", "`<{name}>` is no section of a policy document")
SECTION_TWICE: Final = error("TG2003", "policy-section-twice", "the section `<{name}>` is given twice")
TEXT_UNEXPECTED: Final = error("TG2004", "policy-text", "`<{name}>` holds no text")
POLICY_UNKNOWN: Final = error("TG2005", "policy-unknown", "`<{name}>` is no policy")
POLICY_SECTION: Final = error(
    "TG2006", "policy-not-in-section", "`<{name}>` cannot stand in {section}; it may in {allowed}"
)
POLICY_TWICE: Final = error("TG2007", "policy-twice", "`<{name}>` may stand in a section once")
CHILD_UNKNOWN: Final = error("TG2008", "policy-child-unknown", "`<{parent}>` has no child `<{name}>`")
CHILD_MISSING: Final = error("TG2009", "policy-child-missing", "`<{parent}>` needs {expected}")
ATTRIBUTE_UNKNOWN: Final = error("TG2010", "policy-attribute-unknown", "`<{element}>` has no attribute `{name}`")
ATTRIBUTE_MISSING: Final = error("TG2011", "policy-attribute-missing", "`<{element}>` needs the attribute `{name}`")
VALUE_UNEXPECTED: Final = error("TG2012", "policy-value", "`{value}` is not {expected}")
EXPRESSION_NOT_WHOLE: Final = error("TG2013", "expression-not-whole", "an expression must be the whole value")
EXPRESSION_NOT_ALLOWED: Final = error("TG2014", "expression-not-allowed", "{where} takes no expression")
NAMED_VALUE_UNKNOWN: Final = error("TG2015", "named-value-unknown", "no named value is called `{name}`")
POLICY_NESTED: Final = error("TG2016", "policy-nested", "`<{name}>` may only stand directly in {section}")
BASE_NESTED: Final = error("TG2017", "base-nested", "`<base />` cannot stand inside a policy or a fragment")
FRAGMENT_UNKNOWN: Final = error("TG2018", "fragment-unknown", "no policy fragment is called `{name}`")
FRAGMENT_NESTED: Final = error("TG2019", "fragment-nested", "the fragment `{name}` cannot include another")
FRAGMENT_ROOT: Final = error("TG2020", "fragment-root", "a policy fragment begins with `<fragment>`, not `<{name}>`")
POLICY_UNREACHABLE: Final = warning("TG2021", "policy-unreachable", "`<{name}>` is never reached")

POLICY_UNSUPPORTED: Final = error("TG2301", "policy-not-translatable", "`<{name}>` has no Envoy translation yet")
ATTRIBUTE_UNSUPPORTED: Final = error(
    "TG2302", "policy-attribute-not-translatable", "`{name}` of `<{element}>` is not translated yet"
)
CHILD_UNSUPPORTED: Final = error(
    "TG2303", "policy-child-not-translatable", "`<{name}>` in `<{parent}>` is not translated yet"
)
NEVER_FORWARDS: Final = warning(
    "TG2304", "backend-never-forwards", "no `<forward-request />` is left in the backend section of {scopes}"
)

HEADER_UNTOUCHABLE: Final = error("TG2401", "header-untouchable", "policies cannot change the header `{name}`")
HEADER_NAME: Final = error("TG2402", "header-name", "`{name}` is no header name")
HEADER_VALUE: Final = error("TG2403", "header-value", "a header's value cannot hold line breaks or control characters")
ORIGIN_MALFORMED: Final = error(
    "TG2404", "cors-origin", "`{origin}` is no origin: scheme, host and port, such as https://app.example.com"
)
CORS_CREDENTIALS: Final = error(
    "TG2405", "cors-credentials-any-origin", "credentials cannot be allowed for every origin"
)
TOKEN_SOURCE: Final = error(
    "TG2406",
    "jwt-token-source",
    "`<{element}>` needs exactly one of header-name, query-parameter-name and token-value",
)
TOKEN_UNCHECKED: Final = error(
    "TG2407", "jwt-without-keys", "`<validate-jwt>` needs an `<openid-config>` or `<issuer-signing-keys>`"
)
AUDIENCE_UNCHECKED: Final = info(
    "TG2408",
    "jwt-any-audience",
    "`<{element}>` lists no audiences: a token for any application of the issuer passes",
)
TOKEN_UNSIGNED: Final = warning("TG2409", "jwt-unsigned", "a token without a signature may pass: anybody can write one")

CODES: Final = (
    ROOT_UNEXPECTED,
    SECTION_UNKNOWN,
    SECTION_TWICE,
    TEXT_UNEXPECTED,
    POLICY_UNKNOWN,
    POLICY_SECTION,
    POLICY_TWICE,
    CHILD_UNKNOWN,
    CHILD_MISSING,
    ATTRIBUTE_UNKNOWN,
    ATTRIBUTE_MISSING,
    VALUE_UNEXPECTED,
    EXPRESSION_NOT_WHOLE,
    EXPRESSION_NOT_ALLOWED,
    NAMED_VALUE_UNKNOWN,
    POLICY_NESTED,
    BASE_NESTED,
    FRAGMENT_UNKNOWN,
    FRAGMENT_NESTED,
    FRAGMENT_ROOT,
    POLICY_UNREACHABLE,
    POLICY_UNSUPPORTED,
    ATTRIBUTE_UNSUPPORTED,
    CHILD_UNSUPPORTED,
    NEVER_FORWARDS,
    HEADER_UNTOUCHABLE,
    HEADER_NAME,
    HEADER_VALUE,
    ORIGIN_MALFORMED,
    CORS_CREDENTIALS,
    TOKEN_SOURCE,
    TOKEN_UNCHECKED,
    AUDIENCE_UNCHECKED,
    TOKEN_UNSIGNED,
)
