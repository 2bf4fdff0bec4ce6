"""Whether a provider accepts a channel's credentials. `leadline channel`, the doctor and the console ask."""

from __future__ import annotations

from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.connections.switchboard import connect
from leadline.identity.words import ended
from leadline.store.channels import ChannelRow


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
