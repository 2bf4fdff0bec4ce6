"""What the Cloud API and the providers that pass it on share: messages, reports and sends. Base of both adapters.

Source: WhatsApp Cloud API reference v23.0 and its pages on business-scoped user ids, November 2026.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, without_echoes
from leadline.channels.settings import Settings
from leadline.channels.whatsapp.answer import read_answer
from leadline.channels.whatsapp.batch import read_batch
from leadline.channels.whatsapp.content import MEDIA_BYTES, ROW, ROWS, TEXT, WAMID, cut, marked_read, wire_message
from leadline.channels.whatsapp.noise import NOISE
from leadline.model import Outbound, Sent


class NumberSettings(Settings, frozen=True, kw_only=True):
    """What both have. Subclasses describe the fields for people."""

    display_number: str = ""
    phone_number_id: str = ""
    business_account_id: str = ""
    mark_read: bool = False
    show_echoes: bool = False


W = TypeVar("W", bound=NumberSettings)


class WhatsApp(Channel[W]):
    """WhatsApp messages, single or in batches for several numbers; senders with a phone, a user id or both."""

    scheme: ClassVar[str] = "whatsapp"
    phone_based: ClassVar[bool] = True
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"131050": "marketing"}
    noise: ClassVar[Mapping[str, str]] = NOISE

    @abstractmethod
    def post(self, body: Any, settings: W) -> Call:
        """POST it to the number's messages."""

    def parse(self, request: Request, settings: W) -> Parsed:
        """Every message and status of every entry; raises Unreadable only where the whole body is none of WhatsApp."""
        parsed = read_batch(request.body, settings.business_account_id)
        return parsed if settings.show_echoes else without_echoes(parsed)

    def account(self, settings: W) -> str:
        """The id by which batches name the number a message came to; empty where the address serves one only."""
        return settings.phone_number_id

    def marking_read(self, number: str, ref: str, to: str, settings: W) -> Call | None:
        """POST messages with the status `read`, which counts for all before it."""
        if not (settings.mark_read and number.startswith(WAMID)):
            return None
        return self.post(marked_read(number), settings)

    def quotable(self, number: str, ref: str, to: str, settings: W) -> str:
        """Any message of the chat, by its id."""
        return number if number.startswith(WAMID) else ""

    def pieces(self, message: Outbound, settings: W) -> tuple[Outbound, ...]:
        """Texts of 4096 characters and one file a message; a short text becomes the first file's caption."""
        return cut(message)

    def build(self, message: Outbound, settings: W) -> Call:
        """POST messages; a phone goes into `to`, a user id into `recipient`, our id into the callback data."""
        return self.post(wire_message(message), settings)

    def read(self, response: Response, settings: W) -> Sent:
        """200 with an id: taken. Errors by their code: refused, retry or unknown. Never raises."""
        return read_answer(response)


def able(signature: str) -> Capabilities:
    """What a number can do; signature: how the provider signs its webhooks."""
    return Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature=signature,
        window=86_400,
        limits={"text_length": TEXT, "media_bytes": MEDIA_BYTES, "media_per_message": 1},
        choices=ROWS,
        choice_length=ROW,
        templates=True,
    )
