"""Names and pictures of new senders: looked up at their provider, pictures kept here. `leads.py` asks for new leads.

No message waits for decoration: everything here has a time limit, and fails into nothing.
"""

from __future__ import annotations

import asyncio
import secrets

import msgspec
import structlog

from leadline.connections.media import Media, NotFetched
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.switchboard import Connected
from leadline.errors import LeadlineError
from leadline.model import Attachment, Inbound, Profile
from leadline.model.seen import as_name
from leadline.store.database import Database
from leadline.store.queries import queries

PATIENCE = 3.0  # seconds for the look-up, and again for the picture
LARGEST = 1_000_000  # bytes of a picture
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
log = structlog.get_logger(__name__)


class Profiles:
    """Completes what a message tells about its sender."""

    def __init__(self, database: Database, calls: ProviderCalls, media: Media, *, public_url: str) -> None:
        self._database = database
        self._calls = calls
        self._media = media
        self._public_url = public_url.rstrip("/")

    async def of(self, message: Inbound, connected: Connected) -> Profile:
        """The sender's profile. Its picture, where there is one, lies at an address of Leadline's own."""
        profile = await self._looked_up(message, connected)
        url = await self._picture(profile.avatar_url, message, connected) if profile.avatar_url else ""
        return msgspec.structs.replace(profile, name=as_name(profile.name), avatar_url=url)

    async def picture(self, key: str) -> tuple[str, bytes] | None:
        """Content type and content of a kept picture."""
        async with self._database.connection() as connection:
            row = await queries.avatar_by_key(connection, key=key)
        return (row["content_type"], bytes(row["content"])) if row else None

    async def _looked_up(self, message: Inbound, connected: Connected) -> Profile:
        if not connected.can.profiles:
            return message.profile
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._calls.perform(connected.adapter.look_up(message, connected.settings))
        except (TimeoutError, LeadlineError) as error:
            log.warning("profile_not_found", channel=connected.row.name, why=str(error) or "too slow")
        except Exception:  # a bug in an adapter: no message waits for a name
            log.exception("profile_broke", channel=connected.row.name)
        return message.profile

    async def _picture(self, url: str, message: Inbound, connected: Connected) -> str:
        """Fetch and keep it; the provider's own address expires, or carries a token."""
        try:
            async with asyncio.timeout(PATIENCE):
                file = await self._media.fetch(connected, Attachment(url=url), 1)
        except (TimeoutError, NotFetched) as error:
            log.warning("picture_not_fetched", channel=connected.row.name, why=str(error) or "too slow")
            return ""
        except Exception:  # nor for a picture
            log.exception("picture_broke", channel=connected.row.name)
            return ""
        kind = kind_of(file.content)
        if not kind or len(file.content) > LARGEST:
            log.warning("picture_refused", channel=connected.row.name, bytes=len(file.content))
            return ""
        key = secrets.token_hex(16)
        async with self._database.connection() as connection:
            await queries.keep_avatar(
                connection,
                workspace_id=connected.workspace_id,
                key=key,
                handle=str(message.handles[0]),
                content_type=kind,
                content=file.content,
            )
        return f"{self._public_url}/avatars/{key}"


def kind_of(content: bytes) -> str:
    """The picture's type by its first bytes, whatever its sender says; empty where it is none that browsers show."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES.items() if content.startswith(start)), "")
