"""`leadline demo`: the whole product on one machine, without any account. Four messages, then a page to play with."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from msgspec.structs import replace
from psycopg import sql
from starlette.applications import Starlette

from leadline.cli.console import out
from leadline.errors import SettingError
from leadline.identity.reasons import title
from leadline.identity.words import phone
from leadline.inbound.story import tell
from leadline.intercom import contacts
from leadline.process import asgi
from leadline.sandbox.seed import UNKNOWN_PHONE
from leadline.serving import serving, until_stopped
from leadline.settings import Settings, load
from leadline.stage.town import HOST, Demo, Places, open_demo
from leadline.store.database import ensure_database
from leadline.store.embedded import embedded, reachable
from leadline.store.queries import queries

PREFIX = "demo_"
PATIENCE = 30.0
# (channel, sender, text, the reason code that must settle it)
STORY = (
    ("twilio_sms", "+353888888999", "Hi, my parcel has not arrived yet", "unique_phone"),
    ("twilio_sms", "+353888888999", "The order number is 1001", "known_link"),
    ("whatsapp_cloud", "+447700900123", "Can I change my booking?", "tie_latest_updated"),
    ("whatsapp_cloud", UNKNOWN_PHONE, "Do you ship to Galway?", "new_lead"),
)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the four messages")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the page, instead of LEADLINE_PORT")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than 127.0.0.1 show the page to everybody who reaches it")
    ] = HOST,
) -> None:
    """Try Leadline on this machine, without any account.

    Starts a sandbox workspace, three channels and Leadline, and shows who gets each message and why.
    """
    settings = load()
    asyncio.run(_demo(replace(settings, port=settings.port if port is None else port), host, once))


async def _demo(settings: Settings, host: str, once: bool) -> None:
    started = time.monotonic()
    out.print("Starting PostgreSQL, a sandbox workspace, three channels and Leadline …")
    with _folder(settings) as folder, embedded(folder) as server:
        async with _databases(server) as (database_url, sandbox_url):
            with Places(settings.port, host) as places:
                async with open_demo(database_url, sandbox_url, places) as demo:
                    await _play(demo, once, started)


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    """The data folder; as root, where a folder above keeps PostgreSQL out of it, one for this run."""
    wanted = Path(settings.data_dir)
    if reachable(wanted):
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="leadline-demo-") as folder:
        yield Path(folder)


async def _play(demo: Demo, once: bool, started: float) -> None:
    door = asgi(demo.leadline, with_worker=True)
    async with serving(door if once else _with_pages(door, demo), demo.places.sockets["leadline"]):
        for channel, sender, text, expected in STORY:
            await _show(demo, channel, sender, text, expected)
        out.print(f"Four messages, four decisions, {time.monotonic() - started:.0f} seconds after the start.")
        if once:
            return
        out.print()
        out.print(f"Open {demo.places.leadline}/inbox to be the customer and the teammate. Ctrl-C stops.")
        await until_stopped()


def _with_pages(door: Starlette, demo: Demo) -> Starlette:
    try:
        from leadline.stage.pages import with_stage  # NiceGUI is an extra
    except ImportError as error:
        raise SettingError("The demo page needs NiceGUI: pip install 'leadline[console]'") from error
    return with_stage(door, demo)


async def _show(demo: Demo, channel: str, sender: str, text: str, expected: str) -> None:
    """Let a customer write and print what Leadline made of it; raises SettingError when it went wrong."""
    row = demo.channels[channel]
    known = await _last(demo)
    posted = await demo.writes(row, sender, text)
    if posted.status != 200:
        raise SettingError(f"The demo's webhook was answered {posted.status}: {posted.answer}")
    story = await _told(demo, known)
    decision = story["decision"]
    out.print()
    out.print(f"{row.name} from {phone(sender)}: “{text}”")
    out.print(f"  → {await _who(demo, decision['contact_id'])}  [{title(decision['code'])}]")
    for sentence in decision["sentences"]:
        out.print(f"    {sentence}")
    if decision["code"] != expected:
        raise SettingError(
            f"The demo expected '{title(expected)}' here, but Leadline decided '{title(decision['code'])}'"
        )


async def _last(demo: Demo) -> int:
    async with demo.leadline.database.connection() as connection:
        row = await queries.last_message(connection, workspace_id=demo.leadline.workspace.workspace_id)
    return int(row["arrival_id"]) if row else 0


async def _told(demo: Demo, known: int) -> dict[str, Any]:
    """The story of the message that came after `known`, once it is in Intercom."""
    story: dict[str, Any] = {}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        latest = await _last(demo)
        if latest > known:
            leadline = demo.leadline
            policy = leadline.connections.book.of(leadline.workspace.workspace_id).rules
            story = await tell(leadline.database, leadline.workspace.workspace_id, str(latest), policy)
            if story["state"] == "done":
                return story
        await asyncio.sleep(0.05)
    why = story.get("state_explanation") or "it did not get through in time"
    raise SettingError(f"A message of the demo is not in the sandbox: {why}")


async def _who(demo: Demo, contact_id: str) -> str:
    contact = await contacts.get(demo.leadline.workspace.client, contact_id)
    if contact is None:
        raise SettingError(f"The chosen contact {contact_id} does not exist")
    return f"{phone(contact.name or contact.phone)}, {contact.role} {contact.contact_id}"


@asynccontextmanager
async def _databases(server: str) -> AsyncIterator[tuple[str, str]]:
    """Two new databases of this run, dropped at its end; those of runs that were killed go first."""
    names = [f"{PREFIX}{os.getpid()}_{part}" for part in ("leadline", "sandbox")]
    await _drop(server, unused=True)
    try:
        urls = [await ensure_database(server, name) for name in names]
        yield urls[0], urls[1]
    finally:
        await _drop(server, only=names)


async def _drop(server: str, *, unused: bool = False, only: list[str] | None = None) -> None:
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
        rows = await connection.execute(
            "select datname from pg_database d where starts_with(datname, %s)"
            " and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)",
            [PREFIX],
        )
        found = [row[0] for row in await rows.fetchall()] if unused else only or []
        for name in found:
            await connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
