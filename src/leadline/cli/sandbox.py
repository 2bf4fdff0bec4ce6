"""`leadline sandbox`: the Intercom-compatible workspace alone, for trying policies and for tests of other software."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from leadline.cli.console import out, show_json
from leadline.cli.logs import configure_logs
from leadline.cli.options import AsJson
from leadline.errors import SettingError
from leadline.sandbox.app import SandboxSettings, create, prepare
from leadline.sandbox.imports import ImportRefused, import_contacts, rows_of
from leadline.sandbox.seed import seed, seed_admins
from leadline.serving import address, bind, serving, until_stopped
from leadline.settings import Settings, load
from leadline.store.database import Database, ensure_database
from leadline.store.embedded import embedded


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of its API")] = 8090,
    token: Annotated[str, typer.Option(help="Bearer token its API takes")] = "sandbox-token",  # noqa: S107
    client_secret: Annotated[str, typer.Option(help="Signs its webhooks")] = "sandbox-client-secret",  # noqa: S107
    webhook_url: Annotated[str, typer.Option(help="Where its webhooks go")] = "",
    search_lag: Annotated[float, typer.Option(help="Seconds until a search sees a change")] = 0.0,
    people: Annotated[bool, typer.Option(help="Seed demo people")] = True,
) -> None:
    """Run the sandbox, as `leadline sandbox` alone does.

    It is an Intercom-compatible workspace on its own. Its people and conversations survive a restart.
    """
    settings = load()
    configure_logs(settings.log_format)
    workspace = SandboxSettings(
        token=token, client_secret=client_secret, webhook_url=webhook_url, search_lag=search_lag
    )
    asyncio.run(_run(settings, workspace, (host, port), people))


def import_(
    file: Annotated[
        Path, typer.Argument(help="A .csv file with a head line, or a .jsonl file with one object a line", exists=True)
    ],
    as_json: AsJson = False,
) -> None:
    """Import contacts into the sandbox.

    Fields: id, role, external_id, email, phone, name, created_at, updated_at (unix seconds), custom_attributes.<name>.
    """
    asyncio.run(_import(load(), file, as_json))


async def _import(settings: Settings, file: Path, as_json: bool) -> None:
    began = time.perf_counter()
    with embedded(Path(settings.data_dir)) as server:
        async with Database.open(await ensure_database(server, "sandbox")) as database:
            await prepare(database)
            try:
                done = await import_contacts(database, rows_of(file))
            except ImportRefused as refused:
                raise SettingError(f"{refused}. Lines before it may have been imported") from refused
    seconds = time.perf_counter() - began
    if as_json:
        show_json({"stored": done.stored, "left_out": done.left_out, "seconds": round(seconds, 3)})
        return
    out.print(f"{done.stored:,} contacts imported in {seconds:.1f} seconds ({done.stored / seconds:,.0f} a second).")
    if done.left_out:
        out.print(f"{done.left_out:,} were left out: their id, external id or e-mail was there already.")


async def _run(settings: Settings, workspace: SandboxSettings, place: tuple[str, int], people: bool) -> None:
    listener = bind(*place, setting="--port")
    there = address(listener)
    with embedded(Path(settings.data_dir)) as server:
        url = await ensure_database(server, "sandbox")
        async with Database.open(url) as database:
            await prepare(database)
            await (seed if people else seed_admins)(database)
            async with serving(create(database, replace(workspace, public_url=there)), listener, own_date=True):
                out.print(f"Sandbox: LEADLINE_INTERCOM_URL={there} LEADLINE_INTERCOM_TOKEN={workspace.token}")
                out.print(f"Its webhooks are signed with LEADLINE_INTERCOM_CLIENT_SECRET={workspace.client_secret}")
                await until_stopped()
