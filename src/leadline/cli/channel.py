"""`leadline channel add|list|test|rotate|remove|providers`; `channel_talk.py` and `channel_new.py` add the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Annotated, Any, cast, get_args, get_type_hints

import msgspec
import typer

from leadline.channels import CHANNELS
from leadline.channels import channel as channel_of
from leadline.channels.base import Call, Channel, Response
from leadline.cli.console import out, show
from leadline.cli.office import Office, open_office
from leadline.connections.provider_calls import ProviderCalls, Unreachable
from leadline.connections.renewals import outlook
from leadline.connections.switchboard import add_channel, connect, typed_settings
from leadline.errors import ProviderTrouble, SettingError
from leadline.settings import require
from leadline.store.channels import ChannelRow

app = typer.Typer(help="Connect and look after channels.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
ChannelName = Annotated[str, typer.Argument(help="Name or number, as `channel list` shows it")]


@app.command()
def add(
    provider: Annotated[str, typer.Argument(help="Provider key, see `channel providers`")],
    name: Annotated[str, typer.Option(help="What teammates call it")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting; asked for when missing")
    ] = None,
) -> None:
    """Connect a channel: asks for what the provider needs, prints the address to register there.

    Settings with a default are not asked for: give them with --set, `channel settings <provider>` lists them.
    """
    adapter = channel_of(provider)
    values = _asked(adapter, dict(pair(text) for text in settings or []))
    asyncio.run(_add(adapter, name or adapter.title, values))


@app.command("settings")
def settings_(provider: Annotated[str, typer.Argument(help="Provider key")], as_json: AsJson = False) -> None:
    """List the settings of a provider: what it needs, what may be left out, what is kept secret."""
    adapter = channel_of(provider)
    rows = [
        {
            "name": field.name,
            "required": field.required,
            "secret": is_secret(field.type),
            "default": None if field.required else field.default,
            "meaning": description(adapter, field.name),
        }
        for field in fields_for(adapter).values()
    ]
    show(rows, ["name", "required", "secret", "default", "meaning"], as_json=as_json, empty="None")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the channels."""
    asyncio.run(_list(as_json))


@app.command()
def test(channel: ChannelName) -> None:
    """Prove a channel's credentials with a harmless request, and that its own webhook address leads here."""
    asyncio.run(_test(channel))


@app.command()
def register(channel: ChannelName) -> None:
    """Tell the provider a channel's webhook address again: LEADLINE_PUBLIC_URL changed, or the provider lost it."""
    asyncio.run(_register(channel))


@app.command()
def rotate(channel: ChannelName) -> None:
    """Give a channel a new webhook address; the former one stops working at once."""
    asyncio.run(_rotate(channel))


@app.command()
def remove(channel: ChannelName) -> None:
    """Take a channel out of service. Its messages and conversations stay."""
    asyncio.run(_remove(channel))


@app.command()
def providers(as_json: AsJson = False) -> None:
    """List the providers Leadline speaks with, and what each can do."""
    rows = [declared(adapter) for _, adapter in sorted(CHANNELS.items())]
    if not as_json:
        rows = [row | _shortly(row) for row in rows]
    columns = ["key", "title", "media", "statuses", "templates", "window"]
    show(rows, columns, as_json=as_json, empty="None")


def _shortly(row: dict[str, Any]) -> dict[str, str]:
    ways = [way for way in ("in", "out") if row[f"media_{way}"]]
    return {"media": ", ".join(ways), "window": f"{row['window'] // 3600} h" if row["window"] else ""}


def declared(adapter: Channel[Any]) -> dict[str, Any]:
    """A provider's capabilities as `channel providers --json` prints them."""
    fields = msgspec.structs.asdict(adapter.capabilities)
    return {"key": adapter.key, "title": adapter.title, **fields, "limits": dict(fields["limits"])}


async def _add(adapter: Channel[Any], name: str, values: dict[str, str]) -> None:
    typed = typed_settings(adapter, values)
    async with open_office() as office:
        require(office.settings, "public_url", "secret_key")
        await _require_new_name(office, name)
        row = await add_channel(office.channels, office.workspace_id, adapter, name, typed)
        out.print(f"Channel {row.channel_id}, {row.name}, is connected.")
        await _tell_setup(office, adapter, row)


async def _require_new_name(office: Office, name: str) -> None:
    for channel_id, known in (await office.channels.names(office.workspace_id)).items():
        if known == name:
            raise SettingError(
                f"Channel {channel_id} is called '{name}' already. Choose another --name; if it is the same "
                f"account with new credentials: `leadline channel change {channel_id}`."
            )


async def _tell_setup(office: Office, adapter: Channel[Any], row: ChannelRow) -> None:
    base = office.settings.public_url.rstrip("/")
    places = {"url": f"{base}/in/{row.key}", "status_url": f"{base}/status/{row.key}"}
    out.print(f"Webhook address: {places['url']}")
    if told := await registered(row, places["url"]):
        out.print(told, markup=False)
    for number, step in enumerate(adapter.setup, 1):
        out.print(f"{number}. {step.format(**places)}")


async def registered(row: ChannelRow, url: str) -> str:
    """What came of telling the provider the address; empty where that is left to the operator."""
    connected, calls = connect(row), ProviderCalls(timeout=10.0)
    try:
        return await calls.perform(connected.adapter.register(url, connected.settings))
    except (Unreachable, ProviderTrouble) as error:
        return f"{connected.adapter.title} could not be told the address: {error}"
    finally:
        await calls.close()


async def _list(as_json: bool) -> None:
    async with open_office() as office:
        rows = [
            {"channel_id": r.channel_id, "name": r.name, "provider": r.provider, "address": r.address}
            for r in await office.channels.listed(office.workspace_id)
        ]
    show(rows, ["channel_id", "name", "provider", "address"], as_json=as_json, empty="No channel yet: channel add")


async def _test(name: str) -> None:
    calls = ProviderCalls(timeout=10.0)
    try:
        async with open_office() as office:
            require(office.settings, "public_url")
            row = await find(office, name)
            troubles = [await probe(calls, row), await unreachable(calls, row, office.settings.public_url)]
            ending = await outlook(office.database, connect(row))
    finally:
        await calls.close()
    if not troubles[0]:
        out.print(f"{name}: the provider accepts the credentials.", markup=False)
    if not troubles[1]:
        out.print(f"{name}: the webhook address answers.", markup=False)
    if ending and (warning := ending.warning(time.time())):
        troubles.append(f"{name}: {warning}")
    elif ending:
        out.print(f"{name}: the access token holds until {ending.date} and is renewed before.", markup=False)
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
            f"{row.name}: {base} answers, but does not know this channel: LEADLINE_PUBLIC_URL leads to another server, "
            "or its Leadline uses another database."
        )
    what = f"answers {response.status}" if response.status else "does not answer"
    return (
        f"{row.name}: {base} {what}, so no webhook can come in: start `leadline serve`, and let LEADLINE_PUBLIC_URL, "
        "your proxy or tunnel lead to it."
    )


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
        return f"{row.name}: {connected.adapter.title} answered {response.status or 'nothing'} to a test request."
    if trouble := connected.adapter.probed(response, connected.settings):
        return f"{row.name}: {connected.adapter.title} says: {trouble}. {renew}"
    return ""


async def _register(name: str) -> None:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        await _tell_setup(office, channel_of(row.provider), row)


async def _rotate(name: str) -> None:
    async with open_office() as office:
        require(office.settings, "public_url")
        row = await find(office, name)
        key = await office.channels.rotate(office.workspace_id, row.channel_id)
        out.print(f"{row.name} has a new address; register it at the provider now.")
        await _tell_setup(office, channel_of(row.provider), msgspec.structs.replace(row, key=key))


async def _remove(name: str) -> None:
    async with open_office() as office:
        channel_id, called = _named(await office.channels.names(office.workspace_id), name)
        await office.channels.remove(office.workspace_id, channel_id)
    out.print(f"{called} is out of service.", markup=False)


async def find(office: Office, name: str) -> ChannelRow:
    """The channel of that name or number; raises SettingError that names them all."""
    channel_id, _ = _named(await office.channels.names(office.workspace_id), name)
    row = await office.channels.by_id(office.workspace_id, channel_id)
    if row is None:
        raise SettingError(f"Channel {channel_id} is gone")
    return row


def _named(names: dict[int, str], wanted: str) -> tuple[int, str]:
    found = [(channel_id, name) for channel_id, name in names.items() if wanted in (name, str(channel_id))]
    if len(found) != 1:
        known = ", ".join(f"{channel_id} ({name})" for channel_id, name in names.items()) or "none"
        raise SettingError(f"No single channel is called '{wanted}'. Channels: {known}")
    return found[0]


def pair(text: str) -> tuple[str, str]:
    """A `--set` as name and value; raises SettingError."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingError(f"--set takes NAME=VALUE, not '{text}'")
    return name, value


def _asked(adapter: Channel[Any], given: dict[str, str]) -> dict[str, str]:
    """Ask for every required setting that was not given; secrets without echo."""
    for name, field in fields_for(adapter, given).items():
        if field.required and name not in given:
            given[name] = typer.prompt(description(adapter, name) or name, hide_input=is_secret(field.type))
    return given


def fields_for(adapter: Channel[Any], given: Iterable[str] = ()) -> dict[str, msgspec.inspect.Field]:
    """An adapter's settings by name; raises SettingError where a given name is none of them."""
    kind = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(adapter.settings))
    fields = {field.name: field for field in kind.fields}
    if unknown := sorted(set(given) - set(fields)):
        raise SettingError(f"{adapter.title} has no setting {', '.join(unknown)}. Known: {', '.join(fields)}")
    return fields


def is_secret(kind: msgspec.inspect.Type) -> bool:
    """Whether a setting is asked for without echo."""
    return isinstance(kind, msgspec.inspect.Metadata) and bool((kind.extra or {}).get("secret"))


def description(adapter: Channel[Any], name: str) -> str:
    """What a setting means, as its adapter says."""
    hint = get_type_hints(adapter.settings, include_extras=True)[name]
    return next((meta.description or "" for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)), "")
