"""`/console/webhooks`: the systems that are told, how it stands with each, and the form for another one."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, pane, text
from leadline.console.language import _, plural, translated
from leadline.console.shell import Column, Entry, Table, Tick, Visit, button
from leadline.console.webhooks.shown import draw_state, webhooks_of
from leadline.webhooks import EVENTS, NewWebhook

Row = dict[str, Any]


class Listing:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._webhooks = webhooks_of(visit)
        self._table: Table[Row] = Table(
            [
                Column(_("Webhook"), _draw_name, "26%"),
                Column(_("Told of"), _draw_events),
                Column(_("State"), draw_state, "30%"),
            ],
            lambda row: row["webhook_id"],
            title=_("Who is notified"),
            empty=_("No other system is told yet. Add the first one below."),
            testid="webhooks",
            row="webhook",
        )
        self._draw_form()

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await self._webhooks.listed())

    def _draw_form(self) -> None:
        with pane(_("Tell another system"), testid="form"):
            with box("ll-padded ll-sheet"):
                self._name = Entry(_("Name of the other system"), testid="new-name", hint=_("Web shop"))
                self._address = Entry(_("Address"), testid="new-address", hint="https://shop.example.com/leadline")
                text(_("What it is told of; nothing ticked means everything"), "ll-label")
                self._ticks = {
                    event: Tick(f"{event}: {meaning}", testid=f"event-{event}")
                    for event, meaning in translated(EVENTS).items()
                }
                self._texts = Tick(_("Also tell it texts and addresses of customers"), testid="with-text")
                with box("ll-acts"):
                    button(self._visit, _("Add"), "webhooks", self._add, kind="strong", testid="add")
            self._secret = box("ll-padded ll-stack", testid="secret")
            self._secret.set_visibility(False)

    async def _add(self) -> str:
        name = self._name.value.strip()
        events = [event for event, tick in self._ticks.items() if tick.ticked]
        new = NewWebhook(name=name, address=self._address.value, events=events, with_text=self._texts.ticked)
        secret = await self._webhooks.add(new)
        self._secret.set_visibility(True)
        self._secret.clear()
        with self._secret:
            text(_("{name} checks the signature of what comes with this secret. It is not shown again:", name=name))
            copied(secret, _("the secret"), testid="secret-value")
        for entry in (self._name, self._address):
            entry.clear()
        return _("{name} is told from now on. Send it a test on its page.", name=name)


def _draw_name(row: Row) -> None:
    ui.link(row["name"], f"/console/webhooks/{row['webhook_id']}").classes("ll-name").props["data-testid"] = "open"
    text(row["host"], "ll-faint ll-text")


def _draw_events(row: Row) -> None:
    if len(row["events"]) == len(EVENTS):
        text(_("everything"))
    else:
        text(", ".join(row["events"]), "ll-text")
    if row["with_text"]:
        text(_("with texts and addresses"), "ll-faint")
    if row["given_up"]:
        text(plural("{count} event given up", "{count} events given up", row["given_up"]), "ll-bad")


async def draw(visit: Visit) -> None:
    """The page."""
    page = Listing(visit)
    visit.refresh = page.refresh
    await page.refresh()
