"""Presses on a person's pages that no page of theirs would send: nothing is corrected, merged, noted or erased."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui import Client

from leadline.console.rights import Role
from leadline.sandbox.seed import KNOWN_USER
from leadline.stage.town import Demo
from tests.acceptance.town import until
from tests.console.acting import session_in, session_of
from tests.console.shell.test_permissions import Opened, greet, opened
from tests.console.test_people import owner_of, stranger

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEPT = ("correction", "link", "handle", "merge", "consent", "outbound", "audit")
"""What an act on these pages leaves behind stands in one of these."""


async def kept(demo: Demo) -> dict[str, list[str]]:
    found = {}
    async with demo.leadline.database.connection() as connection:
        for table in KEPT:
            rows = await connection.execute(f"select t::text as whole from {table} t order by 1".encode())  # noqa: S608
            found[table] = [row["whole"] for row in await rows.fetchall()]
    return found


async def answer(page: Opened) -> dict[str, Any]:
    """The event that answers the question on a page with yes."""
    client = Client.instances[page.client_id]

    async def asked() -> list[int]:
        return [number for number, one in client.elements.items() if one.props.get("data-testid") == "confirm"]

    assert await until(asked)
    [number] = await asked()
    [listener] = client.elements[number]._event_listeners
    return {"id": number, "client_id": page.client_id, "listener_id": listener, "args": []}


async def forge(mine: Opened, events: list[dict[str, Any]]) -> None:
    """Send another page's presses as they are, and as if they were of one's own page."""
    for event in events:
        await mine.send(event)
        await mine.send(event | {"client_id": mine.client_id})


@pytest.mark.parametrize("workspace_id", ["", "elsewhere"])
async def test_forged_presses_on_a_persons_pages_do_nothing(demo: Demo, workspace_id: str) -> None:
    """By a viewer of this workspace, and by an agent of another one."""
    handle, lead = await stranger(demo, f"88009{len(workspace_id)}", "Grainne Test")
    if workspace_id:
        async with demo.leadline.database.connection() as connection:
            await connection.execute("insert into workspace (workspace_id) values ('elsewhere') on conflict do nothing")
        forger = await session_in(demo.leadline, "agent@elsewhere.example", {workspace_id: Role.AGENT})
    else:
        forger = await session_of(demo.leadline, Role.VIEWER)
    owner = await session_of(demo.leadline, Role.OWNER)
    person = f"/console/people/{lead}"
    acts = {
        person: {"detach", "share", "opt-out", "count-records", "erase"},
        f"{person}/move?address={handle}": {"nobody"},
        f"{person}/merge?with={KNOWN_USER}": {"merge"},
    }
    async with opened(demo, forger, "/console/account") as mine:
        assert await greet(mine, mine.client_id)
        for path, testids in acts.items():
            async with opened(demo, owner, path) as theirs:
                assert await greet(theirs, theirs.client_id)
                before = await kept(demo)
                await forge(mine, [*map(theirs.press, sorted(testids)), *theirs.presses()])
                asked = [
                    one for one in Client.instances[theirs.client_id].elements.values() if "confirm" in str(one.props)
                ]
                assert (await kept(demo), asked) == (before, []), "and nobody is asked anything"
        async with opened(demo, owner, person) as theirs:
            assert await greet(theirs, theirs.client_id)
            await theirs.socket.emit("event", theirs.press("detach"))
            yes = await answer(theirs)
            await forge(mine, [yes])
            assert await owner_of(demo, handle) == lead, "nor is a question answered for its own page"
            await theirs.socket.emit("event", yes)
            assert await until(lambda: _gone(demo, handle)), "the same answer from its own page counts"


async def _gone(demo: Demo, handle: str) -> bool:
    return not await owner_of(demo, handle)
