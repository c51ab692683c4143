"""Bytes and texts: Encoding, base64, hexadecimal, BitConverter; Guid, Uri, Random, and escaping for URLs and HTML.

Sources: the .NET reference of System.Text.Encoding, System.Convert, System.BitConverter, System.Guid, System.Uri,
System.Random, System.Net.WebUtility and System.Web.HttpUtility.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, MemberRow
from tidegate.policies.expressions.members.text import constants
from tidegate.policies.expressions.types import (
    BOOL,
    BYTES,
    CHAR,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    OBJECT,
    SHORT,
    STRING,
    STRING_ARRAY,
    UINT,
    ULONG,
    USHORT,
    VOID,
    Type,
)

ENCODING: Final = Type("Encoding", namespace="System.Text")
GUID: Final = Type("Guid", is_reference=False)
URI: Final = Type("Uri")
URI_KIND: Final = Type("UriKind", is_reference=False)
URI_PARTIAL: Final = Type("UriPartial", is_reference=False)
RANDOM: Final = Type("Random")
CONVERT: Final = Type("Convert", is_value=False)
BIT_CONVERTER: Final = Type("BitConverter", is_value=False)
WEB_UTILITY: Final = Type("WebUtility", is_value=False, namespace="System.Net")
HTTP_UTILITY: Final = Type("HttpUtility", is_value=False, namespace="System.Web")
BASE64_OPTIONS: Final = Type("Base64FormattingOptions", is_reference=False)

TYPES: Final[tuple[Type, ...]] = (
    ENCODING,
    GUID,
    URI,
    URI_KIND,
    URI_PARTIAL,
    RANDOM,
    CONVERT,
    BIT_CONVERTER,
    WEB_UTILITY,
    HTTP_UTILITY,
    BASE64_OPTIONS,
)

_S: Final = (STRING,)


def _static(
    owner: Type, name: str, result: Type, lua: str, *parameters: Type, nullable_with: int | None = None
) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, static=True, nullable_with=nullable_with)


_ENCODING_ROWS: Final[tuple[MemberRow, ...]] = (
    *(
        MemberRow(ENCODING, name, ENCODING, f'R.encoding("{known}")', static=True)
        for name, known in (
            ("UTF8", "utf-8"),
            ("ASCII", "us-ascii"),
            ("Unicode", "utf-16"),
            ("BigEndianUnicode", "utf-16be"),
            ("Latin1", "iso-8859-1"),
            ("Default", "utf-8"),
        )
    ),
    _static(ENCODING, "GetEncoding", ENCODING, "R.encoding({1})", STRING),
    MemberRow(ENCODING, "GetBytes", BYTES, "R.encoded({0}, {1})", _S),
    MemberRow(ENCODING, "GetString", STRING, "R.decoded({0}, {1})", (BYTES,)),
    MemberRow(ENCODING, "GetString", STRING, "R.decoded({0}, {1}, {2}, {3})", (BYTES, INT, INT)),
    MemberRow(ENCODING, "GetByteCount", INT, "R.encoded_size({0}, {1})", _S),
    MemberRow(ENCODING, "WebName", STRING, "{0}.name"),
)

_CONVERT_ROWS: Final[tuple[MemberRow, ...]] = (
    _static(CONVERT, "FromBase64String", BYTES, "R.bytes(R.from_base64({1}))", STRING),
    _static(CONVERT, "ToBase64String", STRING, "R.to_base64({1})", BYTES),
    _static(CONVERT, "ToBase64String", STRING, "R.to_base64({1}, nil, nil, {2})", BYTES, BASE64_OPTIONS),
    _static(CONVERT, "ToBase64String", STRING, "R.to_base64({1}, {2}, {3})", BYTES, INT, INT),
    _static(CONVERT, "ToHexString", STRING, "R.to_hex({1})", BYTES),
    _static(CONVERT, "ToHexString", STRING, "R.to_hex({1}, {2}, {3})", BYTES, INT, INT),
    _static(CONVERT, "FromHexString", BYTES, "R.from_hex({1})", STRING),
    *constants(BASE64_OPTIONS, ("None", "InsertLineBreaks")),
)

_BIT_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(BIT_CONVERTER, "IsLittleEndian", BOOL, "true", static=True),
    _static(BIT_CONVERTER, "ToString", STRING, "R.bits_text({1})", BYTES),
    _static(BIT_CONVERTER, "ToString", STRING, "R.bits_text({1}, {2})", BYTES, INT),
    _static(BIT_CONVERTER, "ToString", STRING, "R.bits_text({1}, {2}, {3})", BYTES, INT, INT),
    *(
        _static(BIT_CONVERTER, "GetBytes", BYTES, f'R.bits_of({{1}}, "{type_.name}")', type_)
        for type_ in (INT, LONG, SHORT, UINT, ULONG, USHORT, DOUBLE, FLOAT, CHAR)
    ),
    _static(BIT_CONVERTER, "GetBytes", BYTES, 'R.bytes({1} and "\\1" or "\\0")', BOOL),
    *(
        _static(BIT_CONVERTER, f"To{name}", type_, f'R.bits_to("{type_.name}", {{1}}, {{2}})', BYTES, INT)
        for name, type_ in (
            ("Int16", SHORT),
            ("Int32", INT),
            ("Int64", LONG),
            ("UInt16", USHORT),
            ("UInt32", UINT),
            ("UInt64", ULONG),
            ("Single", FLOAT),
            ("Double", DOUBLE),
            ("Char", CHAR),
        )
    ),
    _static(BIT_CONVERTER, "DoubleToInt64Bits", LONG, "R.double_bits({1})", DOUBLE),
    _static(BIT_CONVERTER, "Int64BitsToDouble", DOUBLE, "R.bits_double({1})", LONG),
)

_GUID_ROWS: Final[tuple[MemberRow, ...]] = (
    _static(GUID, "NewGuid", GUID, "R.new_guid()"),
    MemberRow(GUID, "Empty", GUID, "R.guid_empty()", static=True),
    _static(GUID, "Parse", GUID, "R.parse_guid({1})", STRING),
    _static(GUID, "ParseExact", GUID, "R.parse_guid_exact({1}, {2})", STRING, STRING),
    MemberRow(GUID, "TryParse", BOOL, "R.try_parse_guid({1})", (STRING, GUID), static=True, out=(1,)),
    _static(GUID, CONSTRUCTOR, GUID, "R.guid_empty()"),
    _static(GUID, CONSTRUCTOR, GUID, "R.parse_guid({1})", STRING),
    _static(GUID, CONSTRUCTOR, GUID, "R.guid_from_bytes({1})", BYTES),
    MemberRow(GUID, "ToByteArray", BYTES, "R.guid_bytes({0})", ()),
    MemberRow(GUID, "ToString", STRING, "R.text({0})", ()),
    MemberRow(GUID, "ToString", STRING, 'R.format({0}, "Guid", {1})', _S),
    MemberRow(GUID, "Equals", BOOL, "R.guid_equals({0}, {1})", (GUID,)),
    MemberRow(GUID, "Equals", BOOL, "R.equals({0}, {1})", (OBJECT,)),
    MemberRow(GUID, "GetHashCode", INT, "R.guid_hash_code({0})", ()),
    MemberRow(GUID, "CompareTo", INT, "R.guid_compare({0}, {1})", (GUID,)),
    _static(GUID, "==", BOOL, "R.guid_equals({1}, {2})", GUID, GUID),
    _static(GUID, "!=", BOOL, "(not R.guid_equals({1}, {2}))", GUID, GUID),
)

_URI_ROWS: Final[tuple[MemberRow, ...]] = (
    _static(URI, CONSTRUCTOR, URI, "R.new_uri({1})", STRING),
    _static(URI, CONSTRUCTOR, URI, "R.new_uri({1}, {2})", STRING, URI_KIND),
    _static(URI, CONSTRUCTOR, URI, "R.uri_join({1}, {2})", URI, STRING),
    _static(URI, CONSTRUCTOR, URI, "R.uri_join({1}, {2})", URI, URI),
    *(
        MemberRow(URI, name, type_, f"R.uri_{function}({{0}})")
        for name, type_, function in (
            ("AbsoluteUri", STRING, "absolute"),
            ("AbsolutePath", STRING, "path"),
            ("LocalPath", STRING, "local_path"),
            ("PathAndQuery", STRING, "path_and_query"),
            ("Query", STRING, "query"),
            ("Fragment", STRING, "fragment"),
            ("Scheme", STRING, "scheme"),
            ("Host", STRING, "host"),
            ("DnsSafeHost", STRING, "host"),
            ("Port", INT, "port"),
            ("Authority", STRING, "authority"),
            ("UserInfo", STRING, "user"),
            ("IsDefaultPort", BOOL, "is_default_port"),
            ("IsLoopback", BOOL, "is_loopback"),
            ("Segments", STRING_ARRAY, "segments"),
        )
    ),
    MemberRow(URI, "OriginalString", STRING, "{0}.original"),
    MemberRow(URI, "IsAbsoluteUri", BOOL, "(not {0}.relative)"),
    MemberRow(URI, "GetLeftPart", STRING, "R.uri_left({0}, {1})", (URI_PARTIAL,)),
    MemberRow(URI, "ToString", STRING, "R.text({0})", ()),
    MemberRow(URI, "Equals", BOOL, "R.equals({0}, {1})", (OBJECT,)),
    _static(URI, "==", BOOL, "R.uri_equals({1}, {2})", URI, URI),
    _static(URI, "!=", BOOL, "(not R.uri_equals({1}, {2}))", URI, URI),
    _static(URI, "EscapeDataString", STRING, "R.escape_data_string({1})", STRING),
    _static(URI, "EscapeUriString", STRING, "R.escape_uri_string({1})", STRING),
    _static(URI, "UnescapeDataString", STRING, "R.unescape_data_string({1})", STRING),
    _static(URI, "IsWellFormedUriString", BOOL, "R.is_well_formed_uri({1}, {2})", STRING, URI_KIND),
    MemberRow(
        URI, "TryCreate", BOOL, "R.try_uri({1}, {2})", (STRING, URI_KIND, URI), static=True, out=(2,), nullable_with=2
    ),
    *(
        MemberRow(URI, f"UriScheme{name}", STRING, f'"{name.lower()}"', static=True)
        for name in ("Http", "Https", "Ftp", "File", "Mailto")
    ),
    *constants(URI_KIND, ("RelativeOrAbsolute", "Absolute", "Relative")),
    *constants(URI_PARTIAL, ("Scheme", "Authority", "Path", "Query")),
)

_RANDOM_ROWS: Final[tuple[MemberRow, ...]] = (
    _static(RANDOM, CONSTRUCTOR, RANDOM, "R.random()"),
    MemberRow(RANDOM, "Shared", RANDOM, "R.random()", static=True),
    MemberRow(RANDOM, "Next", INT, "R.random_next(0, 2147483647)", ()),
    MemberRow(RANDOM, "Next", INT, "R.random_next(0, {1})", (INT,)),
    MemberRow(RANDOM, "Next", INT, "R.random_next({1}, {2})", (INT, INT)),
    MemberRow(RANDOM, "NextDouble", DOUBLE, "R.random_double()", ()),
    MemberRow(RANDOM, "NextBytes", VOID, "R.random_fill({1})", (BYTES,), effect=True),
)

_ESCAPE_ROWS: Final[tuple[MemberRow, ...]] = (
    _static(WEB_UTILITY, "UrlEncode", STRING, "R.web_url_encode({1})", STRING, nullable_with=0),
    _static(WEB_UTILITY, "UrlDecode", STRING, "R.url_decode({1})", STRING, nullable_with=0),
    _static(WEB_UTILITY, "HtmlEncode", STRING, "R.html_encode({1})", STRING, nullable_with=0),
    _static(WEB_UTILITY, "HtmlDecode", STRING, "R.html_decode({1})", STRING, nullable_with=0),
    _static(HTTP_UTILITY, "UrlEncode", STRING, "R.http_url_encode({1})", STRING, nullable_with=0),
    _static(HTTP_UTILITY, "UrlDecode", STRING, "R.http_url_decode({1})", STRING, nullable_with=0),
    _static(HTTP_UTILITY, "HtmlEncode", STRING, "R.html_encode({1})", STRING, nullable_with=0),
    _static(HTTP_UTILITY, "HtmlDecode", STRING, "R.html_decode({1})", STRING, nullable_with=0),
    _static(HTTP_UTILITY, "HtmlAttributeEncode", STRING, "R.html_attribute_encode({1})", STRING, nullable_with=0),
)

ROWS: Final[tuple[MemberRow, ...]] = (
    *_ENCODING_ROWS,
    *_CONVERT_ROWS,
    *_BIT_ROWS,
    *_GUID_ROWS,
    *_URI_ROWS,
    *_RANDOM_ROWS,
    *_ESCAPE_ROWS,
)
"""Overloads of one member stand in the order in which messages list them."""
