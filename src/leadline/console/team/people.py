"""`/console/team`: invite people, give them roles, let them choose a new password, take them out."""

from __future__ import annotations

from functools import partial
from typing import Any

from leadline.console.drawing import box, mark, moment, text
from leadline.console.rights import MEANINGS, Role, role_of
from leadline.console.shell import Column, Entry, Pick, Table, Visit, button
from leadline.console.signin.operators import Operators
from leadline.console.signin.sessions import Sessions
from leadline.errors import SettingError

ROLES = {role.title: f"{role.title}: {meaning}" for role, meaning in MEANINGS.items()}
Row = dict[str, Any]


class Team:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        settings = visit.leadline.settings
        self._operators = Operators(visit.database, visit.workspace_id, settings.public_url)
        self._sessions = Sessions(visit.database, visit.workspace_id)
        with box("ll-pane", "section"):
            with box("ll-head", "h2"):
                text("Invite somebody")
            with box("ll-filters ll-padded"):
                self._email = Entry("E-mail address", kind="email", testid="invite-email")
                self._role = Pick("Role", ROLES, testid="invite-role", value=Role.AGENT.title)
                button(visit, "Invite", "team", self._invite, kind="strong", testid="invite")
            self._link = box("ll-padded", testid="link")
            self._link.set_visibility(False)
        self._table: Table[Row] = Table(
            [
                Column("Who", self._who, "24%"),
                Column("Role", self._role_of, "22%"),
                Column("Last seen", self._seen, "120px"),
                Column("", self._acts),
            ],
            lambda row: row["operator_id"],
            title="Who uses the console",
            empty="Nobody yet.",
            testid="team",
        )

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._operators.listed())

    async def _invite(self) -> str:
        role = role_of(self._role.value)
        link = await self._operators.invite(self._email.value, role or Role.VIEWER)
        if link:
            self._show_link(self._email.value, link, "within seven days")
        self._email.clear()
        return "Invited" if link else "Added. They sign in with the password they have"

    async def _reset(self, row: Row) -> None:
        self._show_link(row["email"], await self._operators.reset(row["email"], by_colleague=True), "within an hour")

    def _show_link(self, email: str, link: str, while_good: str) -> None:
        self._link.set_visibility(True)
        self._link.clear()
        with self._link:
            text(f"Give {email} this link. It can be used once, {while_good}; it is not shown again.")
            with box("ll-acts"):
                text(link, "ll-mono ll-text", testid="link-address")
                with mark(box("ll-button", "button"), copy=link) as copy:
                    copy.props["type"] = "button"
                    text("Copy")

    def _who(self, row: Row) -> None:
        text(row["email"])
        if not row["ready"]:
            text("has not chosen a password yet", "ll-faint")

    def _role_of(self, row: Row) -> None:
        role = role_of(row["role"]) or Role.VIEWER
        text(role.title, "ll-tag plain")
        text(MEANINGS[role], "ll-faint")

    def _seen(self, row: Row) -> None:
        if row["seen_at"] is None:
            text("never", "ll-faint")
        else:
            moment(row["seen_at"])

    def _acts(self, row: Row) -> None:
        visit, email = self._visit, row["email"]
        with box("ll-acts"):
            for role in Role:
                if role.title != row["role"]:
                    do = partial(self._give, email, role)
                    ask = f"Make {email} {_article(role)} {role.title}? That role {MEANINGS[role]}."
                    button(visit, f"Make {role.title}", "team", do, ask=ask, testid=f"make-{role.title}")
            button(visit, "New password", "team", partial(self._reset, row), testid="reset")
            if row["sessions"]:
                ask = f"Sign {email} out everywhere?"
                button(visit, "Sign out", "team", partial(self._sign_out, row), ask=ask, testid="revoke")
            ask = f"Take {email} out? They are signed out at once."
            button(visit, "Remove", "team", partial(self._remove, email), kind="danger", ask=ask, testid="remove")

    async def _give(self, email: str, role: Role) -> str:
        await self._operators.give_role(email, role)
        return f"{email} is {_article(role)} {role.title} now"

    async def _sign_out(self, row: Row) -> str:
        count = await self._sessions.revoke(row["operator_id"])
        return f"{row['email']} is signed out ({count})"

    async def _remove(self, email: str) -> str:
        if email == self._visit.seat.email:
            raise SettingError("Ask another owner to take you out")
        await self._operators.remove(email)
        return f"{email} can no longer sign in"


def _article(role: Role) -> str:
    return "a" if role is Role.VIEWER else "an"


async def draw(visit: Visit) -> None:
    """The page."""
    team = Team(visit)
    visit.refresh = team.refresh
    await team.refresh()
