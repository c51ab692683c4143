"""Short ways to programs in tests: a section's content to a document, documents to a program."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.diagnostics import Found
from tidegate.model import PolicyProgram
from tidegate.policies import NamedValue, PolicyDocument, build_program, read_document
from tidegate.sources.source import Source

METADATA = "https://login.example.com/tenant/v2.0/.well-known/openid-configuration"
OTHER_METADATA = "https://other.example.com/.well-known/openid-configuration"


def document_text(
    inbound: str = "", *, backend: str = "<forward-request />", outbound: str = "", on_error: str = ""
) -> str:
    """A whole document around the contents of its sections."""
    return (
        f"<policies>\n<inbound>{inbound}</inbound>\n<backend>{backend}</backend>\n"
        f"<outbound>{outbound}</outbound>\n<on-error>{on_error}</on-error>\n</policies>\n"
    )


def read(text: str, found: Found, *, named_values: Mapping[str, str] | None = None) -> PolicyDocument | None:
    """Read a document named policy.xml."""
    values = {name: NamedValue(name, value) for name, value in (named_values or {}).items()}
    return read_document(Source("policy.xml", text), named_values=values, found=found)


def program(*texts: str, named_values: Mapping[str, str] | None = None) -> PolicyProgram:
    """The program of documents from the widest to the narrowest scope; they must have no errors."""
    found = Found()
    documents = [read(text, found, named_values=named_values) for text in texts]
    built = None
    if all(documents):
        built = build_program([d for d in documents if d is not None], found=found)
    if built is None:
        raise AssertionError("\n".join(d.concise() for d in found))
    return built


def problems(*texts: str, named_values: Mapping[str, str] | None = None) -> list[str]:
    """The diagnostics of documents, each as `line:column code message`."""
    found = Found()
    documents = [read(text, found, named_values=named_values) for text in texts]
    if all(documents):
        build_program([d for d in documents if d is not None], found=found)
    return [f"{d.span.line}:{d.span.column} {d.code.code} {d.message}" for d in found.sorted() if d.span]


def set_header(name: str, *values: str, action: str = "override") -> str:
    """The policy's element."""
    inside = "".join(f"<value>{value}</value>" for value in values)
    return f'<set-header name="{name}" exists-action="{action}">{inside}</set-header>'


def validate_jwt(attributes: str = 'header-name="Authorization"', children: str = "") -> str:
    """The policy's element, with the test issuer's metadata."""
    return f'<validate-jwt {attributes}><openid-config url="{METADATA}" />{children}</validate-jwt>'
