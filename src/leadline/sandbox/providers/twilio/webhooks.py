"""The webhooks Twilio sends, built and signed by its rule. Used by its fakes and tests.

Source: Twilio's webhook and security pages, November 2026.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from leadline.channels.http import signature
from leadline.channels.text import segments
from leadline.channels.twilio.account import TwilioSettings

VERSION = "2010-04-01"
STOP_WORDS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"))
START_WORDS = frozenset(("START", "UNSTOP", "YES"))


def signed(settings: TwilioSettings, url: str, fields: Sequence[tuple[str, str]]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form that Twilio would post to this address, signed by its rule."""
    message = url + "".join(name + value for name, value in sorted(set(fields)))
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "user-agent": "TwilioProxy/1.1"}
    key, algorithm = settings.auth_token, "sha1"
    if settings.signing_key:
        key, algorithm = settings.signing_key, "sha256"
        headers["x-twilio-webhooks-signature-settings"] = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    given = signature(key.encode(), message.encode(), algorithm=algorithm, encoding="base64")
    return headers | {"x-twilio-signature": given}, urlencode(list(fields)).encode()


def webhook(
    settings: TwilioSettings,
    *,
    url: str,
    sender: str,
    to: str = "",
    text: str = "",
    media: Sequence[tuple[str, str]] = (),
    message_sid: str = "",
    extra: Sequence[tuple[str, str]] = (),
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a customer's message; `media` are pairs of content type and address, `extra` more fields."""
    sid = message_sid or f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
    fields = [*extra, ("SmsMessageSid", sid), ("NumMedia", str(len(media))), ("SmsSid", sid)]
    fields += [("SmsStatus", "received"), ("Body", text), ("To", to or settings.number)]
    fields += [("NumSegments", str(segments(text).count)), ("MessageSid", sid), ("AccountSid", settings.account_sid)]
    fields += [("From", sender), ("ApiVersion", VERSION)]
    for number, (content_type, address) in enumerate(media):
        fields += [(f"MediaContentType{number}", content_type), (f"MediaUrl{number}", address)]
    if settings.messaging_service_sid:
        fields.append(("MessagingServiceSid", settings.messaging_service_sid))
        fields += [("OptOutType", word) for word in (opt_out(text),) if word]
    return signed(settings, url, fields)


def status_callback(
    settings: TwilioSettings,
    *,
    url: str,
    message_sid: str,
    to: str,
    state: str,
    sender: str = "",
    code: int = 0,
    message: str = "",
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery report."""
    fields = [("MessageSid", message_sid), ("SmsSid", message_sid), ("MessageStatus", state), ("SmsStatus", state)]
    fields += [
        ("To", to),
        ("From", sender or settings.number),
        ("AccountSid", settings.account_sid),
        ("ApiVersion", VERSION),
    ]
    if code:
        fields += [("ErrorCode", str(code)), ("ErrorMessage", message)]
    return signed(settings, url, fields)


def opt_out(text: str) -> str:
    """What Twilio makes of a whole message that is a keyword: STOP, START or nothing."""
    word = text.strip().upper()
    return "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else ""
