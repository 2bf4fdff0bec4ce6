"""Several workspaces in one installation: connected, changed over and let go while Leadline runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from leadline.app import open_leadline
from leadline.errors import SettingError
from leadline.intercom import account
from leadline.process import running
from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.canvas_requests import signed
from leadline.sandbox.seed import seed
from leadline.sandbox.webhooks import sign
from leadline.serving import address, bind, serving
from leadline.stage.town import HOST, Demo
from leadline.store.database import Database
from leadline.store.opened import vault_of
from leadline.store.workspaces import WorkspaceStore
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import Town, until
from tests.cli.test_cli import run
from tests.databases import Databases

OTHER_TOKEN, OTHER_SECRET = "token-of-the-other", "secret-of-the-other"


@asynccontextmanager
async def other_workspace(sandbox_databases: Databases, town: Town | Demo) -> AsyncIterator[str]:
    """A second Intercom workspace with an app of its own, whose webhooks go to the same door; yields its address."""
    with sandbox_databases.lent() as url, bind(HOST, 0) as listener:
        settings = SandboxSettings(
            token=OTHER_TOKEN,
            client_secret=OTHER_SECRET,
            webhook_url=f"{town.places.leadline}/intercom/webhook",
            public_url=address(listener),
            workspace_id="other",
            name="Other",
            region="EU",
            retry_delay=2.0,
        )
        async with Database.open(url) as database:
            await prepare(database)
            await seed(database)
            async with serving(create(database, settings), listener, own_date=True):
                yield address(listener)


def store_of(town: Town) -> WorkspaceStore:
    return WorkspaceStore(town.leadline.database, vault_of(town.settings))


async def connect_other(town: Town | Demo, url: str, token: str = OTHER_TOKEN) -> None:
    """As `leadline workspace connect` does."""
    settings = msgspec.structs.replace(town.leadline.settings, intercom_url=url, intercom_client_secret="")
    code, told = await run(settings, "workspace", "connect", stdin=f"{token}\n{OTHER_SECRET}\n")
    assert code == 0, told


async def until_connected(town: Town | Demo, *wanted: str) -> None:
    async def connected() -> bool:
        return sorted(town.leadline.connections.workspaces.ids) == sorted(wanted)

    await until(connected)


async def test_a_second_workspace_is_connected_and_removed_without_a_restart(
    open_town: Open, sandbox_databases: Databases
) -> None:
    async with open_town() as town, other_workspace(sandbox_databases, town) as url:
        await connect_other(town, url)
        await until_connected(town, "sandbox", "other")
        workspace = await town.leadline.connections.workspaces.get("other")
        assert (workspace.name, workspace.client_secret) == ("Other", OTHER_SECRET)
        code, told = await run(town.settings, "workspace", "list", "--json")
        assert (code, [(row["workspace_id"], row["way"], row["state"]) for row in json.loads(told)]) == (
            0,
            [("sandbox", "environment", "connected"), ("other", "token", "connected")],
        )
        assert OTHER_TOKEN not in told
        code, told = await run(town.settings, "channel", "list")
        assert (code, "There are several workspaces. Choose one with --workspace" in told) == (1, True), told
        code, told = await run(town.settings, "channel", "list", "--workspace", "Other", "--json")
        assert (code, json.loads(told)) == (0, [])
        code, told = await run(town.settings, "channel", "list", "--workspace", "nobody")
        assert (code, "called 'nobody'" in told) == (1, True), told
        code, told = await run(town.settings, "workspace", "test", "--workspace", "other")
        assert (code, "Intercom lets Leadline into Other" in told) == (0, True), told
        code, told = await run(town.settings, "workspace", "remove", "--workspace", "other", "--yes")
        assert code == 0, told
        await until_connected(town, "sandbox")
        rows = await store_of(town).listed()
        assert [row.workspace_id for row in rows] == ["sandbox"]


async def test_a_revoked_token_shows_and_a_new_one_heals_it(open_town: Open, sandbox_databases: Databases) -> None:
    async with open_town() as town, other_workspace(sandbox_databases, town) as url:
        await connect_other(town, url)
        await until_connected(town, "sandbox", "other")
        control = {"Authorization": f"Bearer {OTHER_TOKEN}"}
        async with town.http.put(
            f"{url}/_sandbox/control", json={"token": "the-next-token"}, headers=control
        ) as answer:
            assert answer.status == 200, await answer.text()
        workspace = await town.leadline.connections.workspaces.get("other")
        with pytest.raises(Exception, match="refused the access token"):
            await account.me(workspace.client)

        async def shown() -> bool:
            return "refused the access token" in (await run(town.settings, "workspace", "list"))[1]

        await until(shown)
        await connect_other(town, url, "the-next-token")

        async def changed_over() -> bool:
            return await town.leadline.connections.workspaces.get("other") is not workspace

        await until(changed_over)
        healed = await town.leadline.connections.workspaces.get("other")
        assert (await account.me(healed.client)).workspace_id == "other"


async def test_a_token_of_another_workspace_is_not_taken_for_this_one(
    open_town: Open, sandbox_databases: Databases
) -> None:
    async with open_town() as town, other_workspace(sandbox_databases, town) as url:
        await connect_other(town, url)
        settings = town.settings
        typed = f"{settings.intercom_token}\n\n"
        code, told = await run(settings, "workspace", "set", "--workspace", "other", stdin=typed)
        assert (code, "The access token is of workspace sandbox, not of other" in told) == (1, True), told


async def test_without_any_token_in_the_environment_the_connected_ones_are_served(
    open_town: Open, sandbox_databases: Databases
) -> None:
    async with open_town() as town, other_workspace(sandbox_databases, town) as url:
        await connect_other(town, url)
        alone = msgspec.structs.replace(town.settings, intercom_token="", intercom_client_secret="")
        async with open_leadline(alone) as leadline, running(leadline, with_worker=False):
            assert leadline.connections.workspaces.ids == ["other"]
        nothing = msgspec.structs.replace(alone, secret_key="")
        with pytest.raises(SettingError, match="Missing: LEADLINE_SECRET_KEY"):
            async with open_leadline(nothing):
                pass


async def test_a_workspace_that_cannot_be_reached_at_the_start_keeps_no_other_one_away(
    open_town: Open, sandbox_databases: Databases
) -> None:
    async with open_town() as town:
        async with other_workspace(sandbox_databases, town) as url:
            await connect_other(town, url)
            await until_connected(town, "sandbox", "other")
        async with open_leadline(town.settings) as leadline:
            assert leadline.connections.workspaces.ids == ["sandbox", "other"]
            assert (await leadline.connections.workspaces.get("other")).name == "Other"
            assert (await account.me(leadline.workspace.client)).workspace_id == "sandbox"


async def test_each_workspace_believes_its_own_app_only(open_town: Open, sandbox_databases: Databases) -> None:
    """A webhook and a panel request of the one, signed by the app of the other, are refused; and so the other way."""
    async with open_town() as town, other_workspace(sandbox_databases, town) as url:
        await connect_other(town, url)
        await until_connected(town, "sandbox", "other")
        own = {"sandbox": town.settings.intercom_client_secret, "other": OTHER_SECRET}
        for workspace_id in own:
            hook = {"app_id": workspace_id, "id": "n", "topic": "ping", "data": {"item": {"type": "ping"}}}
            panel = {"workspace_id": workspace_id, "admin": {"id": "1"}, "conversation": {"id": "1"}}
            for signer, secret in own.items():
                body = msgspec.json.encode(hook)
                status = await _posted(town, "/intercom/webhook", body, {"X-Hub-Signature": sign(secret, body)})
                assert status == (200 if signer == workspace_id else 403)
                headers, body = signed(panel, secret)
                status = await _posted(town, "/intercom/inbox/initialize", body, headers)
                assert status == (200 if signer == workspace_id else 403)


async def _posted(town: Town, path: str, body: bytes, headers: dict[str, str]) -> int:
    async with town.http.post(town.places.leadline + path, data=body, headers=headers) as answer:
        return answer.status
