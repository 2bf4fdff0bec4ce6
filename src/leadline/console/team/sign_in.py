"""`/console/team/sign-in`: the providers by which people sign in, and whether passwords stay allowed. For owners."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, pane, text
from leadline.console.language import _, plural
from leadline.console.oidc.discovery import NotDiscovered, discover
from leadline.console.oidc.providers import Change, Providers, address_back
from leadline.console.oidc.words import unusable
from leadline.console.shell import Column, Entry, Table, Visit, button
from leadline.console.team.new_provider import NewForm
from leadline.console.team.without_invitation import WithoutInvitation, meaning
from leadline.errors import SettingError
from leadline.store.opened import vault_of

Row = dict[str, Any]


class SignInPage:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        settings = visit.leadline.settings
        self._allowed, self._public_url = settings.media_allowed, settings.public_url
        self._providers = Providers(visit.database, vault_of(settings), visit.workspace_id)
        ui.link(_("Back to the team"), "/console/team")
        self._table: Table[Row] = Table(
            [
                Column(_("Provider"), self._draw_name, "32%"),
                Column(_("Without an invitation"), lambda row: text(meaning(row["domains"], row["role"])), "22%"),
                Column(_("Passwords"), _draw_passwords, "20%"),
                Column("", self._acts),
            ],
            lambda row: row["provider_id"],
            title=_("Providers"),
            empty=_("Only with passwords so far. Add Google, Microsoft, Okta or another provider below."),
            testid="providers",
        )
        self._change = box("ll-fill", testid="change")
        NewForm(visit, self._providers)

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._providers.listed())

    def _draw_name(self, row: Row) -> None:
        text(row["name"], "ll-name")
        text(row["issuer"], "ll-faint ll-text")
        text(plural("{count} account linked", "{count} accounts linked", row["people"]), "ll-faint")
        with box("", "details"):
            with box("", "summary"):
                text(_("Redirect URI"))
            copied(
                address_back(self._public_url, row["key"]), _("the address of {name}", name=row["name"]), testid="back"
            )

    def _acts(self, row: Row) -> None:
        visit, name = self._visit, row["name"]
        with box("ll-acts"):
            button(visit, _("Test"), "team", partial(self._test, row), testid="test")
            button(visit, _("Change"), "team", partial(self._open, row), testid="open-change")
            if row["passwords"]:
                ask = _(
                    "Switch off passwords for this workspace? Everybody who signed in with one is "
                    "signed out, including you. If the provider ever fails, run leadline sign-in "
                    "change --passwords on the server."
                )
                do = partial(self._passwords, row, allowed=False)
                button(visit, _("No passwords"), "team", do, kind="danger", ask=ask, testid="no-passwords")
            else:
                do = partial(self._passwords, row, allowed=True)
                button(visit, _("Allow passwords"), "team", do, testid="passwords")
            ask = _(
                "Stop letting people sign in with {name}? Everybody who signed in with it is "
                "signed out. People and roles stay.",
                name=name,
            )
            button(visit, _("Remove"), "team", partial(self._remove, row), kind="danger", ask=ask, testid="remove")

    async def _test(self, row: Row) -> str:
        try:
            await discover(row["issuer"], self._allowed)
        except NotDiscovered as error:
            raise SettingError(unusable(row["name"], error.in_words)) from error
        return _("{name} answers. Whether it accepts the client secret shows when somebody signs in.", name=row["name"])

    async def _passwords(self, row: Row, *, allowed: bool) -> str:
        await self._providers.change(str(row["provider_id"]), Change(passwords=allowed))
        return _("Passwords are allowed again") if allowed else _("Passwords are switched off")

    async def _remove(self, row: Row) -> str:
        return _("Nobody can sign in with {name} any more", name=await self._providers.remove(str(row["provider_id"])))

    async def _open(self, row: Row) -> None:
        self._change.clear()
        with self._change, pane(_("Change {name}", name=row["name"])), box("ll-padded ll-sheet"):
            name = Entry(_("Name on the button"), testid="change-name", value=row["name"])
            secret = Entry(_("Client secret"), kind="password", testid="change-secret", hint=_("stays as it is"))
            without = WithoutInvitation(row["domains"], row["role"])
            with box("ll-acts"):
                do = partial(self._save, row, name, secret, without)
                button(self._visit, _("Save"), "team", do, kind="strong", testid="save-change")

    async def _save(self, row: Row, name: Entry, secret: Entry, without: WithoutInvitation) -> str:
        change = Change(name=name.value, client_secret=secret.value or None, domains=without.domains, role=without.role)
        await self._providers.change(str(row["provider_id"]), change)
        self._change.clear()
        return _("{name} has been changed", name=name.value)


def _draw_passwords(row: Row) -> None:
    text(_("also allowed") if row["passwords"] else _("not allowed"), "" if row["passwords"] else "ll-tag plain")


async def draw(visit: Visit) -> None:
    """The page."""
    page = SignInPage(visit)
    visit.refresh = page.refresh
    await page.refresh()
