"""A teammate's name under what they write, as the channel's setting says. `sending.py` asks before it plans a reply."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.connections.shared import Connections
from leadline.errors import Retry
from leadline.intercom import conversation_state
from leadline.intercom.outcomes import IntercomError
from leadline.outbound.outbox import Outbox, Target

SPANS: Mapping[str, float | None] = {"message": 0.0, "day": 86_400.0, "conversation": None}
"""Seconds for which a signature holds, by the setting; None for as long as the conversation."""


class Signing:
    """Adds the signature where the customer has not read it lately."""

    def __init__(self, outbox: Outbox, connections: Connections) -> None:
        self._outbox = outbox
        self._connections = connections

    async def signed(self, target: Target, text: str, author: str) -> str:
        """The text of a teammate's reply with the signature; as it is where none is due. A file alone is not signed."""
        space = self._connections.book.of(target.workspace_id, target.channel_id)
        if not (space.signature and text) or await self._is_known(target, author, SPANS[space.signature_every]):
            return text
        team = await self._team(target) if "{team}" in space.signature else ""
        signature = filled(space.signature, name=author, team=team)
        return f"{text}\n\n{signature}" if signature else text

    async def _is_known(self, target: Target, author: str, span: float | None) -> bool:
        """Whether this teammate's words went out in the conversation within the span."""
        return span != 0.0 and await self._outbox.wrote_lately(target, author, span)

    async def _team(self, target: Target) -> str:
        """The team the conversation is assigned to; empty where there is none, or Intercom does not tell."""
        workspace = await self._connections.workspaces.get(target.workspace_id)
        try:
            return await conversation_state.team_name(workspace.client, target.conversation_id)
        except (IntercomError, Retry):
            return ""


def filled(signature: str, *, name: str, team: str) -> str:
    """The signature for one teammate; empty where a name it needs is not known."""
    values = {"{first_name}": name.split(" ")[0].strip(), "{name}": name.strip(), "{team}": team.strip()}
    for placeholder, value in values.items():
        if placeholder in signature and not value:
            return ""
        signature = signature.replace(placeholder, value)
    return signature.strip()
