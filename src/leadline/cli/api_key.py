"""`leadline api-key list|create|rotate|revoke|scopes`: the keys by which other systems use the API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from leadline.api.keys import Keys
from leadline.api.scopes import SCOPES
from leadline.cli.asking import confirm
from leadline.cli.console import Columns, out, show, show_json
from leadline.cli.office import open_office
from leadline.cli.spans import seconds

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
KeyName = Annotated[str, typer.Argument(help="Name or number of the key, as `api-key list` shows it")]
KEYS: Columns = {
    "Number": "key_id",
    "Name": "name",
    "Scopes": lambda row: ", ".join(row["scopes"]),
    "Made": "created_at",
    "Last used": lambda row: row["used_at"] or "never",
    "Old token until": "old_until",
    "Revoked": "revoked_at",
}


def list_(as_json: AsJson = False) -> None:
    """List the keys, what each may do, and when it was last used."""

    async def work(keys: Keys) -> None:
        show(await keys.listed(), KEYS, as_json=as_json, empty="No keys yet: leadline api-key create")

    asyncio.run(_with_keys(work))


def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as the name of the system")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="What it may do, as `api-key scopes` lists it; repeat it for each")
    ],
    as_json: AsJson = False,
) -> None:
    """Make a key, and print its token.

    The token is shown once. Leadline keeps only a hash of it.
    """

    async def work(keys: Keys) -> None:
        _tell(await keys.create(name, scope), as_json=as_json)

    asyncio.run(_with_keys(work))


def rotate(
    name: KeyName,
    grace: Annotated[str, typer.Option(help="How long the old token still holds: 0s, 30m, 2h, 1d")] = "1d",
    as_json: AsJson = False,
) -> None:
    """Give a key another token.

    The old token holds for a while, so that the other system can change over.
    """

    async def work(keys: Keys) -> None:
        _tell(await keys.rotate(name, grace=seconds(grace, "--grace")), as_json=as_json)

    asyncio.run(_with_keys(work))


def revoke(
    name: KeyName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """End a key at once."""
    if not yes:
        confirm(f"Revoke the key {name}? The system that uses it is refused at once.")

    async def work(keys: Keys) -> None:
        revoked = await keys.revoke(name)
        if as_json:
            show_json({"revoked": revoked})
        else:
            out.print(f"The key {revoked} holds no more.")

    asyncio.run(_with_keys(work))


def scopes(as_json: AsJson = False) -> None:
    """List what a key can be allowed."""
    rows = [{"scope": scope, "meaning": meaning} for scope, meaning in SCOPES.items()]
    show(rows, {"Scope": "scope", "Meaning": "meaning"}, as_json=as_json, empty="None.")


async def _with_keys(work: Callable[[Keys], Awaitable[None]]) -> None:
    async with open_office() as office:
        await work(Keys(office.database, office.workspace_id))


def _tell(token: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"token": token})
        return
    out.print("This is the token. Keep it where only the other system reads it; it is not shown again:")
    out.print(token)
