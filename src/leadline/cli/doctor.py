"""`leadline doctor`: checks every part, says which is wrong and how to fix it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import msgspec
import typer

from leadline.cli import (
    address_health,
    channel_health,
    directory_health,
    machine_health,
    sign_in_health,
    webhook_health,
)
from leadline.cli.console import Columns, out, show
from leadline.cli.finding import Finding
from leadline.cli.options import AsJson
from leadline.connections.mailing import Mail, NotMailed
from leadline.connections.workspaces import NOT_CONNECTED
from leadline.engine import parked
from leadline.engine.breaker import outages
from leadline.errors import LeadlineError, SettingError, Waiting
from leadline.identity.words import counted
from leadline.intercom import account
from leadline.intercom.client import Client
from leadline.intercom.outcomes import IntercomError
from leadline.intercom.preview_api import PreviewApi
from leadline.settings import Settings, load, needed, require
from leadline.spaces import REGISTRY, Book
from leadline.store.database import Database
from leadline.store.migrating import Step
from leadline.store.opened import open_as_it_is, plan, vault_of
from leadline.store.queries import queries
from leadline.store.workspaces import WorkspaceRow, WorkspaceStore

FIRST_STEP = "0001"
LONG_AGO = 900.0  # seconds without a look for lost replies after which nobody seems to work
COLUMNS: Columns = {"Part": "part", "State": "state", "Finding": "what"}


def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, Intercom, address and channels.

    Each part is ok, WRONG, or has a note: something that is not set up, not proved yet, or waits for you. The exit
    code is 1 when something is wrong.
    """
    findings = _findings()
    rows = [{"part": one.part, "state": one.state, "what": one.trouble or one.word} for one in findings]
    show(rows, COLUMNS, as_json=as_json, empty="Nothing to check")
    if any(finding.trouble for finding in findings):
        raise typer.Exit(1)
    if not as_json:
        notes = sum(finding.is_note for finding in findings)
        out.print(f"Nothing is wrong. Please read {counted(notes, 'note')}." if notes else "All well.")


def _findings() -> list[Finding]:
    """Settings that cannot be read are the only finding: without them nothing else is known."""
    try:
        settings = load()
    except SettingError as error:
        return [Finding("settings", str(error))]
    return asyncio.run(examine(settings))


async def examine(settings: Settings) -> list[Finding]:
    """All findings. What depends on a part that is wrong is left out."""
    stored, workspaces = await _database(settings)
    own = [row for row in workspaces if row.token]
    findings = [await _checked("settings", lambda: _settings(settings))]
    if not settings.database_url:
        findings.append(machine_health.disk(Path(settings.data_dir)))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        if settings.intercom_token:
            first = next((row.workspace_id for row in workspaces if row.way == "environment"), "")
            findings += await _intercom_findings(settings, session, first)
        elif not own:
            findings.append(Finding("intercom", f"{NOT_CONNECTED}."))
        for row in own:
            part = f"intercom, {row.name or row.workspace_id}"
            found = await _checked(part, partial(_own_token, settings, session, row))
            findings.append(msgspec.structs.replace(found, workspace_id=row.workspace_id))
        address = await _checked("public address", lambda: address_health.public_url(settings, session))
        is_note = not address.trouble and address_health.is_local(settings.public_url)
        findings.append(msgspec.structs.replace(address, is_note=is_note))
        if not address.trouble:
            findings.append(await _checked("panel", lambda: address_health.panel(settings, session)))
        if settings.smtp_url:
            findings.append(await _checked("mail", lambda: _mail(settings)))
    return findings + stored


async def _database(settings: Settings) -> tuple[list[Finding], list[WorkspaceRow]]:
    """What the database says, and the workspaces in it."""
    try:
        async with open_as_it_is(settings) as database:
            findings = [await machine_health.server(database, settings)]
            if behind := await plan(database):
                return [*findings, _behind(behind)], []
            findings += await _stored(settings, database)
            rows = await WorkspaceStore(database, vault_of(settings)).listed() if settings.secret_key else []
    except SettingError as error:
        return [Finding("database", str(error))], []
    return findings, rows


def _behind(steps: Sequence[Step]) -> Finding:
    """A database that `serve` has not met yet, or that is still a former version's: doctor changes nothing."""
    if steps[0].name.startswith(FIRST_STEP):
        return Finding("tables", word="not made yet: `leadline serve` makes them when it starts", is_note=True)
    behind = counted(len(steps), "step")
    word = f"{behind} behind this version; `leadline migrate --plan` shows what `leadline serve` will change"
    return Finding("tables", word=word, is_note=True)


async def _checked(part: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(part, word=await check())
    except LeadlineError as error:
        return Finding(part, str(error))


async def _settings(settings: Settings) -> str:
    """As `serve` reads them: what it would refuse is wrong here, too."""
    require(settings, *needed(settings))
    for name, one in REGISTRY.items():
        if hasattr(settings, name):
            one.read(one.shown(getattr(settings, name)))
    return "complete"


async def _mail(settings: Settings) -> str:
    """Whether the mail server lets Leadline in; no mail is sent."""
    try:
        await Mail(url=settings.smtp_url).look()
    except NotMailed as error:
        raise SettingError(f"No mail can be sent: {error}.") from error
    return "the mail server lets Leadline in; whether it takes a mail shows when one is sent"


async def _own_token(settings: Settings, session: aiohttp.ClientSession, row: WorkspaceRow) -> str:
    url = row.url or settings.intercom_url
    me = await account.me(Client(session, url=url, token=row.token, version=settings.intercom_version, timeout=8))
    if me.workspace_id != row.workspace_id:
        raise SettingError(f"The token is of workspace {me.workspace_id}: leadline workspace set")
    return f"connected; {me.admin_name} is its teammate"


async def _intercom_findings(settings: Settings, session: aiohttp.ClientSession, workspace_id: str) -> list[Finding]:
    client = Client(
        session, url=settings.intercom_url, token=settings.intercom_token, version=settings.intercom_version, timeout=8
    )
    found = await _checked("intercom", lambda: _intercom(settings, client))
    findings = [msgspec.structs.replace(found, workspace_id=workspace_id)]
    agreement = machine_health.clock(client.clock)
    return [*findings, agreement] if agreement else findings


async def _intercom(settings: Settings, client: Client) -> str:
    try:
        me = await account.me(client)
        signer = await _signer(settings, client) or me.admin_name
    except Waiting as error:
        raise SettingError(
            f"{error} The token stands in Intercom's Developer Hub under Configure, Authentication. Check, too, that "
            f"LEADLINE_INTERCOM_URL ({settings.intercom_url}) is the address of your region."
        ) from error
    except IntercomError as error:
        raise SettingError(
            f"{error}. Check LEADLINE_INTERCOM_URL ({settings.intercom_url}) and LEADLINE_INTERCOM_VERSION "
            f"({settings.intercom_version})."
        ) from error
    return f"workspace {me.name or me.workspace_id}; {signer} signs the notes{await _preview(settings, client)}"


async def _preview(settings: Settings, client: Client) -> str:
    """Whether the Preview API, where it is wanted, is there."""
    if not settings.intercom_preview:
        return ""
    found = await PreviewApi(wanted=True).activities(client, "", "")
    return "; the Preview API is there" if found else "; it has no Preview API: LEADLINE_INTERCOM_PREVIEW does nothing"


async def _signer(settings: Settings, client: Client) -> str:
    """The teammate of the settings by name; empty where none is set. Raises SettingError for one who is not there."""
    if not settings.intercom_admin_id:
        return ""
    names = {admin.admin_id: admin.name for admin in await account.admins(client)}
    if settings.intercom_admin_id not in names:
        raise SettingError(
            f"No teammate has the id {settings.intercom_admin_id} of LEADLINE_INTERCOM_ADMIN_ID. There are: "
            + ", ".join(f"{number} {name}" for number, name in names.items())
        )
    return names[settings.intercom_admin_id]


async def _stored(settings: Settings, database: Database) -> list[Finding]:
    async with database.connection() as connection:
        rows = [row async for row in queries.workspaces(connection)]
    book, findings = Book(database), list[Finding]()
    await book.load()
    for row in rows:
        found = await _of_workspace(settings, database, book, row["workspace_id"])
        if row["way"] == "environment":
            overruled = _overruled(settings, book, row["workspace_id"])
            found += [Finding("environment", word=word, is_note=True) for word in overruled]
        whose = f"{row['name'] or row['workspace_id']}: " if len(rows) > 1 else ""
        known = {"workspace_id": row["workspace_id"]}
        findings += [msgspec.structs.replace(one, part=whose + one.part, **known) for one in found]
    return findings


async def _of_workspace(settings: Settings, database: Database, book: Book, workspace_id: str) -> list[Finding]:
    findings = await channel_health.channels(settings, database, workspace_id)
    findings += await sign_in_health.providers(settings, database, workspace_id)
    findings.append(await _checked("rules", partial(_rules, book, workspace_id)))
    counts = await parked.stuck_counts(database, workspace_id)
    word = "nothing parked, nothing waiting"
    if any(counts.values()):
        word = f"{counts['parked']:,} parked and {counts['waiting']:,} waiting: see `leadline parked list`"
    findings.append(Finding("messages", word=word, is_note=bool(counts["parked"])))
    findings += await _away(database, workspace_id)
    findings.append(await _links(database, workspace_id))
    findings.append(await _replies(database, workspace_id, settings.reconcile_every))
    findings.append(await webhook_health.topics(database, workspace_id))
    findings += await webhook_health.missed(database, workspace_id)
    findings.append(await machine_health.backups(database, workspace_id, is_embedded=not settings.database_url))
    if settings.directory_every:
        trouble, word = await directory_health.state(database, workspace_id)
        findings.append(Finding("directory", trouble, word=word))
        word = await directory_health.phones(database, workspace_id, region=book.of(workspace_id).default_region)
        findings.append(Finding("phones", word=word))
    return findings


def _overruled(settings: Settings, book: Book, workspace_id: str) -> list[str]:
    """What stands in the environment and counts no more, because somebody has set another value."""
    return [
        f"LEADLINE_{one.setting.name.upper()} counts no more: "
        f"{one.setting.name} was set to '{one.shown}' by {one.author}"
        for one in book.values(workspace_id)
        if one.origin == "workspace"
        and one.setting.shown(getattr(settings, one.setting.name, one.setting.default))
        not in (one.shown, one.setting.shown(one.setting.default))
    ]


async def _rules(book: Book, workspace_id: str) -> str:
    """What the workspace acts by, which may be set in the database; raises SettingError."""
    rules = book.of(workspace_id).rules
    policy = rules.tie.replace("_", " ")
    return f"policy {policy}, region {rules.region or 'not set'}: see `leadline settings list`"


async def _away(database: Database, workspace_id: str) -> list[Finding]:
    """Services that do not answer, as the workers found. Waiting work continues by itself."""
    return [Finding(*words) for words in await outages(database, workspace_id)]


async def _links(database: Database, workspace_id: str) -> Finding:
    """How many senders are known, and when they were last compared with Intercom."""
    async with database.connection() as connection:
        row = await queries.link_counts(connection, workspace_id=workspace_id)
    compared = f"compared with Intercom {row['done_at']:%Y-%m-%d %H:%M}" if row["done_at"] else "not yet compared"
    senders = counted(row["handles"], "known sender")
    doubts = f"; {row['doubted']} in doubt (`leadline link list`)" if row["doubted"] else ""
    word = f"{senders}{doubts}; {compared} (`leadline directory fill`)"
    return Finding("links", word=word, is_note=bool(row["doubted"]))


async def _replies(database: Database, workspace_id: str, every: float) -> Finding:
    """When Intercom's conversations were last looked at for replies that no webhook brought, and what was found."""
    async with database.connection() as connection:
        row = await queries.reconciliation_of(connection, workspace_id=workspace_id)
    if row is None or row["looked_at"] is None:
        word = "not looked for lost ones yet: the worker does when it starts"
        return Finding("replies", row["trouble"] if row else "", word=word)
    word = f"looked for lost ones {row['looked_at']:%Y-%m-%d %H:%M}"
    if row["found"]:
        word += f"; {row['found']} found so far, the last {row['found_at']:%Y-%m-%d %H:%M}"
    if row["skipped_from"]:
        hours = math.ceil((time.time() - row["skipped_from"]) / 3600)
        start, end = _day(row["skipped_from"]), _day(row["skipped_to"])
        word += f". Not looked at from {start} to {end}: see `leadline reconcile --since {hours}h --dry-run`"
    if every and row["looked_ago"] > max(3 * every, LONG_AGO):
        looked = f"{row['looked_at']:%Y-%m-%d %H:%M}"
        late = f"Lost replies were last looked for {looked}. Is `leadline serve` or `leadline worker` running?"
        return Finding("replies", row["trouble"] or late)
    return Finding("replies", row["trouble"], word=word)


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"
