"""WhatsApp through Twilio. Registered in `CHANNELS`.

Source: Twilio's WhatsApp and Content API pages, its error dictionary, and webhooks with business-scoped user ids as
other integrations handle them, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import Capabilities
from leadline.channels.exchange import Response, Steps
from leadline.channels.http import phone_or_sender
from leadline.channels.markup import signed
from leadline.channels.meta import PORTFOLIOS
from leadline.channels.pieces import numbered, offered, with_choices
from leadline.channels.settings import plain
from leadline.channels.text import split
from leadline.channels.twilio.account import TwilioSettings
from leadline.channels.twilio.content import content_templates, filled_in
from leadline.channels.twilio.questions import AGAIN, question
from leadline.channels.twilio.sms import BODY, Twilio
from leadline.channels.twilio.words import advertisement, described
from leadline.channels.whatsapp.content import CAPTION, ROW, ROWS, kind_of
from leadline.channels.words import lines, reacted
from leadline.model import Forwarded, Handle, Outbound, Profile, Quote, Sent, Template, TemplateUse

PREFIX = "whatsapp:"
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


class TwilioWhatsAppSettings(TwilioSettings, frozen=True, kw_only=True):
    """One WhatsApp sender at Twilio."""

    business_account_id: Annotated[
        str, plain("WhatsApp Business Account ID; people without a phone are known by it; empty: by the Account SID")
    ] = ""
    content_url: Annotated[
        str, plain("Base address of Twilio's Content API; empty: found from the base address above")
    ] = ""


class TwilioWhatsApp(Twilio[TwilioWhatsAppSettings]):
    """WhatsApp through one Twilio sender; customers with a phone, a user id or both."""

    key: ClassVar[str] = "twilio_whatsapp"
    title: ClassVar[str] = "Twilio WhatsApp"
    scheme: ClassVar[str] = "whatsapp"
    settings: ClassVar[type[Any]] = TwilioWhatsAppSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        polls=True,
        templates=True,
        withheld={"call": "calls are another product of Twilio's, whose webhooks do not come here"},
        signature="HMAC-SHA1 or SHA-256 of address and fields",
        window=86_400,
        limits={"text_length": BODY, "media_bytes": 16_000_000, "media_per_message": 1},
        choices=ROWS,
        choice_length=ROW,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the Twilio console open Messaging > Senders > WhatsApp senders and choose your sender "
        "(in the sandbox: Messaging > Try it out > Send a WhatsApp message > Sandbox settings).",
        "At 'Webhook URL for incoming messages' enter {url}#rc=5&rp=all with HTTP POST "
        "- the part after # makes Twilio repeat a message when this server is away for a moment.",
        "Save. Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def handles(self, fields: Mapping[str, str], settings: TwilioWhatsAppSettings) -> tuple[Handle, ...]:
        """The phone where there is one, then the user id, which is the business account's own, then its parent."""
        address, user_id = bare(fields.get("From", "")), bare(fields.get("ExternalUserId", ""))
        if _USER_ID.fullmatch(address):
            address, user_id = fields.get("WaId", ""), address
        handles = [phone_or_sender(address, digits_only=True)] if address or not user_id else []
        if user_id:
            handles.append(Handle("whatsapp", user_id, settings.business_account_id or settings.account_sid))
        if parent_id := bare(fields.get("ParentExternalUserId", "")):
            handles.append(Handle("whatsapp", parent_id, PORTFOLIOS))
        return tuple(handles)

    def profile(self, fields: Mapping[str, str]) -> Profile:
        """Name and username on WhatsApp."""
        return Profile(name=fields.get("ProfileName", ""), username=fields.get("ProfileUsername", ""))

    def text(self, fields: Mapping[str, str], sid: str) -> str:
        """The customer's own words, and in square brackets what else the message holds."""
        words, more = super().text(fields, ""), described(fields)
        if fields.get("MessageType") == "reaction":
            return reacted(words)
        is_told = words in (*more.splitlines(), more.partition(" (")[0])
        return more if is_told else lines(words, more)

    def context(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """What is answered, who wrote it first, and the advertisement that brought the customer."""
        answered, often = fields.get("OriginalRepliedMessageSid", ""), fields.get("FrequentlyForwarded") == "true"
        is_forwarded = often or fields.get("Forwarded") == "true"
        return {
            "quote": Quote(provider_id=answered) if answered else None,
            "forwarded": Forwarded(often=often) if is_forwarded else None,
            "ad": advertisement(fields),
        }

    def recipient(self, number: str) -> str:
        """With Twilio's prefix."""
        return self.wire_address(number)

    def pieces(self, message: Outbound, settings: TwilioWhatsAppSettings) -> tuple[Outbound, ...]:
        """Texts of 1600 characters and one file a message; a short text becomes the first file's caption."""
        if message.template is not None:
            return numbered(message, [(message.text, ())])
        if "{{" in message.text:  # a variable to the Content API, which holds what can be tapped on
            message = with_choices(message, most=0, length=0)
        asks = bool(offered(message))
        texts, files = split(message.text, CAPTION if asks else BODY), message.attachments
        short = len(texts) == 1 and len(split(texts[0], CAPTION)) == 1
        captioned = short and files and kind_of(files[0]) != "audio" and not asks
        first = [(texts[0], files[:1])] if captioned else [*((text, ()) for text in texts), *_alone(files[:1])]
        return numbered(message, [*first, *_alone(files[1:])])

    def send(self, message: Outbound, settings: TwilioWhatsAppSettings) -> Steps[Sent]:
        """As `build`; a question with choices by a content that holds them, which is found again where it was asked."""
        if not offered(message):
            return self.read((yield self.build(message, settings)), settings)
        found = yield from question(content_api(settings), settings, message)
        if isinstance(found, Response):
            return self.read(found, settings) if found.status < 500 and found.status else AGAIN
        use = TemplateUse(name=found, ref=found)
        asking = msgspec.structs.replace(message, template=use)
        return self.read((yield self.build(asking, settings)), settings)

    def content(self, message: Outbound) -> list[tuple[str, str]]:
        """Text and file, or a template instead."""
        if message.template is not None:
            return filled_in(message.template)
        text = signed(message.text, message.marks)
        shown = msgspec.structs.replace(message, text=text) if len(text) <= BODY else message
        return super().content(shown)

    def wire_address(self, address: str) -> str:
        """With the prefix `whatsapp:`, and a plus before bare digits; everything else stays as Twilio gave it."""
        known = bare(address)
        return f"{PREFIX}+{known}" if known.isascii() and known.isdigit() else f"{PREFIX}{known}" if known else ""

    def templates(self, settings: TwilioWhatsAppSettings) -> Steps[tuple[Template, ...]]:
        """Content templates of the account with WhatsApp's word on each."""
        return (yield from content_templates(content_api(settings), settings))


def content_api(settings: TwilioWhatsAppSettings) -> str:
    """Base address of the Content API: the one set, else beside the API (api.twilio.com, content.twilio.com)."""
    base = settings.content_url or settings.api_url.replace("//api.", "//content.", 1)
    return base.rstrip("/")


def bare(address: str) -> str:
    """An address without Twilio's prefix."""
    return address.strip().removeprefix(PREFIX)


def _alone(files: tuple[Any, ...]) -> list[tuple[str, tuple[Any, ...]]]:
    return [("", (file,)) for file in files]
