"""What `leadline doctor` says about the channels: their credentials, and what does not protect their webhooks."""

from __future__ import annotations

import time

from leadline.channels.fields import fields_for, is_own
from leadline.cli.channel_values import OWN_LENGTH
from leadline.cli.finding import Finding
from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.proving import probe
from leadline.connections.renewals import outlook
from leadline.connections.switchboard import connect, fingerprint, usable
from leadline.errors import SettingError
from leadline.settings import Settings, weakness
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.database import Database
from leadline.store.opened import vault_of


async def channels(settings: Settings, database: Database, workspace_id: str) -> list[Finding]:
    """Every channel, or that there is none yet. Without the key none can be read, which another finding says."""
    if not settings.secret_key:
        return []
    calls = ProviderCalls(timeout=8.0)
    try:
        rows = await ChannelStore(database, vault_of(settings)).listed(workspace_id)
        findings = [await channel_finding(calls, database, row) for row in rows]
        findings += doubled(rows)
    except SettingError as error:
        return [Finding("channels", str(error))]
    finally:
        await calls.close()
    return findings or [Finding("channels", word="none yet: `leadline channel add`", is_note=True)]


async def channel_finding(calls: ProviderCalls, database: Database, row: ChannelRow) -> Finding:
    """Its credentials, and how long they last where they end."""
    part, trouble, ending = f"channel {row.name}", await probe(calls, row), await outlook(database, connect(row))
    if trouble:
        return Finding(part, trouble)
    if ending and (warning := ending.warning(time.time())):
        return Finding(part, f"{row.name}: {warning}")
    word = f"fine; the access token is valid until {ending.date} and is renewed before that" if ending else "fine"
    paused = f"; paused: `leadline channel resume {row.channel_id}` lets it go on" if row.is_paused else ""
    return Finding(part, word=word + paused + unsigned(row) + _guessable(row))


def unsigned(row: ChannelRow) -> str:
    """What is said of a channel whose webhooks prove nothing about who sent them."""
    connected = connect(row)
    remedy = connected.adapter.unsigned(connected.settings)
    if not remedy:
        return ""
    if connected.adapter.only_listed(connected.settings):
        return f"; unsigned, but only messages that {connected.adapter.title} lists are believed"
    if connected.settings.allow_from:
        return f"; unsigned, but only from {connected.settings.allow_from}"
    return f"; unsigned, only the secret address protects it. {remedy}; or set allow_from to the provider's networks"


def _guessable(row: ChannelRow) -> str:
    """Which credential of the operator's own making can be guessed; empty where none can."""
    adapter = connect(row).adapter
    for name, field in fields_for(adapter).items():
        value = str(row.settings.get(name, ""))
        if is_own(field.type) and value and (weak := weakness(value, length=OWN_LENGTH)):
            return f"; {name} {weak}. A new one: `leadline channel change {row.channel_id} --set {name}=-`"
    return ""


def doubled(rows: list[ChannelRow]) -> list[Finding]:
    """Channels of former versions that are the same account and number: each message comes once for each of them."""
    first: dict[str, ChannelRow] = {}
    doubled = []
    for connected in usable(rows):
        known = first.setdefault(fingerprint(connected.adapter, connected.settings), connected.row)
        if known is not connected.row:
            what = f"{connected.row.name} is the same account and number as {known.name}, so every message comes twice"
            doubled.append(
                Finding(f"channel {connected.row.name}", f"{what}: `leadline channel remove {connected.channel_id}`.")
            )
    return doubled
