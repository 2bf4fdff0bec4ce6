"""`leadline channel test`: whether a channel works. `doctor` asks the same."""

from __future__ import annotations

import asyncio
import time

import typer

from leadline.channels.exchange import Call, Response
from leadline.cli.channel import ChannelName, find
from leadline.cli.console import out, show_json
from leadline.cli.office import open_office
from leadline.cli.options import AsJson
from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.connections.proving import probe
from leadline.connections.renewals import outlook
from leadline.connections.switchboard import connect
from leadline.errors import SettingError
from leadline.settings import require
from leadline.store.channels import ChannelRow


def test(channel: ChannelName, as_json: AsJson = False) -> None:  # noqa: PT028 - a command
    """Check a channel's credentials and its webhook address.

    Sends the provider a request that changes nothing, and calls the webhook address as the provider would. The exit
    code is 1 when something is wrong.
    """
    asyncio.run(_test(channel, as_json))


async def _test(name: str, as_json: bool) -> None:
    calls = ProviderCalls(timeout=10.0)
    try:
        async with open_office() as office:
            require(office.settings, "public_url")
            row = await find(office, name)
            troubles = [await probe(calls, row), await unreachable(calls, row, office.settings.public_url)]
            ending = await outlook(office.database, connect(row))
    finally:
        await calls.close()
    if as_json:
        until = ending.date if ending else ""
        show_json({"name": name, "credentials": troubles[0], "address": troubles[1], "token_until": until})
        raise typer.Exit(int(any(troubles)))
    if not troubles[0]:
        out.print(f"{name}: the provider accepts the credentials.")
    if not troubles[1]:
        out.print(f"{name}: the webhook address answers.")
    if ending and (warning := ending.warning(time.time())):
        troubles.append(f"{name}: {warning}")
    elif ending:
        out.print(f"{name}: the access token is valid until {ending.date} and is renewed before that.")
    if any(troubles):
        raise SettingError(" ".join(filter(None, troubles)))


async def unreachable(calls: ProviderCalls, row: ChannelRow, public_url: str) -> str:
    """Why providers cannot reach a channel's webhook address; empty when it answers as this channel."""
    base = public_url.rstrip("/")
    try:
        response = await calls.send(Call(method="HEAD", url=f"{base}/in/{row.key}", harmless=True))
    except Unreachable:
        response = Response(status=0)
    if response.status == 200:
        return ""
    if response.status == 404:
        return (
            f"{row.name}: {base} answers, but does not know this channel. Either LEADLINE_PUBLIC_URL leads to another "
            "server, or Leadline there uses another database."
        )
    what = f"answers {response.status}" if response.status else "does not answer"
    return (
        f"{row.name}: {base} {what}, so no webhook can come in. Start `leadline serve`, and make sure that "
        "LEADLINE_PUBLIC_URL leads to it, through your proxy or tunnel."
    )
