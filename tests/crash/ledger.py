"""The ledger of a storm: what customers and teammates wrote, beside what Intercom, phones and the operator have."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from leadline.model import Struct
from leadline.sandbox.providers import Delivery
from leadline.store.database import Database

TALK = """
    select c.id as conversation, 0 as part, c.source->'author'->>'type' as author, c.source->>'body' as body,
        'source' as kind, c.source->'attachments' as files
    from conversation c
    union all
    select p.conversation_id, p.id, p.author_type, coalesce(p.body, ''), p.part_type, p.attachments from part p
    order by conversation, part
"""
PARKED = "select content->>'text' as text, reason from arrival where state = 'parked' and kind = 'message'"
TEXT = re.compile(r"(\+\d+) (sms|whatsapp) (\d+)")
CHANNELS = {"twilio_sms": "sms", "whatsapp_cloud": "whatsapp"}
REPLY = re.compile(r"reply (\d+)\b")


class Written(Struct, frozen=True, kw_only=True):
    """What was acknowledged (customers) or stands in Intercom (teammates).

    greetings: what the channels say by themselves, once to each customer on each channel.
    """

    messages: tuple[str, ...]
    files: int
    replies: tuple[str, ...]
    greetings: tuple[str, ...] = ()


class Ledger(Struct, frozen=True, kw_only=True):
    """lost, doubled, disordered: texts of customers. silent, twice: replies without effect or word, and sent twice.

    ungreeted, greeted_twice: customers whom their channel has told nothing, or the same thing again.
    """

    messages: int
    delivered: int
    parked: int
    replies: int
    sent: int
    told: int
    files: int
    missing_files: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    disordered: tuple[str, ...]
    silent: tuple[str, ...]
    twice: tuple[str, ...]
    ungreeted: tuple[str, ...]
    greeted_twice: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled, out of order, or silent."""
        wrong = (self.lost, self.doubled, self.disordered, self.silent, self.twice, self.ungreeted, self.greeted_twice)
        return not any(wrong) and self.missing_files <= 0

    def lines(self) -> list[str]:
        """For people."""
        fields = msgspec.structs.asdict(self)
        counted = {name: len(value) if isinstance(value, tuple) else value for name, value in fields.items()}
        examples = {name: value[:5] for name, value in fields.items() if isinstance(value, tuple) and value}
        return [f"{name:14} {count}" for name, count in counted.items()] + [f"{k}: {v}" for k, v in examples.items()]


async def drawn_up(written: Written, sandbox: Database, store: Database, phones: Sequence[Delivery]) -> Ledger:
    """Compare all sides."""
    talk = await rows(sandbox, TALK)
    customers = [row for row in talk if row["author"] in ("lead", "user", "contact")]
    arrived = Counter(text for row in customers for text in _texts(row["body"]))
    parked = Counter(text for row in await rows(store, PARKED) for text in _texts(row["text"] or ""))
    out = Counter(number for delivery in phones for number in _replies(delivery.text))
    notes = {number for row in talk if row["kind"] == "note" for number in _replies(row["body"])}
    wanted = [number for text in written.replies for number in _replies(text)]
    files = sum(len(row["files"] or ()) for row in customers)
    greeted = _greeted(written.greetings, phones)
    owed = {(*who, text) for who in _writers(customers).values() for text in written.greetings}
    return Ledger(
        messages=len(written.messages),
        delivered=sum(arrived[text] > 0 for text in written.messages),
        parked=sum(parked.values()),
        replies=len(wanted),
        sent=sum(out[number] > 0 for number in wanted),
        told=sum(number in notes for number in wanted),
        files=files,
        missing_files=written.files - files,
        lost=tuple(text for text in written.messages if not arrived[text] and not parked[text]),
        doubled=tuple(text for text, count in arrived.items() if count + parked[text] > 1),
        disordered=tuple(_disordered(customers)),
        silent=tuple(f"reply {number}" for number in wanted if not out[number] and number not in notes),
        twice=tuple(f"reply {number}" for number, count in out.items() if count > 1),
        ungreeted=tuple(map(" ".join, sorted(owed - greeted.keys() - _noted(written.greetings, talk, customers)))),
        greeted_twice=tuple(" ".join(who) for who, count in greeted.items() if count > 1),
    )


def _writers(customers: Sequence[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Sender and channel of each conversation."""
    found = {row["conversation"]: TEXT.findall(row["body"] or "") for row in customers}
    return {conversation: (texts[0][0], texts[0][1]) for conversation, texts in found.items() if texts}


def _greeted(greetings: Sequence[str], phones: Sequence[Delivery]) -> Counter[tuple[str, str, str]]:
    """How often each greeting reached a customer on a channel."""
    return Counter(
        (f"+{delivery.to.lstrip('+')}", CHANNELS[delivery.provider], delivery.text)
        for delivery in phones
        if delivery.text in greetings
    )


def _noted(
    greetings: Sequence[str], talk: Sequence[dict[str, Any]], customers: Sequence[dict[str, Any]]
) -> set[tuple[str, str, str]]:
    """Greetings of which the conversation tells that they may not have come through."""
    writers = _writers(customers)
    return {
        (*writers[row["conversation"]], text)
        for row in talk
        for text in greetings
        if row["kind"] == "note" and text in (row["body"] or "") and row["conversation"] in writers
    }


def _disordered(customers: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Numbers of one sender on one channel go up within a conversation."""
    last: dict[tuple[str, str], int] = defaultdict(lambda: -1)
    for row in customers:
        for sender, channel, number in TEXT.findall(row["body"] or ""):
            if int(number) < last[sender, channel]:
                yield f"{sender} {channel} {number}"
            last[sender, channel] = int(number)


def _texts(body: str) -> list[str]:
    return [" ".join(found) for found in TEXT.findall(body)]


def _replies(body: str | None) -> set[int]:
    return {int(number) for number in REPLY.findall(body or "")}


async def rows(database: Database, question: str) -> list[dict[str, Any]]:
    """All rows of a question without parameters."""
    async with database.connection() as connection:
        return await (await connection.execute(question.encode())).fetchall()
