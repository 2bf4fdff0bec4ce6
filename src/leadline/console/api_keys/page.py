"""`/console/api-keys`: make keys of the API, give them another token, revoke them. A token is shown once."""

from __future__ import annotations

from functools import partial
from typing import Any

from leadline.api.keys import GRACE, Keys
from leadline.api.scopes import SCOPES
from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, moment, pane, text
from leadline.console.language import _, plural
from leadline.console.shell import Column, Entry, Table, Tick, Visit, button

Row = dict[str, Any]
USUAL = ("send", "read")


class ApiKeys:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._keys = Keys(visit.database, visit.workspace_id)
        with pane(_("Create a key")):
            with box("ll-padded ll-sheet"):
                self._name = Entry(_("Name of the other system"), testid="key-name", hint=_("Web shop"))
                text(_("What it may do"), "ll-label")
                self._ticks = {
                    scope: Tick(f"{scope}: {_(meaning)}", testid=f"scope-{scope}", ticked=scope in USUAL)
                    for scope, meaning in SCOPES.items()
                }
                with box("ll-acts"):
                    button(visit, _("Create the key"), "api_keys", self._create, kind="strong", testid="make-key")
            self._shown = box("ll-padded", testid="token")
            self._shown.set_visibility(False)
        self._table: Table[Row] = Table(
            [
                Column(_("Key"), lambda row: text(row["name"]), "22%"),
                Column(_("Scopes"), lambda row: text(", ".join(row["scopes"]))),
                Column(_("Created"), lambda row: moment(row["created_at"]), "130px"),
                Column(_("Last used"), self._used, "130px"),
                Column("", self._acts, "34%"),
            ],
            lambda row: row["key_id"],
            title=_("API keys"),
            empty=_("No keys yet. Create one above for each system that calls the API."),
            testid="api-keys",
        )

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._keys.listed())

    async def _create(self) -> str:
        scopes = [scope for scope, tick in self._ticks.items() if tick.ticked]
        token = await self._keys.create(self._name.value, scopes)
        self._show(self._name.value, token)
        self._name.clear()
        return _("The key has been created")

    async def _rotate(self, row: Row) -> str:
        self._show(row["name"], await self._keys.rotate(str(row["key_id"])))
        return plural(
            "The old token of {name} stays valid for {count} hour",
            "The old token of {name} stays valid for {count} hours",
            round(GRACE / 3600),
            name=row["name"],
        )

    async def _revoke(self, row: Row) -> str:
        return _("{name} is refused from now on", name=await self._keys.revoke(str(row["key_id"])))

    def _show(self, name: str, token: str) -> None:
        self._shown.set_visibility(True)
        self._shown.clear()
        with self._shown:
            text(
                _(
                    "This is the token for {name}. Keep it where only that system reads it; it is not shown again.",
                    name=name,
                )
            )
            copied(token, _("the token"), testid="token-itself")

    def _used(self, row: Row) -> None:
        if row["used_at"] is None:
            text(_("never"), "ll-faint")
        else:
            moment(row["used_at"])

    def _acts(self, row: Row) -> None:
        if row["revoked_at"] is not None:
            text(_("revoked"), "ll-tag plain")
            return
        visit, name = self._visit, row["name"]
        with box("ll-acts"):
            ask = plural(
                "Give {name} a new token? The old one stays valid for {count} hour.",
                "Give {name} a new token? The old one stays valid for {count} hours.",
                round(GRACE / 3600),
                name=name,
            )
            button(visit, _("New token"), "api_keys", partial(self._rotate, row), ask=ask, testid="rotate-key")
            ask = _("Revoke {name}? The system that uses it is refused at once.", name=name)
            button(
                visit, _("Revoke"), "api_keys", partial(self._revoke, row), kind="danger", ask=ask, testid="revoke-key"
            )
            if row["old_until"] is not None:
                text(_("the old token is valid until"), "ll-faint")
                moment(row["old_until"])


async def draw(visit: Visit) -> None:
    """The page."""
    keys = ApiKeys(visit)
    visit.refresh = keys.refresh
    await keys.refresh()
