"""`/console`: channels, what waits for a person and the buttons to act on it, recent messages with their reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from leadline.app import Leadline
from leadline.channels import CHANNELS
from leadline.console.drawing import box, shorten, text
from leadline.console.records import Records, why_of
from leadline.engine import parked
from leadline.engine.breaker import breakers, told
from leadline.identity.reasons import title
from leadline.identity.words import phone
from leadline.intercom.pages import contact_page
from leadline.model import Struct
from leadline.store.acting import acting

Row = Mapping[str, Any]
LIMIT = 50
QUICKER = "Somebody else was quicker"
STATES = {"waiting": "waiting", "done": "in Intercom", "parked": "parked", "dropped": "dropped"}


class Stuck(Struct, frozen=True, kw_only=True):
    """One thing that is parked, or waits for another try."""

    arrival_id: int
    state: str
    what: str
    sender: str
    content: str
    why: str
    at: str


class Told(Struct, frozen=True, kw_only=True):
    """One message and its decision."""

    arrival_id: int
    channel: str
    sender: str
    content: str
    state: str
    reason: str
    contact: str
    page: str
    sentences: tuple[str, ...]
    at: str


class OperatorPage:
    """One operator's view."""

    def __init__(self, leadline: Leadline) -> None:
        self._leadline = leadline
        self._workspace_id = leadline.workspace.workspace_id
        self._records = Records(leadline.database, self._workspace_id)
        self._looking = asyncio.Lock()
        with box("ll-stack ll-page", "main", testid="console"):
            self._channels = _Section("channels", _draw_channels)
            self._away = _Section("away", _draw_away)
            self._stuck = _Section("stuck", self._draw_stuck)
            self._messages = _Section("messages", _draw_messages)
            self._talk = box("")  # outside of what is drawn anew: a question stays until it is answered

    async def refresh(self) -> None:
        """Show what changed since the last time; one look at a time, so that an older never draws over a newer."""
        database, workspace_id = self._leadline.database, self._workspace_id
        async with self._looking:
            rows = await self._leadline.channels.listed(workspace_id)
            names = {row.channel_id: row.name for row in rows}
            stuck = [_stuck("parked", row) for row in await parked.parked(database, workspace_id, count=LIMIT)]
            stuck += [_stuck("waiting", row) for row in await parked.postponed(database, workspace_id, count=LIMIT)]
            messages = [_told(row, names, self._page) for row in await self._records.recent(LIMIT)]
            self._channels.show([(row.name, CHANNELS[row.provider].title, phone(row.address)) for row in rows])
            self._away.show([told(row) for row in await breakers(database, workspace_id)])
            self._stuck.show(stuck)
            self._messages.show(messages)

    def _page(self, contact_id: str) -> str:
        api, region = self._leadline.settings.intercom_url, self._leadline.workspace.region
        return contact_page(api, region, self._workspace_id, contact_id)

    def _draw_stuck(self, stuck: Sequence[Stuck]) -> None:
        _head(f"Parked or waiting ({len(stuck)})")
        if not stuck:
            text("Nothing is parked and nothing waits.", "ll-empty")
            return
        with _table(("Message", "From", "Why", "", ""), ("22%", "17%", "auto", "90px", "90px")):
            for one in stuck:
                with box("", "tr", testid="stuck-row", arrival=str(one.arrival_id)):
                    with box("", "td"):
                        text(one.content or one.what)
                        if one.content:
                            text(one.what, "ll-faint")
                        text(f"Number {one.arrival_id}, {one.at}", "ll-faint")
                    text_cell(one.sender)
                    with box("", "td"):
                        text(one.state, f"ll-tag {'bad' if one.state == 'parked' else 'plain'}")
                        text(one.why, "ll-text")
                    self._action("Retry", "retry", one, self._retry)
                    if one.state == "parked":
                        self._action("Drop", "drop", one, self._confirm_drop)
                    else:
                        box("", "td")

    def _action(self, label: str, testid: str, one: Stuck, act: Callable[[Stuck], Awaitable[None]]) -> None:
        with box("", "td"):
            button = ui.button(label, on_click=lambda: act(one)).props("flat dense no-caps")
            button.props["data-testid"] = testid

    async def _retry(self, one: Stuck) -> None:
        with acting("operator", "console"):
            count = await parked.retry(self._leadline.database, self._workspace_id, ids=[one.arrival_id])
        await self._done(f"Trying message {one.arrival_id} again" if count else QUICKER)

    async def _confirm_drop(self, one: Stuck) -> None:
        self._talk.clear()
        with self._talk, ui.dialog() as dialog, ui.card():
            text(f"Give up message {one.arrival_id} for good? Its raw form stays on record.")
            with box("ll-row"):
                ui.button("Keep it", on_click=lambda: dialog.submit(False)).props("flat no-caps")
                ui.button("Drop it", on_click=lambda: dialog.submit(True)).props(
                    "unelevated no-caps color=negative data-testid=confirm-drop"
                )
        if await dialog:
            with acting("operator", "console"):
                count = await parked.drop(self._leadline.database, self._workspace_id, [one.arrival_id])
            await self._done(f"Message {one.arrival_id} is dropped" if count else QUICKER)

    async def _done(self, sentence: str) -> None:
        with self._talk:
            ui.notify(sentence)
        await self.refresh()


class _Section:
    """A pane that is drawn anew only when what it shows changed: what is drawn anew cannot be clicked meanwhile."""

    def __init__(self, testid: str, draw: Callable[[Sequence[Any]], None]) -> None:
        self._draw = draw
        self._shown: Sequence[Any] | None = None
        self._pane = box("ll-pane", "section", testid=testid)

    def show(self, values: Sequence[Any]) -> None:
        if values == self._shown:
            return
        self._shown = values
        self._pane.clear()
        with self._pane:
            self._draw(values)


def _draw_away(away: Sequence[tuple[str, str]]) -> None:
    if away:
        _head("Away now")
    for part, sentence in away:
        text(f"{part}: {sentence}.", "ll-text")


def _draw_channels(channels: Sequence[tuple[str, ...]]) -> None:
    _head("Channels")
    if not channels:
        text("No channel is connected yet. Connect one with: leadline channel add", "ll-empty")
        return
    with _table(("Name", "Provider", "Address")):
        for channel in channels:
            with box("", "tr"):
                for value in channel:
                    text_cell(value)


def _draw_messages(messages: Sequence[Told]) -> None:
    _head("Recent messages")
    if not messages:
        text("No message has arrived yet.", "ll-empty")
        return
    with _table(("Message", "From", "Contact and why", "State"), ("26%", "18%", "auto", "96px")):
        for one in messages:
            with box("", "tr", testid="message-row", arrival=str(one.arrival_id)):
                with box("", "td"):
                    text(one.content)
                    text(f"Number {one.arrival_id}, {one.at}", "ll-faint")
                with box("", "td"):
                    text(one.sender)
                    text(one.channel, "ll-faint")
                with box("", "td"):
                    if one.page:
                        ui.link(one.contact, one.page, new_tab=True).props("rel='noopener noreferrer'")
                    if one.reason:
                        text(one.reason, "ll-tag plain")
                    for sentence in one.sentences:
                        text(sentence, "ll-text")
                with box("", "td"):
                    text(one.state, f"ll-tag {'bad' if one.state in ('parked', 'dropped') else 'plain'}")


def text_cell(content: str) -> None:
    """A table cell with a text."""
    with box("", "td"):
        text(content)


def _head(title: str) -> None:
    with box("ll-head"):
        text(title)


@contextmanager
def _table(titles: Sequence[str], widths: Sequence[str] = ()) -> Iterator[None]:
    with box("ll-table", "table"):
        with box("", "thead"), box("", "tr"):
            for number, title in enumerate(titles):
                with box("", "th").style(f"width: {widths[number]}" if widths else ""):
                    text(title)
        with box("", "tbody"):
            yield


def _stuck(state: str, row: Row) -> Stuck:
    return Stuck(
        arrival_id=row["arrival_id"],
        state=state,
        what=parked.what(row),
        sender=" ".join(filter(None, (row["name"], _sender(row) or phone(row["customer"])))),
        content=shorten(row["text"], 120),
        why=row["explanation"] or row["reason"],
        at=f"{row['arrived_at']:%Y-%m-%d %H:%M}",
    )


def _told(row: Row, names: Mapping[int, str], page: Callable[[str], str]) -> Told:
    why = why_of(row) if row["document"] else None
    contact_id = row["contact_id"] or ""
    return Told(
        arrival_id=row["arrival_id"],
        channel=names.get(row["channel_id"], "removed channel"),
        sender=_sender(row),
        content=_content(row),
        state=STATES[row["state"]],
        reason=title(why.code) if why else "",
        contact=next((one.name for one in why.choices if one.chosen and one.name), "Contact") if why else "",
        page=page(contact_id),
        sentences=why.sentences if why else (),
        at=f"{row['arrived_at']:%Y-%m-%d %H:%M}",
    )


def _sender(row: Row) -> str:
    """Who wrote, as people read it: their phone number where the channel tells it."""
    phones = [each["value"] for each in row["content"].get("handles", ()) if each["scheme"] == "tel"]
    return phone(str(next(iter(phones), row["content"].get("sender", ""))))


def _content(row: Row) -> str:
    content = row["content"]
    return shorten(str(content.get("text", "")), 120) or ("[attachment]" if content.get("attachments") else "")
