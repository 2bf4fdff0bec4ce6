"""`/console/team`: invite people, give them roles, let them choose a new password, take them out."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, moment, pane, text
from leadline.console.language import _
from leadline.console.rights import Role, role_of
from leadline.console.shell import Column, Entry, Pick, Table, Visit, button
from leadline.console.signin.handing import INVITATION, RESET, Kind, hand_over
from leadline.console.signin.operators import Operators
from leadline.console.signin.sessions import Sessions
from leadline.errors import SettingError

Row = dict[str, Any]


class Team:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        settings = visit.leadline.settings
        self._operators = Operators(visit.database, visit.workspace_id, settings.public_url)
        self._sessions = Sessions(visit.database, visit.workspace_id)
        if visit.seat.may("team") and visit.knows_workspace:
            ui.link(_("How people sign in"), "/console/team/sign-in").props["data-testid"] = "sign-in-page"
        with pane(_("Invite somebody")):
            with box("ll-filters ll-padded"):
                self._email = Entry(_("E-mail address"), kind="email", testid="invite-email")
                roles = {role.title: f"{role.shown}: {role.meaning}" for role in Role}
                self._role = Pick(_("Role"), roles, testid="invite-role", value=Role.AGENT.title)
                button(visit, _("Invite"), "team", self._invite, kind="strong", testid="invite")
            self._link = box("ll-padded", testid="link")
            self._link.set_visibility(False)
        self._table: Table[Row] = Table(
            [
                Column(_("Who"), self._who, "24%"),
                Column(_("Role"), self._role_of, "22%"),
                Column(_("Last seen"), self._seen, "120px"),
                Column("", self._acts),
            ],
            lambda row: row["operator_id"],
            title=_("Who uses the console"),
            empty=_("Nobody yet."),
            testid="team",
        )

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._operators.listed())

    async def _invite(self) -> str:
        role, email = role_of(self._role.value), self._email.value.strip()
        link = await self._operators.invite(email, role or Role.VIEWER)
        self._email.clear()
        if not link:
            return _("Added. {how}", how=await self._operators.instead())
        await self._hand_over(INVITATION, email, link)
        return _("Invited")

    async def _reset(self, row: Row) -> None:
        email = row["email"]
        await self._hand_over(RESET, email, await self._operators.reset(email, by_colleague=True))

    async def _hand_over(self, kind: Kind, email: str, link: str) -> None:
        handed = await hand_over(self._visit.leadline.mail, kind, email, link)
        self._link.set_visibility(True)
        self._link.clear()
        with self._link:
            text(handed.words, "ll-text ll-bad" if handed.trouble else "ll-text", testid="link-words")
            if handed.link:
                copied(handed.link, _("the link"), testid="link-address")

    def _who(self, row: Row) -> None:
        text(row["email"])
        if not row["ready"]:
            text(_("has not signed in yet"), "ll-faint")
        if row["accounts"]:
            text(_("signs in with {providers}", providers=", ".join(row["accounts"])), "ll-faint")

    def _role_of(self, row: Row) -> None:
        role = role_of(row["role"]) or Role.VIEWER
        text(role.shown, "ll-tag plain")
        text(role.meaning, "ll-faint")

    def _seen(self, row: Row) -> None:
        if row["seen_at"] is None:
            text(_("never"), "ll-faint")
        else:
            moment(row["seen_at"])

    def _acts(self, row: Row) -> None:
        visit, email = self._visit, row["email"]
        with box("ll-acts"):
            for role in Role:
                if role.title != row["role"]:
                    do = partial(self._give, email, role)
                    ask = _(
                        "Give {email} the role {role}? That role {meaning}.",
                        email=email,
                        role=role.shown,
                        meaning=role.meaning,
                    )
                    button(visit, _("Make {role}", role=role.shown), "team", do, ask=ask, testid=f"make-{role.title}")
            button(visit, _("New password"), "team", partial(self._reset, row), testid="reset")
            if row["accounts"]:
                ask = _(
                    "Unlink the account that {email} signs in with? The next account with this "
                    "address is linked to them.",
                    email=email,
                )
                button(visit, _("Unlink"), "team", partial(self._unlink, email), ask=ask, testid="unlink")
            if row["sessions"]:
                ask = _("Sign {email} out everywhere?", email=email)
                button(visit, _("Sign out"), "team", partial(self._sign_out, row), ask=ask, testid="revoke")
            ask = _("Remove {email}? They are signed out at once.", email=email)
            button(visit, _("Remove"), "team", partial(self._remove, email), kind="danger", ask=ask, testid="remove")

    async def _give(self, email: str, role: Role) -> str:
        await self._operators.give_role(email, role)
        return _("{email} has the role {role} now", email=email, role=role.shown)

    async def _unlink(self, email: str) -> str:
        await self._operators.unlink(email)
        return _("The next account with the address {email} is linked to them", email=email)

    async def _sign_out(self, row: Row) -> str:
        count = await self._sessions.revoke(row["operator_id"])
        return _("{email} is signed out ({count})", email=row["email"], count=count)

    async def _remove(self, email: str) -> str:
        if email == self._visit.seat.email:
            raise SettingError(_("Ask another owner to remove you"))
        await self._operators.remove(email)
        return _("{email} can no longer sign in", email=email)


async def draw(visit: Visit) -> None:
    """The page."""
    team = Team(visit)
    visit.refresh = team.refresh
    await team.refresh()
