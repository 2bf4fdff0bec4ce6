"""`/console/channels/{number}`: one channel: how it does, other credentials, a new address, removing."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from leadline.channels import CHANNELS, reasons
from leadline.connections import changing
from leadline.connections.proving import registered
from leadline.connections.renewals import outlook
from leadline.connections.switchboard import connect
from leadline.console.channels.drawn import draw_last, draw_state, draw_webhook, pause_button
from leadline.console.channels.form import Fields
from leadline.console.channels.proof import check_credentials
from leadline.console.channels.renewing import Renewing
from leadline.console.channels.standing import Standing, failures, standings
from leadline.console.drawing import box, moment, outside, pane, text
from leadline.console.language import _, numeral
from leadline.console.retold import retold
from leadline.console.shell import Column, Entry, Section, Table, Visit, button, draw_single
from leadline.errors import SettingError
from leadline.identity.words import phone
from leadline.store.channels import ChannelRow

SHOWN = 10  # failures
Row = dict[str, Any]


class ChannelPage:
    """The page of a channel in service."""

    def __init__(self, visit: Visit, row: ChannelRow) -> None:
        self._visit = visit
        self._row = row
        self._store = visit.leadline.channels
        self._standing = Section(row.name, self._draw_standing, testid="standing")
        self._failures: Table[Row] = Table(
            [
                Column(_("When"), lambda row: moment(row["changed_at"]), "130px"),
                Column(_("To"), self._draw_recipient, "24%"),
                Column(_("Why"), _draw_why),
            ],
            lambda row: row["outbound_id"],
            title=_("The last messages that failed"),
            empty=_("No message failed lately."),
            testid="failures",
        )
        if visit.seat.may("channels"):
            self._draw_change()
            if row.provider in CHANNELS:
                Renewing(visit, row, self._now)
            self._draw_end()

    async def refresh(self) -> None:
        """How it does now."""
        found = [one for one in await standings(self._visit) if one.channel_id == self._row.channel_id]
        if not found:
            ui.navigate.to("/console/channels")
            return
        self._standing.show((found[0], await self._ends()))
        self._failures.show(await failures(self._visit, self._row.channel_id, SHOWN))

    async def _ends(self) -> str:
        """Until when the credentials hold, where they end."""
        try:
            ending = await outlook(self._visit.database, connect(self._row))
        except SettingError:
            return ""
        return ending.date if ending else ""

    def _draw_standing(self, shown: tuple[Standing, str]) -> None:
        one, ends = shown
        with box("ll-facts", "dl"):
            with _fact(_("State")):
                draw_state(one)
            with _fact(_("Provider")):
                text(f"{one.provider}, {one.address}")
            with _fact(_("Last message in")):
                draw_last(one.heard_at)
            with _fact(_("Last message out")):
                draw_last(one.sent_at)
            with _fact(_("Parked")):
                _draw_parked(one)
            if ends:
                with _fact(_("Access token")):
                    text(_("valid until {day}; the worker renews it before that", day=ends))
            with _fact(_("Webhook address")):
                draw_webhook(one)
        with box("ll-acts ll-padded"):
            pause_button(self._visit, one)
            button(self._visit, _("Check credentials"), "channels", self._prove, testid="prove")
            ask = _(
                "Give {name} a new address? What the provider sends to the present one is refused from then on.",
                name=one.name,
            )
            button(self._visit, _("New address"), "channels", self._rotate, ask=ask, testid="rotate")

    def _draw_recipient(self, row: Row) -> None:
        text(phone(row["recipient"] or ""))
        if row["conversation_id"]:
            words = _("conversation {number}", number=row["conversation_id"])
            outside(words, self._visit.conversation_link(row["conversation_id"]))

    def _draw_change(self) -> None:
        adapter = CHANNELS.get(self._row.provider)
        if adapter is None:
            return
        with pane(_("Credentials and settings"), testid="change"), box("ll-padded ll-sheet"):
            text(_("The webhook address, the conversations and what waits stay as they are."), "ll-soft")
            self._fields = Fields(adapter, self._row.settings)
            with box("ll-acts"):
                button(self._visit, _("Save and check"), "channels", self._change, kind="strong", testid="save")

    def _draw_end(self) -> None:
        with pane(_("Take it out of service"), testid="end"), box("ll-padded ll-sheet"):
            text(
                _(
                    "From then on, its provider's webhooks are refused. Its messages and "
                    "conversations stay, and you can bring it back from the page of all channels."
                ),
                "ll-soft",
            )
            self._typed = Entry(_("Type its name, {name}", name=self._row.name), testid="typed-name")
            with box("ll-acts"):
                button(self._visit, _("Take out of service"), "channels", self._remove, kind="danger", testid="remove")

    async def _now(self) -> ChannelRow:
        row = await self._store.by_id(self._visit.workspace_id, self._row.channel_id)
        if row is None:
            raise SettingError(_("{name} no longer exists", name=self._row.name))
        return row

    async def _prove(self) -> str:
        return await check_credentials(self._store, await self._now())

    async def _rotate(self) -> str:
        await self._store.rotate(self._visit.workspace_id, self._row.channel_id)
        said = await self._introduced()
        if not said:
            return _("Enter the new address at the provider now.")
        return _("{name} has a new address.", name=self._row.name) + f" {retold(said)}"

    async def _introduced(self) -> str:
        """The provider is told the address where it can be; what came of that."""
        row = await self._now()
        return await registered(row, f"{self._visit.leadline.settings.public_url.rstrip('/')}/in/{row.key}")

    async def _change(self) -> str:
        values = self._fields.changed()
        if not values:
            raise SettingError(_("Nothing was changed. Type what is to be different, then save."))
        self._row = await changing.change(self._visit.database, self._store, await self._now(), values)
        proof = await check_credentials(self._store, self._row)
        said = await self._introduced()
        return f"{_('{name} is changed.', name=self._row.name)} {proof} {retold(said)}" if said else proof

    async def _remove(self) -> None:
        if self._typed.value.strip() != self._row.name:
            raise SettingError(
                _("Type the name of the channel, {name}, to take it out of service", name=self._row.name)
            )
        pauses = self._visit.leadline.connections.pauses
        await pauses.remove(self._visit.workspace_id, self._row.channel_id)


def _fact(name: str) -> Any:
    """A fact's name drawn; the place for its value to be drawn into."""
    with box("", "dt"):
        text(name)
    return box("", "dd")


def _draw_parked(one: Standing) -> None:
    if not one.parked:
        text(_("nothing"), "ll-faint")
        return
    counts = {"parked": numeral(one.parked), "aside": numeral(one.set_aside)}
    ui.link(_("{parked}, of these {aside} until it is resumed", **counts), "/console/waiting")


def _draw_why(row: Row) -> None:
    text(_(reasons.sentence(row["reason"])), "ll-text")
    if row["detail"]:
        text(row["detail"], "ll-faint ll-text")


async def draw(visit: Visit) -> None:
    """The page, or a word that there is no such channel."""
    rows = {row.channel_id: row for row in await visit.leadline.channels.listed(visit.workspace_id)}
    missing, others = _("No channel with this number is in service."), (_("All channels"), "/console/channels")
    await draw_single(visit, rows, ChannelPage, missing=missing, others=others)
