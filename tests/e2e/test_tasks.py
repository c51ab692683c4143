"""The tasks example, whole: Envoy, token service, three services in four processes, real sockets.

What a user of the example is promised, and what an attacker tries.
"""

from __future__ import annotations

import base64
import concurrent.futures
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from system import TASKS, System, running, tidegate, until
from tidegate.keys import FileKeyStore

pytestmark = pytest.mark.e2e

TENANT = "10000000-0000-4000-8000-000000000001"
TASK_APP = "20000000-0000-4000-8000-000000000001"
ADA = "40000000-0000-4000-8000-000000000001"
V2_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OWN_MESSAGE = "The tasks API needs a token of Contoso for api://tasks, with the role Admin, Editor or Reader."


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running(tmp_path_factory.mktemp("tasks"), [TASKS / "manifests"], "--run") as started:
        yield started


def call(system: System, method: str, path: str, token: str | None = None, **more: Any) -> httpx2.Response:
    headers = list(more.pop("headers", []))
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return httpx2.request(method, system.url() + path, headers=headers, trust_env=False, timeout=60, **more)


def user_token(system: System, who: str, scope: str = "api://tasks/.default") -> str:
    return system.token(user=f"{who}@contoso.com", scope=scope)


def signing_key(system: System) -> tuple[str, RSAKey]:
    """The token service's current key, from its state directory: an attacker never has it, a test may."""
    stored = FileKeyStore(system.state / "keys").read("tenants")
    assert stored is not None
    current = stored.current
    return current.kid, RSAKey.import_key(current.private_pem())


def claims(**changes: Any) -> dict[str, Any]:
    """A good access token's claims; a change to None leaves one out."""
    now = int(time.time())
    good = {
        "aud": TASK_APP,
        "iss": V2_ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "oid": ADA,
        "sub": "a-subject-of-its-own",
        "tid": TENANT,
        "azp": TASK_APP,
        "name": "Ada Admin",
        "roles": ["Admin"],
        "scp": "Tasks.ReadWrite",
        "ver": "2.0",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(system: System, **changes: Any) -> str:
    """A token with these claims, really signed by the token service's key."""
    kid, key = signing_key(system)
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": kid}, claims(**changes), key)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(part: dict[str, Any]) -> str:
    return base64url(json.dumps(part).encode())


def port_of(system: System, service: str) -> int:
    """A replica's own port, from its environment: as somebody who got into the network finds it."""
    for command in system.descendants().values():
        if service in command and "uvicorn" in command:
            return int(command.split("--port ")[1].split()[0])
    raise AssertionError(f"{service}: {system.descendants()}")


# -- what is promised -------------------------------------------------------------------------------------------------


def test_an_admin_creates_a_task_and_both_services_hold_it(system: System) -> None:
    """OBO to notification, client credentials to audit: the right user and the right calling app."""
    made = call(system, "POST", "/tasks", user_token(system, "ada.admin"), json={"title": "Water the plants"})
    assert made.status_code == 201, made.text
    outcome = made.json()
    assert (outcome["notification"], outcome["audit"]) == ("sent", "written"), outcome
    task = outcome["task"]["id"]

    sent = call(system, "GET", "/notifications", user_token(system, "ada.admin", "api://notification/.default"))
    assert sent.status_code == 200, sent.text
    notification = next(item for item in sent.json()["notifications"] if item["task"] == task)
    assert (notification["user"], notification["app"], notification["tenant"]) == (ADA, TASK_APP, TENANT)

    token = system.token(app="api://tasks", scope="api://audit/.default")
    read = call(system, "GET", "/audit/entries", token)
    assert read.status_code == 200, read.text
    entry = next(item for item in read.json()["entries"] if item["target"] == task)
    assert (entry["user"], entry["app"], entry["action"]) == (ADA, TASK_APP, "task.created")


def test_tasks_are_changed_and_deleted_whichever_replica_answers(system: System) -> None:
    token = user_token(system, "eddie.editor")
    task = call(system, "POST", "/tasks", token, json={"title": "Sharpen pencils"}).json()["task"]["id"]
    for _ in range(6):
        assert call(system, "GET", f"/tasks/{task}", token).status_code == 200
    changed = call(system, "PATCH", f"/tasks/{task}", token, json={"done": True})
    assert changed.status_code == 200
    assert changed.json()["task"]["done"] is True
    assert call(system, "DELETE", f"/tasks/{task}", token).status_code == 200
    assert call(system, "GET", f"/tasks/{task}", token).status_code == 404


def test_a_reader_may_not_create(system: System) -> None:
    token = user_token(system, "rita.reader")
    assert call(system, "GET", "/tasks", token).status_code == 200
    assert call(system, "POST", "/tasks", token, json={"title": "No"}).status_code == 403


def test_the_command_line_gives_tokens(system: System) -> None:
    done = tidegate(
        "token", "--state", str(system.state), "--user", "ada.admin@contoso.com", "--scope", "api://tasks/.default"
    )
    assert done.returncode == 0, done.stderr
    assert call(system, "GET", "/tasks", done.stdout.strip()).status_code == 200
    wrong = tidegate(
        "token", "--state", str(system.state), "--user", "nobody@contoso.com", "--scope", "api://tasks/.default"
    )
    assert wrong.returncode == 1
    assert "AADSTS50034" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_client_credentials_over_https_with_the_local_authority(system: System) -> None:
    """As any OAuth client does it, with a secret from the example's manifests."""
    form = {
        "grant_type": "client_credentials",
        "client_id": TASK_APP,
        "client_secret": "wrong",
        "scope": "api://audit/.default",
    }
    url = f"{system.authority}/{TENANT}/oauth2/v2.0/token"
    refused = httpx2.post(url, data=form, verify=system.tls(), trust_env=False)
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_client"
    assert refused.json()["error_codes"] == [7000215]


# -- what is refused --------------------------------------------------------------------------------------------------


def test_without_a_token_the_answer_is_the_policys_own(system: System) -> None:
    answer = call(system, "GET", "/tasks")
    assert answer.status_code == 401
    assert answer.json() == {"statusCode": 401, "message": OWN_MESSAGE}


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "20000000-0000-4000-8000-000000000002"},
        {"aud": None},
        {"iss": "https://login.microsoftonline.com/10000000-0000-4000-8000-000000000002/v2.0"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"roles": ["Janitor"]},
        {"roles": None},
    ],
    ids=json.dumps,
)
def test_wrong_claims_are_refused(system: System, changes: dict[str, Any]) -> None:
    """Really signed, and still not for here."""
    assert call(system, "GET", "/tasks", signed(system, sub="good")).status_code == 200
    answer = call(system, "GET", "/tasks", signed(system, **changes))
    assert answer.status_code == 401
    assert answer.json()["message"] == OWN_MESSAGE


@pytest.fixture(scope="module")
def forgeries(system: System) -> dict[str, str]:
    kid, key = signing_key(system)
    good = signed(system)
    header, payload, signature = good.split(".")
    public_pem = key.as_pem(private=False)
    stranger = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    none = encoded({"alg": "none", "typ": "JWT", "kid": kid})
    # By hand: joserfc refuses a public key as a secret, which is what this attack is.
    hmac_input = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{payload}"
    hmac_signature = base64url(hmac.digest(public_pem, hmac_input.encode(), "sha256"))
    return {
        "alg none": f"{none}.{payload}.",
        "alg None": f"{encoded({'alg': 'None', 'kid': kid})}.{payload}.",
        "alg none with a signature": f"{none}.{payload}.{signature}",
        "HS256 with the public key": f"{hmac_input}.{hmac_signature}",
        "unknown kid": jwt.encode({"alg": "RS256", "kid": "nobody"}, claims(), key),
        "no kid, another key": jwt.encode({"alg": "RS256"}, claims(), stranger),
        "another key under this kid": jwt.encode({"alg": "RS256", "kid": kid}, claims(), stranger),
        "payload changed": f"{header}.{encoded(claims(roles=['Admin'], oid='x'))}.{signature}",
        "signature cut": good[:-8],
        "signature empty": f"{header}.{payload}.",
        "embedded key": jwt.encode(
            {"alg": "RS256", "kid": "own", "jwk": stranger.as_dict(private=False)}, claims(), stranger
        ),
        "critical extension": jws.serialize_compact(
            {"alg": "RS256", "kid": kid, "crit": ["b64"], "b64": True}, json.dumps(claims()).encode(), key
        ),
        "not base64": "a.b.c",
        "two parts": f"{header}.{payload}",
        "four parts": f"{good}.{signature}",
        "huge": f"{header}.{payload}{'A' * 40_000}.{signature}",
        "only dots": "..",
    }


FORGERIES = (
    "alg none",
    "alg None",
    "alg none with a signature",
    "HS256 with the public key",
    "unknown kid",
    "no kid, another key",
    "another key under this kid",
    "payload changed",
    "signature cut",
    "signature empty",
    "embedded key",
    "critical extension",
    "not base64",
    "two parts",
    "four parts",
    "huge",
    "only dots",
)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_tokens_are_refused(system: System, forgeries: dict[str, str], forgery: str) -> None:
    assert set(forgeries) == set(FORGERIES)
    answer = call(system, "GET", "/tasks", forgeries[forgery])
    assert answer.status_code == 401, answer.text
    assert answer.json()["message"] == OWN_MESSAGE


def test_tokens_of_other_people_and_programs_are_refused(system: System) -> None:
    nobody = user_token(system, "nora.nobody")
    assert call(system, "GET", "/tasks", nobody).status_code == 401
    for_another_api = user_token(system, "ada.admin", "api://notification/.default")
    assert call(system, "GET", "/tasks", for_another_api).status_code == 401


def test_audit_without_its_role(system: System) -> None:
    """401 by the gateway; straight to the service, whose own check accepts the token, 403."""
    token = system.token(app="api://notification", scope="api://audit/.default")
    assert call(system, "POST", "/audit/entries", token, json={}).status_code == 401
    direct = f"http://127.0.0.1:{port_of(system, 'audit_service')}/audit/entries"
    entry = {"action": "a", "user": ADA, "tenant": TENANT, "target": "t"}
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx2.post(direct, json=entry, headers=bearer, trust_env=False).status_code == 403


@pytest.mark.parametrize("service", ["task_service", "notification_service", "audit_service"])
def test_straight_to_a_backend_with_forged_headers(system: System, service: str) -> None:
    """Modes gateway and jwt: what X-User-* say is worth nothing without the gateway's proof."""
    paths = {"task_service": "/tasks", "notification_service": "/notifications", "audit_service": "/audit/entries"}
    url = f"http://127.0.0.1:{port_of(system, service)}{paths[service]}"
    forged = {
        "X-User-OID": ADA,
        "X-User-TID": TENANT,
        "X-User-Roles": "Admin,AuditLog.Write",
        "X-User-Scopes": "Notify.Send",
    }
    good = user_token(system, "ada.admin")
    for extra in ({}, {"X-Gateway-Authorization": "Bearer x"}, {"X-Gateway-Authorization": f"Bearer {good}"}):
        assert httpx2.get(url, headers={**forged, **extra}, trust_env=False).status_code == 401


@pytest.mark.parametrize(
    "forged",
    [
        [("X-User-Roles", "Admin")],
        [("x-user-roles", "Admin"), ("X-USER-ROLES", "Editor")],
        [("X_User_Roles", "Admin")],
        [("X.User.Roles", "Admin")],
        [("X-User_Roles", "Admin"), ("X_User-Roles", "Admin")],
        [("X-User-OID", "40000000-0000-4000-8000-000000000002")],
    ],
    ids=str,
)
def test_forged_identity_headers_never_win(system: System, forged: list[tuple[str, str]]) -> None:
    """A reader stays a reader through the gateway, however the header is spelled."""
    token = user_token(system, "rita.reader")
    answer = call(system, "POST", "/tasks", token, json={"title": "No"}, headers=forged)
    assert answer.status_code == 403


# -- limits, origins, rotation ----------------------------------------------------------------------------------------


def test_the_101st_call_within_a_minute_is_refused_for_that_caller_only(system: System) -> None:
    """Exact across Envoy's workers: of 130 concurrent calls 100 pass."""
    token = signed(system, sub="a-hurried-caller")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(system, "GET", "/tasks", token), range(130)))
    counted = {status: sum(a.status_code == status for a in answers) for status in (200, 429)}
    assert counted == {200: 100, 429: 30}
    refused = next(a for a in answers if a.status_code == 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["message"].startswith("Rate limit is exceeded. Try again in ")
    assert call(system, "GET", "/tasks", signed(system, sub="a-patient-caller")).status_code == 200


def test_preflights_from_an_allowed_and_a_foreign_origin(system: System) -> None:
    def preflight(origin: str) -> httpx2.Response:
        headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")]
        return call(
            system, "OPTIONS", "/tasks", headers=[*headers, ("Access-Control-Request-Headers", "authorization")]
        )

    allowed = preflight("http://localhost:5173")
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "POST" in allowed.headers["access-control-allow-methods"]
    foreign = preflight("https://evil.example.com")
    assert foreign.status_code == 200
    assert not [name for name in foreign.headers if name.lower().startswith("access-control-")]


def test_an_answer_to_an_allowed_origin_may_be_read(system: System) -> None:
    token = user_token(system, "ada.admin")
    answer = call(system, "GET", "/tasks", token, headers=[("Origin", "http://localhost:5173")])
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"


def test_a_rotated_signing_key_works_at_once(system: System) -> None:
    """The next key is published before it signs; tokens of the one before stay good."""
    before = user_token(system, "ada.admin")
    for _ in range(2):
        kid, _key = signing_key(system)
        done = tidegate("simulate", "rotate-keys", "--state", str(system.state))
        assert done.returncode == 0, done.stderr
        after = user_token(system, "ada.admin")
        header = json.loads(base64.urlsafe_b64decode(after.split(".")[0] + "=="))
        assert header["kid"] != kid
        assert call(system, "GET", "/tasks", after).status_code == 200
        assert call(system, "GET", "/tasks", before).status_code == 200


def test_no_secret_or_token_is_in_the_logs(system: System) -> None:
    """Also a token that was minted for a person is nowhere in what was written down."""
    token = user_token(system, "ada.admin")
    assert call(system, "GET", "/tasks", token).status_code == 200
    signature = token.split(".")[2]
    secrets = [signature, signature[:40]]
    for line in (TASKS / "manifests" / "secrets.yaml").read_text().splitlines():
        name, _, value = line.strip().partition(": ")
        if name == "client-secret":
            secrets.append(value.strip("\"'"))
    assert len(secrets) >= 3
    written = system.log() + "".join(
        file.read_text(errors="replace") for file in (system.state / "logs").rglob("*") if file.is_file()
    )
    assert not [secret for secret in secrets if secret in written]


def test_every_part_is_reported_by_status(system: System) -> None:
    def programmed() -> bool:
        gateway = next(item for item in system.status()["items"] if item["kind"] == "Gateway")
        return {c["type"]: c["status"] for c in gateway["status"]["conditions"]}["Programmed"] == "True"

    until(programmed, what="Programmed")
