"""Hashes, HMAC, AES and tokens by whole expressions, in the shapes that documents of
Azure/api-management-policy-snippets have."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import evaluate, runtime
from policy_tokens import claims, token


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_hashes(vm: LuaRuntime) -> None:
    """Create, new, and the names in full."""
    expected = b64(hashlib.sha256(b"abc").digest())
    for make in ("SHA256.Create()", "new SHA256Managed()", "System.Security.Cryptography.SHA256.Create()"):
        assert evaluate(f'Convert.ToBase64String({make}.ComputeHash(Encoding.UTF8.GetBytes("abc")))', vm=vm) == expected
    text = 'BitConverter.ToString(MD5.Create().ComputeHash(Encoding.UTF8.GetBytes("abc"))).Replace("-", "").ToLower()'
    assert evaluate(text, vm=vm) == hashlib.md5(b"abc").hexdigest()


def test_hmac(vm: LuaRuntime) -> None:
    """By constructor, by initializer, and in `using`."""
    expected = b64(hmac.digest(b"key", b"text", "sha256"))
    for make in (
        'var h = new HMACSHA256(Encoding.UTF8.GetBytes("key"));',
        "System.Security.Cryptography.HMACSHA256 h = new System.Security.Cryptography.HMACSHA256("
        'Encoding.UTF8.GetBytes("key"));',
        'var h = new System.Security.Cryptography.HMACSHA256 { Key = Encoding.UTF8.GetBytes("key") };',
    ):
        block = "{ " + make + ' return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes("text"))); }'
        assert evaluate(block, vm=vm) == expected
    block = (
        '{ using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("key"))) '
        '{ return Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes("text"))); } }'
    )
    assert evaluate(block, vm=vm) == expected


def test_encrypt_and_decrypt(vm: LuaRuntime) -> None:
    """byte[].Encrypt and .Decrypt by name, and by an algorithm object."""
    block = """{
        var key = Convert.FromBase64String("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        var iv = Guid.Parse("00010203-0405-0607-0809-0a0b0c0d0e0f").ToByteArray();
        var cipher = Encoding.UTF8.GetBytes("secret").Encrypt("Aes", key, iv);
        return cipher.Length + ":" + Encoding.UTF8.GetString(cipher.Decrypt("Aes", key, iv)); }"""
    assert evaluate(block, vm=vm) == "16:secret"
    block = """{
        using (var aes = Aes.Create()) {
            aes.Mode = CipherMode.CBC;
            aes.Padding = PaddingMode.PKCS7;
            var cipher = aes.CreateEncryptor().TransformFinalBlock(new byte[] {1, 2, 3}, 0, 3);
            return cipher.Decrypt(aes).Length.ToString();
        } }"""
    assert evaluate(block, vm=vm) == "3"


def test_random(vm: LuaRuntime) -> None:
    """GetBytes fills an array."""
    block = "{ var b = new byte[8]; new RNGCryptoServiceProvider().GetBytes(b); return Convert.ToBase64String(b); }"
    assert evaluate(block, vm=vm) != evaluate(block, vm=vm)


def test_tokens(vm: LuaRuntime) -> None:
    """Jwt's times and claims; TryParseJwt; AsBasic."""
    jwt = token(claims(exp=1_700_000_000, iat=1_600_000_000, roles=["a", "b"]))
    request = (("Authorization", f"Bearer {jwt}"),)
    own = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()'
    assert evaluate(f'{own}.ExpirationTime?.ToString("u")', vm=vm, request=request) == "2023-11-14 22:13:20Z"
    assert evaluate(f"{own}.IssuedAt.Value.Year.ToString()", vm=vm, request=request) == "2020"
    assert evaluate(f'string.Join(",", {own}.Claims["roles"])', vm=vm, request=request) == "a,b"
    assert evaluate(f'{own}.Claims.Count(c => c.Value.Contains("b")).ToString()', vm=vm, request=request) == "1"
    block = (
        '{ Jwt jwt; if (context.Request.Headers.GetValueOrDefault("Authorization", "").TryParseJwt(out jwt)) '
        '{ return jwt.Subject; } return "none"; }'
    )
    assert evaluate(block, vm=vm, request=request) == "alice"
    assert evaluate(block, vm=vm) == "none"
    basic = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsBasic()'
    request = (("Authorization", f"Basic {b64(b'user:pass:word')}"),)
    assert evaluate(f'{basic}.UserId + "/" + {basic}.Password', vm=vm, request=request) == "user/pass:word"
    assert evaluate(f'{basic}?.UserId ?? "none"', vm=vm) == "none"
    for wrong in ("Basic !!!", "Basic " + b64(b"nocolon"), "Bearer x", "Basic " + b64(b"\xff:\xff")):
        assert evaluate(f'{basic}?.UserId ?? "none"', vm=vm, request=(("Authorization", wrong),)) == "none"
