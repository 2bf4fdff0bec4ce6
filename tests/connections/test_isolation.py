"""Two workspaces in one installation with the same customer's phone: nothing leads from one to the other.

Both sandboxes number their conversations and teammates alike, so whatever forgets the workspace finds the wrong one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from leadline.sandbox.canvas_requests import initialize_request, signed
from leadline.sandbox.providers import create
from leadline.serving import serving
from leadline.stage.town import Places
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import MEASURING, METRICS_TOKEN, Town, until
from tests.cli.test_cli import run
from tests.connections.test_roster import OTHER_SECRET, OTHER_TOKEN, connect_other, other_workspace, until_connected
from tests.databases import Databases

ANN = "+353861112223"
MARKS = {"sandbox": "Orchid", "other": "Walnut"}
ANSWERS = {"sandbox": "Tulips for Orchid", "other": "Boards for Walnut"}


class Pair:
    """Two towns behind one Leadline."""

    def __init__(self, first: Town, second: Town, url: str) -> None:
        self.towns = {"sandbox": first, "other": second}
        self.url = url

    async def intercom(self, workspace_id: str, method: str, path: str, body: Any = None) -> Any:
        if workspace_id == "sandbox":
            return await self.towns["sandbox"].intercom(method, path, body)
        headers = {"Authorization": f"Bearer {OTHER_TOKEN}", "Intercom-Version": "2.16"}
        http = self.towns["other"].http
        async with http.request(method, self.url + path, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        async with self.towns["sandbox"].leadline.database.connection() as connection:
            return [row async for row in await connection.execute(statement.encode())]


@asynccontextmanager
async def two_workspaces(
    open_town: Open, sandbox_databases: Databases, *, console: bool = False
) -> AsyncIterator[Pair]:
    """The same person has written in both and was answered in both."""
    async with (
        open_town(metrics_token=METRICS_TOKEN, console=console) as town,
        other_workspace(sandbox_databases, town) as url,
    ):
        await connect_other(town, url)
        await until_connected(town, "sandbox", "other")
        with Places(0) as beside:
            beside.leadline = town.places.leadline
            second = await Town(town.settings, beside, town.http, town.store).connect("other")
            second.leadline = town.leadline
            async with serving(create(second.providers), beside.sockets["providers"]):
                pair = Pair(town, second, url)
                for workspace_id, each in pair.towns.items():
                    assert await each.sms_in(ANN, f"Hello, this is about {MARKS[workspace_id]}", 1) == 200
                for workspace_id in pair.towns:
                    await _answered(pair, workspace_id)
                yield pair


async def _answered(pair: Pair, workspace_id: str) -> None:
    async def opened() -> str:
        listed = (await pair.intercom(workspace_id, "GET", "/conversations"))["conversations"]
        return str(listed[0]["id"]) if listed else ""

    conversation_id = await until(opened)
    action = {"action": "reply", "conversation_id": conversation_id, "body": ANSWERS[workspace_id]}
    await pair.intercom(workspace_id, "POST", "/_sandbox/teammate", action)

    async def on_the_phone() -> bool:
        return [d.text for d in pair.towns[workspace_id].providers.phones.received()] == [ANSWERS[workspace_id]]

    await until(on_the_phone)


async def test_nothing_of_one_workspace_stands_under_the_other(open_town: Open, sandbox_databases: Databases) -> None:
    async with two_workspaces(open_town, sandbox_databases) as pair:
        conversations = await pair.rows("select workspace_id, conversation_id from conversation order by 1")
        assert len({row["conversation_id"] for row in conversations}) == 1, "both have the same number"
        assert [row["workspace_id"] for row in conversations] == ["other", "sandbox"]
        contacts = {
            row["workspace_id"]: row["contact_id"]
            for row in await pair.rows("select workspace_id, contact_id from link")
        }
        assert len(set(contacts.values())) == 2
        tables = [
            row["table_name"]
            for row in await pair.rows(
                "select table_name from information_schema.columns"
                " where table_schema = 'public' and column_name = 'workspace_id' order by 1"
            )
        ]
        told = set()
        for table in tables:
            for row in await pair.rows(f"select workspace_id, t::text as whole from {table} t"):  # noqa: S608
                for workspace_id, mark in MARKS.items():
                    for word in (mark, contacts[workspace_id]):
                        if word in row["whole"]:
                            assert row["workspace_id"] == workspace_id, f"{word} stands in {table} under the other"
                            told.add(table)
        assert {"arrival", "outbound", "decision", "step", "link", "conversation"} <= told
        for workspace_id, each in pair.towns.items():
            threads = await pair.intercom(workspace_id, "GET", f"/conversations/{conversations[0]['conversation_id']}")
            strange = next(mark for one, mark in MARKS.items() if one != workspace_id)
            assert strange not in str(threads)
            assert len(each.providers.phones.received()) == 1


async def test_no_route_and_no_command_shows_the_other(open_town: Open, sandbox_databases: Databases) -> None:
    async with two_workspaces(open_town, sandbox_databases) as pair:
        [conversation_id] = {
            row["conversation_id"] for row in await pair.rows("select conversation_id from conversation")
        }
        secrets = {"sandbox": pair.towns["sandbox"].settings.intercom_client_secret, "other": OTHER_SECRET}
        for workspace_id, mark in MARKS.items():
            strange = next(each for each in MARKS.values() if each != mark)
            conversation = await pair.intercom(workspace_id, "GET", f"/conversations/{conversation_id}")
            [shown] = conversation["contacts"]["contacts"]
            contact = await pair.intercom(workspace_id, "GET", f"/contacts/{shown['id']}")
            request = initialize_request(workspace_id, "US", {"id": "991267001"}, conversation, contact)
            headers, body = signed(request, secrets[workspace_id])
            town = pair.towns[workspace_id]
            async with town.http.post(
                f"{town.places.leadline}/intercom/inbox/initialize", data=body, headers=headers
            ) as answer:
                panel = await answer.text()
            assert (ANSWERS[workspace_id] in panel, strange in panel) == (True, False), panel
            [own] = await pair.rows(
                f"select arrival_id from arrival where kind = 'message' and workspace_id = '{workspace_id}'"  # noqa: S608
            )
            for arguments in (
                ("explain", str(own["arrival_id"])),
                ("person", "show", ANN),
                ("link", "list"),
                ("parked", "list"),
                ("channel", "list"),
                ("audit", "list"),
                ("directory", "find", ANN),
                ("retention",),
            ):
                code, told = await run(town.settings, *arguments, "--workspace", workspace_id)
                assert (code, strange in told) == (0, False), (arguments, told)
            other = next(each for each in MARKS if each != workspace_id)
            code, told = await run(town.settings, "explain", str(own["arrival_id"]), "--workspace", other)
            assert (code, mark in told) == (1, False), told


@pytest.mark.parametrize("removed", ["sandbox", pytest.param("other", marks=pytest.mark.long)])
async def test_erasing_the_person_in_one_workspace_leaves_the_other(
    open_town: Open, sandbox_databases: Databases, removed: str
) -> None:
    async with two_workspaces(open_town, sandbox_databases) as pair:
        town = pair.towns["sandbox"]
        kept = next(each for each in MARKS if each != removed)
        code, told = await run(town.settings, "person", "erase", ANN, "--yes", "--workspace", removed)
        assert code == 0, told
        counts = {
            row["workspace_id"]: row["count"]
            for row in await pair.rows("select workspace_id, count(*) from link group by workspace_id")
        }
        assert counts == {kept: 1}
        async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
            assert answer.status == 200
