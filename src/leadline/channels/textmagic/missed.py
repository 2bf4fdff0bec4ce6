"""TextMagic's list of received messages. Called by `adapter.py`.

Source: the models of TextMagic's own client for its API, version 2, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import phone_or_sender, tried, utc_seconds
from leadline.errors import ProviderTrouble
from leadline.model import Inbound, Profile

PAGE = 100
PAGES = 100  # 10,000 messages; more were not missed in one go


class _Reply(msgspec.Struct):
    """One received message, as the list of replies holds it."""

    id: int | str
    sender: str | int | None = ""
    time: str | None = msgspec.field(default="", name="messageTime")
    text: str | None = ""
    first_name: str | None = msgspec.field(default="", name="firstName")
    last_name: str | None = msgspec.field(default="", name="lastName")


class _Page(msgspec.Struct):
    resources: list[_Reply]
    count: int = msgspec.field(default=1, name="pageCount")


_PAGE = msgspec.json.Decoder(_Page)


def missed(url: str, since: float, secrets: Mapping[str, str]) -> Steps[tuple[Inbound, ...]]:
    """Everything in the list at this address back to `since` (unix seconds), oldest first; raises ProviderTrouble."""
    found: list[Inbound] = []
    for number in range(1, PAGES + 1):
        place = f"{url}?page={number}&limit={PAGE}&orderBy=id&direction=desc"
        page = _page((yield Call(method="GET", url=place, secrets=secrets, harmless=True)))
        messages = [_listed(reply) for reply in page.resources]
        found += [message for message in messages if message.sent_at is None or message.sent_at >= since]
        reached = any(message.sent_at is not None and message.sent_at < since for message in messages)
        if reached or number >= page.count or not messages:
            break
    return tuple(reversed(found))


def _listed(reply: _Reply) -> Inbound:
    sender = str(reply.sender or "")
    return Inbound(
        provider_id=str(reply.id),
        sender=sender,
        handles=(phone_or_sender(sender, digits_only=True),),
        text=reply.text or "",
        sent_at=utc_seconds(reply.time or ""),
        profile=Profile(name=" ".join(filter(None, (reply.first_name, reply.last_name)))),
    )


def _page(response: Response) -> _Page:
    if response.status == 200 and (page := tried(_PAGE, response.body)) is not None:
        return page
    raise ProviderTrouble(f"TextMagic did not list its replies (HTTP {response.status})")
