"""Hashes, HMAC, AES, random bytes.

Sources: the .NET reference of System.Security.Cryptography; `Encrypt` and `Decrypt` of byte[] are of the page "API
Management policy expressions". Certificates and RSA keys of policies are not translated.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, SETTER, MemberRow
from tidegate.policies.expressions.types import BOOL, BYTES, INT, STRING, VOID, Type

_SPACE: Final = "System.Security.Cryptography"


def _class(name: str, *bases: Type, aliases: tuple[str, ...] = ()) -> Type:
    return Type(name, namespace=_SPACE, bases=bases, aliases=aliases)


HASH: Final = _class("HashAlgorithm")
KEYED: Final = _class("KeyedHashAlgorithm", HASH)
HMAC: Final = _class("HMAC", KEYED)
_DIGESTS: Final = ("MD5", "SHA1", "SHA256", "SHA384", "SHA512")
HASHES: Final = {
    name: _class(name, HASH, aliases=(f"{name}Managed", f"{name}CryptoServiceProvider", f"{name}Cng"))
    for name in _DIGESTS
}
HMACS: Final = {name: _class(f"HMAC{name}", HMAC) for name in _DIGESTS}
SYMMETRIC: Final = _class("SymmetricAlgorithm")
AES: Final = _class(
    "Aes", SYMMETRIC, aliases=("AesManaged", "AesCryptoServiceProvider", "AesCng", "Rijndael", "RijndaelManaged")
)
TRANSFORM: Final = _class("ICryptoTransform")
MODE: Final = Type("CipherMode", is_reference=False, namespace=_SPACE)
PADDING: Final = Type("PaddingMode", is_reference=False, namespace=_SPACE)
RANDOM: Final = _class("RandomNumberGenerator", aliases=("RNGCryptoServiceProvider",))
OPERATIONS: Final = Type("CryptographicOperations", is_value=False, namespace=_SPACE)

TYPES: Final[tuple[Type, ...]] = (
    HASH, KEYED, HMAC, *HASHES.values(), *HMACS.values(), SYMMETRIC, AES, TRANSFORM, MODE, PADDING, RANDOM, OPERATIONS,
)  # fmt: skip


def _hash(name: str) -> tuple[MemberRow, ...]:
    plain, keyed = HASHES[name], HMACS[name]
    text = f'"{name}"'
    return (
        MemberRow(plain, "Create", plain, f"R.hash_algorithm({text})", (), static=True),
        MemberRow(plain, CONSTRUCTOR, plain, f"R.hash_algorithm({text})", (), static=True),
        MemberRow(plain, "HashData", BYTES, f"R.hash_data({text}, {{1}})", (BYTES,), static=True),
        MemberRow(keyed, CONSTRUCTOR, keyed, f"R.hmac_algorithm({text})", (), static=True),
        MemberRow(keyed, CONSTRUCTOR, keyed, f"R.hmac_algorithm({text}, {{1}})", (BYTES,), not_null=(0,), static=True),
        MemberRow(keyed, "HashData", BYTES, f"R.hmac_data({text}, {{1}}, {{2}})", (BYTES, BYTES), static=True),
    )


def _dispose(*owners: Type) -> tuple[MemberRow, ...]:
    """What `using` and hand-written clean-up call; there is nothing to give back."""
    return tuple(
        MemberRow(owner, name, VOID, "R.dispose({0})", (), effect=True)
        for owner in owners
        for name in ("Dispose", "Clear")
    )


def _ciphers(name: str, lua: str) -> tuple[MemberRow, ...]:
    """byte[].Encrypt and .Decrypt."""
    return (
        MemberRow(BYTES, name, BYTES, f"R.{lua}({{0}}, R.aes_by_name({{1}}), {{2}}, {{3}})", (STRING, BYTES, BYTES),
                  not_null=(1, 2)),
        MemberRow(BYTES, name, BYTES, f"R.{lua}({{0}}, {{1}}, {{2}}, {{3}})", (SYMMETRIC, BYTES, BYTES),
                  not_null=(0, 1, 2)),
        MemberRow(BYTES, name, BYTES, f"R.{lua}({{0}}, {{1}})", (SYMMETRIC,), not_null=(0,)),
    )  # fmt: skip


def _transform(name: str, decrypts: str) -> tuple[MemberRow, ...]:
    return (
        MemberRow(SYMMETRIC, name, TRANSFORM, f"R.aes_transform({{0}}, {decrypts})", ()),
        MemberRow(
            SYMMETRIC,
            name,
            TRANSFORM,
            f"R.aes_transform({{0}}, {decrypts}, {{1}}, {{2}})",
            (BYTES, BYTES),
            not_null=(0, 1),
        ),
    )


def _property(name: str, type_: Type, get: str, set_: str) -> tuple[MemberRow, ...]:
    return (
        MemberRow(SYMMETRIC, name, type_, get),
        MemberRow(SYMMETRIC, name + SETTER, VOID, set_, (type_,), effect=True),
    )


ROWS: Final[tuple[MemberRow, ...]] = (
    *(row for name in _DIGESTS for row in _hash(name)),
    MemberRow(HASH, "Create", HASH, "R.hash_by_name({1})", (STRING,), nullable=True, static=True),
    MemberRow(HMAC, "Create", HMAC, "R.hash_by_name({1})", (STRING,), nullable=True, static=True),
    MemberRow(HASH, "ComputeHash", BYTES, "R.compute_hash({0}, {1})", (BYTES,)),
    MemberRow(HASH, "ComputeHash", BYTES, "R.compute_hash({0}, {1}, {2}, {3})", (BYTES, INT, INT)),
    MemberRow(HASH, "Hash", BYTES, "R.last_hash({0})", nullable=True),
    MemberRow(HASH, "HashSize", INT, "R.hash_size({0})"),
    MemberRow(KEYED, "Key", BYTES, "R.hmac_key({0})"),
    MemberRow(KEYED, "Key" + SETTER, VOID, "R.hmac_set_key({0}, {1})", (BYTES,), effect=True),
    *_dispose(HASH, SYMMETRIC, TRANSFORM, RANDOM),
    # -- AES
    MemberRow(AES, "Create", AES, "R.new_aes()", (), static=True),
    MemberRow(AES, CONSTRUCTOR, AES, "R.new_aes()", (), static=True),
    MemberRow(SYMMETRIC, "Create", SYMMETRIC, "R.aes_by_name({1})", (STRING,), static=True),
    *_property("Key", BYTES, "R.aes_key({0})", "R.aes_set_key({0}, {1})"),
    *_property("IV", BYTES, "R.aes_iv({0})", "R.aes_set_iv({0}, {1})"),
    *_property("Mode", MODE, "{0}.mode", "R.aes_set_mode({0}, {1})"),
    *_property("Padding", PADDING, "{0}.padding", "R.aes_set_padding({0}, {1})"),
    *_property("KeySize", INT, "(#{0}.key * 8)", "R.aes_set_key_size({0}, {1})"),
    MemberRow(SYMMETRIC, "BlockSize", INT, "128"),
    MemberRow(SYMMETRIC, "GenerateKey", VOID, 'R.aes_generate({0}, "key")', (), effect=True),
    MemberRow(SYMMETRIC, "GenerateIV", VOID, 'R.aes_generate({0}, "iv")', (), effect=True),
    *_transform("CreateEncryptor", "false"),
    *_transform("CreateDecryptor", "true"),
    MemberRow(
        TRANSFORM, "TransformFinalBlock", BYTES, "R.transform_final_block({0}, {1}, {2}, {3})", (BYTES, INT, INT)
    ),
    *_ciphers("Encrypt", "aes_encrypt_bytes"),
    *_ciphers("Decrypt", "aes_decrypt_bytes"),
    MemberRow(MODE, "CBC", MODE, "1", static=True),
    MemberRow(MODE, "ECB", MODE, "2", static=True),
    *(
        MemberRow(PADDING, name, PADDING, str(value), static=True)
        for name, value in (("None", 1), ("PKCS7", 2), ("Zeros", 3), ("ANSIX923", 4), ("ISO10126", 5))
    ),
    # -- random bytes, and comparing secrets
    MemberRow(RANDOM, "Create", RANDOM, "R.new_random_generator()", (), static=True),
    MemberRow(RANDOM, CONSTRUCTOR, RANDOM, "R.new_random_generator()", (), static=True),
    MemberRow(RANDOM, "GetBytes", VOID, "R.random_fill_bytes({1})", (BYTES,), effect=True),
    MemberRow(RANDOM, "GetBytes", BYTES, "R.random_bytes({1})", (INT,), static=True),
    MemberRow(RANDOM, "Fill", VOID, "R.random_fill_bytes({1})", (BYTES,), static=True, effect=True),
    MemberRow(OPERATIONS, "FixedTimeEquals", BOOL, "R.fixed_time_equal_bytes({1}, {2})", (BYTES, BYTES), static=True),
)
