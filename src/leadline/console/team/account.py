"""`/console/account`: where one is signed in, and the way to another password."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.language import LANGUAGES, _, marked, numeral
from leadline.console.shell import Column, Entry, Pick, Table, Visit, button
from leadline.console.signin.desk import SignIn
from leadline.console.signin.operators import Operators
from leadline.console.signin.sessions import IDLE, LONGEST, Sessions
from leadline.console.signin.tries import Visitor
from leadline.store.queries import queries

Row = dict[str, Any]
WITHOUT = marked(
    "You have no password here, because you sign in with your account at a provider. Its password is changed there. If "
    "you want one for Leadline as well, ask an owner for a link on the Team page."
)


class Account:
    """The page."""

    def __init__(self, visit: Visit, *, has_password: bool) -> None:
        self._visit = visit
        self._sessions = Sessions(visit.database, visit.workspace_id)
        self._draw_own(has_password=has_password)
        self._draw_sessions()

    def _draw_own(self, *, has_password: bool) -> None:
        visit = self._visit
        with box("ll-pane", "section"), box("ll-padded ll-stack ll-roomy"):
            text(visit.seat.email, "ll-brand")
            text(
                _("Your role is {role}: it {meaning}.", role=visit.seat.role.shown, meaning=visit.seat.role.meaning),
                "ll-soft",
            )
            if has_password:
                with box("ll-filters"):
                    self._password = Entry(_("Your present password"), kind="password", testid="present-password")
                    button(visit, _("Choose a new password"), "account", self._new_password, testid="new-password")
            else:
                text(_(WITHOUT), "ll-soft ll-text", testid="without-password")
            with box("ll-filters"):
                languages = {"": _("As the browser says"), **LANGUAGES}
                self._language = Pick(_("Language"), languages, testid="language", value=visit.seat.language)
                button(visit, _("Use this language"), "account", self._speak, testid="use-language")

    def _draw_sessions(self) -> None:
        self._table: Table[Row] = Table(
            [
                Column(_("Browser"), lambda row: text(row["browser"] or _("unknown"))),
                Column(_("From"), _draw_from, "170px"),
                Column(_("Since"), lambda row: moment(row["begun_at"]), "130px"),
                Column(_("Last used"), lambda row: moment(row["seen_at"]), "130px"),
                Column("", self._acts, "150px"),
            ],
            lambda row: row["session_id"],
            title=_("Where you are signed in"),
            empty=_("Nowhere."),
            testid="sessions",
        )
        text(
            _(
                "You are signed out after {idle} idle hours, and after {longest} in any case.",
                idle=numeral(IDLE / 3600),
                longest=numeral(LONGEST / 3600),
            ),
            "ll-soft",
        )

    async def refresh(self) -> None:
        """Read the sessions again."""
        self._table.show(await self._sessions.of(self._visit.seat.operator_id))

    def _acts(self, row: Row) -> None:
        if row["session_id"] == self._visit.seat.session_id:
            text(_("this one"), "ll-tag good")
        else:
            end = partial(self._end, row["session_id"])
            button(self._visit, _("Sign out"), "account", end, testid="end-session")

    async def _end(self, session_id: int) -> str:
        await self._sessions.revoke(self._visit.seat.operator_id, session_id)
        return _("Signed out there")

    async def _speak(self) -> None:
        visit = self._visit
        async with visit.database.connection() as connection:
            await queries.set_language(connection, operator_id=visit.seat.operator_id, language=self._language.value)
        ui.navigate.to(visit.here())

    async def _new_password(self) -> None:
        visit = self._visit
        desk = SignIn(visit.database, self._sessions)
        await desk.prove(visit.seat.email, self._password.value, Visitor(visit.address, ""))
        operators = Operators(visit.database, visit.workspace_id, "")
        ui.navigate.to(await operators.reset(visit.seat.email))


def _draw_from(row: Row) -> None:
    text(row["address"])
    if row["provider"]:
        text(_("by {provider}", provider=row["provider"]), "ll-faint")


async def draw(visit: Visit) -> None:
    """The page."""
    row = await visit.row(queries.password_state, operator_id=visit.seat.operator_id) or {}
    account = Account(visit, has_password=row["has_password"])
    visit.refresh = account.refresh
    await account.refresh()
