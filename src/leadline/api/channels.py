"""`GET /channels`, and which channel a request names."""

from __future__ import annotations

from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.shapes import Channels, ChannelShape
from leadline.connections.switchboard import Connected, usable
from leadline.store.channels import ChannelStore


class ChannelDesk:
    """The channels of the workspace that asks."""

    def __init__(self, store: ChannelStore) -> None:
        self._store = store

    async def listed(self, call: Call) -> Channels:
        """All that are connected."""
        return Channels(channels=tuple(map(_shape, await self._all(call.workspace_id))))

    async def by_name(self, workspace_id: str, name: str) -> Connected:
        """The one of this number or name; raises Problem."""
        found = [each for each in await self._all(workspace_id) if name in (each.row.name, str(each.channel_id))]
        if len(found) == 1:
            return found[0]
        many = f"Several channels are called '{name}'. Name one by its number." if found else (
            f"No channel has the number or name '{name}'. GET /channels lists them."
        )  # fmt: skip
        raise Problem(422, "no_channel", many)

    async def _all(self, workspace_id: str) -> list[Connected]:
        return usable(await self._store.listed(workspace_id))


def _shape(connected: Connected) -> ChannelShape:
    window = connected.can.window
    return ChannelShape(
        channel_id=connected.channel_id,
        name=connected.row.name,
        provider=connected.row.provider,
        paused=connected.row.is_paused,
        templates=connected.can.templates,
        window_hours=None if window is None else window / 3600,
    )
