"""`/console/channels`: every channel with its webhook address, how it does, and those out of service."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from leadline.connections import changing
from leadline.console.channels.drawn import draw_last, draw_state, draw_webhook, pause_button
from leadline.console.channels.proof import check_credentials
from leadline.console.channels.standing import Standing, standings
from leadline.console.drawing import box, text
from leadline.console.language import _
from leadline.console.shell import Column, Table, Visit, button
from leadline.errors import SettingError


class Channels:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._store = visit.leadline.channels
        if visit.seat.may("channels"):
            ui.link(_("Connect a channel"), "/console/channels/new").classes("ll-button strong").props["data-key"] = "n"
        self._table: Table[Standing] = Table(
            [
                Column(_("Channel"), _draw_name, "25%"),
                Column(_("Webhook address"), draw_webhook),
                Column(_("Last in and out"), _draw_last, "170px"),
                Column("", self._acts, "210px"),
            ],
            lambda one: one.channel_id,
            empty=_(
                "No channel is connected yet. Connect the first one: its form says where to find what it asks for."
            ),
            testid="channels",
            row="channel",
        )
        self._removed: Table[tuple[int, str]] = Table(
            [Column(_("Channel"), lambda one: text(one[1])), Column("", self._draw_restore, "200px")],
            lambda one: one[0],
            title=_("Out of service"),
            empty=_("No channel is out of service."),
            testid="removed",
        )

    async def refresh(self) -> None:
        """Read them again."""
        self._table.show(await standings(self._visit))
        self._removed.show(list((await self._store.names(self._visit.workspace_id, removed=True)).items()))

    def _acts(self, one: Standing) -> None:
        with box("ll-acts"):
            pause_button(self._visit, one)
            button(self._visit, _("Check credentials"), "channels", partial(self._prove, one), testid="prove")
            if self._visit.seat.may("channels"):
                ui.link(_("Change or remove"), _address(one)).props["data-testid"] = "open"

    def _draw_restore(self, one: tuple[int, str]) -> None:
        button(self._visit, _("Bring back"), "channels", partial(self._restore, *one), testid="restore")

    async def _prove(self, one: Standing) -> str:
        row = await self._store.by_id(self._visit.workspace_id, one.channel_id)
        if row is None:
            raise SettingError(_("{name} no longer exists", name=one.name))
        return await check_credentials(self._store, row)

    async def _restore(self, channel_id: int, name: str) -> str:
        await changing.restore(self._store, self._visit.workspace_id, channel_id, name)
        return _("{name} is in service again", name=name)


def _address(one: Standing) -> str:
    return f"/console/channels/{one.channel_id}"


def _draw_name(one: Standing) -> None:
    ui.link(one.name, _address(one)).classes("ll-name")
    text(f"{one.provider}, {one.address}", "ll-faint")
    draw_state(one)


def _draw_last(one: Standing) -> None:
    for what, at in ((_("in"), one.heard_at), (_("out"), one.sent_at)):
        with box("ll-acts"):
            text(what, "ll-faint")
            draw_last(at)


async def draw(visit: Visit) -> None:
    """The page."""
    channels = Channels(visit)
    visit.refresh = channels.refresh
    await channels.refresh()
