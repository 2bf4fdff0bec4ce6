"""Who may open which page and press which button, also by events that no page of theirs would send."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import socketio
from nicegui import background_tasks

from leadline.console.guard import COOKIE
from leadline.console.menu import PAGES
from leadline.console.rights import RIGHTS, Role
from leadline.console.shell import Page
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.acceptance.town import Town, until
from tests.console.acting import park, session_of
from tests.console.drawn import elements_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
CLIENT = re.compile(r"[\"']client_id[\"']: [\"']([0-9a-f-]{36})[\"']")


class Opened:
    """A page as its HTML has it, and a socket that may say whatever it likes."""

    def __init__(self, html: str, socket: socketio.AsyncClient) -> None:
        self.client_id = CLIENT.findall(html)[0]
        self.socket = socket
        self._elements = elements_of(html)

    def press(self, testid: str) -> dict[str, Any]:
        """The event that pressing the first button of this name would send."""
        for number, element in self._elements.items():
            if element.get("props", {}).get("data-testid") == testid:
                listener = element["events"][0]["listener_id"]
                return {"id": int(number), "client_id": self.client_id, "listener_id": listener, "args": []}
        raise LookupError(testid)

    def presses(self) -> list[dict[str, Any]]:
        """The events of everything on the page that listens."""
        return [
            {"id": int(number), "client_id": self.client_id, "listener_id": one["listener_id"], "args": []}
            for number, element in self._elements.items()
            for one in element.get("events", [])
        ]

    async def send(self, event: dict[str, Any]) -> None:
        """And wait until what it began is over, if it began anything."""
        before = set(background_tasks.running_tasks)
        await self.socket.emit("event", event)
        await self.socket.call("handshake", {"client_id": ""})  # is answered after what came before was looked at
        if begun := background_tasks.running_tasks - before:
            await asyncio.wait(begun, timeout=10)


@asynccontextmanager
async def opened(demo: Demo | Town, token: str, path: str = "/console/waiting") -> AsyncIterator[Opened]:
    place, headers = demo.places.leadline, {"Cookie": f"{COOKIE}={token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{place}{path}") as answer:
        html = await answer.text()
    socket = socketio.AsyncClient()
    await socket.connect(
        place,
        headers=headers | {"Origin": place},
        transports=["websocket"],
        socketio_path="/_nicegui_ws/socket.io",
    )
    page = Opened(html, socket)
    try:
        yield page
    finally:
        await socket.disconnect()


async def greet(page: Opened, client_id: str) -> bool:
    """What a page's script says first: which page it is."""
    hello = {"client_id": client_id, "tab_id": page.client_id, "document_id": page.client_id, "next_message_id": 0}
    return bool(await page.socket.call("handshake", hello))


async def waiting(demo: Demo) -> int:
    """How many are still parked."""
    async with demo.leadline.database.connection() as connection:
        counts = await queries.stuck_counts(connection, workspace_id=demo.leadline.workspace.workspace_id)
    return int(counts["parked"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
@pytest.mark.parametrize("role", Role, ids=lambda role: role.title)
async def test_a_page_opens_for_those_whose_role_has_its_right(demo: Demo, page: Page, role: Role) -> None:
    cookies = {COOKIE: await session_of(demo.leadline, role)}
    address = re.sub(r"\{\w+\}", "1", page.address)
    async with (
        aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
        http.get(f"{demo.places.leadline}{address}") as answer,
    ):
        may = role >= RIGHTS[page.right].least
        assert (answer.status == 403, "needs the role" in await answer.text()) == (not may, not may)


async def test_an_event_forged_for_somebody_elses_page_does_nothing(demo: Demo) -> None:
    await park(demo, "forged")
    before = await waiting(demo)
    owner, viewer = await session_of(demo.leadline, Role.OWNER), await session_of(demo.leadline, Role.VIEWER)
    async with opened(demo, owner) as theirs, opened(demo, viewer) as mine:
        assert await greet(theirs, theirs.client_id)
        assert not await greet(mine, theirs.client_id), "nobody takes over another session's page"
        assert await greet(mine, mine.client_id)
        with pytest.raises(LookupError):
            mine.press("retry")
        await mine.send(theirs.press("retry"))
        await mine.send(theirs.press("retry") | {"client_id": mine.client_id})
        assert await waiting(demo) == before
        await theirs.send(theirs.press("retry"))
        assert await until(lambda: _fewer(demo, before)), "the same event from its own page works"


async def test_a_page_that_is_open_does_nothing_more_once_the_role_or_the_session_is_gone(demo: Demo) -> None:
    await park(demo, "late")
    before = await waiting(demo)
    token = await session_of(demo.leadline, Role.AGENT)
    async with opened(demo, token) as page:
        assert await greet(page, page.client_id)
        await _execute(demo, "update seat set role = 'viewer' where role = 'agent'")
        await page.send(page.press("retry"))
        assert await waiting(demo) == before
        await _execute(demo, "update seat set role = 'agent' where role = 'viewer'")
        await _execute(demo, "delete from operator_session")
        await page.send(page.press("retry"))
        assert await waiting(demo) == before


async def _fewer(demo: Demo, before: int) -> bool:
    return await waiting(demo) < before


async def _execute(demo: Demo, statement: str) -> None:
    async with demo.leadline.database.connection() as connection:
        await connection.execute(statement.encode())
