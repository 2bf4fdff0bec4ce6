"""Looks for troubles, opens and resolves alerts, and tells who wants to know. The worker runs it, one at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import psycopg
import structlog

from leadline.alerts.targets import Target, Targets
from leadline.alerts.telling import NotTold, Telling, Word
from leadline.alerts.troubles import Trouble, Troubles
from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

EVERY = 30.0  # seconds between two looks
AGAIN = 900.0  # seconds in which what comes back is not told again
LONGEST = 3600.0  # seconds between two tries at most, for as long as the alert is on record
log = structlog.get_logger(__name__)


class Alerts:
    """Those of one installation."""

    def __init__(self, database: Database, vault: Vault, troubles: Troubles, telling: Telling) -> None:
        self._database = database
        self._vault = vault
        self._troubles = troubles
        self._telling = telling
        self._known: dict[str, list[Target]] = {}
        self._is_away = False

    def targets(self, workspace_id: str) -> Targets:
        """Who is told of a workspace's troubles."""
        return Targets(self._database, self._vault, workspace_id)

    async def keep_up(self, workspaces: Workspaces) -> None:
        """Until cancelled; in one process of the installation at a time."""
        while True:
            try:
                async with self._database.alone("alerts"):
                    while True:
                        for workspace_id in workspaces.ids:
                            await self.round(workspace_id)
                        await self._database_is_back()
                        await asyncio.sleep(EVERY)
            except (psycopg.Error, OSError) as error:
                await self._database_is_away(error)
            except LeadlineError as error:
                log.warning("alerts_not_looked_for", why=str(error))
            await asyncio.sleep(EVERY)

    async def round(self, workspace_id: str) -> None:
        """One look at a workspace, and everything that is due to be told."""
        async with self._database.together():
            self._known[workspace_id] = targets = await self.targets(workspace_id).listed()
            await self._settle(workspace_id, await self._troubles.look(workspace_id))
            due = await self._due(workspace_id)
        by_id = {target.target_id: target for target in targets}
        for row in due:
            target = by_id[row["target_id"]]
            if not target.is_quiet(datetime.now(UTC)):
                await self._tell(workspace_id, target, row)

    async def test(self, target: Target) -> None:
        """A word that says it is a test; raises NotTold."""
        sentence = "This is a test. Alerts of Leadline reach you here."
        await self._telling.tell(target, _word(0, "test", "opened", sentence))

    async def _settle(self, workspace_id: str, troubles: list[Trouble]) -> None:
        """Open what is new, resolve what is over."""
        workspace = {"workspace_id": workspace_id}
        async with self._database.connection() as connection:
            open_ones = [row async for row in queries.open_alerts(connection, **workspace)]
            now = {(each.kind, each.subject) for each in troubles}
            for row in open_ones:
                if (row["kind"], row["subject"]) not in now:
                    alert = {**workspace, "alert_id": row["alert_id"]}
                    await queries.resolve_alert(connection, **alert)
                    await queries.plan_resolved_words(connection, **alert)
                    await queries.forget_unsent_words(connection, **alert)
            for each in troubles:
                values = {"kind": each.kind, "subject": each.subject, "sentence": each.sentence}
                opened = await queries.open_alert(connection, **workspace, **values)
                if opened and opened["alert_id"] is not None:
                    log.warning("alert", kind=each.kind, subject=each.subject)
                    await queries.plan_alert_words(connection, **workspace, **opened, again=AGAIN)
            await queries.forget_alerts(connection, **workspace)

    async def _due(self, workspace_id: str) -> list[dict[str, Any]]:
        async with self._database.connection() as connection:
            return [row async for row in queries.due_alert_words(connection, workspace_id=workspace_id)]

    async def _tell(self, workspace_id: str, target: Target, row: dict[str, Any]) -> None:
        word = Word(**{name: row[name] for name in Word.__struct_fields__})
        place = {"workspace_id": workspace_id} | {name: row[name] for name in ("alert_id", "target_id", "what")}
        try:
            await self._telling.tell(target, word)
        except NotTold as error:
            log.warning("alert_not_told", target=target.name, why=str(error))
            pause = min(LONGEST, EVERY * 2 ** row["tries"])
            async with self._database.connection() as connection:
                await queries.unsent_alert_word(connection, **place, trouble=str(error), pause=pause)
            return
        async with self._database.connection() as connection:
            await queries.sent_alert_word(connection, **place)

    async def _database_is_away(self, error: Exception) -> None:
        """Told from memory: nothing can be read or put on record."""
        if not self._is_away:
            self._is_away = True
            sentence = f"The database cannot be asked ({type(error).__name__}). Webhooks are refused until it is back."
            await self._tell_all("opened", sentence)

    async def _database_is_back(self) -> None:
        if self._is_away:
            self._is_away = False
            await self._tell_all("resolved", "The database answers again.")

    async def _tell_all(self, what: str, sentence: str) -> None:
        for target in chain.from_iterable(self._known.values()):
            if target.wants("database"):
                try:
                    await self._telling.tell(target, _word(0, "database", what, sentence))
                except NotTold as error:
                    log.warning("alert_not_told", target=target.name, why=str(error))


def _word(alert_id: int, kind: str, what: str, sentence: str) -> Word:
    now = datetime.now(UTC)
    return Word(
        alert_id=alert_id,
        kind=kind,
        what=what,
        sentence=sentence,
        opened_at=now,
        resolved_at=now if what == "resolved" else None,
    )
