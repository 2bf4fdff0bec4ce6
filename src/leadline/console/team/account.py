"""`/console/account`: where one is signed in, and the way to another password."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.rights import MEANINGS
from leadline.console.shell import Column, Entry, Table, Visit, button
from leadline.console.signin.desk import SignIn
from leadline.console.signin.operators import Operators
from leadline.console.signin.sessions import IDLE, LONGEST, Sessions

Row = dict[str, Any]


class Account:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._sessions = Sessions(visit.database, visit.workspace_id)
        with box("ll-pane", "section"), box("ll-padded ll-stack"):
            text(visit.seat.email, "ll-brand")
            text(f"Your role is {visit.seat.role.title}: it {MEANINGS[visit.seat.role]}.", "ll-soft")
            with box("ll-filters"):
                self._password = Entry("Your present password", kind="password", testid="present-password")
                button(visit, "Choose a new password", "account", self._new_password, testid="new-password")
        self._table: Table[Row] = Table(
            [
                Column("Browser", lambda row: text(row["browser"] or "unknown")),
                Column("From", lambda row: text(row["address"]), "140px"),
                Column("Since", lambda row: moment(row["begun_at"]), "130px"),
                Column("Last used", lambda row: moment(row["seen_at"]), "130px"),
                Column("", self._acts, "150px"),
            ],
            lambda row: row["session_id"],
            title="Where you are signed in",
            empty="Nowhere.",
            testid="sessions",
        )
        text(
            f"You are signed out after {IDLE / 3600:g} idle hours, and after {LONGEST / 3600:g} in any case.", "ll-soft"
        )

    async def refresh(self) -> None:
        """Read the sessions again."""
        self._table.show(await self._sessions.of(self._visit.seat.operator_id))

    def _acts(self, row: Row) -> None:
        if row["session_id"] == self._visit.seat.session_id:
            text("this one", "ll-tag good")
        else:
            end = partial(self._end, row["session_id"])
            button(self._visit, "Sign out", "account", end, testid="end-session")

    async def _end(self, session_id: int) -> str:
        await self._sessions.revoke(self._visit.seat.operator_id, session_id)
        return "Signed out there"

    async def _new_password(self) -> None:
        visit = self._visit
        desk = SignIn(visit.database, self._sessions)
        await desk.prove(visit.seat.email, self._password.value, visit.address)
        operators = Operators(visit.database, visit.workspace_id, "")
        ui.navigate.to(await operators.reset(visit.seat.email))


async def draw(visit: Visit) -> None:
    """The page."""
    account = Account(visit)
    visit.refresh = account.refresh
    await account.refresh()
