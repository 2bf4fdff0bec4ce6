"""What Leadline and a provider say to each other: where a browser is sent, and whom its answer is about.

Authlib makes the requests of OAuth 2.0 and PKCE; the calls go through the guard for addresses.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from leadline.connections.asking import NotAnswered, Reply, ask
from leadline.console.oidc import words
from leadline.console.oidc.attempt import Attempt
from leadline.console.oidc.discovery import Discovery, Metadata
from leadline.console.oidc.id_token import Expected, NotBelieved, Person, claims_of, person_of
from leadline.console.oidc.providers import IdentityProvider, address_back
from leadline.console.signin.tries import NotLetIn

SCOPE = "openid email"
log = structlog.get_logger(__name__)


class Exchange:
    """With all providers. allowed: private hosts that may be asked, for tests on one machine."""

    def __init__(self, public_url: str, allowed: frozenset[str]) -> None:
        self._public_url = public_url
        self._allowed = allowed
        self._discovery = Discovery(allowed)

    async def address(self, provider: IdentityProvider, attempt: Attempt) -> str:
        """Where the browser signs in; raises NotDiscovered."""
        found = await self._discovery.of(provider.issuer)
        sent: str = prepare_grant_uri(
            found.authorization_endpoint,
            client_id=provider.client_id,
            response_type="code",
            redirect_uri=address_back(self._public_url, provider.key),
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return sent

    async def person(self, provider: IdentityProvider, attempt: Attempt, answer: Mapping[str, str]) -> Person:
        """Whom the answer that a browser brought is about; raises NotLetIn and NotDiscovered."""
        found = await self._discovery.of(provider.issuer)
        self._check_sender(provider, found, answer.get("iss", ""))
        if "error" in answer:
            log.warning("sign_in_refused_there", provider=provider.name, error=answer["error"][:100])
            raise NotLetIn(words.refusal_words(provider.name, answer["error"], answer.get("error_description", "")))
        if not answer.get("code"):
            raise NotLetIn(words.not_understood(provider.name))
        try:
            return await self._proved(provider, found, attempt, answer["code"])
        except NotAnswered as error:
            raise NotLetIn(words.silent(provider.name, str(error))) from error
        except NotBelieved as error:
            log.warning("id_token_not_believed", provider=provider.name, why=str(error)[:300])
            raise NotLetIn(words.not_understood(provider.name)) from error

    def _check_sender(self, provider: IdentityProvider, found: Metadata, sender: str) -> None:
        """Another provider's answer is not taken for this one's (RFC 9207)."""
        if sender != provider.issuer and (sender or found.authorization_response_iss_parameter_supported):
            log.warning("answer_of_another_provider", provider=provider.name)
            raise NotLetIn(words.not_understood(provider.name))

    async def _proved(self, provider: IdentityProvider, found: Metadata, attempt: Attempt, code: str) -> Person:
        tokens = await self._tokens(provider, found, attempt, code)
        keys = await ask(found.jwks_uri, allowed=self._allowed)
        expected = Expected(issuer=provider.issuer, client_id=provider.client_id, nonce=attempt.nonce)
        claims = claims_of(tokens.id_token, keys.content, expected, access_token=tokens.access_token)
        person = person_of(claims)
        if not (person.email and person.verified) and found.userinfo_endpoint and tokens.access_token:
            return await self._more(found, tokens.access_token, person)
        return person

    async def _tokens(self, provider: IdentityProvider, found: Metadata, attempt: Attempt, code: str) -> Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": address_back(self._public_url, provider.key),
            "code_verifier": attempt.verifier,
        }
        secret, headers = {"client_id": provider.client_id, "client_secret": provider.client_secret}, {}
        if found.in_body:
            form |= secret
        else:
            both = ":".join(quote(each, safe="") for each in secret.values())  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        reply = await ask(found.token_endpoint, allowed=self._allowed, form=form, headers=headers)
        return _read(provider.name, reply)

    async def _more(self, found: Metadata, access_token: str, known: Person) -> Person:
        """Some providers tell the e-mail address only when they are asked for it; the same person's alone counts."""
        headers = {"Authorization": f"Bearer {access_token}"}
        reply = await ask(found.userinfo_endpoint, allowed=self._allowed, headers=headers)
        told = person_of(reply.content) if reply.is_good else known
        if told.subject != known.subject:
            raise NotBelieved("userinfo of somebody else")
        return told


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What the code was exchanged for."""

    id_token: str
    access_token: str = ""


def _read(name: str, reply: Reply) -> Tokens:
    if not reply.is_good:
        error: Any = reply.content.get("error", "")
        log.warning("code_not_exchanged", provider=name, status=reply.status, error=str(error)[:100])
        raise NotLetIn(words.refusal_words(name, str(error), str(reply.content.get("error_description", ""))))
    try:
        return msgspec.convert(reply.content, Tokens)
    except msgspec.ValidationError as error:
        raise NotBelieved("the answer has no id_token") from error
