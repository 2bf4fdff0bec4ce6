"""`leadline workspace connect|list|set|test|remove`: the Intercom workspaces of this installation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

import typer

from leadline.cli.asking import confirm
from leadline.cli.channel_values import secret_of
from leadline.cli.chosen import CHOSEN, one_of
from leadline.cli.console import Columns, say, show
from leadline.cli.options import AsJson, Yes
from leadline.connections.by_token import Access, ByToken
from leadline.connections.installing import link
from leadline.connections.roster import Environment
from leadline.engine.breaker import INTERCOM, breakers
from leadline.errors import LeadlineError, SettingError
from leadline.intercom import account
from leadline.intercom.account import Me
from leadline.intercom.client import Client, open_session
from leadline.model import Struct
from leadline.settings import Settings, load, require
from leadline.store.acting import ACTING
from leadline.store.database import Database
from leadline.store.opened import open_database, vault_of
from leadline.store.workspaces import WorkspaceRow, WorkspaceStore

Which = Annotated[str, typer.Argument(metavar="WORKSPACE", help="Its id or name, where there is more than one")]
WAYS = {"environment": "token in the environment", "token": "access token", "oauth": "installed app"}
COLUMNS: Columns = {
    "Workspace": "workspace_id",
    "Name": "name",
    "Region": "region",
    "Connected by": lambda row: WAYS[row["way"]],
    "State": "state",
}
WHICH_ACCESS = "Access token of the app (Developer Hub, Configure, Authentication)"
WHOSE_SIGNATURE = "Client secret of the app (Enter: the one of LEADLINE_INTERCOM_CLIENT_SECRET)"


class Desk(Struct, frozen=True, kw_only=True):
    """What these commands work with."""

    settings: Settings
    database: Database
    store: WorkspaceStore
    client: Any

    async def row(self) -> WorkspaceRow:
        """The workspace that `--workspace` names, or the only one; raises SettingError."""
        rows = await self.store.listed()
        if not rows:
            raise SettingError("No workspace is connected yet. Connect one with `leadline workspace connect`")
        chosen = one_of([(row.workspace_id, row.name) for row in rows])
        return next(row for row in rows if row.workspace_id == chosen)


def connect(
    token: Annotated[str, typer.Option(help="File that holds the access token. Empty: you are asked for it")] = "",
    client_secret: Annotated[
        str, typer.Option(help="File that holds the app's client secret. Empty: you are asked for it")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Connect a workspace by the access token of its app.

    Leadline finds out which workspace and region it is of. Running processes serve it at once.
    """
    given = secret_of(token, WHICH_ACCESS, "--token")
    secret = secret_of(client_secret, WHOSE_SIGNATURE, "--client-secret", optional=True)
    asyncio.run(_connect(given, secret, as_json))


def install(as_json: AsJson = False) -> None:
    """Print a link that lets an Intercom admin connect a workspace.

    The link works for a day. It needs the public app of this installation: LEADLINE_INTERCOM_CLIENT_ID, and in the
    Developer Hub the redirect address that this command names.
    """
    settings = load()
    require(settings, "secret_key", "public_url", "intercom_client_id", "intercom_client_secret")
    author, _ = ACTING.get() or ("leadline", "")
    made = link(vault_of(settings), settings.public_url, author)
    redirect = f"{settings.public_url.rstrip('/')}/intercom/installed"
    words = (made, f"Redirect address for the Developer Hub: {redirect}")
    say(words, {"link": made, "redirect": redirect}, as_json=as_json)


def list_(as_json: AsJson = False) -> None:
    """List the workspaces, and whether Intercom lets Leadline in."""
    asyncio.run(_list(as_json))


def set_(
    token: Annotated[str, typer.Option(help="File that holds the new access token. Empty: you are asked for it")] = "",
    client_secret: Annotated[
        str, typer.Option(help="File that holds the app's client secret. Empty: you are asked for it")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Give a workspace a new access token.

    It must be of the same workspace. What waited because the former one was refused goes on.
    """
    given = secret_of(token, WHICH_ACCESS, "--token")
    secret = secret_of(client_secret, WHOSE_SIGNATURE, "--client-secret", optional=True)
    asyncio.run(_set(given, secret, as_json))


def test(named: Which = "", as_json: AsJson = False) -> None:  # noqa: PT028 - a command
    """Ask Intercom whether it lets Leadline in, and as whom."""
    _choose(named)
    asyncio.run(_test(as_json))


def remove(named: Which = "", yes: Yes = False, as_json: AsJson = False) -> None:
    """Stop serving a workspace and forget its token.

    Its messages, links and settings stay on record. Connect it again to go on.
    """
    _choose(named)
    asyncio.run(_remove(yes, as_json))


def _choose(named: str) -> None:
    """A workspace may be named without --workspace. Were the argument called so, it would hide that option."""
    if named:
        CHOSEN.set(named)


@asynccontextmanager
async def _opened() -> AsyncIterator[Desk]:
    settings = load()
    require(settings, "secret_key")
    async with open_database(settings) as database, open_session() as session:
        client = partial(Client, session, version=settings.intercom_version, timeout=settings.intercom_timeout)
        yield Desk(
            settings=settings, database=database, store=WorkspaceStore(database, vault_of(settings)), client=client
        )


async def _connect(token: str, secret: str, as_json: bool) -> None:
    async with _opened() as desk:
        me = await _joined(desk, token, secret)
    words = (
        f"{me.name or me.workspace_id} ({me.workspace_id}, {me.region or 'region not told'}) is connected.",
        f"{me.admin_name} signs the notes. Change that: leadline settings set default_teammate <id>",
    )
    say(words, me, as_json=as_json)


async def _set(token: str, secret: str, as_json: bool) -> None:
    async with _opened() as desk:
        row = await desk.row()
        me = await _joined(desk, token, secret, only=row.workspace_id)
    say(f"{me.name or me.workspace_id} has a new access token.", me, as_json=as_json)


async def _joined(desk: Desk, token: str, secret: str, only: str = "") -> Me:
    """Prove the token, put the workspace on record, keep the token."""
    settings = desk.settings
    environment = Environment(
        url=settings.intercom_url, token=settings.intercom_token, client_secret=settings.intercom_client_secret
    )
    by_token = ByToken(desk.database, desk.store, desk.client, environment)
    author, _ = ACTING.get() or ("leadline", "")
    return await by_token.connect(Access(token=token, client_secret=secret), author=author, only=only)


async def _list(as_json: bool) -> None:
    async with _opened() as desk:
        rows = [await _row(desk, row) for row in await desk.store.listed()]
    empty = "No workspace is connected yet. Connect one with `leadline workspace connect`."
    show(rows, COLUMNS, as_json=as_json, empty=empty)


async def _row(desk: Desk, row: WorkspaceRow) -> dict[str, Any]:
    """Without token and secret."""
    shown = ("workspace_id", "name", "region", "way", "connected_by", "connected_at")
    return {name: getattr(row, name) for name in shown} | {"state": await _state(desk, row)}


async def _state(desk: Desk, row: WorkspaceRow) -> str:
    """Whether messages get through, as the workers found."""
    if row.way == "environment" and not (row.token or desk.settings.intercom_token):
        return "not connected: the environment has no token"
    for away in await breakers(desk.database, row.workspace_id):
        if away["breaker"] == INTERCOM:
            return f"since {away['opened_at']:%Y-%m-%d %H:%M}: {away['explanation']}"
    return "connected"


async def _test(as_json: bool) -> None:
    async with _opened() as desk:
        row = await desk.row()
        token = row.token or desk.settings.intercom_token
        try:
            me = await account.me(desk.client(url=row.url or desk.settings.intercom_url, token=token))
        except LeadlineError as error:
            raise SettingError(f"{row.name or row.workspace_id}: {error}") from error
    if me.workspace_id != row.workspace_id:
        raise SettingError(f"The token is of workspace {me.workspace_id}, not of {row.workspace_id}")
    say(f"Intercom lets Leadline into {me.name or me.workspace_id} as {me.admin_name}.", me, as_json=as_json)


async def _remove(yes: bool, as_json: bool) -> None:
    if not CHOSEN.get():
        raise SettingError("Name the workspace: leadline workspace remove <id or name>")
    async with _opened() as desk:
        row = await desk.row()
        if row.way == "environment" and not row.token:
            raise SettingError("Its token stands in the environment: take LEADLINE_INTERCOM_TOKEN out and restart")
        if not yes:
            confirm(f"Stop serving {row.name or row.workspace_id}? What its customers write waits until it is back.")
        await desk.store.remove(row.workspace_id)
    words = f"{row.name or row.workspace_id} is not served any more, and its token is forgotten."
    say(words, {"removed": row.workspace_id}, as_json=as_json)
