"""Channels, what waits for a person with the buttons to act on it, recent messages with their reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from leadline.channels import CHANNELS
from leadline.console.drawing import box, moment, outside, shorten, text
from leadline.console.records import Records, why_of
from leadline.console.shell import Column, Section, Table, Visit, button
from leadline.engine import parked
from leadline.engine.breaker import breakers, told
from leadline.identity.reasons import title
from leadline.identity.words import phone
from leadline.model import Struct

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
    at: datetime


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
    at: datetime


class Overview:
    """One operator's view."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._records = Records(visit.database, visit.workspace_id)
        self._looking = asyncio.Lock()
        self._channels = Section("Channels", _draw_channels, testid="channels")
        self._away = Section("", _draw_away, testid="away")
        self._stuck: Table[Stuck] = Table(
            [
                Column("Message", _draw_what, "24%"),
                Column("From", lambda one: text(one.sender), "18%"),
                Column("Why", _draw_why),
                Column("", self._draw_acts, "190px"),
            ],
            lambda one: one.arrival_id,
            empty="Nothing is parked and nothing waits.",
            title="Parked or waiting",
            testid="stuck",
            row="stuck-row",
        )
        self._messages: Table[Told] = Table(
            [
                Column("Message", _draw_message, "26%"),
                Column("From", _draw_sender, "18%"),
                Column("Contact and why", _draw_decision),
                Column("State", _draw_state, "110px"),
            ],
            lambda one: one.arrival_id,
            empty="No message has arrived yet.",
            title="Recent messages",
            testid="messages",
            row="message-row",
        )

    async def refresh(self) -> None:
        """Show what changed since the last time; one look at a time, so that an older never draws over a newer."""
        database, workspace_id = self._visit.database, self._visit.workspace_id
        async with self._looking:
            rows = await self._visit.leadline.channels.listed(workspace_id)
            names = {row.channel_id: row.name for row in rows}
            stuck = [_stuck("parked", row) for row in await parked.parked(database, workspace_id, count=LIMIT)]
            stuck += [_stuck("waiting", row) for row in await parked.postponed(database, workspace_id, count=LIMIT)]
            messages = [_told(row, names, self._visit.contact_link) for row in await self._records.recent(LIMIT)]
            self._channels.show([(row.name, CHANNELS[row.provider].title, phone(row.address)) for row in rows])
            self._away.show([told(row) for row in await breakers(database, workspace_id)])
            self._stuck.show(stuck)
            self._messages.show(messages)

    def _draw_acts(self, one: Stuck) -> None:
        with box("ll-acts"):
            button(self._visit, "Retry", "retry", partial(self._retry, one), testid="retry")
            if one.state == "parked":
                ask = f"Give up message {one.arrival_id} for good? Its raw form stays on record."
                button(self._visit, "Drop", "drop", partial(self._drop, one), kind="danger", ask=ask, testid="drop")

    async def _retry(self, one: Stuck) -> str:
        count = await parked.retry(self._visit.database, self._visit.workspace_id, ids=[one.arrival_id])
        return f"Trying message {one.arrival_id} again" if count else QUICKER

    async def _drop(self, one: Stuck) -> str:
        count = await parked.drop(self._visit.database, self._visit.workspace_id, [one.arrival_id])
        return f"Message {one.arrival_id} is dropped" if count else QUICKER


async def draw(visit: Visit) -> None:
    """The page."""
    overview = Overview(visit)
    visit.refresh = overview.refresh
    await overview.refresh()


def _draw_away(away: Sequence[tuple[str, str]]) -> None:
    for part, sentence in away:
        text(f"{part}: {sentence}.", "ll-text")


def _draw_channels(channels: Sequence[tuple[str, ...]]) -> None:
    if not channels:
        text("No channel is connected yet. Connect one with: leadline channel add", "ll-empty")
    for name, provider, address in channels:
        with box("ll-acts ll-padded"):
            text(name)
            text(f"{provider}, {address}", "ll-soft")


def _draw_what(one: Stuck) -> None:
    text(one.content or one.what)
    if one.content:
        text(one.what, "ll-faint")
    _draw_number(one.arrival_id, one.at)


def _draw_why(one: Stuck) -> None:
    text(one.state, f"ll-tag {'bad' if one.state == 'parked' else 'plain'}")
    text(one.why, "ll-text")


def _draw_message(one: Told) -> None:
    text(one.content)
    _draw_number(one.arrival_id, one.at)


def _draw_number(arrival_id: int, at: datetime) -> None:
    with box("ll-acts ll-faint"):
        text(f"Number {arrival_id}")
        moment(at)


def _draw_sender(one: Told) -> None:
    text(one.sender)
    text(one.channel, "ll-faint")


def _draw_decision(one: Told) -> None:
    with box("ll-acts"):
        if one.contact:
            outside(one.contact, one.page)
        if one.reason:
            text(one.reason, "ll-tag plain")
    for sentence in one.sentences:
        text(sentence, "ll-text")


def _draw_state(one: Told) -> None:
    text(one.state, f"ll-tag {'bad' if one.state in ('parked', 'dropped') else 'plain'}")


def _stuck(state: str, row: Row) -> Stuck:
    return Stuck(
        arrival_id=row["arrival_id"],
        state=state,
        what=parked.what(row),
        sender=" ".join(filter(None, (row["name"], _sender(row) or phone(row["customer"])))),
        content=shorten(row["text"], 120),
        why=row["explanation"] or row["reason"],
        at=row["arrived_at"],
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
        at=row["arrived_at"],
    )


def _sender(row: Row) -> str:
    """Who wrote, as people read it: their phone number where the channel tells it."""
    phones = [each["value"] for each in row["content"].get("handles", ()) if each["scheme"] == "tel"]
    return phone(str(next(iter(phones), row["content"].get("sender", ""))))


def _content(row: Row) -> str:
    content = row["content"]
    return shorten(str(content.get("text", "")), 120) or ("[attachment]" if content.get("attachments") else "")
