"""Signed webhooks as bytes on the wire, as Twilio and Meta send them. The load of the door's benchmark."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from urllib.parse import urlencode

from leadline.channels.settings import Settings
from leadline.channels.twilio.account import TwilioSettings
from leadline.channels.whatsapp.cloud import WhatsAppSettings

SENDERS = 50_000
AUTH_TOKEN, APP_SECRET = "bench-auth-token-1234567890abcdef", "bench-app-secret-1234567890abcdef"
ACCOUNT = "AC" + "0" * 32
NOWHERE = "http://127.0.0.1:9"  # no provider is asked for anything
ACCOUNTS: dict[str, Settings] = {
    "twilio_sms": TwilioSettings(account_sid=ACCOUNT, auth_token=AUTH_TOKEN, number="+14155550100", api_url=NOWHERE),
    "whatsapp_cloud": WhatsAppSettings(
        phone_number_id="106540352242922",
        business_account_id="102290129340398",
        access_token="bench-access-token-1234567890abcdef",
        app_secret=APP_SECRET,
        verify_token="bench-verify-token-1234567890abcdef",
        display_number="+15550783881",
        api_url=NOWHERE,
    ),
}
FORM = {
    "ToCountry": "US",
    "ToState": "CA",
    "SmsMessageSid": "",
    "NumMedia": "0",
    "ToCity": "SAN FRANCISCO",
    "FromZip": "94104",
    "SmsSid": "",
    "FromState": "CA",
    "SmsStatus": "received",
    "FromCity": "SAN FRANCISCO",
    "Body": "",
    "FromCountry": "US",
    "To": "+14155550100",
    "ToZip": "94105",
    "NumSegments": "1",
    "MessageSid": "",
    "AccountSid": ACCOUNT,
    "From": "",
    "ApiVersion": "2010-04-01",
}
TEXT = "Hello, my parcel has not arrived yet. Order number {}, can somebody look?"


def request(kind: str, public_url: str, path: str, seed: int, senders: int = SENDERS) -> Callable[[int], bytes]:
    """A function that makes the webhook of a number: another message, of one of so many people."""
    make = {"twilio_sms": _twilio, "whatsapp_cloud": _whatsapp}[kind]
    people = random.Random(seed)

    def one(number: int) -> bytes:
        return make(
            public_url, path, f"{seed:08x}{number:024x}", f"353{860_000_000 + people.randrange(senders)}", number
        )

    return one


def _twilio(public_url: str, path: str, unique: str, phone: str, number: int) -> bytes:
    sid = f"SM{unique}"
    fields = FORM | {"SmsMessageSid": sid, "SmsSid": sid, "MessageSid": sid, "From": f"+{phone}"}
    fields["Body"] = TEXT.format(number)
    signed = public_url + path + "".join(name + fields[name] for name in sorted(fields))
    signature = base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), signed.encode(), "sha1")).decode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "I-Twilio-Idempotency-Token": f"d33e2bc3-1f5a-4a3c-9d68-{unique[-12:]}",
        "X-Home-Region": "us1",
        "X-Twilio-Signature": signature,
        "Accept": "*/*",
    }
    return _http(path, headers, urlencode(fields).encode())


def _whatsapp(public_url: str, path: str, unique: str, phone: str, number: int) -> bytes:
    message = {
        "from": phone,
        "id": f"wamid.{unique}",
        "timestamp": "1780000000",
        "text": {"body": TEXT.format(number)},
        "type": "text",
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Aoife Byrne"}, "wa_id": phone}],
        "messages": [message],
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature": "sha1=" + hmac.digest(APP_SECRET.encode(), body, "sha1").hex(),
        "X-Hub-Signature-256": "sha256=" + hmac.digest(APP_SECRET.encode(), body, hashlib.sha256).hex(),
        "Accept": "*/*",
    }
    return _http(path, headers, body)


def _http(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: bench.example.com",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
