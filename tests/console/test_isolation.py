"""The console of two workspaces: no page shows the other one, and no press on a page, forged or not, acts there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from leadline.console.guard import COOKIE
from leadline.console.menu import PAGES
from leadline.console.rights import Role
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.browser import no_pages
from tests.connections.test_isolation import ANN, ANSWERS, MARKS, Pair, two_workspaces
from tests.console.acting import park, session_in
from tests.console.shell.test_permissions import greet, opened
from tests.databases import Databases

WRITTEN = {
    *("alert_target", "arrival", "audit", "channel", "consent", "conversation", "correction", "decision", "link"),
    *("merge", "outbound", "seat", "setting"),
}
"""What an act of the console leaves behind stands in one of these."""


@pytest.fixture
def fresh_pages() -> Iterator[None]:
    """NiceGUI keeps its pages in globals; each test here opens a console of its own."""
    with no_pages():
        yield


@asynccontextmanager
async def two_consoles(open_town: Open, sandbox_databases: Databases) -> AsyncIterator[Pair]:
    """Each with a customer's message that is answered, and one that is parked."""
    async with two_workspaces(open_town, sandbox_databases, console=True) as pair:
        for workspace_id, town in pair.towns.items():
            await park(town, f"parked for {MARKS[workspace_id]}")
        yield pair


def other_than(workspace_id: str) -> str:
    return next(each for each in MARKS if each != workspace_id)


async def got(town: Town, token: str, path: str) -> tuple[int, str]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        aiohttp.ClientSession(cookies={COOKIE: token}, cookie_jar=jar) as http,
        http.get(f"{town.places.leadline}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def ids_of(pair: Pair, workspace_id: str, most: int = 99) -> list[str]:
    """Whatever names something of a workspace in a page's address. most: of each table."""
    columns = {
        "arrival": "arrival_id",
        "channel": "channel_id",
        "link": "contact_id",
        "conversation": "conversation_id",
    }
    found = []
    for table, column in columns.items():
        rows = await pair.rows(f"select {column} as id from {table} where workspace_id = '{workspace_id}'")  # noqa: S608
        found += [str(row["id"]) for row in rows[:most]]
    return [*dict.fromkeys([*found, ANN])]


def addresses(ids: Iterable[str]) -> list[str]:
    """Every page; those about one thing about each of these."""
    found = []
    for page in PAGES:
        found += [re.sub(r"\{\w+\}", each, page.address) for each in ids] if "{" in page.path else [page.address]
    return found


async def written(pair: Pair, workspace_id: str) -> dict[str, set[str]]:
    """All rows that people's acts can change."""
    kept = {}
    for table in WRITTEN:
        rows = await pair.rows(f"select t::text as whole from {table} t where workspace_id = '{workspace_id}'")  # noqa: S608
        kept[table] = {row["whole"] for row in rows}
    return kept


@pytest.mark.long
async def test_no_page_shows_the_other_workspace(
    open_town: Open, sandbox_databases: Databases, fresh_pages: None
) -> None:
    async with two_consoles(open_town, sandbox_databases) as pair:
        town = pair.towns["sandbox"]
        for workspace_id, mark in MARKS.items():
            other = other_than(workspace_id)
            token = await session_in(town.leadline, f"owner@{workspace_id}.example", {workspace_id: Role.OWNER})
            assert mark in (await got(town, token, "/console/messages"))[1]
            strange_ids = await ids_of(pair, other)
            for address in addresses([*await ids_of(pair, workspace_id), *strange_ids]):
                for asked in (address, f"{address}?q={MARKS[other]}&about={MARKS[other]}&workspace={workspace_id}"):
                    shown = (await got(town, token, asked))[1]
                    shown = shown.replace(f"?q={MARKS[other]}", "").replace(f'"{MARKS[other]}"', "")
                    assert not re.search(f"(about|for) {MARKS[other]}|{ANSWERS[other]}|owner@{other}", shown), asked
                    assert f"workspace={other}" not in shown
                status, refusal = await got(town, token, f"{address}?workspace={other}")
                assert (status, "have no access to the console of this workspace" in refusal) == (403, True), address


@pytest.mark.parametrize("most", [1, pytest.param(99, marks=pytest.mark.long)])
async def test_a_page_acts_in_the_workspace_it_was_drawn_for_and_forged_presses_nowhere(
    open_town: Open, sandbox_databases: Databases, fresh_pages: None, most: int
) -> None:
    async with two_consoles(open_town, sandbox_databases) as pair:
        town = pair.towns["sandbox"]
        roles = {"sandbox": Role.OWNER, "other": Role.VIEWER}
        both = await session_in(town.leadline, "both@example.com", roles)
        stranger = await session_in(town.leadline, "stranger@example.com", {"other": Role.OWNER})
        before = {each: await written(pair, each) for each in MARKS}
        async with opened(town, stranger) as mine:
            assert await greet(mine, mine.client_id)
            for address in addresses(await ids_of(pair, "sandbox", most)):
                async with opened(town, both, f"{address}?workspace=sandbox") as theirs:
                    assert await greet(theirs, theirs.client_id)
                    for press in theirs.presses():
                        await mine.socket.emit("event", press)
                        await mine.socket.emit("event", press | {"client_id": mine.client_id})
                    assert not await greet(mine, theirs.client_id), "and what came before was looked at"
        assert {each: await written(pair, each) for each in MARKS} == before
        async with opened(town, both, "/console/waiting?workspace=sandbox") as page:
            assert await greet(page, page.client_id)
            status, shown = await got(town, both, "/console?workspace=other")
            assert (status, "Retry" in shown) == (200, False), "a viewer there, and the session remembers it"
            await page.send(page.press("retry"))

            async def tried() -> bool:
                return not await pair.rows(
                    "select from arrival where workspace_id = 'sandbox' and state = 'parked' and attempts = 0"
                )

            await until(tried)
        assert await written(pair, "other") == before["other"]


async def test_an_operator_who_lost_their_seat_in_a_workspace_can_press_nothing_there(
    open_town: Open, sandbox_databases: Databases, fresh_pages: None
) -> None:
    async with two_consoles(open_town, sandbox_databases) as pair:
        town = pair.towns["sandbox"]
        token = await session_in(town.leadline, "both@example.com", {"sandbox": Role.OWNER, "other": Role.OWNER})
        async with opened(town, token, "/console/waiting?workspace=sandbox") as page:
            assert await greet(page, page.client_id)
            async with town.leadline.database.connection() as connection:
                await connection.execute(b"delete from seat where workspace_id = 'sandbox'")
            before = {each: await written(pair, each) for each in MARKS}
            await page.send(page.press("retry"))
            assert {each: await written(pair, each) for each in MARKS} == before
        assert (await got(town, token, "/console"))[0] == 200, "the other workspace is still theirs"
        assert (await got(town, token, "/console?workspace=sandbox"))[0] == 403
