"""`POST /messages`: a text or a template goes to an address on a channel, on the way of messages that teammates begin.

The request and its work are kept in one commit under the request's Idempotency-Key: whoever asks again after a crash or
a lost answer meets the same message.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from leadline.api.endpoint import Call
from leadline.api.planning import Planning
from leadline.api.problems import Problem
from leadline.api.send_shapes import Accepted, Send
from leadline.engine.keep import Keeper
from leadline.outbound.begun import Begun, parcel
from leadline.store.database import Database
from leadline.store.queries import queries


class SendDesk:
    """Sends for the workspace that asks."""

    def __init__(self, database: Database, keeper: Keeper, planning: Planning) -> None:
        self._database = database
        self._keeper = keeper
        self._planning = planning

    async def send(self, call: Call) -> Accepted:
        """Keep a message that is to be sent. Raises Problem, NotSent, NoTemplate, BadHandle."""
        asked: Send = call.body
        key = {"workspace_id": call.workspace_id, "key_id": call.key.key_id, "once": call.once}
        async with self._database.connection() as connection:
            known = await queries.api_send(connection, **key)
        if known is None:
            known = await self._kept(key, asked, await self._planning.of(call, asked))
        if bytes(known["fingerprint"]) != _fingerprint(asked):
            raise Problem(
                409, "other_request", "This Idempotency-Key was used for another message. Use a new one for each."
            )
        return Accepted(message_id=f"out-{known['part_id']}")

    async def _kept(self, key: dict[str, Any], asked: Send, begun: Begun) -> Any:
        """The request on record: this one, with its work in the same commit, or the one that was quicker."""
        kind = "begun" if begun.target.conversation_id else "opening"
        async with self._database.connection() as connection:
            fingerprint = _fingerprint(asked)
            claimed = await queries.claim_api_send(connection, **key, fingerprint=fingerprint, part_id=begun.part_id)
            if claimed is None:
                return await queries.api_send(connection, **key)
            await self._keeper.keep_in(connection, begun.target.workspace_id, *parcel(begun, kind))
        return {"fingerprint": fingerprint, "part_id": begun.part_id}


def _fingerprint(asked: Send) -> bytes:
    """What was asked for, however its JSON was spelled."""
    return sha256(msgspec.json.encode(asked)).digest()
