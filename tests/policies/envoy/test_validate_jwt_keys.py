"""validate-jwt in real Envoy: keys that stand in the policy, encrypted tokens, and attributes that are expressions."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from policy_envoy import Answer, Lab
from policy_programs import METADATA, document_text, set_header, validate_jwt
from policy_tokens import (
    b64,
    bearer,
    claims,
    encrypted_token,
    hmac_token,
    issuer_keys,
    key,
    pss_token,
    signed_with_public_key,
    token,
    unsigned,
)

pytestmark = pytest.mark.e2e

SECRET = b"a secret of thirty-two bytes....."[:32]
OTHER = b"another secret of thirty-two byte"[:32]
NOT_ALLOWED = "JWT signature algorithm is not allowed. Access denied."
NOT_VALID = "JWT signature is not valid. Access denied."


def text_of(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def policy(keys: str, attributes: str = "", children: str = "", *, kind: str = "issuer-signing-keys") -> str:
    """A policy with keys of its own, and no metadata."""
    return f'<validate-jwt header-name="Authorization" {attributes}><{kind}>{keys}</{kind}>{children}</validate-jwt>'


def message(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["message"]


def public_numbers(name: str) -> rsa.RSAPublicNumbers:
    return key(name).public_key().public_numbers()


def modulus_and_exponent(name: str) -> str:
    numbers = public_numbers(name)
    n, e = (value.to_bytes((value.bit_length() + 7) // 8) for value in (numbers.n, numbers.e))
    return f'n="{b64(n)}" e="{b64(e)}"'


def test_shared_secrets(lab: Lab) -> None:
    """HS256, HS384 and HS512; several keys are tried in turn; another secret or algorithm does not pass."""
    route = lab.serve(document_text(policy(f"<key>{text_of(OTHER)}</key><key>{text_of(SECRET)}</key>")))
    for algorithm in ("HS256", "HS384", "HS512"):
        assert route.get(bearer(hmac_token(SECRET, algorithm=algorithm))).status == 200
        assert route.get(bearer(hmac_token(OTHER, algorithm=algorithm, kid="any"))).status == 200
    assert message(route.get(bearer(hmac_token(b"x" * 32)))) == (401, NOT_VALID)
    assert message(route.get(bearer(token()))) == (401, NOT_ALLOWED)
    assert message(route.get(bearer(unsigned()))) == (401, NOT_ALLOWED)
    head, body, signature = hmac_token(SECRET).split(".")
    assert message(route.get(bearer(f"{head}.{body}.{signature[:-2]}AA"))) == (401, NOT_VALID)
    assert message(route.get(bearer(f"{head}.{body}.{signature[:20]}"))) == (401, NOT_VALID)


def test_issuers_of_keys_in_the_policy(lab: Lab) -> None:
    """Without `<issuers>` any issuer passes, as there is nothing to compare with; with it, those that it lists."""
    free = lab.serve(document_text(policy(f"<key>{text_of(SECRET)}</key>")))
    assert free.get(bearer(hmac_token(SECRET, claims(iss=None)))).status == 200
    issuers = "<issuers><issuer>https://mine.example.com</issuer></issuers>"
    listed = lab.serve(document_text(policy(f"<key>{text_of(SECRET)}</key>", children=issuers)))
    assert listed.get(bearer(hmac_token(SECRET, claims(iss="https://mine.example.com")))).status == 200
    assert message(listed.get(bearer(hmac_token(SECRET)))) == (401, "JWT issuer is not allowed. Access denied.")


def test_keys_with_an_id(lab: Lab) -> None:
    """A key with an id is for tokens of that kid, and for those without one."""
    route = lab.serve(document_text(policy(f'<key id="a">{text_of(SECRET)}</key><key id="b">{text_of(OTHER)}</key>')))
    assert route.get(bearer(hmac_token(OTHER, kid="b"))).status == 200
    assert route.get(bearer(hmac_token(OTHER))).status == 200
    assert message(route.get(bearer(hmac_token(OTHER, kid="a")))) == (401, NOT_VALID)
    unknown = "JWT signature key is not known. Access denied."
    assert message(route.get(bearer(hmac_token(OTHER, kid="c")))) == (401, unknown)


def test_modulus_and_exponent(lab: Lab) -> None:
    """An RSA key of the policy: RS256 to PS512, and never HMAC with the public key as the secret (RFC 8725)."""
    route = lab.serve(document_text(policy(f'<key id="k1" {modulus_and_exponent("k1")} />')))
    for algorithm in ("RS256", "RS384", "RS512"):
        assert route.get(bearer(token(alg=algorithm))).status == 200
    for algorithm in ("PS256", "PS384", "PS512"):
        assert route.get(bearer(pss_token(algorithm=algorithm))).status == 200
    assert message(route.get(bearer(token(signer="k2")))) == (401, NOT_VALID)
    assert message(route.get(bearer(signed_with_public_key(pem=False)))) == (401, NOT_ALLOWED)


def test_pss_by_metadata(lab: Lab) -> None:
    """PS256, where the metadata binds the key to it; not RS256 then."""
    route = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k1", algorithms=("PS256",)))
    good = pss_token()
    assert [route.get(bearer(good)).status for _ in range(3)] == [200] * 3
    assert message(route.get(bearer(token()))) == (401, NOT_ALLOWED)
    head, body, signature = good.split(".")
    assert message(route.get(bearer(f"{head}.{body}.{signature[:-4]}AAAA"))) == (401, NOT_VALID)
    assert message(route.get(bearer(f"{head}.{b64(b'{}')}.{signature}"))) == (401, NOT_VALID)


def test_keys_of_metadata_and_of_the_policy(lab: Lab) -> None:
    """Both count; an issuer of metadata is believed under its own keys only (RFC 8725 section 3.8)."""
    own = f"<issuer-signing-keys><key>{text_of(SECRET)}</key></issuer-signing-keys>"
    issuers = "<issuers><issuer>https://mine.example.com</issuer></issuers>"
    route = lab.serve(document_text(validate_jwt(children=own + issuers)))
    assert route.get(bearer(token())).status == 200
    assert route.get(bearer(hmac_token(SECRET, claims(iss="https://mine.example.com")))).status == 200
    assert message(route.get(bearer(hmac_token(SECRET)))) == (401, "JWT issuer is not allowed. Access denied.")


def test_encrypted_tokens(lab: Lab) -> None:
    """Deciphered first, then verified as any other token."""
    secret = bytes(range(32))
    keys = f"<decryption-keys><key>{text_of(secret)}</key></decryption-keys>"
    route = lab.serve(document_text(validate_jwt(children=keys) + set_header("X-Seen", "yes")))
    for algorithm, encryption in (("dir", "A128CBC-HS256"), ("A256KW", "A256CBC-HS512"), ("dir", "A256GCM")):
        text = encrypted_token(secret, token(), algorithm=algorithm, encryption=encryption)
        assert [route.get(bearer(text)).status for _ in range(2)] == [200, 200]
    assert route.get(bearer(token())).status == 200
    failed = "JWT decryption failed. Access denied."
    assert message(route.get(bearer(encrypted_token(bytes(32), token())))) == (401, failed)
    head, wrapped, iv, data, tag = encrypted_token(secret, token()).split(".")
    for changed in (
        f"{head}.{wrapped}.{iv}.{data}.{'A' * len(tag)}",
        f"{head}.{wrapped}.{iv}.{data[:-4]}.{tag}",
        f"{b64(b'{}')}.{wrapped}.{iv}.{data}.{tag}",
        f"{head}.{b64(b'x' * 24)}.{iv}.{data}.{tag}",
    ):
        assert message(route.get(bearer(changed))) == (401, failed)
    forged = encrypted_token(secret, token(signer="k2"))
    assert message(route.get(bearer(forged))) == (401, NOT_VALID)
    assert message(route.get(bearer(encrypted_token(secret, "no token")))) == (401, "Invalid JWT.")


def test_unsigned_tokens_where_the_policy_wants_them(lab: Lab) -> None:
    """require-signed-tokens="false" lets algorithm none pass, and nothing that is signed badly."""
    route = lab.serve(document_text(validate_jwt('header-name="Authorization" require-signed-tokens="false"')))
    assert route.get(bearer(unsigned())).status == 200
    assert route.get(bearer(token())).status == 200
    assert message(route.get(bearer(token(signer="k2")))) == (401, NOT_VALID)
    assert message(route.get(bearer(unsigned(algorithm="RS256")))) == (401, NOT_ALLOWED)
    assert message(route.get(bearer(unsigned(claims(exp=5))))) == (401, "JWT has expired. Access denied.")
    evil = unsigned(claims(iss="https://evil.example.com"))
    assert message(route.get(bearer(evil))) == (401, "JWT issuer is not allowed. Access denied.")


def header_or(name: str, default: str) -> str:
    """An expression for an attribute in single quotes: a header of the request, or a default."""
    return f'@(context.Request.Headers.GetValueOrDefault("{name}", "{default}"))'


def test_attributes_that_are_expressions(lab: Lab) -> None:
    """Status, message, header's name, scheme, audience, issuer and a claim's value are worked out for each request."""
    attributes = (
        f"header-name='{header_or('X-Where', 'Authorization')}' "
        "failed-validation-httpcode='@(context.Request.Method == \"PUT\" ? 403 : 401)' "
        f"failed-validation-error-message='{header_or('X-Message', 'Go away.')}' "
        f"require-scheme='{header_or('X-Scheme', 'Bearer')}' clock-skew='@(0)'"
    )
    children = (
        f"<audiences><audience>{header_or('X-Audience', 'api://tasks')}</audience></audiences>"
        f"<issuers><issuer>{header_or('X-Issuer', 'none')}</issuer></issuers>"
        '<required-claims><claim name="sub">'
        f"<value>{header_or('X-Sub', 'alice')}</value></claim></required-claims>"
    )
    route = lab.serve(document_text(validate_jwt(attributes, children)))
    text = token()
    for _ in range(2):
        assert route.get(bearer(text)).status == 200
        assert message(route.get(bearer(text), ("X-Audience", "api://other"))) == (401, "Go away.")
        assert message(route.get(bearer(text), ("X-Sub", "bob"), ("X-Message", "No."))) == (401, "No.")
        assert route.get(bearer(text), ("X-Sub", "bob"), method="PUT").status == 403
        assert route.get(("X-Token", text), ("X-Where", "X-Token")).status == 200
        assert route.get(("Authorization", text)).status == 401
        assert route.get(("Authorization", f"DPoP {text}"), ("X-Scheme", "dpop")).status == 200
    assert route.get(bearer(text), ("X-Where", "a b")).status == 500
    elsewhere = token(claims(iss="https://sts.example/"))
    assert route.get(bearer(elsewhere), ("X-Issuer", "https://sts.example/")).status == 200
    assert route.get(bearer(elsewhere)).status == 401


def test_expressions_that_give_impossible_values(lab: Lab) -> None:
    """A status outside 400 to 599 is a failure of the policy: no token gets through by it."""
    attributes = "header-name=\"Authorization\" failed-validation-httpcode='@(context.Request.Method.Length * 50)'"
    route = lab.serve(document_text(validate_jwt(attributes)))
    assert route.get(bearer(token())).status == 500
    assert route.get(bearer("x")).status == 500


def test_reasons(lab: Lab) -> None:
    """LastError.Reason, in on-error."""
    children = (
        "<audiences><audience>api://tasks</audience></audiences>"
        '<required-claims><claim name="role"><value>a</value></claim></required-claims>'
    )
    show = set_header("X-Reason", '@(context.LastError.Source + " " + context.LastError.Reason)')
    route = lab.serve(document_text(validate_jwt(children=children), on_error=show))

    def reason(*headers: tuple[str, str]) -> str | None:
        return route.get(*headers).header("x-reason")

    assert reason() == "validate-jwt TokenNotPresent"
    assert reason(bearer("x")) == "validate-jwt JwtInvalid"
    assert reason(bearer(token(signer="k2"))) == "validate-jwt TokenSignatureInvalid"
    assert reason(bearer(token(kid="k9"))) == "validate-jwt TokenSignatureKeyNotFound"
    assert reason(bearer(token(claims(exp=5)))) == "validate-jwt TokenExpired"
    assert reason(bearer(token(claims(aud="x")))) == "validate-jwt TokenAudienceNotAllowed"
    assert reason(bearer(token(claims(iss="x")))) == "validate-jwt TokenIssuerNotAllowed"
    assert reason(bearer(token())) == "validate-jwt TokenClaimNotFound"
    assert reason(bearer(token(claims(role="b")))) == "validate-jwt TokenClaimValueNotAllowed"
    assert METADATA
