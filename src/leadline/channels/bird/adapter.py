"""SMS and WhatsApp through Bird's API of 2026 (keys `bk_…`). Registered in `CHANNELS`.

Source: Bird's pages on messages, webhooks and errors, and its Python SDK 0.106.0, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.bird import templates as bird_templates
from leadline.channels.bird.codes import REASON_OF_CODE, REASON_OF_PARAMETER, REASON_OF_TYPE
from leadline.channels.bird.events import NOISE, account, plain_number, read_event
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps, without_echoes
from leadline.channels.http import check_standard_webhook, host_of, json_call, tried
from leadline.channels.pieces import numbered, offered, with_links
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.settings import MarkRead, Settings, ShowEchoes, plain, secret
from leadline.channels.status_answer import by_reason
from leadline.channels.text import in_parts
from leadline.channels.whatsapp.content import (
    LIST_TITLE,
    MEDIA_BYTES,
    OPEN_LIST,
    ROW,
    ROWS,
    TEXT,
    as_buttons,
    cut,
    kind_of,
    marked,
)
from leadline.model import Attachment, Outbound, Sent, Template

PARTS = 12  # SMS parts of one message, send request of the SMS API
FILENAME = 100  # characters of a document's name, send request of the WhatsApp API
IDS = ("wam_", "wa_")  # how ids of WhatsApp messages begin; reactions have the webhook's
_REGION = re.compile(r"b[km]_([a-z]{2}[0-9]+)_.+", re.ASCII)


class BirdSettings(Settings, frozen=True, kw_only=True):
    """One number of a Bird workspace, for SMS or for WhatsApp."""

    medium: Annotated[Literal["sms", "whatsapp"], plain("What this number is for: sms or whatsapp")]
    api_key: Annotated[str, secret("API key, starts with bk_ and names its region")]
    signing_secret: Annotated[str, secret("Signing secret of the webhook, starts with whsec_")]
    number: Annotated[str, plain("Your number in international form; for SMS also a short code or name")]
    business_account_id: Annotated[
        str, plain("WhatsApp Business Account ID; people without a phone are known by it; empty: by Bird's workspace")
    ] = ""
    category: Annotated[
        Literal["service", "transactional", "marketing", "authentication"],
        plain("What your SMS replies are to carriers"),
    ] = "service"
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of Bird's API; empty: that of the region in the API key")] = ""


class _Trouble(msgspec.Struct):
    type: str | None = None
    code: str | None = None
    name: str | None = None
    message: str | None = None
    param: str | None = None


class _Reply(msgspec.Struct):
    """A message that was taken, or an error, which may stand inside `error`."""

    id: str | None = None
    error: _Trouble | None = None
    type: str | None = None
    code: str | None = None
    name: str | None = None
    message: str | None = None
    param: str | None = None


_REPLY = msgspec.json.Decoder(_Reply)
SMS = Capabilities(
    media_in=False,
    media_out=False,
    statuses=True,
    idempotent=True,
    signature="Standard Webhooks: HMAC-SHA256 of id, time and body",
    limits={"text_length": PARTS * 153, "media_per_message": 1},
)
WHATSAPP = Capabilities(
    media_in=True,
    media_out=True,
    statuses=True,
    idempotent=True,
    templates=True,
    signature=SMS.signature,
    window=86_400,
    limits={"text_length": TEXT, "media_bytes": MEDIA_BYTES, "media_per_message": 1},
    choices=ROWS,
    choice_length=ROW,
)


class Bird(Channel[BirdSettings]):
    """One number at Bird; a webhook may serve several, each message is put on the channel of its number."""

    key: ClassVar[str] = "bird"
    title: ClassVar[str] = "Bird SMS or WhatsApp"
    scheme: ClassVar[str] = "whatsapp"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = BirdSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"recipient_opted_out": "everything"}
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = WHATSAPP
    setup: ClassVar[tuple[str, ...]] = (
        "In Bird's dashboard open Developers > Webhooks and add an endpoint with this address: {url}",
        "Choose all events of sms and whatsapp, and sms_suppression.created and whatsapp_suppression.created. "
        "Delivery reports come to the same address.",
        "Copy the endpoint's signing secret; it starts with whsec_. "
        "Several channels may share one endpoint: enter the same secret in each of them.",
    )

    def abilities(self, settings: BirdSettings) -> Capabilities:
        """SMS knows neither files nor a window."""
        return SMS if settings.medium == "sms" else WHATSAPP

    def verify(self, request: Request, settings: BirdSettings) -> None:
        """Check webhook-signature by the Standard Webhooks rule; raises Refused."""
        check_standard_webhook(request, settings.signing_secret)

    def parse(self, request: Request, settings: BirdSettings) -> Parsed:
        """One event, of SMS or of WhatsApp."""
        parsed = read_event(request.body, request.headers.get("webhook-id", ""), settings.business_account_id)
        return parsed if settings.show_echoes else without_echoes(parsed)

    def address(self, settings: BirdSettings) -> str:
        """The number."""
        return settings.number

    def account(self, settings: BirdSettings) -> str:
        """The number with what it is for."""
        return account(settings.medium, settings.number)

    def marking_read(self, number: str, ref: str, to: str, settings: BirdSettings) -> Call | None:
        """POST read, for WhatsApp. Source: `mark_read` in Bird's Python SDK, November 2026."""
        if not (settings.mark_read and settings.medium == "whatsapp" and number.startswith(IDS)):
            return None
        url = f"{api(settings)}/v1/whatsapp/messages/{quote(number, safe='')}/read"
        call = json_call(url, {}, secrets=_credentials(settings))
        return msgspec.structs.replace(call, headers={**call.headers, "user-agent": "Leadline"})

    def quotable(self, number: str, ref: str, to: str, settings: BirdSettings) -> str:
        """Messages on WhatsApp, by their id. Source: `in_reply_to_message_id` in Bird's Python SDK, November 2026."""
        return number if settings.medium == "whatsapp" and number.startswith(IDS) else ""

    def pieces(self, message: Outbound, settings: BirdSettings) -> tuple[Outbound, ...]:
        """SMS: texts of twelve parts, files as links. WhatsApp: texts of 4096 characters, one file a message."""
        if settings.medium == "whatsapp":
            return cut(message)
        texts = [(text, ()) for text in in_parts(message.text, PARTS)]
        return numbered(message, [*texts, *(("", (file,)) for file in message.attachments)])

    def build(self, message: Outbound, settings: BirdSettings) -> Call:
        """POST messages; our id rides in the metadata, and keeps a repeated request from becoming a second message."""
        value = {"to": message.to, "from": plain_number(settings.number), "metadata": {"outbound_id": message.id}}
        value |= _content(message, settings)
        value |= {"in_reply_to_message_id": message.quoted} if message.quoted else {}
        url = f"{api(settings)}/v1/{settings.medium}/messages"
        call = json_call(url, value, secrets=_credentials(settings))
        headers = {**call.headers, "user-agent": "Leadline", "idempotency-key": message.id}
        return msgspec.structs.replace(call, headers=headers)

    def read(self, response: Response, settings: BirdSettings) -> Sent:
        """2xx with an id: taken. Errors by code, type, parameter: refused or retry. The rest: unknown. Never raises."""
        reply = tried(_REPLY, response.body) or _Reply()
        if 200 <= response.status < 300 and reply.id:
            return Sent(outcome="accepted", provider_ids=(reply.id,))
        trouble = reply.error or _Trouble(reply.type, reply.code, reply.name, reply.message, reply.param)
        code = trouble.code or trouble.name or trouble.type or str(response.status)
        detail = trouble.message or ""
        reason = _reason(response.status, trouble)
        return by_reason(response, reason, code, detail)

    def templates(self, settings: BirdSettings) -> Steps[tuple[Template, ...]]:
        """WhatsApp templates of the workspace; an SMS number has none."""
        if settings.medium == "sms":
            return ()
        base, business = api(settings), settings.business_account_id
        return (yield from bird_templates.listed(base, _credentials(settings), business))

    def media(self, attachment: Attachment, settings: BirdSettings) -> Call:
        """GET of the file, which sends on to a storage; only Bird's own hosts see the API key."""
        host = host_of(attachment.url)
        ours = host == "bird.com" or host.endswith(".bird.com") or (host and host == host_of(settings.api_url))
        headers = {"user-agent": "Leadline"}
        return Call(method="GET", url=attachment.url, headers=headers, secrets=_credentials(settings) if ours else {})

    def media_hosts(self, settings: BirdSettings) -> tuple[str, ...]:
        """Bird's API; it redirects to a storage from there."""
        return (".bird.com", host_of(api(settings)))

    def probe(self, settings: BirdSettings) -> Call:
        """GET the workspace."""
        headers = {"user-agent": "Leadline"}
        return Call(method="GET", url=f"{api(settings)}/v1/workspace", headers=headers, secrets=_credentials(settings))


def api(settings: BirdSettings) -> str:
    """Base address of the API: the one set, else that of the region in the key (`bk_eu1_…`)."""
    region = _REGION.fullmatch(settings.api_key)
    found = f"https://{region[1]}.platform.bird.com" if region else "https://platform.bird.com"
    return settings.api_url.rstrip("/") or found


def _content(message: Outbound, settings: BirdSettings) -> dict[str, Any]:
    """Exactly one content."""
    if settings.medium == "sms":
        return {"text": with_links(message), "category": settings.category}
    if message.template is not None:
        return {"template": bird_templates.filled_in(message.template)}
    if offered(message):
        return {"interactive": _asking(message)}
    if not message.attachments:
        return {"text": {"body": marked(message), "preview_url": True}}
    file = message.attachments[0]
    kind = kind_of(file)
    named = {"filename": file.name[-FILENAME:]} if kind == "document" and file.name else {}
    captioned = {"caption": marked(message)} if message.text and kind != "audio" else {}
    return {kind: {"url": file.url, **named, **captioned}}


def _asking(message: Outbound) -> dict[str, Any]:
    """Up to three buttons, or a list. Source: `WhatsAppInteractiveSend` in Bird's PHP SDK, November 2026."""
    replies = [{"slug": f"{message.id}:{at}", "text": choice} for at, choice in enumerate(offered(message), 1)]
    if as_buttons(message):
        buttons = [{"type": "quick_reply", "quick_reply": reply} for reply in replies]
        return {"type": "button", "body_text": marked(message), "buttons": buttons}
    menu = {"button_text": OPEN_LIST, "sections": [{"title": LIST_TITLE, "rows": replies}]}
    return {"type": "list", "body_text": marked(message), "list": menu}


def _reason(status: int, trouble: _Trouble) -> str:
    words = [word.lower() for word in (trouble.code, trouble.name, trouble.type) if word]
    if status == 409 and any("in_use" in word for word in words):
        return "rate_limited"  # the same request is under way; its answer is there in a moment
    by_word = next((REASON_OF_CODE[word] for word in words if word in REASON_OF_CODE), "")
    by_type = REASON_OF_TYPE.get((trouble.type or "").lower(), "")
    by_status = {401: AUTH_FAILED, 403: AUTH_FAILED, 402: "no_credit", 413: "too_long", 429: "rate_limited"}.get(
        status, ""
    )
    return by_word or by_type or by_status or REASON_OF_PARAMETER.get(trouble.param or "", "provider_error")


def _credentials(settings: BirdSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.api_key}"}
