"""The guided tour: five steps that show a match, a tie, a new lead, a merge and its undo. `tour_pane.py` draws it.

What a step does is done by Leadline itself, as if customers and teammates had done it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from leadline.model import Struct
from leadline.sandbox.seed import KNOWN_USER, UNKNOWN_PHONE
from leadline.stage.records import StageRecords
from leadline.stage.town import Demo

AUTHOR = "The guided tour"
PATIENCE = 10.0  # seconds until a message must be in Intercom
MATCHED, TIED = "+353888888999", "+447700900123"


class Step(Struct, frozen=True):
    """One step: what it is called, and what to look at once it is done."""

    title: str
    words: str


STEPS = (
    Step(
        "A known customer writes",
        "Aoife Byrne is a user in Intercom, and her number is on her contact. Her SMS stands in her own conversation. "
        "Under Contact you see why.",
    ),
    Step(
        "Three contacts have the number",
        "Two users and a lead share this number. The one that was updated last gets the message, and Leadline says "
        "that there were others. You can choose another rule in the settings.",
    ),
    Step(
        "Nobody has the number",
        "No contact in Intercom has it, so that a lead is made. In the Leadline app you see from where it came.",
    ),
    Step(
        "The lead turns out to be Aoife",
        "Leadline has merged the lead into her contact, and the conversation went along. The next message from this "
        "number goes to her. A teammate does this in the Leadline app: Merge, then her e-mail.",
    ),
    Step(
        "That was a mistake",
        "Undone: the lead is back with its number, and the next message makes a conversation of its own. What Intercom "
        "cannot give back, the Leadline app says.",
    ),
)


class Tour:
    """Does what the steps say."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._workspace_id = demo.leadline.workspace.workspace_id
        self._records = StageRecords(demo.leadline.database, self._workspace_id)

    async def play(self, number: int) -> tuple[int, str]:
        """Do one step, counted from 0; returns channel and sender of whom to look at. Safe to repeat.

        Raises MergeRefused where somebody merged or undid something else meanwhile.
        """
        acts: tuple[Callable[[], Awaitable[tuple[int, str]]], ...] = (
            lambda: self._wrote("twilio_sms", MATCHED, "Hi, my parcel has not arrived yet"),
            lambda: self._wrote("whatsapp_cloud", TIED, "Can I change my booking?"),
            lambda: self._wrote("whatsapp_cloud", UNKNOWN_PHONE, "Do you ship to Galway?"),
            self._merge,
            self._undo,
        )
        return await acts[number]()

    async def _wrote(self, provider: str, sender: str, words: str) -> tuple[int, str]:
        """A customer has written, now or before."""
        row, end = self._demo.channels[provider], time.monotonic() + PATIENCE
        written = await self._records.messages(row.channel_id, sender)
        if not written:
            await self._demo.writes(row, sender, words)
        while not any(message["state"] == "done" for message in written) and time.monotonic() < end:
            await asyncio.sleep(0.1)
            written = await self._records.messages(row.channel_id, sender)
        return row.channel_id, sender

    async def _merge(self) -> tuple[int, str]:
        whom = await self._wrote("whatsapp_cloud", UNKNOWN_PHONE, "Do you ship to Galway?")
        merging, workspace_id = self._demo.leadline.merging, self._workspace_id
        for lead in await merging.find(workspace_id, UNKNOWN_PHONE):
            if lead.role == "lead":
                await merging.merge(workspace_id, lead.contact_id, KNOWN_USER, author=AUTHOR)
        return whom

    async def _undo(self) -> tuple[int, str]:
        merging, workspace_id = self._demo.leadline.merging, self._workspace_id
        for record in await merging.history(workspace_id, contact_id=KNOWN_USER):
            if record.state == "merged":
                await merging.undo(workspace_id, record.merge_id, author=AUTHOR)
                break
        return self._demo.channels["whatsapp_cloud"].channel_id, UNKNOWN_PHONE
