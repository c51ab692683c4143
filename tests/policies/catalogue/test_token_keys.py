"""Keys that stand in a policy: what is accepted, and what of a key is never shown."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from policy_programs import document_text, problems, program
from policy_tokens import b64, key

SECRET = base64.b64encode(b"0123456789abcdef").decode()
AUDIENCES = "<audiences><audience>a</audience></audiences>"


def policy(keys: str, kind: str = "issuer-signing-keys") -> str:
    signing = "" if kind == "issuer-signing-keys" else f"<issuer-signing-keys><key>{SECRET}</key></issuer-signing-keys>"
    return document_text(f'<validate-jwt header-name="A">{signing}<{kind}>{keys}</{kind}>{AUDIENCES}</validate-jwt>')


def numbers(name: str = "k1") -> tuple[str, str]:
    public = key(name).public_key().public_numbers()
    n, e = (value.to_bytes((value.bit_length() + 7) // 8) for value in (public.n, public.e))
    return b64(n), b64(e)


@pytest.mark.parametrize(
    ("keys", "kind", "expected"),
    [
        (f"<key>{SECRET}</key>", "issuer-signing-keys", []),
        (f'<key id="a">\n  {SECRET}\n</key>', "issuer-signing-keys", []),
        (f"<key>{SECRET}</key>", "decryption-keys", []),
        ("<key>c2hvcnQ=</key>", "issuer-signing-keys", ["TG2012"]),
        ("<key>not base64!</key>", "issuer-signing-keys", ["TG2012"]),
        (f"<key>{base64.b64encode(b'x' * 20).decode()}</key>", "decryption-keys", ["TG2012"]),
        ("<key> </key>", "issuer-signing-keys", ["TG2012", "TG2012"]),
        ('<key certificate-id="mine" />', "issuer-signing-keys", ["TG2302"]),
        ('<key n="AQAB" e="AQAB" />', "decryption-keys", ["TG2302", "TG2302"]),
        ('<key n="AQAB" e="AQAB" />', "issuer-signing-keys", ["TG2012"]),
        (f'<key n="{numbers()[0]}" e="AA" />', "issuer-signing-keys", ["TG2012"]),
        (f'<key n="{numbers()[0]}" e="!" />', "issuer-signing-keys", ["TG2012"]),
        (f'<key n="{numbers()[0]}" />', "issuer-signing-keys", ["TG2011"]),
        ('<key e="AQAB" />', "issuer-signing-keys", ["TG2011"]),
        ("<key>@(context.Request.Method)</key>", "issuer-signing-keys", ["TG2014"]),
        ('<key kid="a">' + SECRET + "</key>", "issuer-signing-keys", ["TG2010"]),
    ],
)  # fmt: skip
def test_findings(keys: str, kind: str, expected: list[str]) -> None:
    """All of them, with the place; several for one key where several things are wrong."""
    found = {p.split(" ")[1] for p in problems(policy(keys, kind))}
    assert found == set(expected)


def test_messages_do_not_show_keys() -> None:
    """What is wrong with a key is said without its text."""
    secret = "c2VjcmV0IGFuZCB0b28gbG8="
    assert not [p for p in problems(policy(f"<key>{secret}</key>")) if secret in p]
    built = program(policy(f"<key>{SECRET}</key>"))
    assert not [step.text for step in built.steps if SECRET in step.text]
    assert SECRET in built.lua


def test_modulus_and_exponent_are_a_public_key() -> None:
    """The DER is what other implementations read."""
    lua = program(policy(f'<key n="{numbers()[0]}" e="{numbers()[1]}" />')).lua
    encoded = lua.split('["public"] = "')[1].split('"')[0]
    read = load_der_public_key(base64.b64decode(encoded))
    assert read == key("k1").public_key()
