"""Keys that stand in a policy: `<issuer-signing-keys>` and `<decryption-keys>` of validate-jwt."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.tokens import TokenKey

_MIN_SECRET: Final = 16
_RSA_BITS: Final = (1024, 4096)
_SIZES: Final = (16, 24, 32, 48, 64)
"""Bytes of the keys that RFC 7518's encryptions take: for AES key wrap and GCM, and both halves of CBC with HMAC."""
_RSA_ENCRYPTION: Final = bytes.fromhex("300d06092a864886f70d0101010500")
"""AlgorithmIdentifier of rsaEncryption (RFC 8017 appendix A.1)."""


def read_keys(reader: ElementReader, name: str, *, signing: bool) -> tuple[TokenKey, ...]:
    """The keys of one of the two lists."""
    keys: list[TokenKey] = []
    for group in reader.child(name):
        for child in group.children("key"):
            key = _read_key(child, signing=signing)
            if key is not None:
                keys.append(key)
        group.finish()
        if not keys and group.ok:
            reader.error(codes.CHILD_MISSING, at=group.span, parent=name, expected="at least one `<key>`")
    return tuple(keys)


def _read_key(reader: ElementReader, *, signing: bool) -> TokenKey | None:
    kid = reader.literal("id")
    reader.unsupported("certificate-id", help="give the public key by its modulus `n` and exponent `e`")
    if not signing:
        reader.unsupported("n", "e", help="only symmetric keys decipher here: give one as base64 text")
    modulus, exponent = reader.literal("n"), reader.literal("e")
    if not reader.ok:
        reader.finish(text=True)
        return None
    if modulus is None and exponent is None:
        text = reader.literal_text()
        secret = None if text is None else _secret(reader, text, signing=signing)
        return None if secret is None else TokenKey(kid, secret, None)
    reader.finish()
    if modulus is None or exponent is None:
        missing = "n" if modulus is None else "e"
        reader.error(codes.ATTRIBUTE_MISSING, at=reader.span, element=reader.name, name=missing)
        return None
    der = _public_key(reader, modulus, exponent)
    return None if der is None else TokenKey(kid, None, der)


def _secret(reader: ElementReader, text: str, *, signing: bool) -> str | None:
    """The key, as base64 in its one spelling. Its text is not repeated in messages."""
    try:
        secret = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        secret = b""
    if signing and len(secret) >= _MIN_SECRET:
        return base64.b64encode(secret).decode()
    if not signing and len(secret) in _SIZES:
        return base64.b64encode(secret).decode()
    sizes = f"at least {_MIN_SECRET}" if signing else f"{', '.join(map(str, _SIZES[:-1]))} or {_SIZES[-1]}"
    expected = f"a key of {sizes} bytes in base64"
    reader.error(codes.VALUE_UNEXPECTED, at=reader.element.span, value="…", expected=expected)
    return None


def _public_key(reader: ElementReader, modulus: str, exponent: str) -> str | None:
    n, e = _number(modulus), _number(exponent)
    low, high = _RSA_BITS
    attributes = reader.element.attributes
    if n is None or not low <= n.bit_length() <= high or n % 2 == 0:
        expected = f"an RSA modulus of {low} to {high} bits in base64url"
        reader.error(codes.VALUE_UNEXPECTED, at=attributes["n"].span, value="…", expected=expected)
        return None
    if e is None or not 3 <= e < 2**32 or e % 2 == 0:
        expected = "an RSA exponent in base64url, such as AQAB"
        reader.error(codes.VALUE_UNEXPECTED, at=attributes["e"].span, value=exponent, expected=expected)
        return None
    pair = _element(0x30, _integer(n) + _integer(e))
    return base64.b64encode(_element(0x30, _RSA_ENCRYPTION + _element(0x03, b"\0" + pair))).decode()


def _number(text: str) -> int | None:
    """RFC 7518 section 2, Base64urlUInt."""
    plain = text.strip().rstrip("=")
    try:
        return int.from_bytes(base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True))
    except binascii.Error:
        return None


def _integer(value: int) -> bytes:
    return _element(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _element(tag: int, content: bytes) -> bytes:
    """One element of DER (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 + len(digits))) + digits + content
