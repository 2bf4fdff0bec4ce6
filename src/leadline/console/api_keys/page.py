"""`/console/api-keys`: make keys of the API, give them another token, revoke them. A token is shown once."""

from __future__ import annotations

from functools import partial
from typing import Any

from leadline.api.keys import GRACE, Keys
from leadline.api.scopes import SCOPES
from leadline.console.drawing import box, mark, moment, pane, text
from leadline.console.language import _, plural
from leadline.console.shell import Column, Entry, Table, Visit, button

Row = dict[str, Any]


class ApiKeys:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._keys = Keys(visit.database, visit.workspace_id)
        with pane(_("Create a key")):
            with box("ll-filters ll-padded"):
                self._name = Entry(_("Name of the other system"), testid="key-name")
                self._scopes = Entry(_("Scopes, separated by commas"), testid="key-scopes", value="send, read")
                button(visit, _("Create the key"), "api_keys", self._create, kind="strong", testid="make-key")
            with box("ll-padded ll-stack"):
                for scope, meaning in SCOPES.items():
                    text(f"{scope}: {_(meaning)}", "ll-soft")
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
            empty=_("No keys yet."),
            testid="api-keys",
        )

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._keys.listed())

    async def _create(self) -> str:
        scopes = [scope.strip() for scope in self._scopes.value.split(",") if scope.strip()]
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
            with box("ll-acts"):
                text(token, "ll-mono ll-text", testid="token-itself")
                with mark(box("ll-button", "button"), copy=token) as copy:
                    copy.props["type"] = "button"
                    text(_("Copy"))

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
