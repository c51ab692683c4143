"""validate-azure-ad-token in real Envoy."""

from __future__ import annotations

from typing import Any

import pytest

from policy_envoy import Answer, Lab
from policy_programs import document_text, problems, set_header
from policy_tokens import bearer, claims, issuer_keys, token

pytestmark = pytest.mark.e2e

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
AUTHORITY = "https://login.microsoftonline.com"
V1 = f"{AUTHORITY}/{TENANT}/.well-known/openid-configuration"
V2 = f"{AUTHORITY}/{TENANT}/v2.0/.well-known/openid-configuration"
V1_ISSUER, V2_ISSUER = f"https://sts.windows.net/{TENANT}/", f"{AUTHORITY}/{TENANT}/v2.0"
KEYS: dict[str, Any] = {
    **issuer_keys("k1", issuer=V1_ISSUER, url=V1),
    **issuer_keys("k1", issuer=V2_ISSUER, url=V2),
}
CLIENTS = "<client-application-ids><application-id>app-1</application-id><application-id>app-2</application-id>"
CLIENTS += "</client-application-ids>"
AUDIENCES = (
    '<audiences><audience>@(context.Request.Headers.GetValueOrDefault("X-A", "api://tasks"))</audience></audiences>'
)


def policy(attributes: str = "", children: str = CLIENTS) -> str:
    return f'<validate-azure-ad-token tenant-id="{TENANT}" {attributes}>{children}</validate-azure-ad-token>'


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["message"]


def entra(version: int = 2, **changed: Any) -> str:
    """A token as Entra writes it."""
    own = {"iss": V2_ISSUER, "azp": "app-1"} if version == 2 else {"iss": V1_ISSUER, "appid": "app-2"}
    return token(claims(**{**own, "tid": TENANT, **changed}))


def test_tokens_of_both_versions(lab: Lab) -> None:
    """v1 tokens name appid and sts.windows.net, v2 tokens azp and login.microsoftonline.com."""
    route = lab.serve(document_text(policy()), keys=KEYS)
    for version in (1, 2):
        text = entra(version)
        assert [route.get(bearer(text)).status for _ in range(2)] == [200, 200]
    for refused in (entra(azp="app-3"), entra(azp=None), entra(azp=["app-1", "app-3"])):
        assert said(route.get(bearer(refused))) == (401, "JWT client application is not allowed. Access denied.")
    wrong = entra(iss=f"{AUTHORITY}/other/v2.0")
    assert said(route.get(bearer(wrong))) == (401, "JWT issuer is not allowed. Access denied.")
    assert said(route.get(("Authorization", entra()))) == (401, "JWT not present.")
    assert said(route.get()) == (401, "JWT not present.")


def test_audiences_and_backends(lab: Lab) -> None:
    """Any listed audience suffices; a backend's id counts as itself and as api://."""
    backends = "<backend-application-ids><application-id>b-1</application-id></backend-application-ids>"
    route = lab.serve(document_text(policy(children=CLIENTS + backends + AUDIENCES)), keys=KEYS)
    for audience in ("api://tasks", "b-1", "api://b-1"):
        assert route.get(bearer(entra(aud=audience))).status == 200
    message = "JWT audience is not allowed. Access denied."
    assert said(route.get(bearer(entra(aud="x")))) == (401, message)
    assert said(route.get(bearer(entra()), ("X-A", "other"))) == (401, message)


def test_attributes(lab: Lab) -> None:
    """Another place of the token, own status and message, required claims, the variable."""
    children = CLIENTS + '<required-claims><claim name="roles" match="any"><value>a</value></claim></required-claims>'
    attributes = (
        'query-parameter-name="t" failed-validation-httpcode="403" failed-validation-error-message="No." '
        'output-token-variable-name="jwt"'
    )
    seen = set_header("X-Sub", '@(((Jwt)context.Variables["jwt"]).Subject)')
    route = lab.serve(document_text(policy(attributes, children) + seen), keys=KEYS)
    assert route.get(path=f"?t={entra(roles=['a'])}").got("x-sub") == ["alice"]
    assert said(route.get(path=f"?t={entra(roles=['b'])}")) == (403, "No.")
    assert said(route.get(bearer(entra(roles=["a"])))) == (403, "No.")


@pytest.mark.parametrize(
    ("policy_text", "expected"),
    [
        ("<validate-azure-ad-token><audiences><audience>a</audience></audiences></validate-azure-ad-token>", "TG2011"),
        (policy().replace(TENANT, "a b"), "TG2012"),
        (policy('header-name="A" token-value="x"'), "TG2406"),
        (policy(children="<decryption-keys><key /></decryption-keys>" + AUDIENCES), "TG2303"),
        (policy(children=CLIENTS.replace("app-1", "@(context.RequestId.ToString())") + AUDIENCES), "TG2014"),
        (policy(), "TG2408"),
    ],
)
def test_findings(policy_text: str, expected: str) -> None:
    """What is missing, misplaced or not honoured."""
    assert [p.split(" ")[1] for p in problems(document_text(policy_text))] == [expected]


def test_tenants_by_domain_and_url() -> None:
    """The metadata documents of a tenant that is named in other ways."""
    from policy_programs import program

    for tenant in ("contoso.onmicrosoft.com", f"{AUTHORITY}/contoso.onmicrosoft.com/v2.0"):
        assert program(document_text(policy(children=AUDIENCES).replace(TENANT, tenant))).issuers == (
            f"{AUTHORITY}/contoso.onmicrosoft.com/.well-known/openid-configuration",
            f"{AUTHORITY}/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration",
        )
