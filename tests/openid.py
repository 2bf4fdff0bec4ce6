"""An OpenID provider on this machine: discovery, keys that rotate, codes that hold once, tokens signed with a real key.

Tests twist what it says, as a dishonest or a careless one would.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from itertools import cycle
from typing import Any
from urllib.parse import unquote, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.serving import address, bind, serving

CLIENT, SECRET = "leadline-at-acme", "a secret/of+our: own"
Claims = dict[str, Any]


TURNS = cycle(range(8))
"""Whose turn it is: a key is dear to make, and no test sees more of them."""


@cache
def _key(number: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"{number}-{secrets.token_hex(4)}", "use": "sig"}, private=True)


class OpenIdProvider:
    """person: who is signed in there. asks: whether it shows a page first. Everything else is twisted by tests."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.issuer = place
        self.person: Claims = {"sub": "248289761001", "email": "Ann@Example.com", "email_verified": True}
        self.asks = False
        self.twist: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] = self.signed
        self.document: Claims = {}
        self.answer: Claims = {}
        self.refusal: tuple[int, Claims] | None = None
        self.userinfo: Claims | None = None
        self.in_body = False
        self.asked: list[str] = []
        self.keys: list[RSAKey] = []
        self._codes: dict[str, Claims] = {}
        self.rotate()

    def rotate(self) -> None:
        """From now on it signs with another key, and publishes that one alone."""
        self.keys = [_key(next(TURNS))]

    def signed(self, claims: Claims) -> str:
        """As it should be."""
        key = self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
            Route("/userinfo", self._userinfo),
        ]

    async def _discovery(self, request: Request) -> Response:
        self.asked.append("discovery")
        way = "client_secret_post" if self.in_body else "client_secret_basic"
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.place}/authorize",
            "token_endpoint": f"{self.place}/token",
            "jwks_uri": f"{self.place}/keys",
            "userinfo_endpoint": f"{self.place}/userinfo",
            "token_endpoint_auth_methods_supported": [way],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        return JSONResponse(document | self.document)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert (asked["client_id"], asked["scope"]) == (CLIENT, "openid email")
        assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]} | self.answer)
        back = f"{asked['redirect_uri']}?{answer}"
        if not self.asks:
            return RedirectResponse(back, 302)
        page = f'<!doctype html><title>Acme</title><a href="{back.replace("&", "&amp;")}">Continue as Ann</a>'
        return HTMLResponse(page)

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        if self.refusal:
            return JSONResponse(self.refusal[1], self.refusal[0])
        async with request.form() as form:
            sent = {name: str(value) for name, value in form.items()}
        if self._client(request, sent) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(sent["code"], None)
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or (asked["redirect_uri"], asked["code_challenge"]) != (sent["redirect_uri"], challenge):
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {**self.person, "iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], **times()}
        token = self.sign(self.twist(claims))
        return JSONResponse({"access_token": "of-ann", "token_type": "Bearer", "id_token": token})

    def _client(self, request: Request, sent: dict[str, str]) -> tuple[str, ...]:
        if self.in_body:
            return sent.get("client_id", ""), sent.get("client_secret", "")
        scheme, _, both = request.headers.get("authorization", "").partition(" ")
        assert scheme == "Basic"
        return tuple(unquote(each) for each in base64.b64decode(both).decode().split(":"))

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _userinfo(self, request: Request) -> Response:
        self.asked.append("userinfo")
        assert request.headers["authorization"] == "Bearer of-ann"
        return JSONResponse(self.userinfo or {}, 200 if self.userinfo else 403)


def times(lasts: float = 300) -> Claims:
    """When a token was made, and when it ends."""
    now = int(time.time())
    return {"iat": now, "exp": now + int(lasts)}


@asynccontextmanager
async def providing() -> AsyncIterator[OpenIdProvider]:
    listener = bind("127.0.0.1", 0)
    provider = OpenIdProvider(address(listener))
    async with serving(Starlette(routes=provider.routes()), listener):
        yield provider
