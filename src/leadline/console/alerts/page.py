"""`/console/alerts`: add who is told, send them a test, and see what was found."""

from __future__ import annotations

from datetime import time
from functools import partial
from typing import Any

from leadline.alerts import KINDS, WAYS, NewTarget, Target
from leadline.console.drawing import box, moment, text
from leadline.console.shell import Column, Entry, Pick, Table, Visit, button
from leadline.store.queries import queries

Row = dict[str, Any]
SHOWN = 50
ALL = "all"


class AlertsPage:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._alerts = visit.leadline.alerts
        self._told = self._alerts.targets(visit.workspace_id)
        self._recent: Table[Row] = Table(
            [
                Column("What", _draw_what),
                Column("Since", lambda row: moment(row["opened_at"]), "140px"),
                Column("Over", _draw_over, "140px"),
                Column("Words sent", lambda row: text(str(row["sent"])), "110px"),
            ],
            lambda row: row["alert_id"],
            title="What was found",
            empty="Nothing needed a person so far.",
            testid="alerts",
        )
        self._targets: Table[Target] = Table(
            [
                Column("Who", _draw_who),
                Column("About", _draw_about, "30%"),
                Column("Last told", _draw_told, "22%"),
                Column("", self._acts, "200px"),
            ],
            lambda target: target.target_id,
            title="Who is told",
            empty="Nobody is told yet. Add a mail address, a Slack webhook or a webhook of your own below.",
            testid="targets",
        )
        self._draw_new()

    async def refresh(self) -> None:
        """Read both lists again."""
        self._recent.show(await self._visit.rows(queries.recent_alerts, count=SHOWN))
        self._targets.show(await self._told.listed())

    def _draw_new(self) -> None:
        with box("ll-pane", "section"):
            with box("ll-head", "h2"):
                text("Tell somebody else")
            with box("ll-filters ll-padded"):
                self._kind = Pick("By", WAYS, testid="new-kind")
                self._address = Entry("Address", testid="new-address", hint="ops@example.com or https://…")
                self._name = Entry("Name", testid="new-name", hint="Night shift")
                self._about = Pick("About", {ALL: "Everything", **KINDS}, testid="new-about")
                self._from = Entry("Quiet from", kind="time", testid="new-quiet-from")
                self._to = Entry("until", kind="time", testid="new-quiet-to")
                self._zone = Entry("Time zone of quiet hours", testid="new-zone", value="UTC", hint="Europe/Dublin")
                button(self._visit, "Add", "alerts", self._add, kind="strong", testid="add")
            self._secret = box("ll-padded", testid="secret")
            self._secret.set_visibility(False)

    async def _add(self) -> str:
        about = () if self._about.value == ALL else (self._about.value,)
        new = NewTarget(
            kind=self._kind.value,
            name=self._name.value,
            address=self._address.value,
            kinds=about,
            quiet=(self._from.value, self._to.value),
            zone=self._zone.value.strip() or "UTC",
        )
        added = await self._told.add(new)
        self._secret.set_visibility(bool(added.secret))
        self._secret.clear()
        if added.secret:
            with self._secret:
                text("Check the signature of what comes with this secret (Standard Webhooks). It is not shown again:")
                text(added.secret, "ll-mono ll-text", testid="secret-value")
        for entry in (self._address, self._name):
            entry.clear()
        return f"{added.name} is told from now on. Send a test to see whether it arrives."

    def _acts(self, target: Target) -> None:
        visit = self._visit
        with box("ll-acts"):
            button(visit, "Send a test", "alerts", partial(self._test, target), testid="test")
            ask, remove = f"Tell {target.name} no more?", partial(self._remove, target)
            button(visit, "Remove", "alerts", remove, kind="danger", ask=ask, testid="remove")

    async def _test(self, target: Target) -> str:
        await self._alerts.test(target)
        return f"A test is on its way to {target.name}"

    async def _remove(self, target: Target) -> str:
        await self._told.remove(target.target_id)
        return f"{target.name} is told no more"


def _draw_what(row: Row) -> None:
    with box("ll-acts"):
        text(KINDS.get(row["kind"]) or row["kind"])
        text("over" if row["resolved_at"] else "now", f"ll-tag {'plain' if row['resolved_at'] else 'bad'}")
    text(row["sentence"], "ll-faint")


def _draw_over(row: Row) -> None:
    if row["resolved_at"]:
        moment(row["resolved_at"])
    else:
        text("not yet", "ll-faint")


def _draw_who(target: Target) -> None:
    text(target.name)
    shown = target.address if target.kind == "mail" else WAYS[target.kind]
    text(shown, "ll-faint ll-text")


def _draw_about(target: Target) -> None:
    text(", ".join(KINDS[kind] for kind in target.kinds) if target.kinds else "Everything")
    if target.quiet_from is not None and target.quiet_to is not None:
        text(f"quiet {_clock(target.quiet_from)} to {_clock(target.quiet_to)}, {target.zone}", "ll-faint")


def _draw_told(target: Target) -> None:
    if target.told_at:
        moment(target.told_at)
    else:
        text("never", "ll-faint")
    if target.trouble:
        text(target.trouble, "ll-bad")


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


async def draw(visit: Visit) -> None:
    """The page."""
    page = AlertsPage(visit)
    visit.refresh = page.refresh
    await page.refresh()
