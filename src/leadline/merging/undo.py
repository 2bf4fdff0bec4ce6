"""The durable work of undoing a merge: a new lead from the journal, its handles back, and what Intercom lets return.

Every call can be repeated, so a crash anywhere is followed by doing it again. `work.py` runs `do` in the lane.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.conversations import Threads
from leadline.errors import Waiting
from leadline.identity.handles import LONGEST_ID
from leadline.identity.merge_sides import FIELDS, Side
from leadline.identity.unmerge import Rebuild, rebuild
from leadline.identity.words import addresses, ended
from leadline.intercom import belongings, contacts, merges
from leadline.intercom.client import Client
from leadline.intercom.outcomes import Conflict, IntercomError, NotFound
from leadline.merging.journal import Journal, Row, key_of, moved_of
from leadline.model import Role, Struct
from leadline.people import Person, link
from leadline.people.standings import lock
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Report(Struct, frozen=True):
    """What came back and what did not, in words; the conversations that get a note."""

    returned: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()


class UnmergeWork:
    """Undoes merges that Intercom has made."""

    def __init__(self, database: Database, workspaces: Workspaces, journal: Journal, threads: Threads) -> None:
        self._database = database
        self._workspaces = workspaces
        self._journal = journal
        self._threads = threads

    async def do(self, row: Row) -> None:
        """One undo, whatever part of it is done already. A refusal by Intercom puts the merge back as it was."""
        if row["state"] != "undoing":
            return
        workspace = await self._workspaces.get(row["workspace_id"])
        source, plan, survivor = await self._plan(workspace, row)
        lead_id = row["undo_contact_id"]
        if not lead_id:
            try:
                lead_id = await self._lead(workspace.client, row, plan)
            except IntercomError as error:
                await self._failed(row, error)
                return
        report = await self._take_over(row, lead_id, survivor, plan)
        kept = await self._returned(workspace, lead_id, plan)
        if survivor is not None:
            kept += await self._given_up(workspace.client, survivor, plan)
        report = msgspec.structs.replace(report, lost=(*report.lost, *kept))
        told = await _tried("the note in the conversation", self._tell, row, source, survivor, lead_id, report)
        report = msgspec.structs.replace(report, lost=(*report.lost, *filter(None, [told])))
        async with self._database.connection() as connection:
            await queries.finish_undo(connection, **key_of(row), report=_json(report))
        log.info("unmerged", merge=row["merge_id"], lead=lead_id)

    async def _plan(self, workspace: Workspace, row: Row) -> tuple[Side, Rebuild, Side | None]:
        snapshot = self._journal.snapshot(row)
        survivor = await merges.read_whole(workspace.client, row["into_id"])
        source = snapshot.source if snapshot else _from_handles(row)
        before = snapshot.target if snapshot else None
        return source, rebuild(source, before, survivor, row["way"], row["take"]), survivor

    async def _lead(self, client: Client, row: Row, plan: Rebuild) -> str:
        """Made under an id of this undo, so that a repetition finds the same lead. Raises IntercomError."""
        name = next(iter(moved_of(row).handles), row["from_id"])
        created = await contacts.create_lead(
            client,
            external_id=f"leadline#undo{row['merge_id']}:{name}"[:LONGEST_ID],
            name=str(plan.fields.get("name", "")),
            phone=str(plan.fields.get("phone", "")),
            avatar_url=str(plan.fields.get("avatar", "")),
            language=str(plan.fields.get("language_override", "")),
            attributes=plan.attributes,
        )
        if created.contact is None:
            raise IntercomError(409, "conflict", "the new lead's id belongs to a contact that is gone for good")
        return created.contact.contact_id

    async def _failed(self, row: Row, error: IntercomError) -> None:
        async with self._database.connection() as connection:
            await queries.fail_undo(connection, **key_of(row), explanation=f"The undo did not succeed: {error}")

    async def _take_over(self, row: Row, lead_id: str, survivor: Side | None, plan: Rebuild) -> Report:
        """Handles that still are the survivor's go to the new lead; their next message opens a new conversation."""
        if row["undo_contact_id"]:
            return msgspec.convert(row["undo_report"], Report)
        async with self._database.connection() as connection:
            await lock(connection, row["workspace_id"], moved_of(row).handles)  # against corrections made meanwhile
            handles = await still_of(connection, row, {row["into_id"], survivor.contact_id if survivor else ""})
            current = queries.current_conversations_of_handles(
                connection, workspace_id=row["workspace_id"], handles=handles
            )
            conversations = tuple([each["conversation_id"] async for each in current])
            conversations = conversations or tuple(each[0] for each in moved_of(row).conversations)
            await queries.end_conversations_of_handles(connection, workspace_id=row["workspace_id"], handles=handles)
            lead, pair = Person(contact_id=lead_id, role=Role.LEAD), [row["into_id"]]
            await queries.keep_pairs_apart(
                connection,
                workspace_id=row["workspace_id"],
                handles=handles,
                contact_ids=pair,
                author=row["undo_author"],
            )
            await link(connection, row["workspace_id"], handles, lead, evidence="undo", author=row["undo_author"])
            report = Report(_back(handles, plan), plan.lost, conversations)
            await queries.undo_lead(connection, **key_of(row), contact_id=lead_id, report=_json(report))
        return report

    async def _returned(self, workspace: Workspace, lead_id: str, plan: Rebuild) -> tuple[str, ...]:
        """Tags, companies and the like of the lead. Those deleted in the workspace are reported, not waited for."""
        client = workspace.client
        if await contacts.get(client, lead_id) is None:
            return ("The new lead was deleted in Intercom meanwhile, so nothing was put on it.",)
        lines = [await _tried("the notes", belongings.add_notes, client, lead_id, workspace.admin_id, plan.notes)]
        lines += [await _tried(f"the tag {tag.name}", belongings.add_tag, client, lead_id, tag) for tag in plan.tags]
        for company in plan.companies:
            what = f"the company {company.name}"
            lines.append(await _tried(what, belongings.add_company, client, lead_id, company))
        for subscription in plan.subscriptions:
            what = f"the subscription {subscription.name}"
            lines.append(await _tried(what, belongings.subscribe, client, lead_id, subscription))
        for name, value in plan.later.items():
            what = f"the field {FIELDS[name]}"
            lines.append(await _tried(what, contacts.update, client, lead_id, **{name: value}))
        return tuple(filter(None, lines))

    async def _given_up(self, client: Client, survivor: Side, plan: Rebuild) -> tuple[str, ...]:
        """The survivor is cleaned of what came from the lead alone and is still as it came."""
        key = survivor.contact_id
        lines = [await _tried(_off(tag.name), belongings.remove_tag, client, key, tag) for tag in plan.take_tags]
        for company in plan.take_companies:
            lines.append(await _tried(_off(company.name), belongings.remove_company, client, key, company))
        for subscription in plan.take_subscriptions:
            lines.append(await _tried(_off(subscription.name), belongings.unsubscribe, client, key, subscription))
        changes: dict[str, Any] = dict(plan.restore)
        if plan.restore_attributes:
            changes["custom_attributes"] = plan.restore_attributes
        if changes:
            names = [*(FIELDS[name].lower() for name in plan.restore), *plan.restore_attributes]
            lines.append(await _tried(_off(", ".join(names)), contacts.update, client, key, **changes))
        return tuple(filter(None, lines))

    async def _tell(self, row: Row, source: Side, survivor: Side | None, lead_id: str, report: Report) -> None:
        """A note where the teammates are reading, once."""
        whose = survivor.name if survivor else row["into_id"]
        text = (
            ended(f"{row['undo_author']} undid the merge of {source.name} into {whose}")
            + f" Future messages from {source.name} go to a new lead ({lead_id}) in a new conversation. "
            "This conversation stays here."
        )
        for conversation_id in report.conversations:
            await self._threads.note(
                row["workspace_id"], conversation_id, f"unmerge:{row['merge_id']}:{conversation_id}", text
            )


async def still_of(connection: Connection, row: Row, contact_ids: set[str]) -> list[str]:
    """The handles that moved with this merge and that nobody has given to somebody else since."""
    handles = list(moved_of(row).handles)
    rows = queries.links_of(connection, workspace_id=row["workspace_id"], handles=handles)
    return [each["handle"] async for each in rows if each["contact_id"] in contact_ids]


async def _tried(what: str, call: Callable[..., Awaitable[object]], *arguments: Any, **fields: Any) -> str:
    """Do it; the sentence to tell where Intercom will not."""
    try:
        await call(*arguments, **fields)
    except NotFound as missing:
        if "user not found" in missing.message.lower():  # a new contact can be unknown to other routes for a moment
            raise Waiting(
                "lead_not_ready", f"Intercom does not know the new lead everywhere yet: {what}", 2.0
            ) from None
        return f"Not restored: {what}. It has been deleted."
    except Conflict:
        return f"Not restored: {what}. It now belongs to another contact."
    except IntercomError as error:
        return f"Not restored: {what}. {error}"
    return ""


def _off(what: str) -> str:
    return f"taking {what} off the survivor"


def _back(handles: Sequence[str], plan: Rebuild) -> tuple[str, ...]:
    lines = [f"Messages from {addresses(handles)} go to the new lead."] if handles else []
    names = [item.name for item in (*plan.tags, *plan.companies)]
    lines += [f"Tags and companies: {', '.join(names)}."] if names else []
    lines += [f"Notes: {len(plan.notes)}."] if plan.notes else []
    given = [FIELDS[name].lower() for name in (*plan.fields, *plan.later)] + list(plan.attributes)
    return (*lines, *([f"Fields: {', '.join(given)}."] if given else []))


def _from_handles(row: Row) -> Side:
    """All that is known of a lead whose merge was made in Intercom, or whose journal is forgotten."""
    handles = moved_of(row).handles
    phone = next((handle.removeprefix("tel:") for handle in handles if handle.startswith("tel:")), "")
    fields = {"phone": phone, "name": phone} if phone else {}
    return Side(contact_id=row["from_id"], role=Role.LEAD, fields=fields, handles=handles)


def _json(report: Report) -> Jsonb:
    return Jsonb(msgspec.to_builtins(report))
