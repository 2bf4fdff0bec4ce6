"""What the wings share of connections: channels, workspaces, and the ways to ask providers. `app.py` builds it once."""

from __future__ import annotations

from typing import NamedTuple

from leadline.connections.by_token import ByToken
from leadline.connections.installing import Installing
from leadline.connections.media import Media
from leadline.connections.pauses import Pauses
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.roster import Roster
from leadline.connections.rounds import Rounds
from leadline.connections.switchboard import Switchboard
from leadline.connections.workspaces import Workspaces
from leadline.engine.breaker import Breakers
from leadline.spaces import Book
from leadline.store.channels import ChannelStore


class Connections(NamedTuple):
    """Everything that leads out of the house: to providers over channels, to Intercom over workspaces."""

    channels: ChannelStore
    switchboard: Switchboard
    workspaces: Workspaces
    calls: ProviderCalls
    media: Media
    rounds: Rounds
    breakers: Breakers
    book: Book
    roster: Roster
    pauses: Pauses
    by_token: ByToken
    installing: Installing | None
