"""`leadline channel templates|send-template|poll`: what a channel's provider has, and what is sent from here."""

from __future__ import annotations

import asyncio
import getpass
import time
from typing import Annotated, Any

import msgspec
import typer

from leadline.app import Leadline
from leadline.channels.base import Channel
from leadline.cli.channel import ChannelName, find_in
from leadline.cli.console import Columns, say, show
from leadline.cli.office import open_for_one
from leadline.cli.options import AsJson
from leadline.cli.spans import seconds
from leadline.cli.whom import contact_named
from leadline.connections.switchboard import Connected, connect
from leadline.errors import SettingError
from leadline.identity.words import address, counted
from leadline.model import TemplateUse
from leadline.outbound import Reach
from leadline.outbound.filling import completed, label, unfit
from leadline.outbound.templates import template_by_name

TEMPLATES: Columns = {
    "Name": "name",
    "Language": "language",
    "Status": "status",
    "Category": "category",
    "Variables": lambda row: ", ".join(row["variables"]),
    "Text": "body",
}


def templates(
    channel: ChannelName,
    sync: Annotated[bool, typer.Option("--sync", help="Ask the provider first")] = False,
    as_json: AsJson = False,
) -> None:
    """List a channel's message templates.

    Shows whether the provider has approved each of them.
    """
    asyncio.run(_templates(channel, sync, as_json))


def send_template(
    channel: ChannelName,
    template: Annotated[str, typer.Argument(help="Its name, as `channel templates` shows it")],
    value: Annotated[
        list[str] | None, typer.Option("--value", help="Value of a variable; repeat it for each, in order")
    ] = None,
    language: Annotated[str, typer.Option(help="Needed where several templates have this name")] = "",
    to: Annotated[str, typer.Option(help="The contact: Intercom id, user id, e-mail or phone")] = "",
    conversation: Annotated[str, typer.Option(help="Or the conversation whose customer gets it")] = "",
    open_conversation: Annotated[bool, typer.Option("--open", help="Open a new conversation with it")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what the customer would read")] = False,
    as_json: AsJson = False,
) -> None:
    """Send an approved template to a customer.

    This also works when the reply window is closed.
    """
    use = TemplateUse(name=template, language=language, values=tuple(value or ()))
    if preview:
        asyncio.run(_preview(channel, use, to, as_json))
        return
    asyncio.run(_send_template(channel, use, to, conversation, open_conversation, as_json))


def poll(
    channel: ChannelName,
    since: Annotated[str, typer.Option(help="How far back: 30m, 2h, 1d. Without it: since the last time")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch messages whose webhook was missed.

    Asks the provider for its recent messages, and keeps those that Leadline does not have.
    """
    asyncio.run(_poll(channel, since, as_json))


async def _templates(name: str, sync: bool, as_json: bool) -> None:
    async with open_for_one() as leadline:
        connected = await _connected(leadline, name)
        _must(connected.can.templates, connected.adapter, "has no templates")
        if sync:
            await leadline.templates.sync(connected)
        else:
            await leadline.reaches.templates(connected.workspace_id, connected.channel_id)
        found = await leadline.templates.listed(connected.workspace_id, connected.channel_id)
    rows = [msgspec.structs.asdict(each) | {"variables": list(each.variables)} for each in found]
    show(rows, TEMPLATES, as_json=as_json, empty="Leadline knows no template. Ask the provider with --sync.")


async def _preview(name: str, use: TemplateUse, to: str, as_json: bool) -> None:
    """What would be read, with the contact's own values where none are given."""
    async with open_for_one() as leadline:
        connected = await _connected(leadline, name)
        approved = await leadline.reaches.templates(connected.workspace_id, connected.channel_id)
        template = template_by_name(approved, use.name, use.language)
        contact = await contact_named(leadline, to, sure="Nothing is sent.") if to else None
        values = completed(template, use.values, contact)
    missing = [label(name) for name, value in zip(template.variables, values, strict=True) if unfit(name, value)]
    shown = [template.filled(values), *(["", "Still to give: " + "; ".join(missing)] if missing else [])]
    say(
        "\n".join(shown), {"text": template.filled(values), "values": list(values), "missing": missing}, as_json=as_json
    )


async def _send_template(
    name: str, use: TemplateUse, to: str, conversation: str, open_conversation: bool, as_json: bool
) -> None:
    if bool(to) == bool(conversation):
        raise SettingError("Say who gets the template: --to <contact> or --conversation <id>")
    async with open_for_one() as leadline:
        connected = await _connected(leadline, name)
        reach, contact_id = await _reach(leadline, connected, to, conversation)
        conversation_id = await leadline.proactive.begin(
            connected.workspace_id,
            reach,
            template=use,
            author=getpass.getuser(),
            open_conversation=open_conversation,
            contact_id=contact_id,
        )
    where = f" Conversation {conversation_id} shows whether it arrives." if conversation_id else ""
    words = f"The next worker sends it to {address(reach.handle)} on {connected.row.name}.{where}"
    sent = {"handle": reach.handle, "channel": connected.row.name, "conversation_id": conversation_id or None}
    say(words, sent, as_json=as_json)


async def _reach(leadline: Leadline, connected: Connected, to: str, conversation: str) -> tuple[Reach, str]:
    """The way to the customer on this channel, and the contact it is of."""
    workspace_id = connected.workspace_id
    if conversation:
        reach = await leadline.reaches.of_conversation(workspace_id, conversation)
        if reach is None or reach.channel_id != connected.channel_id:
            raise SettingError(f"Conversation {conversation} does not belong to {connected.row.name}")
        return reach, ""
    contact = await contact_named(leadline, to, sure="A message goes out at once, and nobody is asked.")
    reaches = await leadline.reaches.of_contact(workspace_id, contact.contact_id)
    found = [reach for reach in reaches if reach.channel_id == connected.channel_id]
    if not found:
        raise SettingError(
            f"{contact.name or to} cannot be reached on {connected.row.name}: the contact has no phone number "
            "and has not written on this channel."
        )
    return found[0], contact.contact_id


async def _poll(name: str, since: str, as_json: bool) -> None:
    start = time.time() - seconds(since) if since else None
    async with open_for_one() as leadline:
        connected = await _connected(leadline, name)
        _must(connected.can.polls, connected.adapter, "has no list of messages to ask for; it repeats webhooks instead")
        kept = await leadline.polls.poll(connected, since=start)
    words = f"{connected.row.name}: {counted(kept, 'missed message')}."
    say(words, {"name": connected.row.name, "kept": kept}, as_json=as_json)


async def _connected(leadline: Leadline, name: str) -> Connected:
    return connect(await find_in(leadline.channels, leadline.workspace.workspace_id, name))


def _must(able: bool, adapter: Channel[Any], why_not: str) -> None:
    if not able:
        raise SettingError(f"{adapter.title} {why_not}")
