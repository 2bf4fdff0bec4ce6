"""Tells MessageBird where the webhooks of a WhatsApp channel go. Called by its adapter's `register`.

Source: webhooks of MessageBird's Conversations pages and its Go SDK, November 2026.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import json_call, tried
from leadline.channels.messagebird.answer import read_answer
from leadline.errors import ProviderTrouble

EVENTS = ["message.created"]


class _Webhook(msgspec.Struct):
    id: str
    url: str = ""
    channel: str | None = msgspec.field(default=None, name="channelId")


class _List(msgspec.Struct):
    items: list[_Webhook] | None = None


_LIST = msgspec.json.Decoder(_List)


def registered(base: str, channel_id: str, url: str, secrets: dict[str, str]) -> Steps[str]:
    """Make the webhook, or give the one that this server made earlier the new address; raises ProviderTrouble.

    Webhooks of other servers and of other channels are left alone.
    """
    listed = yield Call(method="GET", url=f"{base}/v1/webhooks?limit=100", secrets=secrets, harmless=True)
    known = [hook for hook in _webhooks(listed) if hook.channel == channel_id and _is_ours(hook.url, url)]
    value = {"events": EVENTS, "channelId": channel_id, "url": url}
    call = json_call(f"{base}/v1/webhooks", value, secrets=secrets)
    if known:
        changed = {"events": EVENTS, "url": url, "status": "enabled"}
        call = json_call(f"{base}/v1/webhooks/{known[0].id}", changed, secrets=secrets, method="PATCH")
    answer = yield msgspec.structs.replace(call, harmless=True)
    if not 200 <= answer.status < 300:
        raise _trouble(answer)
    return "MessageBird sends this channel's messages here from now on."


def _webhooks(response: Response) -> list[_Webhook]:
    if response.status == 200 and (listed := tried(_LIST, response.body)) is not None:
        return listed.items or []
    raise _trouble(response)


def _is_ours(known: str, url: str) -> bool:
    """Whether an address is the same as ours up to the key at its end."""
    old, new = urlsplit(known), urlsplit(url)
    return (old.netloc, old.path.rpartition("/")[0]) == (new.netloc, new.path.rpartition("/")[0])


def _trouble(response: Response) -> ProviderTrouble:
    told = read_answer(response)
    return ProviderTrouble(f"MessageBird does not take it: {told.detail or f'HTTP {response.status}'}")
