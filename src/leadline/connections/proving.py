"""Whether a provider accepts a channel's credentials, and telling it the channel's address. `leadline channel`, the
doctor and the console ask.
"""

from __future__ import annotations

from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.connections.switchboard import connect
from leadline.errors import ProviderTrouble
from leadline.identity.words import ended
from leadline.model import Struct
from leadline.store.channels import ChannelRow, ChannelStore

PATIENCE = 10.0  # seconds a provider may take while somebody watches


class Proof(Struct, frozen=True, kw_only=True):
    """What came of asking. trouble: what is wrong. can_be_asked: whether the provider has a way to tell."""

    trouble: str
    can_be_asked: bool

    @property
    def accepted(self) -> bool:
        return self.can_be_asked and not self.trouble


async def prove(store: ChannelStore, row: ChannelRow) -> Proof:
    """Ask the provider, and note what it said."""
    connected, calls = connect(row), ProviderCalls(timeout=PATIENCE)
    try:
        trouble = await probe(calls, row)
    finally:
        await calls.close()
    proof = Proof(trouble=trouble, can_be_asked=connected.adapter.probe(connected.settings) is not None)
    await store.prove(row, accepted=proof.accepted)
    return proof


async def registered(row: ChannelRow, url: str) -> str:
    """What came of telling the provider the address; empty where that is left to the operator."""
    connected, calls = connect(row), ProviderCalls(timeout=PATIENCE)
    try:
        return await calls.perform(connected.adapter.register(url, connected.settings))
    except (Unreachable, ProviderTrouble) as error:
        return f"{connected.adapter.title} could not be told the address: {error}"
    finally:
        await calls.close()


async def probe(calls: ProviderCalls, row: ChannelRow) -> str:
    """What is wrong with a channel's credentials or its provider's address; empty when nothing is."""
    connected = connect(row)
    renew = f"New credentials: `leadline channel change {row.channel_id}`."
    call = connected.adapter.probe(connected.settings)
    if call is None:
        return ""
    try:
        response = await calls.send(call)
    except Unreachable as error:
        return f"{row.name}: {error}. Check api_url and the network."
    if response.status in (401, 403):
        return f"{row.name}: {connected.adapter.title} refuses the credentials ({response.status}). {renew}"
    if not 200 <= response.status < 300:
        return f"{row.name}: {connected.adapter.title} answered a test request with {response.status or 'nothing'}."
    if trouble := connected.adapter.probed(response, connected.settings):
        return f"{row.name}: {connected.adapter.title} says: {ended(trouble)} {renew}"
    return ""
