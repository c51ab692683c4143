"""TG10: reading files, before any meaning: bytes, YAML, JSON, XML, values."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

FILE_UNREADABLE: Final = error("TG1001", "file-unreadable", "{path} cannot be read: {reason}")
FILE_TOO_LARGE: Final = error("TG1002", "file-too-large", "{path} has {size} bytes; at most {limit} are read")
FILE_NOT_TEXT: Final = error("TG1003", "file-not-text", "{path} is not UTF-8 text: {reason}")
PATH_MISSING: Final = error("TG1004", "path-missing", "{path} does not exist")
TOO_MANY_FILES: Final = error("TG1005", "too-many-files", "{path} holds more than {limit} input files")
INPUTS_TOO_LARGE: Final = error("TG1006", "inputs-too-large", "the inputs have more than {limit} bytes together")
CHARACTER_FORBIDDEN: Final = error(
    "TG1007", "character-forbidden", "the character {character} cannot stand in {format}"
)
VALUES_LINE: Final = error("TG1008", "values-line-malformed", "line {line} of {path} is not NAME=value")
PATH_WITHOUT_INPUTS: Final = warning("TG1009", "path-without-inputs", "{path} holds no .yaml, .yml, .json or .xml file")

YAML_SYNTAX: Final = error("TG1010", "yaml-syntax", "this is not YAML: {detail}")
TOO_DEEP: Final = error("TG1011", "nesting-too-deep", "values are nested more than {limit} levels deep")
TOO_MANY_VALUES: Final = error("TG1012", "too-many-values", "the file holds more than {limit} values")
ALIAS_EXPANSION: Final = error("TG1013", "alias-expansion", "aliases repeat more than {limit} values")
DUPLICATE_KEY: Final = error("TG1014", "duplicate-key", "the key `{key}` is given twice")
YAML_TAG: Final = error("TG1015", "yaml-tag", "the tag `{tag}` is not read")
YAML_KEY: Final = error("TG1016", "yaml-key", "a key must be one word or string, not {kind}")
MERGE_KEY: Final = error("TG1017", "merge-key", "`<<` must be given a mapping or a list of mappings, not {kind}")
NOT_FINITE: Final = error("TG1018", "number-not-finite", "`{text}` is no number that Kubernetes can store")
ALIAS_UNKNOWN: Final = error("TG1019", "alias-unknown", "the alias `*{name}` {problem}")
YAML_SURPRISE: Final = warning("TG1020", "yaml-surprise", "`{text}` without quotes is {meaning}")

JSON_SYNTAX: Final = error("TG1030", "json-syntax", "this is not JSON: {detail}")

XML_SYNTAX: Final = error("TG1040", "xml-syntax", "this is not well-formed: {detail}")
XML_DOCTYPE: Final = error("TG1041", "xml-doctype", "a document type declaration is not read")
XML_ENTITY: Final = error("TG1042", "xml-entity", "the entity `&{name};` is not known")
XML_TOO_MANY_ATTRIBUTES: Final = error(
    "TG1043", "too-many-attributes", "`<{element}>` has more than {limit} attributes"
)
FENCE_UNCLOSED: Final = error(
    "TG1044", "expression-unclosed", "the expression that begins here with `{opening}` has no end: {problem}"
)
DUPLICATE_ATTRIBUTE: Final = error("TG1045", "duplicate-attribute", "`<{element}>` gives the attribute `{name}` twice")

CODES: Final = (
    FILE_UNREADABLE,
    FILE_TOO_LARGE,
    FILE_NOT_TEXT,
    PATH_MISSING,
    TOO_MANY_FILES,
    INPUTS_TOO_LARGE,
    CHARACTER_FORBIDDEN,
    VALUES_LINE,
    PATH_WITHOUT_INPUTS,
    YAML_SYNTAX,
    TOO_DEEP,
    TOO_MANY_VALUES,
    ALIAS_EXPANSION,
    DUPLICATE_KEY,
    YAML_TAG,
    YAML_KEY,
    MERGE_KEY,
    NOT_FINITE,
    ALIAS_UNKNOWN,
    YAML_SURPRISE,
    JSON_SYNTAX,
    XML_SYNTAX,
    XML_DOCTYPE,
    XML_ENTITY,
    XML_TOO_MANY_ATTRIBUTES,
    FENCE_UNCLOSED,
    DUPLICATE_ATTRIBUTE,
)
