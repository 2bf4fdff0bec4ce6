"""WhatsApp through MessageBird's classic Conversations API. Registered in `CHANNELS`.

Source: MessageBird's Conversations and Integrations pages, its Go and Python SDKs, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

import msgspec

from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import (
    decoded,
    first_of,
    host_of,
    json_call,
    phone_or_sender,
    query,
    utc_seconds,
    with_query,
)
from leadline.channels.messagebird import wire
from leadline.channels.messagebird.account import credentials, media_call
from leadline.channels.messagebird.answer import read_answer
from leadline.channels.messagebird.codes import REASON_OF_WHATSAPP_CODE, STATES
from leadline.channels.messagebird.registration import registered
from leadline.channels.messagebird.signature import check_signature
from leadline.channels.messagebird.words import contents
from leadline.channels.pieces import offered
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.whatsapp.content import MEDIA_BYTES, ROW, ROWS, TEXT, asking, cut, kind_of, marked
from leadline.channels.whatsapp.filling import filled_in
from leadline.channels.whatsapp.templates import Listed, page_of, template_of
from leadline.errors import Unreadable
from leadline.model import (
    Attachment,
    DeliveryState,
    Handle,
    Inbound,
    Outbound,
    Profile,
    Sent,
    StatusUpdate,
    Template,
    TemplateUse,
)

API = "https://conversations.messagebird.com"
PAGE = 50  # templates of one page, as many as MessageBird gives
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


class MessageBirdWhatsAppSettings(Settings, frozen=True, kw_only=True):
    """One WhatsApp channel of a classic account. Webhooks are signed with the signing key, not with the access key."""

    access_key: Annotated[str, secret("Live access key, from Developers > API access")]
    signing_key: Annotated[str, secret("Signing key, from Developers > API settings; it signs the webhooks")]
    channel_id: Annotated[str, plain("Channel ID of the WhatsApp channel, from Channels > WhatsApp")]
    number: Annotated[str, plain("The number as people know it, for example +353 1 555 0100")] = ""
    namespace: Annotated[str, plain("Namespace of the templates, from Channels > WhatsApp; needed to send one")] = ""
    business_account_id: Annotated[
        str, plain("WhatsApp Business Account ID; people without a phone are known by it; empty: by the channel ID")
    ] = ""
    templates_url: Annotated[
        str, plain("Base address of the Integrations API; empty: found from the base address above")
    ] = ""
    api_url: Annotated[str, plain("Base address of MessageBird's Conversations API")] = API


class _Item(Listed):
    namespace: str | None = None


class _Page(msgspec.Struct):
    items: list[_Item]
    total: int = msgspec.field(default=0, name="totalCount")


_EVENT = msgspec.json.Decoder(wire.Event)
_PAGE = msgspec.json.Decoder(_Page)


class MessageBirdWhatsApp(Channel[MessageBirdWhatsAppSettings]):
    """WhatsApp messages of one channel, one event a webhook."""

    key: ClassVar[str] = "messagebird_whatsapp"
    title: ClassVar[str] = "MessageBird WhatsApp"
    scheme: ClassVar[str] = "whatsapp"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = MessageBirdWhatsAppSettings
    noise: ClassVar[Mapping[str, str]] = {
        **STATE_NOISE,
        "echo": "A message of the business itself, which MessageBird repeats",
        "received": "A new state of a message the customer sent",
        "conversation": "News about MessageBird's own conversation, without a message",
    }
    answer: ClassVar[Answer] = Answer(body="OK")
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        templates=True,
        signature="JWT with hashes of address and body",
        window=86_400,
        limits={"text_length": TEXT, "media_bytes": MEDIA_BYTES, "media_per_message": 1},
        choices=ROWS,
        choice_length=ROW,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the MessageBird dashboard open Channels > WhatsApp and copy the channel ID and the namespace.",
        "Leadline makes the webhook of the channel itself. Where it could not, make it with your access key: "
        "POST https://conversations.messagebird.com/v1/webhooks "
        '{{"events": ["message.created"], "channelId": "<channel ID>", "url": "{url}"}}',
        "Delivery reports come to {status_url}; Leadline names it with every message, nothing to set.",
    )

    def verify(self, request: Request, settings: MessageBirdWhatsAppSettings) -> None:
        """Check MessageBird-Signature-JWT; raises Refused."""
        check_signature(request, settings.signing_key)

    def parse(self, request: Request, settings: MessageBirdWhatsAppSettings) -> Parsed:
        """A customer's message, or what became of one of ours; events about our own new messages are left alone."""
        event = decoded(_EVENT, request.body)
        message = event.message
        if not event.type or (message is not None and not message.id):
            raise Unreadable("The body names no event or no message: this is no webhook of the Conversations API")
        if message is None:
            return Parsed(noise=("conversation",))
        if message.direction not in ("received", "sent"):
            raise Unreadable(f"direction is '{message.direction[:40]}': nobody can tell who wrote this")
        if message.direction == "received":
            if event.type == "message.updated":
                return Parsed(noise=("received",))
            return Parsed(messages=(_inbound(message, event.contact or wire.Contact(), settings),))
        if event.type == "message.created":
            return Parsed(noise=("echo",))
        return _status(message, first_of(query(request.url)).get("outbound", ""))

    def address(self, settings: MessageBirdWhatsAppSettings) -> str:
        """The number, or the channel where none was entered."""
        return settings.number or settings.channel_id

    def account(self, settings: MessageBirdWhatsAppSettings) -> str:
        """The channel: one webhook may serve all channels of an account."""
        return settings.channel_id

    def pieces(self, message: Outbound, settings: MessageBirdWhatsAppSettings) -> tuple[Outbound, ...]:
        """Texts of 4096 characters and one file a message; a short text becomes the first file's caption."""
        return cut(message)

    def build(self, message: Outbound, settings: MessageBirdWhatsAppSettings) -> Call:
        """POST send; our id rides in the address of the delivery reports."""
        value = {"to": message.to, "from": settings.channel_id, **_content(message, settings)}
        if message.status_url:
            value["reportUrl"] = with_query(message.status_url, outbound=message.id)
        return json_call(f"{settings.api_url.rstrip('/')}/v1/send", value, secrets=credentials(settings.access_key))

    def read(self, response: Response, settings: MessageBirdWhatsAppSettings) -> Sent:
        """2xx with an id: taken. Never raises."""
        return read_answer(response)

    def templates(self, settings: MessageBirdWhatsAppSettings) -> Steps[tuple[Template, ...]]:
        """All templates of the channel, page by page; `ref` is their namespace."""
        found: list[Template] = []
        while True:
            page = page_of(_PAGE, (yield _templates_call(settings, len(found))))
            found += [_template(item, settings) for item in page.items]
            if not page.items or len(found) >= page.total:
                return tuple(found)

    def register(self, url: str, settings: MessageBirdWhatsAppSettings) -> Steps[str]:
        """Make the webhook of this channel, which no page of MessageBird's does."""
        base, secrets = settings.api_url.rstrip("/"), credentials(settings.access_key)
        return (yield from registered(base, settings.channel_id, url, secrets))

    def media(self, attachment: Attachment, settings: MessageBirdWhatsAppSettings) -> Call:
        """GET of the file; only MessageBird's own hosts see the access key."""
        return media_call(attachment, api_url=settings.api_url, access_key=settings.access_key)

    def media_hosts(self, settings: MessageBirdWhatsAppSettings) -> tuple[str, ...]:
        """Where MessageBird keeps files."""
        return (".messagebird.com", host_of(settings.api_url))

    def probe(self, settings: MessageBirdWhatsAppSettings) -> Call:
        """GET one conversation of the list."""
        url = f"{settings.api_url.rstrip('/')}/v1/conversations?limit=1"
        return Call(method="GET", url=url, secrets=credentials(settings.access_key))


def _inbound(message: wire.Message, contact: wire.Contact, settings: MessageBirdWhatsAppSettings) -> Inbound:
    sender = str(message.sender or contact.msisdn or "")
    name = contact.displayName or " ".join(filter(None, (contact.firstName, contact.lastName)))
    return Inbound(
        provider_id=message.id,
        sender=sender,
        handles=_handles(sender, contact, settings),
        **contents(message.type, message.content, message.reply_to),
        sent_at=utc_seconds(message.created or ""),
        profile=Profile(name="" if name.removeprefix("+").isdigit() else name),
        account=message.channel,
    )


def _handles(sender: str, contact: wire.Contact, settings: MessageBirdWhatsAppSettings) -> tuple[Handle, ...]:
    """The phone where there is one (the contact's number comes as a JSON number), then the user id."""
    user_id = sender if _USER_ID.fullmatch(sender) else ""
    phone = str(contact.msisdn or "") if user_id else sender
    handles = [phone_or_sender(phone, digits_only=True)] if phone or not user_id else []
    if user_id:
        handles.append(Handle("whatsapp", user_id, settings.business_account_id or settings.channel_id))
    return tuple(handles)


def _status(message: wire.Message, outbound: str) -> Parsed:
    state = STATES.get(message.status)
    if state is None:
        return Parsed(noise=("state",))
    trouble = message.error if message.error is not None and state is DeliveryState.FAILED else wire.Trouble()
    code = str(trouble.code or "")
    by_state = "expired" if message.status == "expired" else "provider_error"
    known = (
        REASON_OF_WHATSAPP_CODE.get(int(code), by_state)
        if code.isascii() and code.isdigit() and len(code) < 10
        else by_state
    )
    update = StatusUpdate(
        state=state,
        provider_id=message.id,
        outbound_id=outbound,
        reason=known if state is DeliveryState.FAILED else "",
        code=code,
        detail=trouble.description or "",
        at=utc_seconds(message.updated or ""),
        account=message.channel,
    )
    return Parsed(statuses=(update,))


def _content(message: Outbound, settings: MessageBirdWhatsAppSettings) -> dict[str, Any]:
    if message.template is not None:
        return {"type": "hsm", "content": {"hsm": _filled(message.template, settings)}}
    if offered(message):
        return {"type": "interactive", "content": {"interactive": _asking(message)}}
    if not message.attachments:
        return {"type": "text", "content": {"text": marked(message)}}
    file = message.attachments[0]
    kind = kind_of(file)
    captioned = {"caption": marked(message)} if message.text and kind != "audio" else {}
    kind = "file" if kind == "document" else kind
    return {"type": kind, "content": {kind: {"url": file.url, **captioned}}}


def _asking(message: Outbound) -> dict[str, Any]:
    """As Meta has it, but that MessageBird writes a button's id and title beside its type."""
    value = asking(message)
    if value["type"] == "button":
        value["action"] = {"buttons": [{"type": "reply", **each["reply"]} for each in value["action"]["buttons"]]}
    return value


def _filled(use: TemplateUse, settings: MessageBirdWhatsAppSettings) -> dict[str, Any]:
    """As Meta has it, but for the names of file addresses and the numbers of buttons.

    Source: `MessageParam` and `MessageComponent` in MessageBird's Java SDK, November 2026.
    """
    filled = filled_in(use, address="url")
    for component in filled.get("components", ()):
        if "index" in component:
            component["index"] = int(component["index"])
    return {"namespace": use.ref or settings.namespace, "templateName": filled.pop("name"), **filled}


def _templates_call(settings: MessageBirdWhatsAppSettings, offset: int) -> Call:
    base = settings.templates_url or settings.api_url.replace("//conversations.", "//integrations.", 1)
    fields = urlencode({"limit": PAGE, "offset": offset, "channelId": settings.channel_id})
    url = f"{base.rstrip('/')}/v3/platforms/whatsapp/templates?{fields}"
    return Call(method="GET", url=url, secrets=credentials(settings.access_key), harmless=True)


def _template(item: _Item, settings: MessageBirdWhatsAppSettings) -> Template:
    return msgspec.structs.replace(template_of(item), ref=item.namespace or settings.namespace)
