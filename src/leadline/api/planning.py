"""What a request to send means: which channel, address, conversation and words. `sends.py` keeps what comes of it.

Nothing is written here, and Intercom is asked only for the name of a teammate.
"""

from __future__ import annotations

from leadline.api.channels import ChannelDesk
from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.send_shapes import Send
from leadline.connections.switchboard import Connected
from leadline.model import Handle, TemplateUse
from leadline.outbound import Proactive, Reach, Reaches
from leadline.outbound.begun import Begun
from leadline.panel.roster import Rosters
from leadline.people import Corrections, owners
from leadline.store.database import Database
from leadline.tracing import new_id


class Planning:
    """Reads requests to send, for the workspace that asks."""

    def __init__(
        self,
        database: Database,
        channels: ChannelDesk,
        corrections: Corrections,
        reaches: Reaches,
        proactive: Proactive,
        rosters: Rosters,
    ) -> None:
        self._database = database
        self._channels = channels
        self._corrections = corrections
        self._reaches = reaches
        self._proactive = proactive
        self._rosters = rosters

    async def of(self, call: Call, asked: Send) -> Begun:
        """The message as it is to be kept. Raises Problem, NotSent, NoTemplate, BadHandle."""
        if bool(asked.text.strip()) == bool(asked.template):
            raise Problem(422, "invalid", "Give either a `text` or a `template`.")
        workspace_id = call.workspace_id
        connected = await self._channels.by_name(workspace_id, asked.channel)
        name = await self._corrections.read_handle(workspace_id, asked.address)
        reach = await self._reach(connected, name, asked)
        return await self._proactive.planned(
            workspace_id,
            reach,
            text=asked.text,
            template=_use(asked),
            author=await self._author(call, asked.teammate_id),
            author_id=asked.teammate_id,
            contact_id=await self._contact(workspace_id, name),
            name=asked.name.strip(),
            once=new_id().hex,
        )

    async def _reach(self, connected: Connected, name: str, asked: Send) -> Reach:
        reach = await self._reaches.of_address(connected, Handle.parse(name))
        if reach is None:
            raise Problem(
                422, "not_reachable", f"{connected.row.name} cannot write to {name} before a message came from there."
            )
        if not asked.conversation_id:
            return reach
        shown = await self._reaches.of_conversation(connected.workspace_id, asked.conversation_id)
        if shown is None or (shown.channel_id, shown.handle) != (reach.channel_id, reach.handle):
            raise Problem(
                409, "other_conversation", f"Conversation {asked.conversation_id} is not with this address on "
                f"{connected.row.name}. Leave it out, and Leadline takes the right one.",
            )  # fmt: skip
        return shown

    async def _contact(self, workspace_id: str, name: str) -> str:
        """Whom the address is linked to; empty where it is nobody's yet."""
        async with self._database.connection() as connection:
            return next(iter(await owners(connection, workspace_id, [name])), "")

    async def _author(self, call: Call, teammate_id: str) -> str:
        """The teammate's name, or the key's; raises Problem for one whom Intercom does not know."""
        if not teammate_id:
            return f"API key {call.key.name}"
        names = (await self._rosters.of(call.workspace_id)).names
        if teammate_id not in names:
            raise Problem(422, "no_teammate", f"Intercom knows no teammate with the id '{teammate_id}'.")
        return names[teammate_id]


def _use(asked: Send) -> TemplateUse | None:
    if (given := asked.template) is None:
        return None
    return TemplateUse(name=given.name, language=given.language, values=given.values)
