"""The teams of a workspace, with their members. The panel's rights ask."""

from __future__ import annotations

from leadline.intercom.client import Client
from leadline.intercom.outcomes import listed
from leadline.intercom.wire import text
from leadline.model import Struct


class Team(Struct, frozen=True, kw_only=True):
    """A group of teammates."""

    team_id: str
    name: str
    admin_ids: frozenset[str]


async def teams(client: Client) -> tuple[Team, ...]:
    """GET /teams; raises as `Client.call`."""
    answer = await client.call("GET", "/teams")
    return tuple(
        Team(team_id=text(team.get("id")), name=text(team.get("name")), admin_ids=_ids(team.get("admin_ids")))
        for team in listed(answer, "teams")
    )


def _ids(value: object) -> frozenset[str]:
    return frozenset(filter(None, map(text, value))) if isinstance(value, list) else frozenset()
