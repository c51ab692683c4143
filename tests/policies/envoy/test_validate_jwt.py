"""validate-jwt in real Envoy: what passes, what does not, and with which answer."""

from __future__ import annotations

import pytest

from policy_envoy import Answer, Lab, Route
from policy_programs import METADATA, OTHER_METADATA, document_text, set_header, validate_jwt
from policy_tokens import (
    ISSUER,
    b64,
    bearer,
    claims,
    issuer_keys,
    public_der,
    signed_with_public_key,
    signing_input,
    token,
    unsigned,
)

pytestmark = pytest.mark.e2e

AUDIENCES = "<audiences><audience>api://other</audience><audience>api://tasks</audience></audiences>"
ROLES = '<required-claims><claim name="roles" match="{match}"{more}>{values}</claim></required-claims>'


@pytest.fixture(scope="module")
def route(lab: Lab) -> Route:
    """The usual policy: audiences, the metadata's issuer."""
    return lab.serve(document_text(validate_jwt('header-name="Authorization" require-scheme="Bearer"', AUDIENCES)))


def refused(answer: Answer, message: str, status: int = 401) -> None:
    """The answer is API Management's refusal, and names no challenge."""
    assert (answer.status, answer.json) == (status, {"statusCode": status, "message": message})
    assert answer.header("content-type") == "application/json"
    assert answer.header("www-authenticate") is None


def test_valid_token_passes(route: Route) -> None:
    """The backend is reached, with the token; the second time from the cache."""
    text = token()
    for _ in range(4):
        answer = route.get(bearer(text))
        assert answer.status == 200
        assert answer.got("authorization") == [f"Bearer {text}"]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ((), "JWT not present."),
        ((("Authorization", ""),), "JWT not present."),
        ((("Authorization", "Basic YTpi"),), "JWT not present."),
        ((("Authorization", "Bearer "),), "JWT not present."),
        ((("Authorization", "Bearer x"),), "Invalid JWT."),
        ((("Authorization", "Bearer a.b.c"),), "Invalid JWT."),
        ((("Authorization", "Bearer a.b.c.d.e"),), "Invalid JWT."),
        ((("Authorization", "Bearer " + "a" * 20_000),), "Invalid JWT."),
        ((("Authorization", "Bearer \xff.é.ü"),), "Invalid JWT."),
    ],
    ids=["none", "empty", "other-scheme", "scheme-only", "word", "short", "encrypted", "huge", "bytes"],
)  # fmt: skip
def test_no_token_or_none_that_reads(route: Route, headers: tuple[tuple[str, str], ...], message: str) -> None:
    """What is no token is refused before any key is touched."""
    encoded = tuple((name, value.encode("utf-8").decode("latin-1")) for name, value in headers)
    refused(route.get(*encoded), message)


def test_forged_signatures(route: Route) -> None:
    """None of the ways around a signature works."""
    honest = token()
    head, body, signature = honest.split(".")
    other_body = b64(signing_input({}, claims(sub="mallory")).encode())
    algorithm = "JWT signature algorithm is not allowed. Access denied."
    invalid = "JWT signature is not valid. Access denied."
    refused(route.get(bearer(unsigned())), algorithm)
    refused(route.get(bearer(unsigned(algorithm="None"))), algorithm)
    refused(route.get(bearer(unsigned(algorithm="RS256"))), algorithm)
    refused(route.get(bearer(signed_with_public_key())), algorithm)
    refused(route.get(bearer(signed_with_public_key(pem=False))), algorithm)
    refused(route.get(bearer(token(alg="RS384"))), algorithm)
    refused(route.get(bearer(token(alg="PS256"))), algorithm)
    refused(route.get(bearer(token(alg=["RS256"]))), algorithm)
    refused(route.get(bearer(token(alg=None))), algorithm)
    refused(route.get(bearer(token(signer="k2"))), invalid)
    refused(route.get(bearer(token(kid=None, signer="k2"))), invalid)
    refused(route.get(bearer(f"{head}.{body}.{signature[:-4]}AAAA")), invalid)
    refused(route.get(bearer(f"{head}.{body}.{signature}AAAA")), invalid)
    refused(route.get(bearer(f"{head}.{other_body}.{signature}")), "Invalid JWT.")
    refused(route.get(bearer(f"{head}.{body}.")), algorithm)


def test_unknown_key(route: Route) -> None:
    """A kid that the issuer does not have; and a key that the token brings along."""
    missing = "JWT signature key is not known. Access denied."
    refused(route.get(bearer(token(kid="k9"))), missing)
    refused(route.get(bearer(token(kid="k2", jwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}))), missing)
    refused(route.get(bearer(token(kid="k2", jku="https://evil.example.com/keys"))), missing)


def test_critical_header_is_refused(route: Route) -> None:
    """RFC 7515 section 4.1.11: what must be understood is not."""
    refused(route.get(bearer(token(crit=["b64"], b64=False))), "Invalid JWT.")


def test_token_without_kid_is_tried_with_every_key(lab: Lab) -> None:
    """The second key of one request is checked by the runtime itself, as Envoy imports only one."""
    route = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k2", "k3", "k1"))
    assert route.get(bearer(token(kid=None))).status == 200
    refused(route.get(bearer(token(kid=None, signer="k4"))), "JWT signature is not valid. Access denied.")


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_algorithms_of_the_key(lab: Lab, algorithm: str) -> None:
    """A key is used with the algorithms that it is bound to, whatever the token names."""
    bound = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k1", algorithms=(algorithm,)))
    for named in ("RS256", "RS384", "RS512"):
        assert (route_status := bound.get(bearer(token(alg=named))).status) == (200 if named == algorithm else 401), (
            named,
            route_status,
        )


def test_times(route: Route, lab: Lab) -> None:
    """exp must be there and ahead; nbf behind; the skew widens both."""
    now = claims()["nbf"] + 5
    expired, early = "JWT has expired. Access denied.", "JWT is not valid yet. Access denied."
    refused(route.get(bearer(token(claims(exp=now - 10)))), expired)
    refused(route.get(bearer(token(claims(exp=None)))), "JWT has no expiration time. Access denied.")
    refused(route.get(bearer(token(claims(exp="tomorrow")))), "Invalid JWT.")
    refused(route.get(bearer(token(claims(nbf=now + 100)))), early)
    skewed = lab.serve(document_text(validate_jwt('header-name="Authorization" clock-skew="120"')))
    assert skewed.get(bearer(token(claims(exp=now - 10)))).status == 200
    assert skewed.get(bearer(token(claims(nbf=now + 100)))).status == 200
    refused(skewed.get(bearer(token(claims(exp=now - 200)))), expired)
    lenient = lab.serve(document_text(validate_jwt('header-name="Authorization" require-expiration-time="false"')))
    assert lenient.get(bearer(token(claims(exp=None)))).status == 200
    refused(lenient.get(bearer(token(claims(exp=now - 10)))), expired)


def test_token_that_was_accepted_expires(lab: Lab) -> None:
    """The cache answers only as long as the token's own time runs."""
    route = lab.serve(document_text(validate_jwt()))
    text = token(claims(exp=claims()["nbf"] + 7))
    assert route.get(bearer(text)).status == 200
    while (answer := route.get(bearer(text))).status == 200:
        pass
    refused(answer, "JWT has expired. Access denied.")


def test_audience(route: Route) -> None:
    """One of the listed audiences is enough; any other refuses."""
    message = "JWT audience is not allowed. Access denied."
    assert route.get(bearer(token(claims(aud=["x", "api://other"])))).status == 200
    for wrong in ("api://task", "API://tasks", [], ["x"], None, 5):
        refused(route.get(bearer(token(claims(aud=wrong)))), message)


def test_issuer(lab: Lab, route: Route) -> None:
    """The metadata's issuer counts, and those that are listed."""
    message = "JWT issuer is not allowed. Access denied."
    for wrong in ("https://evil.example.com", ISSUER + "/", None, 5):
        refused(route.get(bearer(token(claims(iss=wrong)))), message)
    listed = lab.serve(document_text(validate_jwt(children="<issuers><issuer>https://sts.example/</issuer></issuers>")))
    assert listed.get(bearer(token(claims(iss="https://sts.example/")))).status == 200
    assert listed.get(bearer(token())).status == 200
    refused(listed.get(bearer(token(claims(iss="https://evil.example.com")))), message)


def test_issuer_is_bound_to_its_keys(lab: Lab) -> None:
    """With two metadata documents, each one's keys sign only for its own issuer, also where issuers are listed."""
    both = {**issuer_keys("k1"), **issuer_keys("k2", issuer="https://other.example.com", url=OTHER_METADATA)}
    children = (
        f'<openid-config url="{OTHER_METADATA}" />'
        f"<issuers><issuer>{ISSUER}</issuer><issuer>https://other.example.com</issuer></issuers>"
    )
    route = lab.serve(document_text(validate_jwt(children=children)), keys=both)
    message = "JWT issuer is not allowed. Access denied."
    assert route.get(bearer(token())).status == 200
    assert route.get(bearer(token(claims(iss="https://other.example.com"), kid="k2"))).status == 200
    refused(route.get(bearer(token(claims(iss="https://other.example.com")))), message)
    refused(route.get(bearer(token(kid="k2"))), message)


def test_issuer_template_takes_the_tokens_tenant(lab: Lab) -> None:
    """Entra's metadata for several tenants has `{tenantid}` in its issuer."""
    keys = issuer_keys("k1", issuer="https://login.example.com/{tenantid}/v2.0")
    route = lab.serve(document_text(validate_jwt()), keys=keys)
    assert route.get(bearer(token(claims(iss="https://login.example.com/t-1/v2.0", tid="t-1")))).status == 200
    for tenant in ("t-2", None):
        wrong = claims(iss="https://login.example.com/t-1/v2.0", tid=tenant)
        refused(route.get(bearer(token(wrong))), "JWT issuer is not allowed. Access denied.")


@pytest.mark.parametrize(
    ("match", "more", "roles", "status"),
    [
        ("all", "", ["a", "b"], 200), ("all", "", ["b", "a", "c"], 200), ("all", "", ["a"], 401), ("all", "", "a", 401),
        ("any", "", ["x", "b"], 200), ("any", "", "a", 200), ("any", "", ["x"], 401), ("any", "", [], 401),
        ("any", "", "a b", 401), ("any", ' separator=" "', "x b", 200), ("all", ' separator=","', "b,a", 200),
        ("all", ' separator=","', "b a", 401), ("any", "", ["A"], 401), ("any", "", None, 401),
    ],
)  # fmt: skip
def test_required_claims(lab: Lab, match: str, more: str, roles: object, status: int) -> None:
    """Values are compared exactly; `all` and `any`; a separator splits a text."""
    values = "<value>a</value><value>b</value>"
    route = lab.serve(document_text(validate_jwt(children=ROLES.format(match=match, more=more, values=values))))
    answer = route.get(bearer(token(claims(roles=roles))))
    assert answer.status == status
    if roles is None:
        refused(answer, "JWT token is missing the following claims: roles. Access denied.")
    elif status == 401:
        refused(answer, "Claim roles value is not allowed. Access denied.")


def test_claims_that_are_no_texts(lab: Lab) -> None:
    """Numbers and booleans are compared by their JSON text; a claim without listed values must only be there."""
    rules = (
        '<required-claims><claim name="level"><value>3</value></claim><claim name="big"><value>9007199254740993</value>'
        '</claim><claim name="admin"><value>true</value></claim><claim name="any" /></required-claims>'
    )
    route = lab.serve(document_text(validate_jwt(children=rules)))
    honest = {"level": 3, "big": 9007199254740993, "admin": True, "any": {"a": 1}}
    assert route.get(bearer(token(claims(**honest)))).status == 200
    for wrong in ({"level": 4}, {"big": 9007199254740992}, {"admin": "True"}, {"any": None}):
        assert route.get(bearer(token(claims(**{**honest, **wrong})))).status == 401


def test_own_status_and_message(lab: Lab) -> None:
    """failed-validation-httpcode and -error-message replace both, for every reason."""
    attributes = (
        'header-name="Authorization" failed-validation-httpcode="403" '
        'failed-validation-error-message="Say &quot;please&quot;."'
    )
    route = lab.serve(document_text(validate_jwt(attributes)))
    for headers in ((), (bearer("x"),), (bearer(unsigned()),), (bearer(token(claims(exp=5))),)):
        refused(route.get(*headers), 'Say "please".', 403)


def test_other_places_of_the_token(lab: Lab) -> None:
    """Another header, a query parameter, an expression."""
    header = lab.serve(document_text(validate_jwt('header-name="X-Token" require-scheme="Bearer"')))
    assert header.get(("x-token", token())).status == 200
    assert header.get(("x-token", f"Bearer {token()}")).status == 200
    refused(header.get(bearer(token())), "JWT not present.")
    query = lab.serve(document_text(validate_jwt('query-parameter-name="access token"')))
    assert query.get(path=f"?a=b&access+token={token()}").status == 200
    assert query.get(path=f"?access%20token={token()}&x").status == 200
    refused(query.get(bearer(token()), path="?access_token=x"), "JWT not present.")
    expression = "token-value='@(context.Request.Headers.GetValueOrDefault(\"X-T\"))'"
    value = lab.serve(document_text(validate_jwt(expression)))
    assert value.get(("X-T", token())).status == 200
    refused(value.get(bearer(token())), "JWT not present.")


def test_scheme(lab: Lab) -> None:
    """Without require-scheme any scheme, or none, may stand before the token; the word is case-insensitive."""
    free = lab.serve(document_text(validate_jwt()))
    for value in (token(), f"Bearer {token()}", f"DPoP {token()}"):
        assert free.get(("Authorization", value)).status == 200
    strict = lab.serve(document_text(validate_jwt('header-name="Authorization" require-scheme="Bearer"')))
    assert strict.get(("Authorization", f"bEARER  {token()}")).status == 200
    refused(strict.get(("Authorization", token())), "JWT not present.")


def test_as_jwt_reads_the_same_before_and_after_verification(lab: Lab) -> None:
    """Another scheme than Bearer is no token to AsJwt, also where validate-jwt has let it pass."""
    who = '@(context.Request.Headers.GetValueOrDefault("Authorization").AsJwt()?.Subject ?? "none")'
    route = lab.serve(document_text(validate_jwt() + set_header("X-Who", who)))
    for scheme, subject in (("DPoP ", "none"), ("Bearer ", "alice"), ("", "alice")):
        text = scheme + token()
        assert [route.get(("Authorization", text)).got("x-who") for _ in range(3)] == [[subject]] * 3


def test_two_authorization_headers(route: Route) -> None:
    """They read as one value, which is no token: no guess which of them the backend would believe."""
    refused(route.get(bearer(token()), bearer(unsigned())), "Invalid JWT.")
    refused(route.get(bearer(token()), bearer(token())), "Invalid JWT.")


def test_duplicate_claims_are_refused(route: Route) -> None:
    """RFC 8725 section 2.4: readers differ in which of two equal names they believe. The signature is honest."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    from policy_tokens import key

    head = b64(b'{"alg":"RS256","kid":"k1"}')
    body = b64(b'{"aud":"api://tasks","aud":"api://tasks","exp":99999999999}')
    signature = b64(key("k1").sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()))
    refused(route.get(bearer(f"{head}.{body}.{signature}")), "Invalid JWT.")


def test_keys_that_are_not_known_yet(lab: Lab) -> None:
    """Before the issuer's metadata has been read, every token is refused."""
    route = lab.serve(document_text(validate_jwt()), keys={})
    refused(route.get(bearer(token())), "JWT signature key is not known. Access denied.")


def test_rotation_works_at_once(lab: Lab) -> None:
    """New keys accept new tokens; keys that are gone refuse also the tokens that were accepted before."""
    route = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k1"))
    old, new = token(), token(kid="k2")
    assert [route.get(bearer(t)).status for t in (old, new)] == [200, 401]
    lab.rekey(route, issuer_keys("k1", "k2"))
    assert [route.get(bearer(t)).status for t in (old, new)] == [200, 200]
    lab.rekey(route, issuer_keys("k2"))
    assert [route.get(bearer(t)).status for t in (old, new, old)] == [401, 200, 401]


def test_equal_program_with_other_keys_shares_nothing(lab: Lab) -> None:
    """The cache of verified tokens belongs to the keys: two routes of one program may have different ones."""
    first = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k1"))
    second = lab.serve(document_text(validate_jwt()), keys=issuer_keys("k2"))
    text = token()
    for _ in range(4):
        assert (first.get(bearer(text)).status, second.get(bearer(text)).status) == (200, 401)


def test_two_policies_with_different_issuers(lab: Lab) -> None:
    """One request, two tokens, two keys: neither is taken for the other."""
    second = f'<validate-jwt header-name="X-Second"><openid-config url="{OTHER_METADATA}" /></validate-jwt>'
    keys = {**issuer_keys("k1"), **issuer_keys("k2", issuer="https://other.example.com", url=OTHER_METADATA)}
    route = lab.serve(document_text(validate_jwt() + second), keys=keys)
    theirs = token(claims(iss="https://other.example.com"), kid="k2")
    forged = token(claims(iss="https://other.example.com"), kid="k2", signer="k1")
    for _ in range(3):
        assert route.get(bearer(token()), ("X-Second", theirs)).status == 200
        refused(route.get(bearer(token()), ("X-Second", forged)), "JWT signature is not valid. Access denied.")
        refused(route.get(bearer(theirs), ("X-Second", theirs)), "JWT signature key is not known. Access denied.")


def test_output_variable(lab: Lab) -> None:
    """The verified token is a Jwt in the variable."""
    value = '@(((Jwt)context.Variables["jwt"]).Claims.GetValueOrDefault("roles", new [] {""}).FirstOrDefault())'
    route = lab.serve(
        document_text(
            validate_jwt('header-name="Authorization" output-token-variable-name="jwt"')
            + set_header("X-Role", value)
            + set_header("X-Sub", '@(((Jwt)context.Variables["jwt"]).Subject)')
            + set_header("X-All", '@(String.Join(",", ((Jwt)context.Variables["jwt"]).Claims["roles"]))')
        )
    )
    answer = route.get(bearer(token(claims(roles=["Admin", "Reader"]))))
    assert (answer.got("x-role"), answer.got("x-sub"), answer.got("x-all")) == (["Admin"], ["alice"], ["Admin,Reader"])
    assert public_der("k1")
    assert METADATA.startswith("https://")
