"""`/console/channels`: every channel with its webhook address, when it was last heard of, and what can be done."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from nicegui import ui

from leadline.channels import CHANNELS
from leadline.channels import channel as channel_of
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.proving import probe
from leadline.connections.switchboard import connect
from leadline.console.drawing import box, mark, moment, text
from leadline.console.shell import Column, Entry, Table, Visit, button
from leadline.engine.breaker import breakers
from leadline.errors import SettingError
from leadline.identity.words import phone
from leadline.model import Struct
from leadline.store.channels import ChannelRow
from leadline.store.queries import queries


class Shown(Struct, frozen=True, kw_only=True):
    """One channel. heard_at: its last message, where it was one of the latest."""

    channel_id: int
    name: str
    provider: str
    address: str
    webhook: str
    is_away: bool
    heard_at: datetime | None
    setup: tuple[str, ...] = ()


class Channels:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._store = visit.leadline.channels
        self._base = visit.leadline.settings.public_url.rstrip("/")
        if visit.seat.may("channels"):
            ui.link("Connect a channel", "/console/channels/new").classes("ll-name").props["data-key"] = "n"
        self._table: Table[Shown] = Table(
            [
                Column("Channel", _draw_name, "24%"),
                Column("Webhook address", self._draw_webhook),
                Column("Last message", _draw_heard, "150px"),
                Column("", self._acts, "26%"),
            ],
            lambda one: one.channel_id,
            empty="No channel is connected yet. Connect the first one: its form says where to find what it asks for.",
            testid="channels",
            row="channel",
        )
        self._removed: Table[tuple[int, str]] = Table(
            [Column("Channel", lambda one: text(one[1])), Column("", self._draw_restore, "200px")],
            lambda one: one[0],
            title="Out of service",
            empty="None.",
            testid="removed",
        )

    async def refresh(self) -> None:
        """Read them again."""
        visit, workspace_id = self._visit, self._visit.workspace_id
        rows = await self._store.listed(workspace_id)
        heard = {row["channel_id"]: row["at"] for row in await visit.rows(queries.channels_last_heard)}
        away = {row["breaker"] for row in await breakers(visit.database, workspace_id)}
        self._table.show([self._shown(row, heard.get(row.channel_id), away) for row in rows])
        self._removed.show(list((await self._store.names(workspace_id, removed=True)).items()))

    def _shown(self, row: ChannelRow, heard_at: datetime | None, away: set[str]) -> Shown:
        places = {"url": f"{self._base}/in/{row.key}", "status_url": f"{self._base}/status/{row.key}"}
        may = self._visit.seat.may("channels")  # who knows the address can write through a channel that is unsigned
        return Shown(
            channel_id=row.channel_id,
            name=row.name,
            provider=CHANNELS[row.provider].title if row.provider in CHANNELS else row.provider,
            address=phone(row.address),
            webhook=places["url"] if may else "",
            is_away=f"channel:{row.channel_id}" in away,
            heard_at=heard_at,
            setup=tuple(step.format(**places) for step in channel_of(row.provider).setup) if may else (),
        )

    def _draw_webhook(self, one: Shown) -> None:
        if not one.webhook:
            text("An admin sees it.", "ll-faint")
            return
        with box("ll-acts"):
            text(one.webhook, "ll-mono ll-text", testid="webhook")
            with mark(box("ll-button", "button"), copy=one.webhook) as copy:
                copy.props.update({"type": "button", "aria-label": f"Copy the address of {one.name}"})
                text("Copy")
        with box("", "details"):
            with box("", "summary"):
                text("What to do at the provider")
            with box("ll-steps", "ol"):
                for step in one.setup:
                    with box("", "li"):
                        text(step, "ll-text")

    def _acts(self, one: Shown) -> None:
        visit = self._visit
        with box("ll-acts"):
            button(visit, "Prove", "channels", partial(self._prove, one), testid="prove")
            ask = f"Give {one.name} a new address? What the provider sends to the present one is refused from then on."
            button(visit, "New address", "channels", partial(self._rotate, one), ask=ask, testid="rotate")
            if visit.seat.may("channels"):
                with box("", "details"):
                    with box("", "summary"):
                        text("Remove")
                    typed = Entry(f"Type its name, {one.name}", testid="typed-name")
                    remove = partial(self._remove, one, typed)
                    button(visit, "Take out of service", "channels", remove, kind="danger", testid="remove")

    def _draw_restore(self, one: tuple[int, str]) -> None:
        button(self._visit, "Bring back", "channels", partial(self._restore, *one), testid="restore")

    async def _prove(self, one: Shown) -> str:
        row = await self._store.by_id(self._visit.workspace_id, one.channel_id)
        if row is None:
            raise SettingError(f"{one.name} is not there any more")
        return await proved(row)

    async def _rotate(self, one: Shown) -> str:
        await self._store.rotate(self._visit.workspace_id, one.channel_id)
        return f"{one.name} has a new address. Enter it at the provider now."

    async def _remove(self, one: Shown, typed: Entry) -> str:
        if typed.value.strip() != one.name:
            raise SettingError(f"Type the name of the channel, {one.name}, to take it out of service")
        await self._store.remove(self._visit.workspace_id, one.channel_id)
        return f"{one.name} is out of service; its messages and conversations stay"

    async def _restore(self, channel_id: int, name: str) -> str:
        workspace_id = self._visit.workspace_id
        if name in (await self._store.names(workspace_id)).values():
            raise SettingError(f"Another channel is called {name} now. Take that one out of service first.")
        if not await self._store.restore(workspace_id, channel_id):
            raise SettingError(f"The account and number of {name} are connected as another channel now.")
        return f"{name} is in service again"


async def proved(row: ChannelRow) -> str:
    """What the provider says of a channel's credentials, in a sentence; raises SettingError where it refuses them."""
    connected, calls = connect(row), ProviderCalls(timeout=10.0)
    try:
        trouble = await probe(calls, row)
    finally:
        await calls.close()
    if trouble:
        raise SettingError(f"Saved, not proved. {trouble}")
    if connected.adapter.probe(connected.settings) is None:
        return f"Saved, not proved: {connected.adapter.title} has no way to check credentials. Send a test message."
    return f"Connected: {connected.adapter.title} accepts the credentials of {row.name}."


def _draw_name(one: Shown) -> None:
    text(one.name, "ll-name")
    text(f"{one.provider}, {one.address}", "ll-faint")
    if one.is_away:
        text("away", "ll-tag bad")


def _draw_heard(one: Shown) -> None:
    if one.heard_at:
        moment(one.heard_at)
    else:
        text("none lately", "ll-faint")


async def draw(visit: Visit) -> None:
    """The page."""
    channels = Channels(visit)
    visit.refresh = channels.refresh
    await channels.refresh()
