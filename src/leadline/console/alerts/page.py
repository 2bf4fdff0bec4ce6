"""`/console/alerts`: add who is told, send them a test, and see what was found."""

from __future__ import annotations

from datetime import time
from functools import partial
from typing import Any

from leadline.alerts import KINDS, WAYS, NewTarget, Target
from leadline.console.drawing import box, moment, pane, text
from leadline.console.language import _, numeral, translated
from leadline.console.retold import retold
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
                Column(_("What"), _draw_what),
                Column(_("Since"), lambda row: moment(row["opened_at"]), "140px"),
                Column(_("Over"), _draw_over, "140px"),
                Column(_("What was sent"), lambda row: text(numeral(row["sent"])), "110px"),
            ],
            lambda row: row["alert_id"],
            title=_("What was found"),
            empty=_("Nothing has needed anybody's attention so far."),
            testid="alerts",
        )
        self._targets: Table[Target] = Table(
            [
                Column(_("Who"), _draw_who),
                Column(_("About"), _draw_about, "30%"),
                Column(_("Last notified"), _draw_told, "22%"),
                Column("", self._acts, "200px"),
            ],
            lambda target: target.target_id,
            title=_("Who is notified"),
            empty=_("Nobody is notified yet. Add an e-mail address, a Slack webhook or your own webhook below."),
            testid="targets",
        )
        self._draw_new()

    async def refresh(self) -> None:
        """Read both lists again."""
        self._recent.show(await self._visit.rows(queries.recent_alerts, count=SHOWN))
        self._targets.show(await self._told.listed())

    def _draw_new(self) -> None:
        with pane(_("Notify somebody else")):
            with box("ll-padded ll-sheet"):
                self._kind = Pick(_("By"), translated(WAYS), testid="new-kind")
                self._address = Entry(_("Address"), testid="new-address", hint="ops@example.com, https://…")
                self._name = Entry(_("Name"), testid="new-name", hint=_("Night shift"))
                self._about = Pick(_("About"), {ALL: _("Everything"), **translated(KINDS)}, testid="new-about")
                with box("ll-pair"):
                    self._from = Entry(_("Quiet from"), kind="time", testid="new-quiet-from")
                    self._to = Entry(_("Quiet until"), kind="time", testid="new-quiet-to")
                self._zone = Entry(_("Time zone of quiet hours"), testid="new-zone", value="UTC", hint="Europe/Dublin")
                with box("ll-acts"):
                    button(self._visit, _("Add"), "alerts", self._add, kind="strong", testid="add")
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
                text(
                    _("Check the signature of what comes with this secret (Standard Webhooks). It is not shown again:")
                )
                text(added.secret, "ll-mono ll-text", testid="secret-value")
        for entry in (self._address, self._name):
            entry.clear()
        return _("{name} will be notified from now on. Send a test to see whether it arrives.", name=added.name)

    def _acts(self, target: Target) -> None:
        visit = self._visit
        with box("ll-acts"):
            button(visit, _("Send a test"), "alerts", partial(self._test, target), testid="test")
            ask, remove = _("Stop notifying {name}?", name=target.name), partial(self._remove, target)
            button(visit, _("Remove"), "alerts", remove, kind="danger", ask=ask, testid="remove")

    async def _test(self, target: Target) -> str:
        await self._alerts.test(target)
        return _("A test is on its way to {name}", name=target.name)

    async def _remove(self, target: Target) -> str:
        await self._told.remove(target.target_id)
        return _("{name} is no longer notified", name=target.name)


def _draw_what(row: Row) -> None:
    with box("ll-acts"):
        text(_(KINDS.get(row["kind"]) or row["kind"]))
        text(_("over") if row["resolved_at"] else _("now"), f"ll-tag {'plain' if row['resolved_at'] else 'bad'}")
    text(retold(row["sentence"]), "ll-faint")


def _draw_over(row: Row) -> None:
    if row["resolved_at"]:
        moment(row["resolved_at"])
    else:
        text(_("not yet"), "ll-faint")


def _draw_who(target: Target) -> None:
    text(target.name)
    shown = target.address if target.kind == "mail" else _(WAYS[target.kind])
    text(shown, "ll-faint ll-text")


def _draw_about(target: Target) -> None:
    text(", ".join(_(KINDS[kind]) for kind in target.kinds) if target.kinds else _("Everything"))
    if target.quiet_from is not None and target.quiet_to is not None:
        text(
            _(
                "quiet {start} to {end}, {zone}",
                start=_clock(target.quiet_from),
                end=_clock(target.quiet_to),
                zone=target.zone,
            ),
            "ll-faint",
        )


def _draw_told(target: Target) -> None:
    if target.told_at:
        moment(target.told_at)
    else:
        text(_("never"), "ll-faint")
    if target.trouble:
        text(retold(target.trouble), "ll-bad")


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


async def draw(visit: Visit) -> None:
    """The page."""
    page = AlertsPage(visit)
    visit.refresh = page.refresh
    await page.refresh()
