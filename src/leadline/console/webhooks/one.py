"""`/console/webhooks/{number}`: one webhook: how it stands, its events one by one, another secret, and its end."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.channels.drawn import copied
from leadline.console.drawing import box, moment, text
from leadline.console.language import _, marked, plural
from leadline.console.retold import retold
from leadline.console.shell import Column, Section, Table, Visit, button, draw_single, older_link
from leadline.console.shell.table import PAGE
from leadline.console.webhooks.shown import draw_state, webhooks_of
from leadline.errors import SettingError
from leadline.webhooks import send, trial
from leadline.webhooks.subscriptions import GRACE

STATES = {
    "sent": (marked("taken"), "good"),
    "given up": (marked("given up"), "bad"),
    "paused": (marked("paused"), "plain"),
    "trying": (marked("is tried again"), "bad"),
    "waiting": (marked("is sent now"), "plain"),
}
Row = dict[str, Any]


class WebhookPage:
    """The page."""

    def __init__(self, visit: Visit, row: Row) -> None:
        self._visit = visit
        self._number = str(row["webhook_id"])
        self.rows: list[Row] = []
        """Of the page of events, and one more where there are older ones."""
        self._webhooks = webhooks_of(visit)
        ui.link(_("All webhooks"), "/console/webhooks")
        self._standing: Section[Row] = Section(row["name"], self._draw_standing, testid="standing")
        self._secret = box("ll-stack", testid="secret")
        self._events: Table[Row] = Table(
            [
                Column(_("Event"), _draw_event, "30%"),
                Column(_("State"), _draw_delivery, "22%"),
                Column(_("Last answer"), _draw_answer),
                Column("", self._draw_replay, "150px"),
            ],
            lambda each: each["number"],
            title=_("What it was told"),
            empty=_("Nothing happened so far that it wants to know."),
            testid="deliveries",
            row="delivery",
        )

    async def refresh(self) -> None:
        """How it stands now."""
        found = [row for row in await self._webhooks.listed() if str(row["webhook_id"]) == self._number]
        if not found:
            ui.navigate.to("/console/webhooks")
            return
        self._standing.show(found[0])
        before = self._visit.number("before")
        rows = await self._webhooks.deliveries(self._number, count=PAGE + 1, before=before)
        self._events.show(rows[:PAGE])
        self.rows = rows

    def _draw_standing(self, row: Row) -> None:
        visit, name = self._visit, row["name"]
        with box("ll-padded ll-stack"):
            draw_state(row)
            text(_("Goes to {host}", host=row["host"]), "ll-soft")
            text(_("Told of {events}", events=", ".join(row["events"])), "ll-soft ll-text")
        with box("ll-acts ll-padded"):
            button(visit, _("Send a test"), "webhooks", self._test, testid="test")
            if row["paused_at"] is None:
                ask = _("Pause {name}? What happens meanwhile waits for it until you resume it.", name=name)
                do = partial(self._pause, paused=True)
                button(visit, _("Pause"), "webhooks", do, ask=ask, testid="pause")
            else:
                do = partial(self._pause, paused=False)
                button(visit, _("Resume"), "webhooks", do, kind="strong", testid="resume")
            if row["given_up"]:
                words = plural("Send {count} event again", "Send {count} events again", row["given_up"])
                button(visit, words, "webhooks", self._replay_all, testid="replay-all")
            ask = _("Give {name} another secret? For a day events are signed with the old one, too.", name=name)
            button(visit, _("New secret"), "webhooks", self._rotate, ask=ask, testid="rotate")
            ask = _("Remove {name}? It is told no more, and what waits for it is forgotten.", name=name)
            button(visit, _("Remove"), "webhooks", self._remove, kind="danger", ask=ask, testid="remove")

    def _draw_replay(self, each: Row) -> None:
        if each["state"] in ("sent", "given up"):
            do = partial(self._replay, each["number"])
            button(self._visit, _("Send again"), "webhooks", do, testid="replay")

    async def _test(self) -> str:
        webhook = await self._webhooks.by_name(self._number)
        await send(webhook, trial(), allowed=self._visit.leadline.settings.media_allowed)
        return _("{name} took the test event", name=webhook.name)

    async def _pause(self, *, paused: bool) -> str:
        name = await self._webhooks.pause(self._number, paused=paused)
        if paused:
            return _("{name} is paused: what happens waits for it", name=name)
        return _("{name} goes on, with what waited", name=name)

    async def _replay_all(self) -> str:
        count = await self._webhooks.replay(self._number, since=None)
        return plural("{count} event is sent again", "{count} events are sent again", count)

    async def _replay(self, number: int) -> str:
        if not await self._webhooks.replay_one(self._number, number):
            raise SettingError(_("This event waits already, or is not kept any more"))
        return _("It is sent again, under the same id")

    async def _rotate(self) -> str:
        secret = await self._webhooks.rotate(self._number)
        self._secret.clear()
        with self._secret:
            text(_("This is the new secret. Put it where the signature is checked; it is not shown again:"))
            copied(secret, _("the secret"), testid="secret-value")
        hours = round(GRACE / 3600)
        return plural("The old secret signs too for {count} hour", "The old secret signs too for {count} hours", hours)

    async def _remove(self) -> None:
        await self._webhooks.remove(self._number)


def _draw_event(each: Row) -> None:
    text(each["kind"], "ll-text")
    moment(each["at"])


def _draw_delivery(each: Row) -> None:
    words, tone = STATES[each["state"]]
    text(_(words), f"ll-tag {tone}", testid="delivery-state")
    if each["tries"]:
        text(plural("{count} try", "{count} tries", each["tries"]), "ll-faint")


def _draw_answer(each: Row) -> None:
    if each["trouble"]:
        text(retold(each["trouble"]), "ll-text ll-bad")
    if each["state"] == "sent":
        text(_("taken"), "ll-faint")
        moment(each["sent_at"])
    elif each["state"] == "trying":
        with box("ll-acts"):
            text(_("next try"), "ll-faint")
            moment(each["due_at"])
    elif each["state"] == "given up":
        moment(each["given_up_at"])


async def draw(visit: Visit) -> None:
    """The page, or a word that there is no such webhook."""
    rows = {row["webhook_id"]: row for row in await webhooks_of(visit).listed()}
    missing, others = _("There is no webhook of this number."), (_("All webhooks"), "/console/webhooks")
    if page := await draw_single(visit, rows, WebhookPage, missing=missing, others=others):
        older_link(visit, page.rows, lambda each: each["number"])
