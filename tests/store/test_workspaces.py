"""The tokens of workspaces: sealed for their place, sealed anew with another key, forgotten when a workspace goes."""

from __future__ import annotations

import pytest

from leadline.errors import SettingError
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.resealing import reseal
from leadline.store.vault import Vault
from leadline.store.workspaces import WorkspaceStore

FORMER, PRESENT = "4f9d2c7be18a60353c1b9e7a5d40f682", "9b1e7a5d40f6824f9d2c7be18a60353c"
TOKEN, SECRET = "tok-of-acme", "sec-of-acme"


async def connected(store: Database, workspace_id: str = "acme") -> None:
    async with store.connection() as connection:
        await queries.know_workspace(
            connection, workspace_id=workspace_id, name="Acme", region="EU", admin_id="1", formatted_phone=None
        )
    await WorkspaceStore(store, Vault(FORMER)).connect(
        workspace_id, way="token", url="https://api.eu.intercom.io", token=TOKEN, client_secret=SECRET, author="ann"
    )


async def test_no_token_stands_in_clear_and_none_opens_in_another_place(store: Database) -> None:
    await connected(store)
    async with store.connection() as connection:
        [row] = [row async for row in await connection.execute("select workspace::text as whole from workspace")]
        assert TOKEN.encode().hex() not in row["whole"]
        assert TOKEN not in row["whole"]
        await queries.know_workspace(
            connection, workspace_id="evil", name="Evil", region="EU", admin_id="1", formatted_phone=None
        )
        await connection.execute(
            "update workspace set token = (select token from workspace where workspace_id = 'acme')"
            " where workspace_id = 'evil'"
        )
    with pytest.raises(SettingError, match="was not written there by Leadline"):
        await WorkspaceStore(store, Vault(FORMER)).listed()


async def test_a_new_key_seals_the_tokens_anew_and_the_former_one_is_not_needed(store: Database) -> None:
    await connected(store)
    done = await reseal(store, Vault(PRESENT, (FORMER,)))
    assert (done.counts["workspace"], done.lost) == (1, 0)
    [row] = await WorkspaceStore(store, Vault(PRESENT)).listed()
    assert (row.token, row.client_secret, row.connected_by) == (TOKEN, SECRET, "ann")
    assert (await reseal(store, Vault(PRESENT))).counts["workspace"] == 0


async def test_a_removed_workspace_leaves_no_token_and_comes_back_by_a_new_one(store: Database) -> None:
    await connected(store)
    rows = WorkspaceStore(store, Vault(FORMER))
    await rows.remove("acme")
    assert await rows.listed() == []
    async with store.connection() as connection:
        [row] = [row async for row in await connection.execute("select token, client_secret from workspace")]
    assert (row["token"], row["client_secret"]) == (None, None)
    await connected(store)
    assert [row.workspace_id for row in await rows.listed()] == ["acme"]
