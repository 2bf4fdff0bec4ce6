"""`/console/sign-in/with/{key}` and `/console/sign-in/back/{key}`: to a provider, and back from it."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leadline.console.guard import SIGN_IN, Own, is_secure
from leadline.console.language import _
from leadline.console.oidc import attempt, words
from leadline.console.oidc.accounts import Accounts
from leadline.console.oidc.attempt import LASTS, Attempt
from leadline.console.oidc.discovery import NotDiscovered
from leadline.console.oidc.exchange import Exchange
from leadline.console.oidc.providers import BACK, IdentityProvider, by_key
from leadline.console.signin import forms
from leadline.console.signin.fence import fenced, inside, let_in, speaking, visitor
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tokens import digest
from leadline.console.signin.tries import NotLetIn, Tries
from leadline.errors import SettingError
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

log = structlog.get_logger(__name__)


class SingleSignOn:
    """Both ends of the way through a provider."""

    def __init__(self, database: Database, vault: Vault, sessions: Sessions, exchange: Exchange) -> None:
        self._database = database
        self._vault = vault
        self._sessions = sessions
        self._exchange = exchange
        self._accounts = Accounts(database, sessions)
        self._tries = Tries(database, words.too_often)

    def routes(self, public_url: str) -> list[Route]:
        """To stand before the guarded pages."""
        own = Own(public_url)
        return [
            fenced(own, forms.WITH + "{key}", self.leave, "GET"),
            fenced(own, BACK + "{key}", self.come_back, "GET"),
        ]

    async def leave(self, request: Request) -> Response:
        """Send the browser to the provider, with a cookie by which it is known when it comes back."""
        picked = speaking(request, request.query_params)
        try:
            provider = await self._provider(request)
            begun = Attempt.begun(provider.key, inside(request.query_params.get("next", "")), picked)
            place = await self._exchange.address(provider, begun)
        except NotLetIn as error:
            return _refused(str(error), 404)
        except NotDiscovered as error:
            log.warning("provider_not_discovered", why=str(error))
            return _refused(words.away(provider.name, error.in_words), 502)
        answer = RedirectResponse(place, 303)
        answer.set_cookie(
            attempt.COOKIE,
            attempt.sealed(self._vault, begun),
            max_age=int(LASTS),
            path=SIGN_IN,
            secure=is_secure(request),
            httponly=True,
            samesite="lax",  # the provider leads back from its own page
        )
        return answer

    async def come_back(self, request: Request) -> Response:
        """What the provider says of this browser, once."""
        begun = attempt.opened(self._vault, request.cookies.get(attempt.COOKIE, ""))
        who = visitor(request, speaking(request, {"language": begun.language if begun else ""}))
        try:
            begun = await self._spent(request, begun)
            await self._tries.count(who.subject)
            provider = await self._provider(request)
            person = await self._exchange.person(provider, begun, dict(request.query_params))
            token = await self._accounts.sign_in(provider, person, who)
        except NotLetIn as error:
            return _without_cookie(_refused(str(error), 403))
        except NotDiscovered as error:
            return _without_cookie(_refused(words.away(provider.name, error.in_words), 502))
        await self._tries.forget(who.subject)
        return _without_cookie(await let_in(request, self._sessions, token, begun.wanted))

    async def _spent(self, request: Request, begun: Attempt | None) -> Attempt:
        """What this browser began, which it comes back from now and never again; raises NotLetIn."""
        state = request.query_params.get("state", "")
        if begun is None or not begun.is_answered_by(request.path_params["key"], state):
            raise NotLetIn(words.not_begun())
        async with self._database.connection() as connection:
            if not await queries.spend_return(connection, state_hash=digest(state), seconds=LASTS):
                raise NotLetIn(words.not_begun())
        return begun

    async def _provider(self, request: Request) -> IdentityProvider:
        try:
            found = await by_key(self._database, self._vault, request.path_params["key"])
        except SettingError as error:
            log.warning("provider_not_opened", why=str(error))
            raise NotLetIn(words.gone()) from error
        if found is None:
            raise NotLetIn(words.gone())
        return found


def _refused(sentence: str, status: int) -> Response:
    return HTMLResponse(forms.message(_("You are not signed in"), sentence), status)


def _without_cookie(answer: Response) -> Response:
    answer.delete_cookie(attempt.COOKIE, path=SIGN_IN)
    return answer
