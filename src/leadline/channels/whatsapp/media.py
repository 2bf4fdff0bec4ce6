"""Where a customer's file on WhatsApp is. Used by adapters' `media_next`.

Source: media page of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Response
from leadline.channels.http import tried
from leadline.model import Attachment


class _Place(msgspec.Struct):
    """Meta's answer to where a file is."""

    url: str = ""
    id: str = ""


_PLACE = msgspec.json.Decoder(_Place)


def place_of(response: Response, attachment: Attachment) -> str:
    """The address in Meta's answer; empty where the answer is the file itself.

    The answer names the media id, which no customer knows beforehand: a file of theirs cannot pass for one.
    """
    place = tried(_PLACE, response.body)
    return place.url if place and place.id == attachment.ref else ""
