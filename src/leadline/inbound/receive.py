"""Customer → Intercom, the story of one message: admit (door, keep), then evidence, decide, act, record.

`web.py` calls `admit` for every webhook; the worker calls `message` for every message, in its lane.
"""

from __future__ import annotations

import msgspec
import structlog

from leadline.channels.exchange import Answer, Request
from leadline.connections.shared import Connections
from leadline.connections.switchboard import Connected, may_come_from
from leadline.conversations import Threads
from leadline.engine.arrival import NewArrival
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival
from leadline.errors import Park, Refused, Unreadable
from leadline.identity import handles
from leadline.inbound import ads
from leadline.inbound.arrivals import Sorter, odd_sender, unreadable
from leadline.inbound.consents import Consents
from leadline.inbound.contents import Contents
from leadline.inbound.joining import Joining
from leadline.inbound.listing import held
from leadline.inbound.raw import raw_of
from leadline.model import Inbound
from leadline.people import People

log = structlog.get_logger(__name__)


class Receive:
    """Everything between a provider's webhook and the message in Intercom."""

    def __init__(
        self,
        keeper: Keeper,
        connections: Connections,
        people: People,
        threads: Threads,
        joining: Joining,
        consents: Consents,
        contents: Contents,
    ) -> None:
        self._keeper = keeper
        self._connections = connections
        self._sorter = Sorter(connections.switchboard)
        self._people = people
        self._threads = threads
        self._joining = joining
        self._consents = consents
        self._contents = contents

    async def admit(self, connected: Connected, request: Request) -> Answer:
        """Stops 1 and 2: verify, parse, keep; the answer is given after the commit. Raises Refused.

        What cannot be read is kept as well, and parked: its provider will not send it again.
        """
        if not may_come_from(request.client, connected.settings):
            raise Refused(f"{request.client or 'Somebody'} is in none of the networks of allow_from")
        connected.adapter.verify(request, connected.settings)
        arrivals = await self._read(connected, request)
        await self._keeper.keep(connected.workspace_id, raw_of(request, connected), arrivals)
        return connected.adapter.taken(connected.settings)

    async def _read(self, connected: Connected, request: Request) -> list[NewArrival]:
        try:
            parsed = connected.adapter.parse(request, connected.settings)
        except Unreadable as error:
            return [unreadable(connected, request, str(error))]
        except Exception as error:  # signed, so it will not be sent again: whatever we fail on, a person can look at it
            log.exception("parse_broke", channel=connected.row.name)
            return [unreadable(connected, request, f"Leadline failed on it ({type(error).__name__}); see the log")]
        if parsed.noise:
            log.info("left_alone", channel=connected.row.name, what=parsed.noise)
        arrivals = [unreadable(connected, request, what, number) for number, what in enumerate(parsed.unread, 1)]
        arrivals += await self._sorter.sort(connected, parsed)
        return [*map(held, arrivals)] if connected.adapter.only_listed(connected.settings) else arrivals

    async def message(self, arrival: Arrival) -> str:
        """Stops 4 to 7 for one kept message, in its sender's lane. Safe to repeat after any crash. Raises Retry, Park.

        A message in parts waits until all are there. What it says about consent counts before anything else, also while
        the channel is paused. Then the contact is decided and the message written into that contact's conversation. A
        contact that turns out to be merged or deleted has been followed by then, so both are done again for the one
        that is left.
        """
        message = msgspec.convert(arrival.content, Inbound)
        if odd := odd_sender(message):
            raise Park(*odd)
        connected = await self._connections.switchboard.of_message(arrival.workspace_id, arrival.channel_id or 0)
        if message.piece:
            message = await self._joining.complete(arrival, message, message.piece)
        heard = await self._consents.hear(arrival, message, connected)
        self._connections.pauses.check(connected)
        body, files = await self._contents.of(arrival, message, connected)
        for _ in range(3):
            person = await self._people.whose(arrival, message, connected)
            place = await self._placed(arrival, message, connected)
            if conversation_id := await self._threads.deliver(place, message, connected, person, body, files):
                if heard:
                    await self._consents.show(arrival, connected, message.handles)
                if message.ad:
                    workspace = await self._connections.workspaces.get(arrival.workspace_id)
                    await ads.remember(workspace.client, person.contact_id, message.ad)
                await self._contents.forget(arrival, message)
                return f"in conversation {conversation_id}"
        raise Park("contact_keeps_vanishing", "The contact was gone three times in a row while the message was added")

    async def _placed(self, arrival: Arrival, message: Inbound, connected: Connected) -> Arrival:
        """The arrival in the lane in which its sender's conversation goes on.

        That is the new number's, where the provider announces one with this message, or has announced one while this
        message waited: whoever writes from the old number is somebody else.
        """
        if message.former:
            lane = handles.lane(message.handles, whatsapp=connected.whatsapp)
        else:
            lane = await self._people.lane(arrival, message)
        if lane == arrival.lane:
            return arrival
        return msgspec.structs.replace(arrival, lane=lane, others=(*arrival.others, arrival.lane))
