"""Other credentials for a channel that goes on, and a removed one brought back. For `leadline channel` and console."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.channels.settings import secret_names
from leadline.connections.renewals import begin_anew
from leadline.connections.switchboard import change_channel, connect
from leadline.errors import SettingError
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database


async def change(database: Database, store: ChannelStore, row: ChannelRow, values: Mapping[str, str]) -> ChannelRow:
    """Give a channel other values for some settings, empty ones for their defaults; raises SettingError.

    Nobody has proved them yet. A credential that ends begins its life anew.
    """
    changed = await change_channel(store, row, values)
    await store.prove(changed, accepted=False)
    if any(changed.settings.get(name) != row.settings.get(name) for name in secret_names(connect(row).settings)):
        await begin_anew(database, connect(changed))
    return changed


async def restore(store: ChannelStore, workspace_id: str, channel_id: int, name: str) -> None:
    """Put a removed channel back into service; raises SettingError where another one stands in its place."""
    if name in (await store.names(workspace_id)).values():
        raise SettingError(f"Another channel is called '{name}' now. Remove that one first.")
    if not await store.restore(workspace_id, channel_id):
        raise SettingError(f"The account and number of {name} are connected as another channel now.")
