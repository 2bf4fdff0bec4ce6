"""Connecting a workspace by a click: an admin of it opens a link, approves the app in Intercom, and is served at once.

`web.py` asks at both addresses; `leadline workspace install` and the console's set-up make the link. Only a person with
such a link can connect a workspace: the address alone is not enough.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Literal

import aiohttp

from leadline.connections.roster import MakeClient, Roster
from leadline.connections.workspaces import learn
from leadline.errors import SettingError
from leadline.intercom import oauth, regions
from leadline.intercom.account import Me
from leadline.model import Struct
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.tickets import redeem, ticket
from leadline.store.vault import Vault
from leadline.store.workspaces import WorkspaceStore

LINK = 86_400.0
"""Seconds a link may be opened."""
APPROVAL = 900.0
"""Seconds an admin has to approve."""
AGAIN = "Ask for a new link: leadline workspace install"


class App(Struct, frozen=True, kw_only=True):
    """The public app of this installation. oauth_url: where admins approve it; api_url: where its code is exchanged."""

    client_id: str
    client_secret: str
    oauth_url: str
    api_url: str
    public_url: str


class Pass(Struct, frozen=True, kw_only=True):
    """What a link or a state says, sealed. browser: who was sent to Intercom with this state."""

    kind: Literal["link", "state"]
    author: str
    until: float
    browser: str = ""


class Sent(Struct, frozen=True, kw_only=True):
    """Where a browser is sent, and the cookie by which it is known again. secure: the cookie is for https alone."""

    url: str
    browser: str
    secure: bool


class Installing:
    """Both ends of an installation."""

    def __init__(
        self,
        app: App,
        database: Database,
        vault: Vault,
        session: aiohttp.ClientSession,
        client: MakeClient,
        roster: Roster,
    ) -> None:
        self._app = app
        self._database = database
        self._vault = vault
        self._session = session
        self._client = client
        self._roster = roster

    def begin(self, key: str) -> Sent:
        """Send a browser with a link to Intercom. Raises SettingError for a link that is not ours, or too old."""
        opened = _opened(self._vault, key, "link")
        browser = secrets.token_urlsafe(24)
        state = _sealed(
            self._vault, Pass(kind="state", author=opened.author, until=time.time() + APPROVAL, browser=browser)
        )
        url = oauth.approval_page(self._app.oauth_url, client_id=self._app.client_id, state=state)
        return Sent(url=url, browser=browser, secure=self._app.public_url.startswith("https:"))

    async def finish(self, *, code: str, state: str, browser: str) -> Me:
        """The workspace whose admin has approved, connected. Raises LeadlineError, whose text is for the person."""
        opened = _opened(self._vault, state, "state")
        if not hmac.compare_digest(opened.browser.encode(), browser.encode()):
            raise SettingError(f"This browser did not begin the installation. {AGAIN}")
        if not code:
            raise oauth.NotInstalled("The app was not approved in Intercom, so nothing is connected")
        token = await oauth.exchange(
            self._session,
            self._app.api_url,
            code=code,
            client_id=self._app.client_id,
            client_secret=self._app.client_secret,
        )
        url, me = await regions.find(lambda url: self._client(url=url, token=token), self._app.api_url)
        await learn(self._database, self._client(url=url, token=token), {})
        with acting(opened.author, "installed app"):
            await WorkspaceStore(self._database, self._vault).connect(
                me.workspace_id, way="oauth", url=url, token=token, client_secret="", author=opened.author
            )
        await self._roster.refresh()
        return me


def link(vault: Vault, public_url: str, author: str) -> str:
    """A link by which an admin of a workspace connects it, within a day."""
    key = _sealed(vault, Pass(kind="link", author=author, until=time.time() + LINK))
    return f"{public_url.rstrip('/')}/intercom/install?key={key}"


def _sealed(vault: Vault, given: Pass) -> str:
    return ticket(vault, given, "installation", given.kind)


def _opened(vault: Vault, text: str, kind: Literal["link", "state"]) -> Pass:
    opened = redeem(vault, text, Pass, "installation", kind)
    if opened is None:
        raise SettingError(f"This link is not one of this installation. {AGAIN}")
    if opened.kind != kind or opened.until < time.time():
        raise SettingError(f"This link is too old. {AGAIN}")
    return opened
