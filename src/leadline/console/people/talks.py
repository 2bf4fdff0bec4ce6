"""A person's conversations, and what they want on each channel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from leadline.console.drawing import box, moment, outside, text
from leadline.console.people.more import Cut, apart
from leadline.console.shell import Column, Table, Visit, button
from leadline.identity.words import address
from leadline.model import Struct
from leadline.store.queries import queries

Row = dict[str, Any]
SHOWN = 50
SAID = {
    "word": "The customer wrote",
    "provider": "The provider said so",
    "message": "They wrote again",
    "teammate": "A teammate noted it",
    "api": "Another system said so",
}


class Wish(Struct, frozen=True, kw_only=True):
    """What one address wants on one channel. how: who said so, empty where nobody said anything."""

    channel_id: int
    channel: str
    handle: str
    refuses: bool = False
    no_marketing: bool = False
    how: str = ""
    since: Any = None


class Talks:
    """Both tables."""

    def __init__(self, visit: Visit, contact_id: str, channels: dict[int, str]) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._channels = channels
        talks: Table[Row] = Table(
            [
                Column("Conversation", self._draw_talk, "26%"),
                Column("With", lambda row: text(address(row["handle"]))),
                Column("On", lambda row: text(self._name(row["channel_id"])), "20%"),
                Column("Last message", _draw_last, "24%"),
            ],
            lambda row: row["conversation_id"],
            title="Conversations",
            empty="There is no conversation with this contact.",
            testid="talks",
            row="talk",
        )
        self._talks = Cut(talks, "conversations", testid="more-talks")
        wishes: Table[Wish] = Table(
            [
                Column("Address", lambda one: text(address(one.handle)), "30%"),
                Column("On", lambda one: text(one.channel), "20%"),
                Column("Wants", _draw_wish),
                Column("", self._draw_acts, "170px"),
            ],
            lambda one: (one.channel_id, one.handle),
            title="What they want",
            empty="They have no address on any channel yet.",
            testid="wishes",
            row="wish",
        )
        self._wishes = Cut(wishes, "addresses", testid="more-wishes")

    async def refresh(self, handles: Sequence[str]) -> None:
        """Read both. handles: all addresses the contact ever had."""
        talks = await self._visit.rows(queries.talks_of_contact, contact_id=self._contact_id, count=SHOWN)
        self._talks.show(*apart(talks))
        used = await self._visit.rows(queries.conversations_of_contact, contact_id=self._contact_id)
        wishes = self._told(used, await self._visit.rows(queries.wishes_of, handles=[*handles]))
        self._wishes.show(wishes[:SHOWN], len(wishes))

    def _told(self, used: Sequence[Row], said: Sequence[Row]) -> list[Wish]:
        """One line for each address and channel that was used or that something was said about."""
        places = dict.fromkeys((row["channel_id"], row["handle"]) for row in (*used, *said))
        by_place = {(row["channel_id"], row["handle"], row["about"]): row for row in said}
        return [_wish(self._name(place[0]), place, by_place) for place in places if place[0] in self._channels]

    def _name(self, channel_id: int) -> str:
        return self._channels.get(channel_id, "a removed channel")

    def _draw_talk(self, row: Row) -> None:
        words = f"Conversation {row['conversation_id']}"
        outside(words, self._visit.conversation_link(row["conversation_id"]))
        text("ended" if row["ended_at"] else "open", f"ll-tag {'plain' if row['ended_at'] else 'good'}")

    def _draw_acts(self, one: Wish) -> None:
        where = f"{address(one.handle)} on {one.channel}"
        if one.refuses:
            ask = f"Did the customer tell you that {where} takes messages again? Without their word you may not write."
            note = partial(self._note, one, "in")
            button(self._visit, "Note opt-in", "consent", note, ask=ask, testid="opt-in")
            return
        ask = f"Note that {where} refuses messages? Leadline sends nothing there until they opt in again."
        button(self._visit, "Note opt-out", "consent", partial(self._note, one, "out"), ask=ask, testid="opt-out")

    async def _note(self, one: Wish, state: Literal["in", "out"]) -> str:
        visit = self._visit
        noted = await visit.leadline.consents.noted(visit.workspace_id, one.channel_id, one.handle, state)
        if not noted:
            return "It is on record already."
        return f"{address(one.handle)} {'refuses' if state == 'out' else 'takes'} messages on {one.channel} now."


def _wish(channel: str, place: tuple[int, str], said: dict[tuple[int, str, str], Row]) -> Wish:
    everything, marketing = said.get((*place, "everything")), said.get((*place, "marketing"))
    word = f" “{everything['word']}”" if everything and everything["word"] else ""
    return Wish(
        channel_id=place[0],
        channel=channel,
        handle=place[1],
        refuses=bool(everything and everything["state"] == "out"),
        no_marketing=bool(marketing and marketing["state"] == "out"),
        how=f"{SAID.get(everything['source'], everything['source'])}{word}" if everything else "",
        since=everything["since"] if everything else None,
    )


def _draw_wish(one: Wish) -> None:
    with box("ll-acts"):
        text("refuses messages" if one.refuses else "takes messages", f"ll-tag {'bad' if one.refuses else 'good'}")
        if one.no_marketing and not one.refuses:
            text("no marketing", "ll-tag warn")
    if one.how:
        with box("ll-acts ll-faint"):
            text(one.how)
            moment(one.since)


def _draw_last(row: Row) -> None:
    moment(row["last_inbound_at"] or row["opened_at"])
