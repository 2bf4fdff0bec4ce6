"""Lasting addresses of teammates' files, for channels on which a file goes out as a link that people open later.

`sending.py` asks for them; `web.py` redirects the customer to the address that Intercom gives the file now.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from leadline.connections.media import Media
from leadline.connections.workspaces import Workspaces
from leadline.intercom import conversations
from leadline.model import Attachment
from leadline.store.database import Database
from leadline.store.queries import queries


class FileLinks:
    """Addresses of Leadline's own, under 128 random bits each; the files stay at Intercom."""

    def __init__(self, database: Database, workspaces: Workspaces, media: Media, *, public_url: str) -> None:
        self._database = database
        self._workspaces = workspaces
        self._media = media
        self._public_url = public_url.rstrip("/")

    async def lasting(
        self, workspace_id: str, conversation_id: str, part_id: str, files: Sequence[Attachment]
    ) -> tuple[Attachment, ...]:
        """The files of a part, each under an address that leads to it as long as it is in Intercom."""
        keys = [secrets.token_hex(16) for _ in files]
        async with self._database.connection() as connection:
            for key, file in zip(keys, files, strict=True):
                await queries.keep_file_link(
                    connection,
                    workspace_id=workspace_id,
                    key=key,
                    conversation_id=conversation_id,
                    part_id=part_id,
                    place=_place(file),
                )
        return tuple(
            msgspec.structs.replace(file, url=f"{self._public_url}/files/{key}")
            for key, file in zip(keys, files, strict=True)
        )

    async def renewed(
        self, workspace_id: str, conversation_id: str, part_id: str, files: Sequence[Attachment]
    ) -> tuple[Attachment, ...]:
        """The files of a part under the addresses that Intercom gives them now."""
        client = (await self._workspaces.get(workspace_id)).client
        found = await conversations.refresh_attachments(client, conversation_id, part_id)
        by_place = {_place(file): file for file in found}
        return tuple(by_place.get(_place(file), file) for file in files)

    async def address(self, key: str) -> str:
        """Where the file is now; empty where it is not any more. Raises what Intercom's client raises."""
        async with self._database.connection() as connection:
            row = await queries.file_link_by_key(connection, key=key)
        if row is None:
            return ""
        client = (await self._workspaces.get(row["workspace_id"])).client
        found = await conversations.refresh_attachments(client, row["conversation_id"], row["part_id"])
        urls = (file.url for file in found if _place(file) == row["place"] and self._media.is_intercoms(file.url))
        return next(urls, "")


def _place(file: Attachment) -> str:
    """An address without its signature, which alone is renewed."""
    return file.url.partition("?")[0]
