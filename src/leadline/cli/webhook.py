"""`leadline webhook add|list|change|rotate|pause|resume|test|deliveries|replay|remove|events`: tell other systems."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, say, show, show_json
from leadline.cli.office import Office, open_office
from leadline.cli.options import AsJson, Count, Yes
from leadline.cli.spans import seconds
from leadline.identity.words import counted
from leadline.settings import require
from leadline.store.opened import vault_of
from leadline.webhooks import EVENTS, NewWebhook, Webhooks, send, trial

Name = Annotated[str, typer.Argument(help="Name or number of the webhook, as `webhook list` shows it")]
Chosen = Annotated[
    list[str] | None, typer.Option("--event", help="What is told, as `webhook events` lists it; repeat it for each")
]
COLUMNS: Columns = {
    "Number": "webhook_id",
    "Name": "name",
    "Goes to": "host",
    "Events": lambda row: "all" if len(row["events"]) == len(EVENTS) else ", ".join(row["events"]),
    "With texts": "with_text",
    "Paused": lambda row: row["paused_at"] is not None,
    "Waiting": "waiting",
    "Given up": "given_up",
    "Trouble": "trouble",
}
DELIVERIES: Columns = {
    "Number": "number",
    "Event": "kind",
    "Happened": "at",
    "State": "state",
    "Tries": "tries",
    "Sent": "sent_at",
    "Next try": lambda row: row["due_at"] if row["state"] in ("waiting", "trying") else None,
    "Trouble": "trouble",
}


def list_(as_json: AsJson = False) -> None:
    """List the webhooks, and what waits for each."""

    async def work(webhooks: Webhooks) -> None:
        show(await webhooks.listed(), COLUMNS, as_json=as_json, empty="No webhooks yet: leadline webhook add")

    asyncio.run(_with_webhooks(work))


def add(
    name: Annotated[str, typer.Argument(help="Which system is told")],
    url: Annotated[str, typer.Argument(help="Where its events go, such as https://shop.example.com/leadline")],
    event: Chosen = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Also texts and addresses of customers")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a webhook for another system, and print its secret.

    Without --event it is told everything. The secret is shown once; Leadline keeps it encrypted.
    """

    async def work(webhooks: Webhooks) -> None:
        new = NewWebhook(name=name, address=url, events=event or (), with_text=with_text)
        _tell(await webhooks.add(new), as_json=as_json)

    asyncio.run(_with_webhooks(work))


def change(
    name: Name,
    url: Annotated[str, typer.Option(help="Where events go from now on")] = "",
    event: Chosen = None,
    with_text: Annotated[
        bool | None, typer.Option("--with-text/--without-text", help="Whether texts and addresses are told")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change where a webhook goes, or what it tells.

    What you do not name stays. Events that wait already go to the new address, as they were written.
    """

    async def work(webhooks: Webhooks) -> None:
        await webhooks.change(name, address=url, events=event or (), with_text=with_text)
        say(f"Webhook {name} is changed.", {"changed": name}, as_json=as_json)

    asyncio.run(_with_webhooks(work))


def rotate(
    name: Name,
    grace: Annotated[str, typer.Option(help="How long the old secret signs too: 0s, 30m, 2h, 1d")] = "1d",
    as_json: AsJson = False,
) -> None:
    """Give a webhook another secret.

    For a while each event is signed with both, so that the other system can change over.
    """

    async def work(webhooks: Webhooks) -> None:
        _tell(await webhooks.rotate(name, grace=seconds(grace, "--grace")), as_json=as_json)

    asyncio.run(_with_webhooks(work))


def try_(name: Name, as_json: AsJson = False) -> None:
    """Send a test event now.

    Its type is webhook.test. The exit code is 1 when the other system does not take it.
    """

    async def work(office: Office) -> None:
        webhook = await _of(office).by_name(name)
        await send(webhook, trial(), allowed=office.settings.media_allowed)
        say(f"{webhook.name} took the test event.", {"taken": webhook.name}, as_json=as_json)

    asyncio.run(_with_office(work))


def replay(
    name: Name,
    since: Annotated[str, typer.Option(help="Also everything of so long: 90m, 2h, 1d")] = "",
    as_json: AsJson = False,
) -> None:
    """Send again what was given up, or everything since a time.

    Events keep their ids, so that the other system can tell which ones it has.
    """

    async def work(webhooks: Webhooks) -> None:
        count = await webhooks.replay(name, since=seconds(since) if since else None)
        say(f"The worker sends {counted(count, 'event')} again.", {"events": count}, as_json=as_json)

    asyncio.run(_with_webhooks(work))


def pause(name: Name, as_json: AsJson = False) -> None:
    """Stop sending to a webhook for a while.

    What happens meanwhile waits for it until it is resumed.
    """
    asyncio.run(_hold(name, paused=True, as_json=as_json))


def resume(name: Name, as_json: AsJson = False) -> None:
    """Let a paused webhook go on, with everything that waited."""
    asyncio.run(_hold(name, paused=False, as_json=as_json))


async def _hold(name: str, *, paused: bool, as_json: bool) -> None:
    async def work(webhooks: Webhooks) -> None:
        held = await webhooks.pause(name, paused=paused)
        words = f"{held} is paused: what happens waits for it." if paused else f"{held} goes on."
        say(words, {"webhook": held, "paused": paused}, as_json=as_json)

    await _with_webhooks(work)


def deliveries(name: Name, count: Count = 20, as_json: AsJson = False) -> None:
    """List the events of a webhook, the newest first.

    Says what became of each.
    """

    async def work(webhooks: Webhooks) -> None:
        rows = await webhooks.deliveries(name, count=count + 1)
        show(rows, DELIVERIES, as_json=as_json, empty="Nothing was told so far.", count=count)

    asyncio.run(_with_webhooks(work))


def remove(name: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a webhook.

    What waits for it is forgotten.
    """
    if not yes:
        confirm(f"Remove the webhook {name}? What waits for it is forgotten.")

    async def work(webhooks: Webhooks) -> None:
        removed = await webhooks.remove(name)
        say(f"The webhook {removed} is removed.", {"removed": removed}, as_json=as_json)

    asyncio.run(_with_webhooks(work))


def events(as_json: AsJson = False) -> None:
    """List what can be told."""
    rows = [{"event": event, "meaning": meaning} for event, meaning in EVENTS.items()]
    show(rows, {"Event": "event", "Meaning": "meaning"}, as_json=as_json, empty="None.")


async def _with_webhooks(work: Callable[[Webhooks], Awaitable[None]]) -> None:
    async with open_office() as office:
        await work(_of(office))


async def _with_office(work: Callable[[Office], Awaitable[None]]) -> None:
    async with open_office() as office:
        await work(office)


def _of(office: Office) -> Webhooks:
    require(office.settings, "secret_key")
    vault, allowed = vault_of(office.settings), office.settings.media_allowed
    return Webhooks(office.database, vault, office.workspace_id, allowed=allowed)


def _tell(secret: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"secret": secret})
        return
    out.print("This is the secret. Put it where the other system checks signatures; it is not shown again:")
    out.print(secret)
