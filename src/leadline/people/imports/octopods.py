"""What Octopods leaves on contacts, as far as its public pages tell (read in autumn 2026). Pure.

`octopods_channel` holds the name of the channel on which a lead first wrote. Social and chat channels have an attribute
with the customer's id as well; its name is not public, so people name it, or Leadline finds it by the words in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from leadline.channels import CHANNELS

MARK = "octopods_channel"
TEL = "tel"
OURS = "octopods"
"""With what the names of Octopods' own attributes begin."""
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("whatsapp", "sms", "twilio", "messagebird", "nexmo", "vonage", "textmagic"), TEL),
    **dict.fromkeys(("africas", "africa"), TEL),
    "telegram": "telegram",
    "line": "line",
    "wechat": "wechat",
    "viber": "viber",
    "messenger": "messenger",
    "facebook": "messenger",
    "fb": "messenger",
    "instagram": "instagram",
    "vkontakte": "vk",
    "vk": "vk",
    "slack": "slack",
}


def scheme_of(name: str) -> str:
    """The scheme of handles on the channel of this name, `tel` for those of phones; empty for one not known here.

    It may be Octopods' name, as `Facebook Messenger` or `twilio_whatsapp`, or the key of a provider of Leadline's.
    """
    if known := CHANNELS.get(name.strip().lower()):
        return TEL if known.phone_based else known.scheme
    words = re.findall(r"[a-z]+", name.lower())
    if {"viber", "business"} <= {*words} or "vbm" in words:
        return TEL  # Viber Business Messages go to phone numbers
    found = {_WORDS[word] for word in words if word in _WORDS}
    return TEL if TEL in found else min(found, default="")


def likely(attributes: Iterable[str]) -> list[str]:
    """Of these attributes those that by their names hold Octopods' ids on a channel without phones."""
    return [
        name
        for name in attributes
        if name != MARK and name.lower().startswith(OURS) and scheme_of(name) not in ("", TEL)
    ]
