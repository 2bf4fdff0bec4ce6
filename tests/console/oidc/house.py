"""A console with its entrance, passwords and providers, over real HTTP, and browsers that go to a provider and back."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from leadline.console.guard import COOKIE
from leadline.console.oidc.exchange import Exchange
from leadline.console.oidc.providers import NewProvider, Providers, key_of
from leadline.console.oidc.routes import SingleSignOn
from leadline.console.rights import Role
from leadline.console.signin.operators import Operators
from leadline.serving import address, bind, serving
from leadline.store.database import Database
from leadline.store.vault import Vault
from tests.console.signin.test_sign_in import House, new_browser
from tests.openid import CLIENT, SECRET, OpenIdProvider

Browser = aiohttp.ClientSession
UNPROVED = "does not prove who you are"

VAULT = Vault("4f9d2c7be18a60353c1b9e7a5d40f682")
LOCAL = frozenset({"127.0.0.1"})
Answer = tuple[int, str]


class SignOnHouse(House):
    """The same house with providers. allowed: private hosts that it asks."""

    def __init__(self, database: Database, place: str, allowed: frozenset[str] = LOCAL) -> None:
        super().__init__(database, place)
        sign_on = SingleSignOn(database, VAULT, self.sessions, Exchange(place, allowed))
        self.app.router.routes[:0] = sign_on.routes(place)

    async def connect(
        self, provider: OpenIdProvider, workspace_id: str = "ws", name: str = "Acme", **more: Any
    ) -> Providers:
        """People may sign in with it."""
        providers = Providers(self.database, VAULT, workspace_id)
        new = NewProvider(name=name, issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, **more)
        await providers.add(new)
        return providers

    async def invite(self, email: str, role: Role = Role.AGENT, workspace_id: str = "ws") -> None:
        await Operators(self.database, workspace_id, self.place).invite(email, role)

    def way(self, provider: OpenIdProvider, workspace_id: str = "ws", wanted: str = "/console") -> str:
        """Where the button leads."""
        return f"{self.place}/console/sign-in/with/{key_of(workspace_id, provider.issuer)}?next={wanted}"


async def step(browser: aiohttp.ClientSession, url: str) -> str:
    """Where one answer leads; fails where it leads nowhere."""
    async with browser.get(url, allow_redirects=False) as answer:
        assert answer.status in (302, 303), await answer.text()
        return str(answer.headers["location"])


async def there(browser: aiohttp.ClientSession, way: str) -> str:
    """To the provider and signed in there: the address that leads back."""
    return await step(browser, await step(browser, way))


async def read(browser: aiohttp.ClientSession, url: str) -> Answer:
    """What people read, without its tags, and its status."""
    async with browser.get(url, headers={"Accept": "text/html"}) as answer:
        page = await answer.text()
        body = page.partition("<h1>")[2] or page
        return answer.status, html.unescape(" ".join(re.sub("<[^>]*>", " ", body).split()))


def session(browser: aiohttp.ClientSession) -> str:
    """The token of the console's cookie; empty without one."""
    return next((each.value for each in browser.cookie_jar if each.key == COOKIE), "")


def query(url: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in urlsplit(url).query.split("&"))


@asynccontextmanager
async def house_of(store: Database, allowed: frozenset[str] = LOCAL) -> AsyncIterator[SignOnHouse]:
    listener = bind("127.0.0.1", 0)
    house = SignOnHouse(store, address(listener), allowed)
    async with serving(house.app, listener), new_browser() as house.http:
        yield house


async def enter(
    house: SignOnHouse, provider: OpenIdProvider, browser: Browser, workspace_id: str = "ws"
) -> tuple[int, str]:
    """The whole way; what people read at its end."""
    return await read(browser, await there(browser, house.way(provider, workspace_id)))


async def refused(house: SignOnHouse, provider: OpenIdProvider, browser: Browser, words: str) -> None:
    """The whole way, with no session at its end but words."""
    status, page = await enter(house, provider, browser)
    assert (status, words in page, session(browser)) == (403, True, ""), page
    async with house.database.connection() as connection:
        assert (await connection.execute("select from operator_session")).rowcount == 0
