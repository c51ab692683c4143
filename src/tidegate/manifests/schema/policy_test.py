"""tidegate.dev/v1alpha1: PolicyTest, requests and what must come of them, for `tidegate policy test`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import Resource, Schema
from tidegate.manifests.schema.rules import wrong_at


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.port != 0 and (
            (not parts.scheme and not parts.netloc and text.startswith("/"))
            or (parts.scheme in ("http", "https") and bool(parts.hostname))
        )
    except ValueError:
        known = False
    if not known or not text.isascii() or any(character <= " " for character in text):
        raise ValueError("a path such as `/tasks?top=1`, or `http://HOST[:PORT]/PATH`")
    return text


def _method(text: str) -> str:
    if not text.isascii() or not text.isalpha() or text != text.upper():
        raise ValueError("a method in capital letters")
    return text


def _lines(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    lines = value if isinstance(value, list | tuple) else (value,)
    if not lines or not all(isinstance(line, str) for line in lines):
        raise ValueError("a text, or a list of texts for several lines; numbers in quotes")
    if any(set("\r\n\0") & set(line) for line in lines):
        raise ValueError("a text without line breaks")
    return tuple(lines)


def _lines_there(value: object) -> tuple[str, ...]:
    lines = _lines(value)
    if lines is None:
        raise ValueError("a text, or a list of texts for several lines")
    return lines


Lines = Annotated[object, AfterValidator(_lines_there)]
"""One line of a header, or several; a tuple once it is read."""
ExpectedLines = Annotated[object, AfterValidator(_lines)]
"""The same; None: the header must not be there."""
Method = Annotated[str, AfterValidator(_method)]
Status = Annotated[int, Field(ge=100, le=599)]


class _Message(Schema):
    """The body is a text or JSON, not both."""

    body: str | None = None
    json_: Annotated[object, Field(alias="json")] = None

    SHELL_TEXT = frozenset(("body", "json"))

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.body is not None and self.json_ is not None:
            raise wrong_at(("json",), "left out beside `body`")
        return self


class TokenWish(Schema):
    """A bearer token that the runner signs. Its issuer is one that the policies name in `openid-config`."""

    issuer: str | None = None
    """The `openid-config` URL whose issuer signs; may be left out where all policies name one."""
    audience: str | None = None
    claims: dict[str, object] = {}  # noqa: RUF012 - pydantic copies defaults
    """Further claims; they win over the ones that the runner makes (iss, aud, iat, nbf, exp, sub)."""
    expires_in: int = 600
    """In seconds; negative: it has expired."""
    signed_by: Literal["issuer", "stranger"] = "issuer"
    """A stranger's key: the signature is wrong."""
    header: Annotated[str, Field(min_length=1)] = "Authorization"


class CaseRequest(_Message):
    method: Method = "GET"
    url: Annotated[str, AfterValidator(_url)]
    """A path is asked of the API Management gateway, or of the first HTTP listener where there is none."""
    headers: dict[str, Lines] = {}  # noqa: RUF012 - pydantic copies defaults
    token: TokenWish | None = None
    client_address: str = "127.0.0.1"
    """Where the request comes from: an address of 127.0.0.0/8."""

    @model_validator(mode="after")
    def _loopback(self) -> Self:
        parts = self.client_address.split(".")
        if len(parts) != 4 or parts[0] != "127" or not all(p.isdigit() and int(p) < 256 for p in parts):
            raise wrong_at(("clientAddress",), "an address of 127.0.0.0/8")
        return self


class Match(Schema):
    """Which calls an answer is for; what is left out matches every call."""

    host: str | None = None
    """The Host that is called."""
    path: str | None = None
    """The path without the query; `*` at the end stands for any rest."""
    method: Method | None = None


class CaseAnswer(_Message):
    """What a backend, or a service that a policy calls, answers."""

    match: Match = Match()
    status: Annotated[int, Field(ge=200, le=599)] = 200
    headers: dict[str, Lines] = {}  # noqa: RUF012 - pydantic copies defaults
    fails: Literal["refused", "silent"] | None = None
    """`refused`: the connection is closed without an answer; `silent`: none ever comes."""
    times: Annotated[int, Field(ge=1)] | None = None
    """For so many calls; then the next answer that matches."""


class ExpectedCall(Schema):
    """A call that must have come."""

    host: str | None = None
    method: Method | None = None
    path: str | None = None
    """With the query."""
    headers: dict[str, ExpectedLines] = {}  # noqa: RUF012 - pydantic copies defaults
    body: str | None = None
    json_: Annotated[object, Field(alias="json")] = None
    """Objects may have further members."""

    SHELL_TEXT = frozenset(("body", "json"))


class Expected(_Message):
    """What must be true of the answer. Nothing is said of what is left out."""

    status: Status | None = None
    headers: dict[str, ExpectedLines] = {}  # noqa: RUF012 - pydantic copies defaults
    """null: the header is not there."""
    contains: tuple[str, ...] = ()
    """Texts in the body."""
    backend: Annotated[Literal["called", "not called"] | None, Field()] = None
    calls: tuple[ExpectedCall, ...] | None = None
    """Exactly these calls, in this order: to the backend and to services."""


def _names_once(cases: Sequence[Case]) -> Sequence[Case]:
    seen: set[str] = set()
    for index, case in enumerate(cases):
        if case.name in seen:
            raise wrong_at((index, "name"), "a name that no other case has")
        seen.add(case.name)
    return cases


class Case(Schema):
    """One request. Cases of a document run in order against one Envoy: a limit counts from case to case."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    request: CaseRequest
    answers: tuple[CaseAnswer, ...] = ()
    """Tried in order; without one that matches the answer is 200 without a body."""
    repeat: Annotated[int, Field(ge=1, le=10_000)] = 1
    """So many requests; what is expected is of the last one."""
    expect: Expected


class PolicyTestSpec(Schema):
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=1000), AfterValidator(_names_once)]


class PolicyTest(Resource):
    """Requests and what must come of them.

    ```yaml
    apiVersion: tidegate.dev/v1alpha1
    kind: PolicyTest
    metadata: {name: tasks}
    spec:
      cases:
        - name: a stranger is turned away
          request: {method: GET, url: /tasks}
          expect: {status: 401, backend: not called}
    ```
    """

    spec: PolicyTestSpec
