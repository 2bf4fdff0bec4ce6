"""The demo's stage: customers' phones and the sandbox's inbox, as the panes show and play them. `cli/demo.py` opens it.

The inbox is read over the sandbox's REST API, as any client of Intercom would; phones over the fakes of the providers.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import msgspec

from leadline.channels import channel
from leadline.errors import LeadlineError
from leadline.identity.words import phone
from leadline.model import Attachment, Inbound
from leadline.sandbox.providers import Delivery, Fake, Posted, TwilioFake
from leadline.sandbox.seed import PEOPLE, UNKNOWN_PHONE
from leadline.stage import inbox_values
from leadline.stage.records import StageRecords, trouble_of
from leadline.stage.shown import Bubble, Caller, Item, Line, ProfileCard, Thread
from leadline.stage.town import TOKEN, Demo
from leadline.store.channels import ChannelRow

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
STATES = {"done": "sent", "waiting": "sending", "parked": "failed", "dropped": "failed"}


class SandboxError(LeadlineError):
    """The sandbox did not do what the page asked; the text is its answer."""


class Stage:
    """An open demo, seen by its page."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._rows: dict[int, ChannelRow] = {row.channel_id: row for row in demo.channels.values()}
        self._records = StageRecords(demo.leadline.database, demo.leadline.workspace.workspace_id)
        self._timeout = aiohttp.ClientTimeout(total=10)

    @property
    def leadline_url(self) -> str:
        """Where Leadline listens."""
        return self._demo.places.leadline

    def lines(self) -> list[Line]:
        """The channels customers can write on."""
        return [
            Line(
                channel_id=row.channel_id,
                name=row.name,
                provider=row.provider,
                address=phone(row.address),
                named=row.provider != TwilioFake.key,
                phones=channel(row.provider).phone_based,
                example=self._demo.providers.fakes[row.provider].customer(1),
                quotes=self._demo.providers.fakes[row.provider].quotes,
                forms=self._demo.providers.fakes[row.provider].forms,
            )
            for row in self._rows.values()
        ]

    async def callers(self) -> list[Caller]:
        """Whom to be: people of the sandbox, one nobody knows, and whoever wrote before."""
        known = {(0, _international(phone)): name for _, _, _, _, phone, name, _ in reversed(PEOPLE)}
        known[0, UNKNOWN_PHONE] = "not in Intercom yet"
        lines = {line.channel_id: line for line in self.lines()}
        known |= {(line.channel_id, line.example): "" for line in lines.values() if not line.phones}
        for row in await self._records.senders():
            line = lines.get(row["channel_id"])
            if line is not None:
                sender = (0, _international(row["sender"])) if line.phones else (line.channel_id, row["sender"])
                known[sender] = known.get(sender) or row["name"] or ""
        return [Caller(sender=sender, name=name, channel_id=key) for (key, sender), name in known.items()]

    async def customer_writes(
        self, channel_id: int, sender: str, name: str, text: str, picture: tuple[str, bytes] | None, quoted: str = ""
    ) -> Posted:
        """A real signed webhook goes through Leadline's door. `picture` is (content type, content).

        quoted: the provider's id of the message that this one answers.
        """
        if quoted and not picture:
            return await self._fake(channel_id).answer(sender, quoted, text, name=name.strip())
        return await self._demo.writes(
            self._rows[channel_id], sender, text, [picture] if picture else [], name=name.strip()
        )

    async def customer_taps(self, channel_id: int, sender: str, number: str, choice: str) -> Posted:
        """The customer taps on what the message with this number offers."""
        return await self._fake(channel_id).tap(sender, number, choice)

    async def customer_fills_in(self, channel_id: int, sender: str, name: str, answers: Mapping[str, str]) -> Posted:
        """The customer fills in a form."""
        return await self._fake(channel_id).fill_in(sender, answers, name=name.strip())

    def _fake(self, channel_id: int) -> Fake[Any]:
        return self._demo.providers.fakes[self._rows[channel_id].provider]

    async def phone(self, channel_id: int, sender: str) -> tuple[Bubble, ...]:
        """Both sides of one customer's phone, oldest first."""
        if not sender:
            return ()
        mine = [self._written(row) for row in await self._records.messages(channel_id, sender)]
        provider = self._rows[channel_id].provider
        received = [
            one
            for one in self._demo.providers.phones.received()
            if one.provider == provider and one.to.lstrip("+") == sender.lstrip("+")
        ]
        sends = await self._records.sends(channel_id, [one.message_id for one in received])
        theirs = [_received(one, sends.get(one.message_id)) for one in received]
        return with_quotes(sorted(mine + theirs, key=lambda bubble: bubble.at))

    def _written(self, row: Mapping[str, Any]) -> Bubble:
        message = msgspec.convert(row["content"], Inbound)
        pictures = [url for url in map(self._shown, message.attachments) if url]
        return Bubble(
            key=f"in-{row['arrival_id']}",
            mine=True,
            text=message.text,
            at=row["at"],
            state=STATES[row["state"]],
            picture=pictures[0] if pictures else "",
            trouble="" if row["state"] == "done" else row["explanation"],
            number=message.provider_id,
            quoted=message.quote.provider_id if message.quote else "",
        )

    def _shown(self, attachment: Attachment) -> str:
        """A picture the customer sent, taken from the fake that keeps it."""
        found = self._demo.providers.shelf.get(attachment.ref or attachment.url.rpartition("/")[2])
        return data_url(*found) if found else ""

    async def inbox(self) -> tuple[Item, ...]:
        """All conversations, the one that changed last first."""
        listed = (await self.ask("GET", "/conversations?per_page=60"))["conversations"]
        kept = await self._records.conversations([str(one["id"]) for one in listed])
        names = await self._names({inbox_values.contact_of(one) for one in listed} - {""})
        lines = {row.channel_id: row.name for row in self._rows.values()}
        items = [inbox_values.item(one, names, kept.get(str(one["id"])), lines) for one in listed]
        return tuple(sorted(items, key=lambda item: (-item.at, -int(item.conversation_id))))

    async def _names(self, contact_ids: set[str]) -> dict[str, str]:
        """The present names of contacts: those in a conversation are of the time it began."""
        wanted = [{"field": "id", "operator": "IN", "value": sorted(contact_ids)}]
        if not contact_ids:
            return {}
        query = {"query": {"operator": "AND", "value": wanted}, "pagination": {"per_page": 150}}
        found = (await self.ask("POST", "/contacts/search", query))["data"]
        return {one["id"]: one["name"] or one["phone"] or one["email"] or one["id"] for one in found}

    async def thread(self, conversation_id: str) -> Thread | None:
        """One conversation with everything in it."""
        full = await self.ask("GET", f"/conversations/{conversation_id}?display_as=plaintext", missing_ok=True)
        return inbox_values.thread(full) if full else None

    async def profile(self, contact_id: str, item: Item | None) -> ProfileCard | None:
        """The contact of a conversation, what Leadline links to it, and why it was chosen."""
        contact = await self.ask("GET", f"/contacts/{contact_id}", missing_ok=True)
        if not contact:
            return None
        links, why = await asyncio.gather(
            self._records.links(contact_id),
            self._records.why(item.channel_id if item else 0, item.handle if item else ""),
        )
        return msgspec.structs.replace(inbox_values.profile(contact), links=links, why=why)

    async def read(self, conversation_id: str) -> None:
        """A teammate has the conversation before their eyes."""
        await self.ask("PUT", f"/conversations/{conversation_id}", {"read": True})

    async def teammate_asks(self, conversation_id: str, text: str, choices: Sequence[str]) -> None:
        """A question with quick replies; raises SandboxError."""
        me = await self.ask("GET", "/me")
        options = [{"text": choice, "uuid": str(number)} for number, choice in enumerate(choices, 1)]
        asked = {"message_type": "quick_reply", "type": "admin", "admin_id": me["id"], "body": text}
        await self.ask("POST", f"/conversations/{conversation_id}/reply", asked | {"reply_options": options})

    async def teammate_writes(self, conversation_id: str, text: str, *, note: bool) -> None:
        """A reply or a note as if typed in Intercom; raises SandboxError."""
        action = {"action": "note" if note else "reply", "conversation_id": conversation_id, "body": text}
        await self.ask("POST", "/_sandbox/teammate", action)

    async def contact_of(self, conversation_id: str) -> str:
        """The first person of a conversation, which a merge may have changed."""
        return inbox_values.contact_of(await self.ask("GET", f"/conversations/{conversation_id}"))

    async def ask(self, method: str, path: str, body: Any = None, *, missing_ok: bool = False) -> Any:
        """A call to the sandbox's REST API; raises SandboxError."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.16"}
        url = f"{self._demo.places.sandbox}{path}"
        async with (
            aiohttp.ClientSession(timeout=self._timeout) as session,
            session.request(method, url, json=body, headers=headers) as answer,
        ):
            if answer.status == 404 and missing_ok:
                return None
            if answer.status >= 300:
                raise SandboxError(f"The sandbox answered {answer.status}: {await answer.text()}")
            return await answer.json()


def with_quotes(bubbles: Sequence[Bubble]) -> tuple[Bubble, ...]:
    """The bubbles with the words of what they quote instead of its number; Telegram names it within the chat only."""
    words = {bubble.number: bubble.text or "Picture" for bubble in bubbles}
    words |= {number.partition("/")[2]: said for number, said in words.items() if "/" in number}
    return tuple(msgspec.structs.replace(bubble, quoted=words.get(bubble.quoted, "")) for bubble in bubbles)


def data_url(content_type: str, content: bytes) -> str:
    """A picture as an address of its own; empty for what no image element should get."""
    kind = content_type.partition(";")[0].strip().lower()
    return f"data:{kind};base64,{base64.b64encode(content).decode()}" if kind in PICTURES else ""


def _received(one: Delivery, row: Mapping[str, Any] | None) -> Bubble:
    return Bubble(
        key=f"out-{one.message_id}",
        mine=False,
        text=one.text,
        at=row["at"] if row else one.at,
        state=one.state.value,
        picture=next(filter(inbox_values.is_web, one.media), ""),
        trouble=trouble_of(row) if one.state == "failed" else "",
        number=one.message_id,
        quoted=one.quoted,
        choices=one.choices,
    )


def _international(phone: str) -> str:
    digits = "".join(filter(str.isdigit, phone)).removeprefix("00")
    return f"+{digits}"
