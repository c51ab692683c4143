"""What a specification says of one operation's messages, for the policies that check them and for mock-response.

Worked out only for operations whose policies ask (`Contract.parts`), and only what they ask for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import apim as codes
from tidegate.manifests.apiops.examples import example_of
from tidegate.manifests.apiops.schemas import Schemas, Unsupported, listed, mapped
from tidegate.sources import Mapping as MappingNode
from tidegate.sources.nodes import at, to_plain

JsonObject = dict[str, Any]
_UNCHECKED_HEADERS: Final = frozenset(("accept", "content-type", "authorization"))
"""OpenAPI, Parameter Object: parameters of these names are ignored."""
_OF_PARAMETERS: Final = ("required", "in", "name", "description", "collectionFormat", "allowEmptyValue")
_Path = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Contract:
    """One operation of one specification. Equal only to itself."""

    root: MappingNode = field(repr=False)
    template: str
    method: str
    operation: str

    def parts(self, wanted: frozenset[str], found: Found) -> JsonObject | None:
        """What is wanted of `request`, `responses`, `parameters` and `mock`, with the schemas that they refer to.

        None, with findings, where the specification says something that cannot be checked.
        """
        document = to_plain(self.root)
        if not isinstance(document, Mapping):
            return None
        reader = _Reader(document, Schemas(document), self.template, self.method.lower())
        result: JsonObject = {}
        try:
            for part in sorted(wanted):
                result[part] = getattr(reader, part)()
        except Unsupported as problem:
            place: Span = at(self.root, *problem.path)
            found.add(codes.SCHEMA_UNSUPPORTED, at=place, operation=self.operation, reason=problem.reason)
            return None
        if reader.schemas.definitions:
            result["schemas"] = reader.schemas.definitions
        return result


@dataclass(frozen=True)
class _Reader:
    document: Mapping[str, Any]
    schemas: Schemas
    template: str
    method: str

    @property
    def path(self) -> _Path:
        return ("paths", self.template, self.method)

    @property
    def item(self) -> Mapping[str, Any]:
        item: Mapping[str, Any] = self.document["paths"][self.template]
        return item

    @property
    def operation(self) -> Mapping[str, Any]:
        operation = self.item[self.method]
        return operation if isinstance(operation, Mapping) else {}

    @property
    def is_swagger(self) -> bool:
        return "swagger" in self.document

    def _responses(self) -> Mapping[str, Any]:
        return mapped(self.operation.get("responses"), (*self.path, "responses"))

    def _media(self, name: str) -> Sequence[str]:
        """Swagger's `consumes` and `produces`: the operation's own, else the document's."""
        for owner, place in ((self.operation, self.path), (self.document, ())):
            if name in owner:
                return [str(each) for each in listed(owner[name], (*place, name))]
        return ("application/json",)

    # -- parameters

    def _parameters(self) -> Iterator[tuple[Mapping[str, Any], _Path]]:
        """The operation's own, and those of its path that it does not replace."""
        seen: set[tuple[str, str]] = set()
        for owner, base in ((self.operation, self.path), (self.item, self.path[:-1])):
            for index, given in enumerate(listed(owner.get("parameters"), (*base, "parameters"))):
                value, place = self.schemas.resolve(given, (*base, "parameters", index))
                if not isinstance(value, Mapping):
                    continue
                key = (str(value.get("name")), str(value.get("in")))
                if key not in seen:
                    seen.add(key)
                    yield value, place

    def parameters(self) -> list[JsonObject]:
        result = []
        for value, place in self._parameters():
            where, name = value.get("in"), str(value.get("name"))
            if where not in ("query", "header", "path") or (where == "header" and name.lower() in _UNCHECKED_HEADERS):
                continue
            result.append(self._parameter(value, name, str(where), place))
        return result

    def _parameter(self, value: Mapping[str, Any], name: str, where: str, place: _Path) -> JsonObject:
        if "content" in value:
            raise Unsupported(f"has a parameter `{name}` with `content`", (*place, "content"))
        schema = value if self.is_swagger else value.get("schema", {})
        plain = {k: v for k, v in value.items() if k not in _OF_PARAMETERS} if self.is_swagger else schema
        resolved, _ = self.schemas.resolve(schema, place)
        types = resolved.get("type") if isinstance(resolved, Mapping) else None
        if types == "object" or (isinstance(types, list) and "object" in types):
            raise Unsupported(f"has a parameter `{name}` that is an object", place)
        form = value.get("style", "form" if where == "query" else "simple")
        if form not in ("form", "simple"):
            raise Unsupported(f"has a parameter `{name}` of the style `{form}`", (*place, "style"))
        collected = value.get("collectionFormat", "csv")
        if collected not in ("csv", "multi"):
            raise Unsupported(f"has a parameter `{name}` with `collectionFormat: {collected}`", place)
        repeats = collected == "multi" if self.is_swagger else bool(value.get("explode", form == "form"))
        return {
            "name": name,
            "in": where,
            "required": where == "path" or value.get("required") is True,
            "list": types == "array",
            "repeats": repeats and where == "query",
            "schema": self.schemas.schema(plain, place if self.is_swagger else (*place, "schema")),
        }

    # -- bodies

    def request(self) -> JsonObject:
        if self.is_swagger:
            return self._swagger_request()
        value, place = self.schemas.resolve(self.operation.get("requestBody"), (*self.path, "requestBody"))
        if not isinstance(value, Mapping):
            return {"bodies": {}}
        return {
            "required": value.get("required") is True,
            "bodies": self._bodies(value.get("content"), (*place, "content")),
        }

    def _swagger_request(self) -> JsonObject:
        body = next(((v, p) for v, p in self._parameters() if v.get("in") == "body"), None)
        consumed = self._media("consumes")
        if body is None:
            return {"bodies": {}}
        schema = self._named(body[0].get("schema"), (*body[1], "schema"))
        return {
            "required": body[0].get("required") is True,
            "bodies": {str(each).lower(): schema for each in consumed},
        }

    def responses(self) -> JsonObject:
        result: JsonObject = {}
        for status, given in self._responses().items():
            value, place = self.schemas.resolve(given, (*self.path, "responses", status))
            if not isinstance(value, Mapping):
                continue
            if self.is_swagger:
                produced = self._media("produces")
                schema = self._named(value.get("schema"), (*place, "schema")) if "schema" in value else None
                bodies = {str(each).lower(): schema for each in produced} if schema is not None else {}
            else:
                bodies = self._bodies(value.get("content"), (*place, "content"))
            result[str(status).upper().replace("DEFAULT", "default")] = {
                "bodies": bodies,
                "headers": dict(self._headers(value.get("headers"), (*place, "headers"))),
            }
        return result

    def _headers(self, headers: object, path: _Path) -> Iterator[tuple[str, JsonObject]]:
        for name, given in mapped(headers, path).items():
            value, place = self.schemas.resolve(given, (*path, name))
            if isinstance(value, Mapping) and name.lower() != "content-type":
                schema = value if self.is_swagger else value.get("schema", {})
                resolved, _ = self.schemas.resolve(schema, place)
                yield (
                    name.lower(),
                    {
                        "name": name,
                        "required": value.get("required") is True and not self.is_swagger,
                        "list": isinstance(resolved, Mapping) and resolved.get("type") == "array",
                        "schema": self.schemas.schema(schema, place if self.is_swagger else (*place, "schema")),
                    },
                )

    def _bodies(self, content: object, path: _Path) -> JsonObject:
        if not isinstance(content, Mapping):
            return {}
        return {
            str(media).lower(): self._named(entry.get("schema"), (*path, media, "schema"))
            if isinstance(entry, Mapping)
            else {}
            for media, entry in content.items()
        }

    def _named(self, schema: object, path: _Path) -> JsonObject:
        if schema is None:
            return {}
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        name = str(reference).rpartition("/")[2] if reference else ""
        return {"schema": self.schemas.schema(schema, path), "name": name}

    # -- mock-response

    def mock(self) -> list[JsonObject]:
        """One example for each status and media type, in the order of the description."""
        result: list[JsonObject] = []
        for status, given in self._responses().items():
            value, _ = self.schemas.resolve(given, (*self.path, "responses", status))
            if not str(status).isdigit() or not isinstance(value, Mapping):
                continue
            for media, example in self._examples(value):
                result.append({"status": int(status), "content_type": media, "body": _text(example)})
        return result

    def _examples(self, response: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
        if self.is_swagger:
            examples = mapped(response.get("examples"), self.path)
            produced = self._media("produces")
            for media in dict.fromkeys((*examples, *(produced if "schema" in response else ()))):
                yield str(media), examples[media] if media in examples else self._made(response.get("schema"))
            return
        content = response.get("content")
        for media, entry in content.items() if isinstance(content, Mapping) else ():
            if not isinstance(entry, Mapping):
                continue
            if "example" in entry:
                yield str(media), entry["example"]
                continue
            named = next(iter(mapped(entry.get("examples"), self.path).values()), None)
            value, _ = self.schemas.resolve(named, self.path)
            if isinstance(value, Mapping) and "value" in value:
                yield str(media), value["value"]
            else:
                yield str(media), self._made(entry.get("schema"))

    def _made(self, schema: object) -> object:
        return example_of(schema, self.schemas)


def _text(example: object) -> str:
    if example is None:
        return ""
    return example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
