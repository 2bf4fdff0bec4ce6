"""What an identity provider says of itself, by OpenID Connect Discovery 1.0; believed only about itself.

The flow asks here at each sign-in. What was read is kept for some minutes, also that there was no answer, so that
strangers who press the button again and again do not make Leadline call again and again.
"""

from __future__ import annotations

import asyncio
import time

import msgspec

from leadline.connections.asking import NotAnswered, ask, goes_out
from leadline.console.language import _, marked
from leadline.console.retold import retold
from leadline.errors import LeadlineError
from leadline.model import Struct

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT = 300.0  # seconds
KEPT_TROUBLE = 20.0  # seconds
WAYS = ("client_secret_basic", "client_secret_post")
"""How the client shows its secret, the better way first."""


class NotDiscovered(LeadlineError):
    """A provider cannot be used; the text, a sentence without its end, says why of "it".

    It is kept for whoever asks next, so the words and their facts are kept, not what one reader read.
    """

    def __init__(self, words: str, /, **facts: object) -> None:
        super().__init__(words.format(**facts))
        self._words = words
        self._facts = {name: str(fact) for name, fact in facts.items()}

    @property
    def in_words(self) -> str:
        """In the reader's language."""
        return _(self._words, **{name: retold(fact) for name, fact in self._facts.items()})

    def again(self) -> NotDiscovered:
        """The same for somebody else."""
        return NotDiscovered(self._words, **self._facts)


class Metadata(Struct, frozen=True, kw_only=True):
    """What is used of the document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = WAYS[:1]
    authorization_response_iss_parameter_supported: bool = False

    @property
    def in_body(self) -> bool:
        """Whether the secret goes into the form, and not into a header."""
        return WAYS[0] not in self.token_endpoint_auth_methods_supported


class Discovery:
    """Of all providers. allowed: private hosts that may be asked, for tests on one machine."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._known: dict[str, tuple[float, Metadata | NotDiscovered]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def of(self, issuer: str) -> Metadata:
        """Raises NotDiscovered. However many ask at once, the provider is asked once."""
        async with self._asking.setdefault(issuer, asyncio.Lock()):
            until, known = self._known.get(issuer, (0.0, None))
            if known is None or until < time.monotonic():
                known = await self._asked(issuer)
                kept = KEPT_TROUBLE if isinstance(known, NotDiscovered) else KEPT
                self._known[issuer] = time.monotonic() + kept, known
        if isinstance(known, NotDiscovered):
            raise known.again()
        return known

    async def _asked(self, issuer: str) -> Metadata | NotDiscovered:
        try:
            return await discover(issuer, self._allowed)
        except NotDiscovered as trouble:
            return trouble


async def discover(issuer: str, allowed: frozenset[str]) -> Metadata:
    """Ask now; raises NotDiscovered."""
    try:
        reply = await ask(issuer.rstrip("/") + WELL_KNOWN, allowed=allowed)
    except NotAnswered as error:
        raise NotDiscovered(marked("It cannot be asked where to sign in: {why}"), why=error) from error
    if not reply.is_good:
        raise NotDiscovered(marked("It does not say where to sign in: it answered {status}"), status=reply.status)
    try:
        found = msgspec.convert(reply.content, Metadata)
    except msgspec.ValidationError as error:
        raise NotDiscovered(marked("It does not say all that is needed to sign in: {why}"), why=error) from error
    return _believed(found, issuer, allowed)


def _believed(found: Metadata, issuer: str, allowed: frozenset[str]) -> Metadata:
    """A document that speaks of this issuer, and names addresses that people and secrets may be sent to."""
    if found.issuer != issuer:
        raise NotDiscovered(
            marked("It calls itself {issuer}. Enter that address; at Microsoft, the one with your tenant's id"),
            issuer=found.issuer,
        )
    named = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint)
    for address in filter(None, named):
        if not goes_out(address, allowed):
            raise NotDiscovered(marked("It names an address that does not begin with https://"))
    if not set(WAYS) & set(found.token_endpoint_auth_methods_supported):
        raise NotDiscovered(marked("It takes no client secret"))
    return found
