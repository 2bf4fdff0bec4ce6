"""People correct whose a handle is: "not this person", "it is that person". Reversible, audited, Intercom untouched.

The CLI, the panel and the console call this; the rules are `identity/standing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import BadHandle, LeadlineError
from leadline.identity import handles as handle_rules
from leadline.identity import standing as rules
from leadline.identity.phone import canonical
from leadline.identity.standing import Standing
from leadline.identity.words import address
from leadline.intercom import contacts
from leadline.model import Handle, Struct
from leadline.people.standings import before_of, end_others, lock, put, standings_of
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

Kind = Literal["detach", "attach", "share", "unshare", "undo"]


class CorrectionRefused(LeadlineError):
    """A correction that cannot be made; `code` is stable, the message says why and what to do instead."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Correction(Struct, frozen=True, kw_only=True):
    """One correction on record.

    handles: all that it changed, the one asked for among them. from_id, into_id: the contact before and after; an
    empty into_id means that the next message makes a lead. undoes: the correction this one took back. at: unix seconds.
    """

    correction_id: int
    kind: Kind
    handle: str
    handles: tuple[str, ...]
    from_id: str
    into_id: str
    author: str
    at: float
    undone: bool = False
    undoes: int | None = None


class Corrections:
    """Each correction is one transaction, with what it replaced, so that `undo` puts exactly that back.

    find: knows in which country a number without a country code is read.
    """

    def __init__(self, database: Database, workspaces: Workspaces, find: Find) -> None:
        self._database = database
        self._workspaces = workspaces
        self._find = find

    async def detach(self, workspace_id: str, handle: str, *, author: str, doubted: int | None = None) -> Correction:
        """Not this person: the next message of this sender makes a lead, in a conversation of its own.

        doubted: the number of the link in doubt that a person looked at; None where they looked at no doubt.
        Raises CorrectionRefused when the handle is linked to nobody, or when somebody else decided about the doubt
        meanwhile; BadHandle when it is none.
        """
        name = await self.read_handle(workspace_id, handle)
        async with self._database.connection() as connection:
            before = await before_of(connection, workspace_id, name)
            await _still_doubted(connection, workspace_id, name, doubted)
            if before[0].tie is None:
                raise CorrectionRefused(
                    "not_linked", f"{address(name)} is linked to no contact, so there is nothing to unlink."
                )
            return await _correct(connection, workspace_id, "detach", before, rules.detach, author)

    async def attach(
        self, workspace_id: str, handle: str, contact_id: str, *, author: str, doubted: int | None = None
    ) -> Correction:
        """It is that person: messages go to this contact from now on. Also confirms a contact that was in doubt.

        doubted: as for `detach`. Raises CorrectionRefused when Intercom has no such contact, or when somebody else
        decided about the doubt meanwhile; BadHandle when the handle is none.
        """
        name = await self.read_handle(workspace_id, handle)
        target = await self._contact(workspace_id, contact_id)
        async with self._database.connection() as connection:
            before = await before_of(connection, workspace_id, name)
            await _still_doubted(connection, workspace_id, name, doubted)
            return await _correct(
                connection,
                workspace_id,
                "attach",
                before,
                lambda standing: rules.attach(standing, target.contact_id, target.role),
                author,
            )

    async def share(self, workspace_id: str, handle: str, shared: bool = True, *, author: str) -> Correction:
        """Flag a handle that several persons use, so that it proves nobody; or take the flag away."""
        name = await self.read_handle(workspace_id, handle)
        async with self._database.connection() as connection:
            before = (await before_of(connection, workspace_id, name))[:1]
            if before[0].shared is shared:
                raise CorrectionRefused(
                    "nothing_to_change", f"{address(name)} is {'already' if shared else 'not'} marked as shared."
                )
            kind: Kind = "share" if shared else "unshare"
            return await _correct(
                connection, workspace_id, kind, before, lambda standing: rules.share(standing, shared), author
            )

    async def undo(self, workspace_id: str, correction_id: int, *, author: str) -> Correction:
        """Put back what a correction replaced, conversations included. Raises CorrectionRefused."""
        async with self._database.connection() as connection:
            row = await _undoable(connection, workspace_id, correction_id)
        standings = [await self._followed(workspace_id, one) for one in msgspec.convert(row["before"], list[Standing])]
        names = [standing.handle for standing in standings]
        async with self._database.connection() as connection:
            await lock(connection, workspace_id, names)  # what somebody else does meanwhile is seen from here on
            row = await _undoable(connection, workspace_id, correction_id)
            before = await standings_of(connection, workspace_id, names)
            await put(connection, workspace_id, before, standings, author)
            into = next((one.tie.contact_id for one in standings if one.handle == row["handle"] and one.tie), "")
            ended = await end_others(connection, workspace_id, names, into) if row["from_id"] != row["into_id"] else []
            await queries.resume_conversations(connection, workspace_id=workspace_id, conversation_ids=[*row["ended"]])
            await queries.mark_undone(connection, workspace_id=workspace_id, correction_id=correction_id)
            return await _record(
                connection, workspace_id, "undo", row["handle"], before, standings, author, ended, correction_id
            )

    async def listed(self, workspace_id: str, *, contact_id: str = "", count: int = 50) -> list[Correction]:
        """Corrections, newest first; with `contact_id` those from or to this contact."""
        async with self._database.connection() as connection:
            rows = queries.corrections(connection, workspace_id=workspace_id, contact_id=contact_id, count=count)
            return [_correction(row) async for row in rows]

    async def read_handle(self, workspace_id: str, text: str) -> str:
        """A handle as links store it; a bare phone number in any spelling will do. Raises BadHandle.

        A number without a country code is one of the workspace's country.
        """
        region = await self._find.region(workspace_id)
        number = canonical(text, region=region)
        handle = Handle("tel", number) if number else Handle.parse(text)
        if handle.is_phone and not number:
            raise BadHandle(f"'{text}' is no phone number: write it with its country code, like tel:+353888888999")
        return handle_rules.name(handle)

    async def _contact(self, workspace_id: str, contact_id: str) -> contacts.Contact:
        workspace = await self._workspaces.get(workspace_id)
        found = await contacts.get(workspace.client, contact_id)
        if found is None or found.archived:
            state = "is archived in Intercom: restore it first" if found else "is not in Intercom: check the id"
            raise CorrectionRefused("no_contact", f"Contact {contact_id} {state}")
        return found

    async def _followed(self, workspace_id: str, standing: Standing) -> Standing:
        """The standing to put back, at the contact that is left of its contact."""
        if standing.tie is None:
            return standing
        found = await self._contact(workspace_id, standing.tie.contact_id)
        tie = msgspec.structs.replace(standing.tie, contact_id=found.contact_id, role=found.role)
        return msgspec.structs.replace(standing, tie=tie)


async def _correct(
    connection: Connection,
    workspace_id: str,
    kind: Kind,
    before: Sequence[Standing],
    rule: Callable[[Standing], Standing],
    author: str,
) -> Correction:
    after = [rule(standing) for standing in before]
    reason = await queries.reason_of_link(connection, workspace_id=workspace_id, handle=before[0].handle)
    await put(connection, workspace_id, before, after, author)
    ended: list[str] = []
    if kind in {"detach", "attach"}:
        into = after[0].tie.contact_id if after[0].tie else ""
        ended = await end_others(connection, workspace_id, [one.handle for one in before], into)
    why = str(reason["code"]) if reason else ""
    return await _record(connection, workspace_id, kind, before[0].handle, before, after, author, ended, reason=why)


async def _record(
    connection: Connection,
    workspace_id: str,
    kind: Kind,
    handle: str,
    before: Sequence[Standing],
    after: Sequence[Standing],
    author: str,
    ended: Sequence[str],
    undoes: int | None = None,
    reason: str = "",
) -> Correction:
    ties = [next((one.tie for one in side if one.handle == handle), None) for side in (before, after)]
    row = await queries.record_correction(
        connection,
        workspace_id=workspace_id,
        kind=kind,
        handle=handle,
        handles=[standing.handle for standing in before],
        from_id=ties[0].contact_id if ties[0] else "",
        into_id=ties[1].contact_id if ties[1] else "",
        author=author,
        before=Jsonb(msgspec.to_builtins(before)),
        ended=[*ended],
        undoes=undoes,
        reason=reason,
    )
    return _correction(row)


async def _still_doubted(connection: Connection, workspace_id: str, handle: str, link_id: int | None) -> None:
    """Raises CorrectionRefused where the link that a person looked at is in doubt no longer; the handle is locked."""
    if link_id is None:
        return
    now = await queries.doubt_now(connection, workspace_id=workspace_id, link_id=link_id)
    if now and now["open"]:
        return
    who = address(handle)
    said = f"{now['author']} decided about {who} meanwhile" if now and now["author"] else f"{who} is in doubt no longer"
    raise CorrectionRefused("decided_meanwhile", f"{said}, so nothing was changed now.")


async def _undoable(connection: Connection, workspace_id: str, correction_id: int) -> Mapping[str, Any]:
    """The correction, if it can be taken back now; raises CorrectionRefused."""
    row: Mapping[str, Any] | None = await queries.correction(
        connection, workspace_id=workspace_id, correction_id=correction_id
    )
    if row is None:
        raise CorrectionRefused(
            "no_correction", f"There is no correction {correction_id}. `leadline link corrections` lists them."
        )
    if row["kind"] == "undo" or row["undone_at"]:
        raise CorrectionRefused("undone_already", f"Correction {correction_id} is an undo, or has been undone already.")
    later = await queries.later_correction(
        connection, workspace_id=workspace_id, correction_id=correction_id, handles=[*row["handles"]]
    )
    if later:
        raise CorrectionRefused(
            "later_correction", f"Correction {later['correction_id']} was made after it. Undo that one first."
        )
    return row


def _correction(row: Mapping[str, Any]) -> Correction:
    names = ("correction_id", "kind", "handle", "from_id", "into_id", "author", "at", "undoes")
    return Correction(
        **{name: row[name] for name in names},
        handles=tuple(row["handles"]),
        undone=row["undone_at"] is not None,
    )
