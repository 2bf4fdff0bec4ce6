"""What a message becomes on its channel: signed, quoting as the app quotes, in as many pieces as it takes.

`sending.py` asks once for each message, and puts the pieces on record before the first one is sent.
"""

from __future__ import annotations

import msgspec

from leadline.channels.pieces import with_choices
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected
from leadline.model import Attachment, Mark, Outbound, Struct, TemplateUse
from leadline.outbound.file_links import FileLinks
from leadline.outbound.outbox import Outbox, Target
from leadline.outbound.quoting import answering, is_quoting
from leadline.outbound.signing import Signing
from leadline.tracing import new_id


class Content(Struct, frozen=True, kw_only=True):
    """What a teammate wants the customer to get."""

    text: str
    marks: tuple[Mark, ...] = ()
    choices: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    template: TemplateUse | None = None
    signed: bool = False
    """Whether the teammate's signature belongs under it."""


class Planning:
    """Makes pieces of messages; nothing is sent and nothing kept but the addresses of files."""

    def __init__(self, outbox: Outbox, connections: Connections, file_links: FileLinks) -> None:
        self._outbox = outbox
        self._signing = Signing(outbox, connections)
        self._file_links = file_links

    async def pieces(
        self, connected: Connected, target: Target, part_id: str, content: Content, *, author: str
    ) -> tuple[Outbound, ...]:
        """The calls that a message takes. A template is one, whatever its length: the provider has its text."""
        text = await self._signing.signed(target, content.text, author) if content.signed else content.text
        files = content.attachments
        if files and not connected.can.media_out:
            files = await self._file_links.lasting(target.workspace_id, target.conversation_id, part_id, files)
        whole = Outbound(
            id=new_id().hex,
            to=target.sender,
            text=text,
            marks=content.marks,
            choices=content.choices,
            attachments=files,
            template=content.template,
        )
        if content.template is None:
            whole, can = await self._quoting(connected, target, whole), connected.can
            asking = with_choices(whole, most=can.choices, length=can.choice_length)
            return connected.adapter.pieces(asking, connected.settings)
        return (msgspec.structs.replace(whole, id=f"{whole.id}.1"),)

    async def _quoting(self, connected: Connected, target: Target, whole: Outbound) -> Outbound:
        """The message with what it quotes as the app shows it, where it does."""
        if not is_quoting(whole.text):
            return whole
        said = await self._outbox.transcript(target)
        adapter, settings = connected.adapter, connected.settings
        return answering(whole, said, lambda number, ref: adapter.quotable(number, ref, whole.to, settings))
