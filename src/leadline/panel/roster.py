"""Who works in a workspace: teammates and teams by id, as Intercom lists them. `rights.py` asks."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog

from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError
from leadline.intercom import account
from leadline.intercom.teams import Team, teams
from leadline.model import Struct

HOLDS = 120.0  # seconds a list holds; somebody who joins a team has its rights after that
log = structlog.get_logger(__name__)


class Roster(Struct, frozen=True):
    """Names of the teammates, and the teams, each by id."""

    names: Mapping[str, str]
    teams: Mapping[str, Team]


class Rosters:
    """The roster of each workspace, remembered for a while."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._known: dict[str, tuple[float, Roster]] = {}

    async def of(self, workspace_id: str) -> Roster:
        """The roster; the last one where Intercom does not answer. Raises LeadlineError where there is none yet."""
        known = self._known.get(workspace_id)
        if known and time.monotonic() - known[0] < HOLDS:
            return known[1]
        try:
            roster = await self._read(workspace_id)
        except LeadlineError as error:
            if known is None:
                raise
            log.warning("roster_not_read", why=str(error))
            roster = known[1]
        self._known[workspace_id] = (time.monotonic(), roster)
        return roster

    async def _read(self, workspace_id: str) -> Roster:
        client = (await self._workspaces.get(workspace_id)).client
        names = {admin.admin_id: admin.name for admin in await account.admins(client)}
        return Roster(names, {team.team_id: team for team in await teams(client)})
