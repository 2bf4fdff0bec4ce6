"""WhatsApp through Vonage's Messages API. Registered in `CHANNELS`.

Source: Vonage's Messages API description 1.17, its template API 1.5 and its guides, November 2026.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.base import STATE_NOISE, Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import basic_auth, decoded, host_of, json_call, phone_or_sender, same, tried, utc_seconds
from leadline.channels.meta import PORTFOLIOS
from leadline.channels.pieces import offered
from leadline.channels.settings import Settings, plain, secret
from leadline.channels.tokens import check_token
from leadline.channels.vonage import whatsapp_wire as wire
from leadline.channels.vonage.answer import read_answer
from leadline.channels.vonage.codes import MESSAGE_STATES, REASON_OF_CODE
from leadline.channels.whatsapp.content import (
    MEDIA_BYTES,
    ROW,
    ROWS,
    TEXT,
    asking,
    cut,
    kind_of,
    marked,
    quoting,
)
from leadline.channels.whatsapp.filling import filled_in
from leadline.channels.whatsapp.templates import listed_templates
from leadline.channels.whatsapp.words import ad_of, forwarded, product_of, quote_of, readable
from leadline.channels.words import UNREAD, lines
from leadline.errors import Refused, Unreadable
from leadline.model import Attachment, DeliveryState, Handle, Inbound, Outbound, Profile, Sent, StatusUpdate, Template

API = "https://api.nexmo.com"
SERVED = ("whatsapp", "rcs")
RCS = "rcs:"
"""Before the number in the address of a customer who wrote by RCS: the answer goes the same way."""
AROUND = frozenset(
    {"channel", "message_uuid", "from", "to", "timestamp", "profile", "whatsapp", "message_type", "type", "context"}
    | {"context_status", "provider_message", "usage", "client_ref"}
)
AGE = 300.0  # seconds a token may be old
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


class VonageWhatsAppSettings(Settings, frozen=True, kw_only=True):
    """One WhatsApp number in one Vonage application."""

    api_key: Annotated[str, plain("API key, from API settings")]
    api_secret: Annotated[str, secret("API secret, same page")]
    signature_secret: Annotated[str, secret("Signature secret, same page; Vonage signs its webhooks with it")]
    shapes: ClassVar[Mapping[str, tuple[str, str]]] = {
        "number": (r"\+?[0-9 \(\)\.\-]{6,}", "a phone number such as +447700900000"),
    }

    number: Annotated[str, plain("Your WhatsApp number in international form, for example +447700900000")]
    business_account_id: Annotated[
        str, plain("WhatsApp Business Account ID (WABA), where the number is listed under External accounts")
    ]
    api_url: Annotated[str, plain("Base address of Vonage's Messages API, or of its region")] = API


_EVENT = msgspec.json.Decoder(wire.Event)
_CONTENT = msgspec.json.Decoder(wire.Content)


class VonageWhatsApp(Channel[VonageWhatsAppSettings]):
    """WhatsApp messages of one number, one a webhook; senders with a phone, a user id or both."""

    key: ClassVar[str] = "vonage_whatsapp"
    title: ClassVar[str] = "Vonage WhatsApp"
    scheme: ClassVar[str] = "whatsapp"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = VonageWhatsAppSettings
    noise: ClassVar[Mapping[str, str]] = {
        **STATE_NOISE,
        "other_channel": "The state of a message that went out by another channel of the application",
    }
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="JWT (HS256) with a hash of the body",
        window=86_400,
        limits={"text_length": TEXT, "media_bytes": MEDIA_BYTES, "media_per_message": 1},
        choices=ROWS,
        choice_length=ROW,
        templates=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "In the Vonage dashboard open Applications, choose or create one, and switch on its capability Messages.",
        "Enter {url} as Inbound URL and {status_url} as Status URL, method POST, webhook version v1.",
        "Under Link external accounts link your WhatsApp number to that application.",
        "The signature secret is found under API settings; Vonage signs these webhooks by itself.",
    )

    def verify(self, request: Request, settings: VonageWhatsAppSettings) -> None:
        """Check the token in Authorization and its hash of the raw body; raises Refused."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused("The signed token is missing: only Vonage may call this address")
        claims = check_token(
            token.strip(),
            settings.signature_secret,
            algorithms=("HS256",),
            now=request.now,
            require=("iat", "payload_hash"),
            issuer="Vonage",
            max_age=AGE,
        )
        if not same(str(claims["payload_hash"]).lower(), hashlib.sha256(request.body).hexdigest()):
            raise Refused("The signed token belongs to another body")

    def handshake(self, request: Request, settings: VonageWhatsAppSettings) -> Answer | None:
        """Vonage may fail to sign; a 5xx is its documented way to be asked for the same webhook with a signature."""
        if "authorization" in request.headers:
            return None
        return Answer(status=503, body="Send this again with a signed token")

    def parse(self, request: Request, settings: VonageWhatsAppSettings) -> Parsed:
        """One message or one status, in version 1 or 0.1 of the webhooks."""
        event = decoded(_EVENT, request.body)
        if event.status is not None:
            return _status(event) if event.channel in SERVED else Parsed(noise=("other_channel",))
        if event.channel not in SERVED:
            raise Unreadable(f"This came by {event.channel}, which this channel does not serve: link it elsewhere")
        identity = (event.whatsapp and event.whatsapp.sender) or wire.Identity()
        sender, handles = _addresses(wire.address(event.sender), identity, settings.business_account_id)
        sender = f"{RCS}{sender}" if event.channel == "rcs" else sender
        if not handles:
            raise Unreadable("The message names no sender")
        profile = event.profile or wire.Profile()
        message = Inbound(
            provider_id=event.message_uuid,
            sender=sender,
            handles=handles,
            sent_at=utc_seconds(event.timestamp),
            profile=Profile(name=profile.name or "", username=profile.username or ""),
            account=wire.address(event.to),
            **_contents(event, request.body),
        )
        return Parsed(messages=(message,))

    def address(self, settings: VonageWhatsAppSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: VonageWhatsAppSettings) -> str:
        """The number as webhooks name it: an application may serve several."""
        return _digits(settings.number)

    def quotable(self, number: str, ref: str, to: str, settings: VonageWhatsAppSettings) -> str:
        """Messages on WhatsApp, by their id; RCS has no quotes.

        Source: https://developer.vonage.com/messages/guides/whatsapp-outbound-reply-messages, November 2026.
        """
        return "" if to.startswith(RCS) else number

    def pieces(self, message: Outbound, settings: VonageWhatsAppSettings) -> tuple[Outbound, ...]:
        """Texts of 4096 characters and one file a message; a template is one message."""
        return cut(message)

    def build(self, message: Outbound, settings: VonageWhatsAppSettings) -> Call:
        """POST messages; our id rides in client_ref, and the status comes to the address named here."""
        bare = message.to.removeprefix(RCS)
        to = bare if _USER_ID.fullmatch(bare) else _digits(bare)
        reported = {"webhook_url": message.status_url, "webhook_version": "v1"} if message.status_url else {}
        value = {
            "channel": "rcs" if message.to.startswith(RCS) else "whatsapp",
            "from": _digits(settings.number),
            "to": to,
            **_written(message),
            **quoting(message, "message_uuid"),
            "client_ref": message.id,
            **reported,
        }
        return json_call(f"{_api(settings)}/v1/messages", value, secrets=_credentials(settings))

    def read(self, response: Response, settings: VonageWhatsAppSettings) -> Sent:
        """2xx with an id: taken. Errors by their code or HTTP status: refused, retry or unknown. Never raises."""
        return read_answer(response)

    def templates(self, settings: VonageWhatsAppSettings) -> Steps[tuple[Template, ...]]:
        """All templates of the business account, in every language; raises ProviderTrouble."""
        account = quote(settings.business_account_id, safe="")
        url = f"{_api(settings)}/v2/whatsapp-manager/wabas/{account}/templates?limit=100"
        return listed_templates(url, _credentials(settings))

    def media(self, attachment: Attachment, settings: VonageWhatsAppSettings) -> Call:
        """GET of the media address; only Vonage's own hosts see the credentials."""
        host = host_of(attachment.url)
        ours = host.endswith((".nexmo.com", ".vonage.com")) or (host and host == host_of(settings.api_url))
        return Call(method="GET", url=attachment.url, secrets=_credentials(settings) if ours else {})

    def media_hosts(self, settings: VonageWhatsAppSettings) -> tuple[str, ...]:
        """Where media addresses point."""
        return (".nexmo.com", ".vonage.com", host_of(settings.api_url))

    def probe(self, settings: VonageWhatsAppSettings) -> Call:
        """GET one of the account's applications."""
        return Call(method="GET", url=f"{_api(settings)}/v2/applications?page_size=1", secrets=_credentials(settings))


def _contents(event: wire.Event, body: bytes) -> dict[str, Any]:
    """What a message says, as fields of Inbound; what cannot be read or is new is shown with all that it holds."""
    raw = bytes(event.message.content) if event.message else body
    content = tried(_CONTENT, raw)
    if content is None:
        text, files = unknown("", raw, AROUND)
        return {"text": lines(UNREAD, text.partition("\n")[2]), "attachments": files}
    message = wire.as_meta(event, content)
    text, files = readable(message), wire.attachments(content)
    if not (text or files) and content.text is None:
        text, files = unknown(content.kind, raw, AROUND)
    return {
        "text": text,
        "attachments": files,
        "quote": quote_of(message),
        "product": product_of(message),
        "forwarded": forwarded(message),
        "ad": ad_of(message.referral),
    }


def _addresses(sender: str, identity: wire.Identity, business: str) -> tuple[str, tuple[Handle, ...]]:
    """Where replies go, and all handles: the phone first where there is one, then the user id."""
    phone, user_id = sender or str(identity.wa_id or ""), identity.user_id or ""
    if _USER_ID.fullmatch(phone):
        phone, user_id = str(identity.wa_id or ""), phone
    handles = [phone_or_sender(phone, digits_only=True)] if phone else []
    if user_id:
        handles.append(Handle("whatsapp", user_id, business))
    if identity.parent_user_id:
        handles.append(Handle("whatsapp", identity.parent_user_id, PORTFOLIOS))
    return sender or phone or user_id, tuple(handles)


def _status(event: wire.Event) -> Parsed:
    state = MESSAGE_STATES.get(event.status or "")
    if state is None:
        return Parsed(noise=("state",))
    trouble = event.error if state is DeliveryState.FAILED else None
    failed = state is DeliveryState.FAILED
    status = StatusUpdate(
        state=state,
        provider_id=event.message_uuid,
        outbound_id=event.client_ref or "",
        reason=REASON_OF_CODE.get(trouble.number if trouble else "", "provider_error") if failed else "",
        code=trouble.number if trouble else "",
        detail=trouble.words if trouble else "",
        at=utc_seconds(event.timestamp),
        account=wire.address(event.sender),
    )
    return Parsed(statuses=(status,))


def _written(message: Outbound) -> dict[str, Any]:
    """Kind and content of one piece. Templates go in Meta's own form, which knows named variables."""
    if message.template is not None:
        return {"message_type": "custom", "custom": {"type": "template", "template": filled_in(message.template)}}
    if offered(message):
        return {"message_type": "custom", "custom": {"type": "interactive", "interactive": asking(message)}}
    if not message.attachments:
        return {"message_type": "text", "text": marked(message)}
    file = message.attachments[0]
    kind = "file" if kind_of(file) == "document" else kind_of(file)
    named = {"name": file.name} if kind == "file" and file.name else {}
    captioned = {"caption": marked(message)} if message.text and kind != "audio" else {}
    return {"message_type": kind, kind: {"url": file.url, **named, **captioned}}


def _digits(number: str) -> str:
    return "".join(number.split()).removeprefix("+")


def _api(settings: VonageWhatsAppSettings) -> str:
    return settings.api_url.rstrip("/")


def _credentials(settings: VonageWhatsAppSettings) -> dict[str, str]:
    return {"authorization": basic_auth(settings.api_key, settings.api_secret)}
