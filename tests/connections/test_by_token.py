"""A token that does not fit is refused with words of its own, and nothing is kept of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from leadline.connections.by_token import Access, ByToken
from leadline.connections.roster import Environment
from leadline.errors import SettingError
from leadline.intercom.client import Client
from leadline.serving import address, bind, serving
from leadline.stage.town import HOST, TOKEN
from leadline.store.opened import vault_of
from leadline.store.workspaces import WorkspaceStore
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOOD = Access(token=TOKEN, client_secret="made-up-client-secret")


@asynccontextmanager
async def asking(town: Town, url: str = "", *, everywhere: bool = False) -> AsyncIterator[ByToken]:
    """everywhere: whatever region is asked, the sandbox answers."""
    leadline, url = town.leadline, url or town.places.sandbox
    async with aiohttp.ClientSession() as http:
        plain: Callable[..., Client] = partial(Client, http, timeout=4.0)

        def client(*, url: str, token: str) -> Client:
            return plain(url=town.places.sandbox if everywhere else url, token=token)

        environment = Environment(url=url, token="", client_secret="")
        yield ByToken(
            leadline.database, WorkspaceStore(leadline.database, vault_of(town.settings)), client, environment
        )


async def kept(town: Town) -> list[tuple[str, bool]]:
    rows = await WorkspaceStore(town.leadline.database, vault_of(town.settings)).listed()
    return [(row.way, bool(row.token)) for row in rows]


@pytest.mark.parametrize(
    ("token", "everywhere", "words"),
    [
        ("", False, "This is no access token"),
        ("two words", False, "This is no access token"),
        ("tokén", False, "This is no access token"),
        ("revoked", False, "does not know this token. It may be one of another region, or revoked"),
        ("revoked", True, r"in none of its regions \(US, EU, AU\)"),
    ],
)
async def test_a_wrong_token_is_told_from_a_wrong_region(
    open_town: Open, token: str, everywhere: bool, words: str
) -> None:
    async with open_town() as town:
        before = await kept(town)
        async with asking(town, "https://api.intercom.io" if everywhere else "", everywhere=everywhere) as by_token:
            with pytest.raises(SettingError, match=words):
                await by_token.connect(Access(token=token, client_secret="s"), author="ann")
        assert await kept(town) == before


async def test_an_address_that_is_not_intercoms_and_one_that_does_not_answer(open_town: Open) -> None:
    async def elsewhere(request: object) -> RedirectResponse:
        return RedirectResponse("https://www.intercom.com/")

    app = Starlette(routes=[Route("/me", elsewhere)])
    listener = bind(HOST, 0)
    async with open_town() as town:
        async with serving(app, listener), asking(town, address(listener)) as by_token:
            with pytest.raises(SettingError, match="is not the address of Intercom's API"):
                await by_token.connect(GOOD, author="ann")
        async with asking(town, "http://127.0.0.1:9") as by_token:
            with pytest.raises(SettingError, match="Intercom does not answer, so the token is not proved"):
                await by_token.connect(GOOD, author="ann")
        assert await kept(town) == [("environment", False)]


@pytest.mark.parametrize("status", [401, 403])
async def test_permissions_that_are_not_ticked_are_named(open_town: Open, status: int) -> None:
    async with open_town() as town, asking(town) as by_token:
        lacking = {"method": "GET", "path": "/(conversations|data_attributes)", "status": status, "times": 2}
        await town.intercom("POST", "/_sandbox/faults", lacking)
        with pytest.raises(SettingError, match=r"lacks permissions: Read conversations, Gather App data\."):
            await by_token.connect(GOOD, author="ann")
        me = await by_token.connect(GOOD, author="ann")
        assert (me.workspace_id, await kept(town)) == ("sandbox", [("token", True)])


async def test_the_client_secret_may_be_left_out_once_the_workspace_has_one(open_town: Open) -> None:
    async with open_town() as town, asking(town) as by_token:
        without = Access(token=TOKEN, client_secret="")
        with pytest.raises(SettingError, match="client secret is needed"):
            await by_token.connect(without, author="ann")
        await by_token.connect(GOOD, author="ann")
        await by_token.connect(without, author="ann")
        [row] = await WorkspaceStore(town.leadline.database, vault_of(town.settings)).listed()
        assert row.client_secret == GOOD.client_secret
