"""The channel one connects oneself: a small JSON over HTTP, signed both ways. Registered in `CHANNELS` as `http`.

Signatures are those of the Standard Webhooks specification (symmetric, `v1`), read November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps
from leadline.channels.generic import wire
from leadline.channels.generic.events import read_event, reason_of
from leadline.channels.http import (
    check_standard_webhook,
    host_of,
    json_call,
    retry_after,
    standard_webhook_headers,
    tried,
    webhook_key,
)
from leadline.channels.pieces import offered, text_with_files
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.settings import Settings, plain, secret
from leadline.errors import Refused
from leadline.model import Outbound, Sent

TEXT = 20_000  # characters of one message
FILES = 20
CHOICES, CHOICE = 20, 100  # of a message, characters of each
EXTRAS = frozenset({"choices", "quotes"})
_REPLY = msgspec.json.Decoder(wire.Reply)


class HTTPSettings(Settings, frozen=True, kw_only=True):
    """One system that speaks Leadline's own JSON."""

    name: Annotated[str, plain("Short name of what you connect, such as tiktok; never change it: addresses hold it")]
    signing_secret: Annotated[str, secret("Secret that signs both ways, whsec_ and base64; several: commas between")]
    api_url: Annotated[str, plain("Base address of your system; replies are posted to /messages there")]
    senders: Annotated[
        Literal["ids", "phones"], plain("What from.id holds: ids of your system, or the customers' phone numbers")
    ] = "ids"
    understands: Annotated[
        str, plain("What your system shows beyond texts and files, commas between: choices, quotes; empty: neither")
    ] = ""
    media_hosts: Annotated[str, plain("Hosts your files lie on, commas between; empty: only that of your system")] = ""

    def __post_init__(self) -> None:
        if not self.name or not set(self.name.lower()) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-."):
            raise ValueError("name takes letters, digits, dot, dash and underscore")
        if strange := sorted(understood(self) - EXTRAS):
            raise ValueError(f"understands takes {' and '.join(sorted(EXTRAS))}, not {', '.join(strange)}")
        for text in secrets_of(self):
            try:
                key = webhook_key(text) if text.startswith("whsec_") else b""
            except Refused:
                key = b""
            if len(key) < 24:
                raise ValueError("signing_secret is whsec_ and the base64 text of at least 24 random bytes")


class GenericHTTP(Channel[HTTPSettings]):
    """Messages of any system that can post JSON and take it."""

    key: ClassVar[str] = "http"
    title: ClassVar[str] = "HTTP, your own channel"
    scheme: ClassVar[str] = "http"
    settings: ClassVar[type[Any]] = HTTPSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="Standard Webhooks, both ways",
        limits={"text_length": TEXT, "media_per_message": FILES},
        choices=CHOICES,
        choice_length=CHOICE,
        idempotent=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "Post what customers write to {url}, signed with the secret. Thirty lines that do so: docs/channels/http.md.",
        "Take replies at /messages below the base address of your system, check their signature, and answer 200.",
        "Post what became of them to {status_url}, if you know it.",
    )

    def abilities(self, settings: HTTPSettings) -> Capabilities:
        """Choices to tap on only where the other system says that it shows them."""
        return self.capabilities if "choices" in understood(settings) else NO_CHOICES

    def verify(self, request: Request, settings: HTTPSettings) -> None:
        """Check the Standard Webhooks headers with each secret; raises Refused."""
        check_standard_webhook(request, *secrets_of(settings))

    def parse(self, request: Request, settings: HTTPSettings) -> Parsed:
        """One event; raises Unreadable."""
        scope = "" if settings.senders == "phones" else settings.name
        return read_event(request.body, request.headers.get("webhook-id", ""), scope)

    def scope(self, settings: HTTPSettings) -> str:
        """The name of what is connected."""
        return settings.name

    def address(self, settings: HTTPSettings) -> str:
        """The name of what is connected."""
        return settings.name

    def quotable(self, number: str, ref: str, to: str, settings: HTTPSettings) -> str:
        """Any message, by its id, where the other system shows quotes."""
        return number if "quotes" in understood(settings) else ""

    def pieces(self, message: Outbound, settings: HTTPSettings) -> tuple[Outbound, ...]:
        """Whole, but for texts of more than 20,000 characters or more than 20 files."""
        return text_with_files(message, text_length=TEXT, files=FILES)

    def build(self, message: Outbound, settings: HTTPSettings) -> Call:
        """POST /messages, signed with each secret; a repetition carries the same webhook-id, which is our id."""
        files = [
            {"url": file.url, "content_type": file.content_type, "name": file.name} for file in message.attachments
        ]
        content: dict[str, Any] = {"id": message.id, "text": message.text, "attachments": files}
        content |= {"choices": offered(message)} if offered(message) else {}
        content |= {"reply_to": {"id": message.quoted}} if message.quoted else {}
        value = {"type": "message", "to": {"id": message.to}, "message": content, "status_url": message.status_url}
        call = json_call(_messages_url(settings), value)
        signed = standard_webhook_headers(call.body, message.id, message.at, *secrets_of(settings))
        return msgspec.structs.replace(call, headers={**call.headers, **signed})

    def send(self, message: Outbound, settings: HTTPSettings) -> Steps[Sent]:
        """One request; a program that names no id of its own is asked by ours."""
        return _understood((yield self.build(message, settings)), message.id)

    def read(self, response: Response, settings: HTTPSettings) -> Sent:
        """2xx: taken. 429 and 503: later. Other 4xx: refused, for the reason in the answer. Never raises."""
        return _understood(response, "")

    def media_hosts(self, settings: HTTPSettings) -> tuple[str, ...]:
        """The hosts of the settings, and that of the system itself."""
        named = tuple(host.strip().lower() for host in settings.media_hosts.split(",") if host.strip())
        return (*named, host_of(settings.api_url))

    def probe(self, settings: HTTPSettings) -> Call:
        """GET /messages, which only asks whether somebody is there."""
        return Call(method="GET", url=_messages_url(settings), harmless=True)


NO_CHOICES = msgspec.structs.replace(GenericHTTP.capabilities, choices=0)


def secrets_of(settings: HTTPSettings) -> tuple[str, ...]:
    """All secrets; more than one while a secret is renewed."""
    return tuple(text.strip() for text in settings.signing_secret.split(","))


def understood(settings: HTTPSettings) -> frozenset[str]:
    """What the other system shows beyond texts and files."""
    return frozenset(filter(None, (word.strip() for word in settings.understands.split(","))))


def _messages_url(settings: HTTPSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/messages"


def _understood(response: Response, own_id: str) -> Sent:
    reply = tried(_REPLY, response.body) or wire.Reply()
    known_as = str(reply.id) or own_id
    if 200 <= response.status < 300 and known_as:
        return Sent(outcome="accepted", provider_ids=(known_as,))
    code, detail = str(response.status), reply.detail
    if response.status in (429, 503):
        wait = retry_after(response.headers)
        return Sent(outcome="retry", reason="rate_limited", code=code, detail=detail, retry_after=wait)
    if response.status in (401, 403):
        return Sent(outcome="retry", reason=AUTH_FAILED, code=code, detail=detail)
    if 400 <= response.status < 500:
        reason = reason_of(reply.reason or {410: "not_on_channel", 413: "media_rejected"}.get(response.status, ""))
        return Sent(outcome="refused", reason=reason, code=code, detail=detail)
    return Sent(outcome="unknown", reason="no_answer", code=code, detail=detail)
