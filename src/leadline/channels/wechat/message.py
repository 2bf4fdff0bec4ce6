"""WeChat's messages and events as Leadline's nouns. Used by `adapter.py`.

Source: receiving messages and events, WeChat Official Accounts, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadline.channels.base import Parsed
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, Handle, Inbound, Profile

SOUNDS = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}
TYPES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "shortvideo": "video/mp4"}


def read_message(found: Mapping[str, str], app_id: str) -> Parsed:
    """What the fields of a message or event say; raises Unreadable."""
    person, kind = found.get("FromUserName", ""), found.get("MsgType", "")
    if not (person and kind):
        raise Unreadable("FromUserName or MsgType is missing: this is no message of WeChat")
    if kind != "event":
        return Parsed(messages=(_inbound(found, person, app_id, found.get("MsgId", ""), _words(kind, found)),))
    event, moment = found.get("Event", ""), f"{person}:{found.get('CreateTime', '')}:{found.get('Event', '')}"
    if event in ("subscribe", "unsubscribe"):
        consent = Consent(
            provider_id=moment,
            handles=(Handle("wechat", person, app_id),),
            state="in" if event == "subscribe" else "out",
            sender=person,
            at=_moment(found),
        )
        return Parsed(consents=(consent,))
    if event == "CLICK":
        words = f"[Menu: {found.get('EventKey', '')}]"
        return Parsed(messages=(_inbound(found, person, app_id, moment, words),))
    return Parsed(ignored=(f"event {event}",))


def _inbound(found: Mapping[str, str], person: str, app_id: str, number: str, text: str) -> Inbound:
    kind, media = found.get("MsgType", ""), found.get("MediaId", "")
    sound = SOUNDS.get(found.get("Format", "").lower(), "") if kind == "voice" else ""
    content_type = sound or TYPES.get(kind, "")
    return Inbound(
        provider_id=number or f"{person}:{found.get('CreateTime', '')}",
        sender=person,
        handles=(Handle("wechat", person, app_id),),
        text=text,
        attachments=(Attachment(content_type=content_type, ref=media),) if media and content_type else (),
        sent_at=_moment(found),
        # WeChat tells no names any more; the end of the id lets people tell customers apart.
        profile=Profile(name=f"WeChat …{person[-6:]}"),
    )


def _words(kind: str, found: Mapping[str, str]) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if kind == "text":
        return found.get("Content", "")
    if kind in TYPES:
        return found.get("Recognition", "")
    if kind == "location":
        point = f"{found.get('Location_X', '')}, {found.get('Location_Y', '')}"
        return f"[Location: {', '.join(filter(None, (found.get('Label', ''), point)))}]"
    if kind == "link":
        parts = (found.get("Title", ""), found.get("Description", ""), found.get("Url", ""))
        return f"[Link: {', '.join(filter(None, parts))}]"
    title = found.get("Title", "")
    return f"[{kind} message, which cannot be shown here{': ' + title if title else ''}]"


def _moment(found: Mapping[str, str]) -> float | None:
    text = found.get("CreateTime", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
