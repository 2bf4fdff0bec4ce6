"""A person's conversations, and what they want on each channel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from leadline.console.drawing import box, moment, outside, text
from leadline.console.language import _, forms, marked
from leadline.console.people.addresses import MORE
from leadline.console.people.more import Cut, apart
from leadline.console.shell import Column, Table, Visit, button
from leadline.identity.words import address
from leadline.model import Struct
from leadline.store.queries import queries

Row = dict[str, Any]
SHOWN = 50
TALKS = forms("And {count} more conversation.", "And {count} more conversations.")
SAID = {
    "word": marked("The customer wrote"),
    "provider": marked("The provider said so"),
    "message": marked("They wrote again"),
    "teammate": marked("A teammate noted it"),
    "api": marked("Another system said so"),
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
                Column(_("Conversation"), self._draw_talk, "26%"),
                Column(_("With"), lambda row: text(address(row["handle"]))),
                Column(_("On"), lambda row: text(self._name(row["channel_id"])), "20%"),
                Column(_("Last message"), _draw_last, "24%"),
            ],
            lambda row: row["conversation_id"],
            title=_("Conversations"),
            empty=_("There is no conversation with this contact."),
            testid="talks",
            row="talk",
        )
        self._talks = Cut(talks, TALKS, testid="more-talks")
        wishes: Table[Wish] = Table(
            [
                Column(_("Address"), lambda one: text(address(one.handle)), "30%"),
                Column(_("On"), lambda one: text(one.channel), "20%"),
                Column(_("Wants"), _draw_wish),
                Column("", self._draw_acts, "170px"),
            ],
            lambda one: (one.channel_id, one.handle),
            title=_("What they want"),
            empty=_("They have no address on any channel yet."),
            testid="wishes",
            row="wish",
        )
        self._wishes = Cut(wishes, MORE, testid="more-wishes")

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
        return self._channels.get(channel_id, _("a removed channel"))

    def _draw_talk(self, row: Row) -> None:
        words = _("Conversation {number}", number=row["conversation_id"])
        outside(words, self._visit.conversation_link(row["conversation_id"]))
        text(_("ended") if row["ended_at"] else _("open"), f"ll-tag {'plain' if row['ended_at'] else 'good'}")

    def _draw_acts(self, one: Wish) -> None:
        where = {"address": address(one.handle), "channel": one.channel}
        if one.refuses:
            ask = _(
                "Did the customer tell you that {address} on {channel} accepts messages again? "
                "Without their consent you may not write.",
                **where,
            )
            note = partial(self._note, one, "in")
            button(self._visit, _("Note opt-in"), "consent", note, ask=ask, testid="opt-in")
            return
        ask = _(
            "Note that {address} on {channel} refuses messages? Leadline sends nothing there until they opt in again.",
            **where,
        )
        button(self._visit, _("Note opt-out"), "consent", partial(self._note, one, "out"), ask=ask, testid="opt-out")

    async def _note(self, one: Wish, state: Literal["in", "out"]) -> str:
        visit = self._visit
        noted = await visit.leadline.consents.noted(visit.workspace_id, one.channel_id, one.handle, state)
        if not noted:
            return _("That is already on record.")
        where = {"address": address(one.handle), "channel": one.channel}
        if state == "out":
            return _("{address} refuses messages on {channel} now.", **where)
        return _("{address} accepts messages on {channel} now.", **where)


def _wish(channel: str, place: tuple[int, str], said: dict[tuple[int, str, str], Row]) -> Wish:
    everything, marketing = said.get((*place, "everything")), said.get((*place, "marketing"))
    word = f" “{everything['word']}”" if everything and everything["word"] else ""
    return Wish(
        channel_id=place[0],
        channel=channel,
        handle=place[1],
        refuses=bool(everything and everything["state"] == "out"),
        no_marketing=bool(marketing and marketing["state"] == "out"),
        how=f"{_(SAID.get(everything['source']) or everything['source'])}{word}" if everything else "",
        since=everything["since"] if everything else None,
    )


def _draw_wish(one: Wish) -> None:
    with box("ll-acts"):
        text(
            _("refuses messages") if one.refuses else _("accepts messages"),
            f"ll-tag {'bad' if one.refuses else 'good'}",
        )
        if one.no_marketing and not one.refuses:
            text(_("no marketing"), "ll-tag warn")
    if one.how:
        with box("ll-acts ll-faint"):
            text(one.how)
            moment(one.since)


def _draw_last(row: Row) -> None:
    moment(row["last_inbound_at"] or row["opened_at"])
