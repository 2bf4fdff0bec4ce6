"""The webhooks Meta sends for WhatsApp, built and signed by its rule. Used by the fake, the demo and tests.

Source: webhook pages of the WhatsApp Cloud API with business-scoped user ids, November 2026.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from leadline.channels.whatsapp.cloud import WhatsAppSettings
from leadline.channels.whatsapp.content import kind_of
from leadline.model import Attachment
from leadline.sandbox.providers.meta import signed


def webhook(
    settings: WhatsAppSettings,
    *,
    sender: str = "",
    user_id: str = "",
    name: str = "",
    username: str = "",
    text: str = "",
    media: Sequence[tuple[str, str]] = (),
    message_id: str = "",
    at: float | None = None,
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a customer's message by phone (digits), user id or both.

    Each of `media`, pairs of content type and media id, is a message of its own; the text captions the first.
    """
    head = {"id": message_id or f"wamid.{secrets.token_hex(16)}", "timestamp": str(int(at or time.time()))}
    head |= {key: value for key, value in (("from", sender), ("from_user_id", user_id)) if value}
    contents = [_file(*file, caption=text if number == 0 else "") for number, file in enumerate(media)]
    contents = contents or [{"type": "text", "text": {"body": text}}]
    messages = [
        head | ({"id": f"{head['id']}.{number}"} if number else {}) | content for number, content in enumerate(contents)
    ]
    profile = {key: value for key, value in (("name", name), ("username", username)) if value}
    known_by = {key: value for key, value in (("wa_id", sender), ("user_id", user_id)) if value}
    contact = {"profile": profile, **known_by}
    return signed(settings, envelope(settings, {"contacts": [contact], "messages": messages}))


def status(
    settings: WhatsAppSettings,
    *,
    message_id: str,
    state: str,
    to: str = "",
    outbound: str = "",
    code: int = 0,
    title: str = "",
    at: float | None = None,
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery report."""
    value: dict[str, Any] = {"id": message_id, "status": state, "timestamp": str(int(at or time.time()))}
    value |= {"recipient_id": to} if to.isdigit() else {"recipient_user_id": to}
    if outbound:
        value["biz_opaque_callback_data"] = outbound
    if code:
        value["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
    return signed(settings, envelope(settings, {"statuses": [value]}))


def changed_number(settings: WhatsAppSettings, *, old: str, new: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of WhatsApp's word that a customer has another number from now on."""
    system = {"body": f"User changed from {old} to {new}", "wa_id": new, "type": "user_changed_number"}
    head = {"from": old, "id": f"wamid.{secrets.token_hex(16)}", "timestamp": str(int(time.time()))}
    return signed(settings, envelope(settings, {"messages": [head | {"type": "system", "system": system}]}))


def inbound(
    settings: WhatsAppSettings, *, sender: str, name: str, message: dict[str, Any]
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a customer's message by phone (digits); `message` has its type and content."""
    head = {"from": sender, "id": f"wamid.{secrets.token_hex(16)}", "timestamp": str(int(time.time()))}
    contact = {"profile": {"name": name} if name else {}, "wa_id": sender}
    return signed(settings, envelope(settings, {"contacts": [contact], "messages": [head | message]}))


def echo(settings: WhatsAppSettings, *, customer: str, text: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of what the business wrote in the WhatsApp Business app, to a customer's digits."""
    own = "".join(filter(str.isdigit, settings.display_number))
    message: dict[str, Any] = {
        "from": own,
        "to": customer,
        "id": f"wamid.{secrets.token_hex(16)}",
        "timestamp": str(int(time.time())),
    }
    message |= {"type": "text", "text": {"body": text}}
    return signed(settings, envelope(settings, {"message_echoes": [message]}, field="smb_message_echoes"))


def preference(settings: WhatsAppSettings, *, sender: str, wish: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a customer's wish about marketing messages, `stop` or `resume`."""
    value = {"wa_id": sender, "category": "marketing_messages", "value": wish, "timestamp": int(time.time())}
    value["detail"] = f"User requested to {wish} marketing messages"
    wishes = {"contacts": [{"wa_id": sender}], "user_preferences": [value]}
    return signed(settings, envelope(settings, wishes, field="user_preferences"))


def envelope(settings: WhatsAppSettings, value: dict[str, Any], *, field: str = "messages") -> dict[str, Any]:
    """One entry with one change around the value."""
    metadata = {
        "display_phone_number": "".join(filter(str.isdigit, settings.display_number)),
        "phone_number_id": settings.phone_number_id,
    }
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": settings.business_account_id, "changes": [change]}],
    }


def _file(content_type: str, media_id: str, *, caption: str) -> dict[str, Any]:
    kind = kind_of(Attachment(content_type=content_type))
    content = {"id": media_id, "mime_type": content_type} | ({"caption": caption} if caption else {})
    return {"type": kind, kind: content}
