"""The bot of the payload files, and what the tests send through it."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels import channel
from leadline.channels.exchange import Parsed, Response
from leadline.connections.switchboard import Connected
from leadline.model import Attachment, Outbound, Sent
from leadline.store.channels import ChannelRow

from ..conftest import Town
from ..wire import settings_of

KEY = "telegram"
ADAPTER = channel(KEY)
SETTINGS = settings_of(KEY)
API = f"https://api.telegram.org/bot{SETTINGS.bot_token}"
MESSAGE = Outbound(id="0194a.1", to="5234567890", text="Hi *you")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
SHEET = Attachment(content_type="text/csv; charset=utf-8", url="https://files.example.com/3.csv", name="3 März.csv")
FILE = Attachment(content_type="image/jpeg", ref="AgACbig/AQbig")


def changed(**changes: Any) -> Outbound:
    return msgspec.structs.replace(MESSAGE, **changes)


def parsed(town: Town) -> list[Parsed]:
    """Everything that came in, verified and parsed by the adapter."""
    settings = town.settings(KEY)
    for request in town.requests:
        ADAPTER.verify(request, settings)
    return [ADAPTER.parse(request, settings) for request in town.requests]


async def sent_with(town: Town, files: dict[str, Response], **message: Any) -> Sent:
    """One message, whose files a teammate has put at these addresses."""

    async def fetch(file: Attachment) -> Response:
        return files[file.url]

    steps = ADAPTER.send(changed(**message), town.settings(KEY))
    return await town.calls.perform(steps, fetch=fetch)


def connected(settings: Any) -> Connected:
    row = ChannelRow(
        workspace_id="w", channel_id=1, provider=KEY, name="Bot", key="k", account="", address="", settings={}
    )
    return Connected(row=row, adapter=ADAPTER, settings=settings)


# -- requests ---------------------------------------------------------------------------------------------------------
