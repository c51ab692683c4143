"""Verified callers for ASGI services: behind Tidegate (mode gateway) or on their own (mode jwt).

Reading order: settings.py (what must be known), caller.py (what comes out), callers.py (how a request becomes one),
tokens.py and key_source.py (how a signature is believed), auth.py and middleware.py (FastAPI, Starlette, ASGI),
clients.py (tokens for calling on), testing.py (a real issuer for your tests).
"""

from tidegate_auth.auth import Auth
from tidegate_auth.caller import BearerToken, Caller
from tidegate_auth.clients import ClientCredentials, OnBehalfOf
from tidegate_auth.errors import AuthProblem, IssuerUnreachable, TokenRejected, TokenRequestFailed
from tidegate_auth.middleware import AuthMiddleware
from tidegate_auth.settings import AuthSettings, ClientSettings, Mode, TrustedHeaders
from tidegate_auth.token_cache import AccessToken

__all__ = [
    "AccessToken",
    "Auth",
    "AuthMiddleware",
    "AuthProblem",
    "AuthSettings",
    "BearerToken",
    "Caller",
    "ClientCredentials",
    "ClientSettings",
    "IssuerUnreachable",
    "Mode",
    "OnBehalfOf",
    "TokenRejected",
    "TokenRequestFailed",
    "TrustedHeaders",
]
