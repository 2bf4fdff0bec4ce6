"""WeChat's messages and events as Leadline's nouns. Used by `adapter.py`.

Source: receiving messages and events, WeChat Official Accounts, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from leadline.channels.anything import unknown
from leadline.channels.exchange import Parsed
from leadline.channels.words import listed, not_passed_on, place
from leadline.errors import Unreadable
from leadline.model import Attachment, Consent, Handle, Inbound, Profile

NOISE = {
    "opened": "A customer opened a page or a card, or entered the chat or a place of yours",
    "position": "Where a customer is, as their app tells it again and again",
    "account": "What became of templates and broadcasts, and news about the account and its staff",
}
LEFT_ALONE = {
    **dict.fromkeys(("VIEW", "view_miniprogram", "user_enter_tempsession"), "opened"),
    "LOCATION": "position",
    **dict.fromkeys(("TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "PUBLISHJOBFINISH"), "account"),
    **dict.fromkeys(("kf_create_session", "kf_close_session", "kf_switch_session"), "account"),
    **dict.fromkeys(("qualification_verify_success", "qualification_verify_fail", "naming_verify_success"), "account"),
    **dict.fromkeys(("naming_verify_fail", "annual_renew", "verify_expired", "wxa_nickname_audit"), "account"),
    **dict.fromkeys(("weapp_audit_success", "weapp_audit_fail", "weapp_audit_delay", "poi_check_notify"), "account"),
    **dict.fromkeys(("card_pass_check", "card_not_pass_check", "card_sku_remind", "card_pay_order"), "account"),
    **dict.fromkeys(("user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"), "account"),
    **dict.fromkeys(("guide_qrcode_scan_event", "guide_invite_result_event", "guide_assign_fans_event"), "account"),
    **dict.fromkeys(
        ("WifiConnected", "ShakearoundUserShake", "user_view_card", "user_enter_session_from_card"), "opened"
    ),
    **dict.fromkeys(("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"), "account"),
}
MENU = frozenset(
    {"SCAN", "scancode_push", "scancode_waitmsg", "location_select", "pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
)
"""A code that was scanned, or a menu that asked for one, for a place or for a picture."""
AROUND = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Event"})
SOUNDS = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}
TYPES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "shortvideo": "video/mp4"}


def read_message(found: Mapping[str, str], app_id: str) -> Parsed:
    """What the fields of a message or event say; raises Unreadable."""
    person, kind = found.get("FromUserName", ""), found.get("MsgType", "")
    if not (person and kind):
        raise Unreadable("FromUserName or MsgType is missing: this is no message of WeChat")
    if kind != "event":
        return Parsed(messages=(_inbound(found, person, app_id, found.get("MsgId", ""), _words(kind, found)),))
    event, pressed = found.get("Event", ""), found.get("EventKey", "")
    moment = ":".join(filter(None, (person, found.get("CreateTime", ""), event, pressed)))
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
        words = f"[Menu: {pressed}]"
        return Parsed(messages=(_inbound(found, person, app_id, moment, words),))
    if event in MENU:
        words = listed("Scanned a code" if event.lower().startswith("scan") else "Menu", pressed)
        return Parsed(messages=(_inbound(found, person, app_id, moment, words),))
    if code := LEFT_ALONE.get(event):
        return Parsed(noise=(code,))
    words = unknown(event[:60], msgspec.json.encode(found), AROUND)[0]
    return Parsed(messages=(_inbound(found, person, app_id, moment, words),))


def _inbound(found: Mapping[str, str], person: str, app_id: str, number: str, text: str) -> Inbound:
    kind, media = found.get("MsgType", ""), found.get("MediaId", "")
    sound = SOUNDS.get(found.get("Format", "").lower(), "") if kind == "voice" else ""
    content_type = sound or TYPES.get(kind, "")
    return Inbound(
        provider_id=number or _identity(found, person),
        sender=person,
        handles=(Handle("wechat", person, app_id),),
        text=text,
        attachments=(Attachment(content_type=content_type, ref=media),) if media and content_type else (),
        sent_at=_moment(found),
        # WeChat tells no names any more; the end of the id lets people tell customers apart.
        profile=Profile(name=f"WeChat …{person[-6:]}"),
    )


def _identity(found: Mapping[str, str], person: str) -> str:
    """A message without an id is the same in a repetition: of that second, with all that it holds."""
    whole = "\n".join(f"{name}={value}" for name, value in sorted(found.items())).encode("utf-8", "surrogatepass")
    return f"{person}:{found.get('CreateTime', '')}:{sha256(whole).hexdigest()[:16]}"


def _words(kind: str, found: Mapping[str, str]) -> str:
    """The message in words: the customer's own where there are any, else a line in square brackets."""
    if kind == "text":
        return found.get("Content", "")
    if kind in TYPES:
        return found.get("Recognition", "")
    if kind == "location":
        return place(found.get("Location_X", ""), found.get("Location_Y", ""), found.get("Label", ""))
    if kind == "link":
        return listed("Link", found.get("Title", ""), found.get("Description", ""), found.get("Url", ""))
    if kind == "file":
        return not_passed_on("WeChat", kind, found.get("Title", ""))
    if kind == "miniprogrampage":
        return listed("Page of a mini program", found.get("Title", ""))
    return unknown(kind[:60], msgspec.json.encode(found), AROUND)[0]


def _moment(found: Mapping[str, str]) -> float | None:
    text = found.get("CreateTime", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
