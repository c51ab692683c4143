"""HAProxy: the backend of every variant, and the peer that does the same work as the example's task policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_COMMON = """\
global
    nbthread 1
    maxconn 4096
    log stdout format raw local0 warning
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option http-keep-alive
    http-reuse always
"""


@dataclass(frozen=True, slots=True)
class Check:
    """What the peer must verify: the same token, by the same key, for the same audience and issuer."""

    public_key: Path
    """PEM."""
    issuer: str
    audience: str
    origin: str
    """The one origin that CORS allows."""
    roles: tuple[str, ...] = ("Admin", "Editor", "Reader")


def write_backend(directory: Path, *, port: int) -> list[str | Path]:
    """Write a backend that answers a small JSON text at once; return the command that runs it."""
    file = directory / "backend.cfg"
    file.write_text(
        f"{_COMMON}frontend backend\n    bind 127.0.0.1:{port}\n"
        """    http-request return status 200 content-type application/json string '{"tasks":[]}'\n""",
        encoding="utf-8",
    )
    return ["haproxy", "-db", "-q", "-f", file]


def write_gateway(directory: Path, *, port: int, backend_port: int, check: Check) -> list[str | Path]:
    """Write the peer: CORS, a limit per subject, the JWT's checks, claims as headers; return the command."""
    file = directory / "haproxy.cfg"
    roles = " ".join(check.roles)
    # The order is that of the policy: cors, rate-limit-by-key, validate-jwt, set-header.
    # HAProxy has no sliding window by the second with a reset, so http_req_rate(60s) stands for rate-limit-by-key.
    file.write_text(
        f"""{_COMMON}
frontend gateway
    bind 127.0.0.1:{port}
    stick-table type string len 64 size 100k expire 60s store http_req_rate(60s)

    http-request set-var(txn.origin) req.hdr(Origin)
    http-request set-var(txn.token) http_auth_bearer
    http-request set-var(txn.claims) var(txn.token),word(2,.),ub64dec
    http-request set-var(txn.sub) var(txn.claims),json_query('$.sub')
    http-request track-sc0 var(txn.sub)
    http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt 2000000000 }}

    http-request deny deny_status 401 unless {{ var(txn.token) -m found }}
    http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
    http-request set-var(txn.iss) var(txn.claims),json_query('$.iss')
    http-request set-var(txn.aud) var(txn.claims),json_query('$.aud')
    http-request set-var(txn.role) var(txn.claims),json_query('$.roles[0]')
    http-request set-var(txn.exp) var(txn.claims),json_query('$.exp','int')
    http-request set-var(txn.nbf) var(txn.claims),json_query('$.nbf','int')
    http-request set-var(txn.now) date()
    http-request deny deny_status 401 unless {{ var(txn.alg) -m str RS256 }}
    http-request deny deny_status 401 unless {{ var(txn.iss) -m str {check.issuer} }}
    http-request deny deny_status 401 unless {{ var(txn.aud) -m str {check.audience} }}
    http-request deny deny_status 401 unless {{ var(txn.role) -m str {roles} }}
    http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
    http-request deny deny_status 401 if {{ var(txn.nbf),sub(txn.now) -m int gt 0 }}
    http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify(txn.alg,"{check.public_key}") -m int 1 }}

    http-request del-header ^x[-_.](user|client)[-_.] -m reg
    http-request set-header X-User-OID %[var(txn.claims),json_query('$.oid')]
    http-request set-header X-User-TID %[var(txn.claims),json_query('$.tid')]
    http-request set-header X-User-Name %[var(txn.claims),json_query('$.name')]
    http-request set-header X-User-Roles %[var(txn.role)]
    http-request set-header X-User-Scopes %[var(txn.claims),json_query('$.scp')]
    http-request set-header X-Client-App-ID %[var(txn.claims),json_query('$.azp')]
    http-request set-header X-Gateway-Authorization "Bearer {"p" * 700}"
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Request-ID %[uuid()]
    acl allowed_origin var(txn.origin) -m str {check.origin}
    http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if allowed_origin
    http-response set-header Access-Control-Expose-Headers Retry-After if allowed_origin
    default_backend tasks

backend tasks
    server one 127.0.0.1:{backend_port}
""",
        encoding="utf-8",
    )
    return ["haproxy", "-db", "-q", "-f", file]


def write_plain(directory: Path, *, port: int, backend_port: int) -> list[str | Path]:
    """Write a plain reverse proxy: one route, the usual headers, the gateway's own; return the command."""
    file = directory / "haproxy-plain.cfg"
    file.write_text(
        f"""{_COMMON}
frontend gateway
    bind 127.0.0.1:{port}
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Request-ID %[uuid()]
    http-request del-header X-Gateway-Headers
    http-request set-header X-Gateway-Authorization "Bearer {"p" * 700}"
    use_backend tasks if {{ path /tasks }} || {{ path_beg /tasks/ }}

backend tasks
    server one 127.0.0.1:{backend_port}
""",
        encoding="utf-8",
    )
    return ["haproxy", "-db", "-q", "-f", file]
