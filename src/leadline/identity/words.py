"""What people read instead of codes: addresses, counts, whole sentences. CLI, pages, panel and notes ask here."""

from __future__ import annotations

import re
from collections.abc import Iterable

CHANNELS = {
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "line": "LINE",
    "viber": "Viber",
    "vk": "VK",
    "wechat": "WeChat",
    "slack": "Slack",
    "http": "id",
    "sender": "sender",
}
"""Scheme of a handle → what people call addresses of that kind."""
_MADE = re.compile(r"leadline(?:#\d+)?:([a-z]+:.+)", re.DOTALL)  # see `handles.external_id`


def phone(number: str) -> str:
    """A number in E.164 as people write it, "+353 86 998 4708"; any other text as it is."""
    if not number.startswith("+"):
        return number
    import phonenumbers  # slow to import, and most commands print no phone
    from phonenumbers import NumberParseException, PhoneNumberFormat

    try:
        return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number


def address(handle: str) -> str:
    """A written handle or a bare phone number as people read it: "+353 86 998 4708", "Telegram 77", "sender AMAZON"."""
    scheme, colon, rest = handle.partition(":")
    if scheme == "tel" or not colon:
        return phone(rest or scheme)
    return f"{CHANNELS.get(scheme, scheme)} {rest.partition('/')[2] or rest}"


def user_id(external_id: str) -> str:
    """A contact's user id as people read it: that of a lead Leadline made is the address it was made for."""
    made = _MADE.fullmatch(external_id)
    return address(made[1]) if made else external_id


def addresses(handles: Iterable[str]) -> str:
    """Several handles in a sentence."""
    return ", ".join(map(address, handles))


def counted(count: int, thing: str, things: str = "") -> str:
    """ "1 sender", "3 senders", "1,200 senders"; `things` where the plural takes more than an s."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def ended(text: str) -> str:
    """The text as a whole sentence: with one full stop, unless it ends with a mark of its own."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…", ".”", "?”", "!”")) else f"{text}."
