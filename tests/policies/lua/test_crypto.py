"""System.Security.Cryptography: objects and their exceptions.

Source: the .NET reference pages of HashAlgorithm, HMACSHA256, Aes, SymmetricAlgorithm and CryptographicOperations.
"""

from __future__ import annotations

import hashlib
import hmac

import pytest
from lupa.luajit21 import LuaRuntime

from lua_values import thrown


def test_hash_objects(vm: LuaRuntime) -> None:
    """ComputeHash of all bytes and of a part; the size; the last hash."""
    vm.execute(b"h = R.hash_algorithm('SHA256')")
    assert vm.execute(b"return R.compute_hash(h, R.bytes('abc')).data") == hashlib.sha256(b"abc").digest()
    assert vm.execute(b"return R.compute_hash(h, R.bytes('xabcx'), 1, 3).data") == hashlib.sha256(b"abc").digest()
    assert vm.execute(b"return R.hash_size(h), #R.last_hash(h).data, R.type_of(h)") == (256, 32, b"SHA256")
    assert vm.execute(b"return R.is(R.hmac_algorithm('SHA1'), 'HMAC')") is True
    assert thrown(vm, "R.compute_hash(h, nil)") == "Value cannot be null. (Parameter 'buffer')"
    assert thrown(vm, "R.compute_hash(h, R.bytes('abc'), 1, 3)") == "Value was invalid."


def test_hmac_objects(vm: LuaRuntime) -> None:
    """The key is given, changed, or random."""
    vm.execute(b"h = R.hmac_algorithm('SHA512', R.bytes('k'))")
    assert vm.execute(b"return R.compute_hash(h, R.bytes('x')).data") == hmac.digest(b"k", b"x", "sha512")
    vm.execute(b"R.hmac_set_key(h, R.bytes('other'))")
    assert vm.execute(b"return R.compute_hash(h, R.bytes('x')).data") == hmac.digest(b"other", b"x", "sha512")
    assert vm.execute(b"return R.hmac_key(h).data, #R.hmac_key(R.hmac_algorithm('SHA256')).data") == (b"other", 64)
    assert vm.execute(b"return R.hmac_data('MD5', R.bytes('k'), R.bytes('x')).data") == hmac.digest(b"k", b"x", "md5")


def test_encrypt_and_decrypt(vm: LuaRuntime) -> None:
    """byte[].Encrypt("Aes", key, iv): CBC with PKCS7; every padding goes there and back."""
    vm.execute(b"k, v = R.bytes(string.rep('k', 32)), R.bytes(string.rep('v', 16))")
    vm.execute(b"c = R.aes_encrypt_bytes(R.bytes('secret'), R.aes_by_name('Aes'), k, v)")
    assert vm.execute(b"return R.aes_decrypt_bytes(c, R.aes_by_name('AesManaged'), k, v).data") == b"secret"
    vm.execute(b"a = R.new_aes()")
    for padding in (2, 4, 5):
        vm.execute(f"R.aes_set_padding(a, {padding})".encode())
        assert vm.execute(b"return R.aes_decrypt_bytes(R.aes_encrypt_bytes(R.bytes('12345'), a), a).data") == b"12345"
    vm.execute(b"R.aes_set_mode(a, 2); R.aes_set_padding(a, 3)")
    assert vm.execute(b"return R.aes_decrypt_bytes(R.aes_encrypt_bytes(R.bytes('12345'), a), a).data") == (
        b"12345" + b"\0" * 11
    )
    vm.execute(b"R.aes_set_key_size(a, 192); R.aes_generate(a, 'iv')")
    assert vm.execute(b"return #R.aes_key(a).data, #R.aes_iv(a).data") == (24, 16)
    vm.execute(b"t = R.aes_transform(R.new_aes(), false, k, v)")
    assert vm.execute(b"return R.transform_final_block(t, R.bytes('xsecretx'), 1, 6).data == c.data") is True


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("R.aes_decrypt_bytes(R.bytes('1234567890123456'), R.new_aes(), k, v)",
         "Padding is invalid and cannot be removed."),
        ("R.aes_decrypt_bytes(R.bytes('123'), R.new_aes(), k, v)", "The input data is not a complete block."),
        ("R.aes_encrypt_bytes(R.bytes('1'), R.new_aes(), R.bytes('short'), v)",
         "Specified key is not a valid size for this algorithm."),
        ("R.aes_encrypt_bytes(R.bytes('1'), R.new_aes(), k, R.bytes('short'))",
         "Specified initialization vector (IV) does not match the block size for this algorithm."),
        ("R.aes_by_name('TripleDES')", "The algorithm 'TripleDES' is not supported here; AES is."),
        ("R.aes_set_mode(R.new_aes(), 4)", "Specified cipher mode is not valid for this algorithm."),
        ("R.aes_set_padding(R.new_aes(), 6)", "Specified padding mode is not valid for this algorithm."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, statement: str, message: str) -> None:
    """CryptographicException and its texts."""
    vm.execute(b"k, v = R.bytes(string.rep('k', 32)), R.bytes(string.rep('v', 16))")
    assert thrown(vm, statement) == message


def test_random_bytes(vm: LuaRuntime) -> None:
    """Never the same, of the size that was asked for; a given array is filled in place."""
    assert vm.execute(b"return #R.random_bytes(40).data, R.random_bytes(16).data ~= R.random_bytes(16).data") == (
        40,
        True,
    )
    assert vm.execute(b"local b = R.bytes(string.rep('x', 16)) R.random_fill_bytes(b) return #b.data, b.data") != (
        16, b"x" * 16)  # fmt: skip
    assert vm.execute(b"return R.fixed_time_equal_bytes(R.bytes('a'), R.bytes('a'))") is True
    assert vm.execute(b"return R.fixed_time_equal_bytes(R.bytes('a'), R.bytes('b'))") is False
