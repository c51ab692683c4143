"""Short ways to what `check` warns of in policies."""

from __future__ import annotations

from policy_programs import METADATA, problems

SUBJECT = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Subject'
JWT = (
    f'<validate-jwt header-name="Authorization" output-token-variable-name="jwt"><openid-config url="{METADATA}" />'
    "<audiences><audience>api://tasks</audience></audiences></validate-jwt>"
)
CLAIM = '@(((Jwt)context.Variables["jwt"]).Subject)'


def limit(key: str) -> str:
    return f'<rate-limit-by-key calls="9" renewal-period="60" counter-key="@({key})" />'


def choose(*branches: str, otherwise: str | None = None, condition: str = 'context.Request.Method == "GET"') -> str:
    whens = "".join(
        f'<when condition="@({condition.replace("GET", "GET" + "X" * number)})">{branch}</when>'
        for number, branch in enumerate(branches)
    )
    return f"<choose>{whens}{'' if otherwise is None else f'<otherwise>{otherwise}</otherwise>'}</choose>"


def lints(*documents: str, code: str = "TG25") -> list[str]:
    """Codes of what is found."""
    return [line.split()[1] for line in problems(*documents) if line.split()[1].startswith(code)]
