"""Sessions: begun by signing in, over after two idle hours, after twelve in any case, or when they are revoked."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from leadline.console.rights import Role, Seat
from leadline.console.signin.tokens import digest, new_token
from leadline.console.signin.tries import Visitor
from leadline.store.database import Database
from leadline.store.queries import queries

IDLE = 2 * 3600.0  # seconds
LONGEST = 12 * 3600.0  # seconds; OWASP ASVS 4.0.3, 3.3.2
MOST = 200  # characters kept of what a browser calls itself


class Voucher(Protocol):
    """Who says that somebody is who they say: their word counts in one workspace."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def provider_id(self) -> int: ...
    @property
    def name(self) -> str: ...


class Sessions:
    """Those of a workspace's console, where acts on them are noted. Without another name this workspace is opened."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def begin(self, operator_id: int, visitor: Visitor, *, by: Voucher | None = None) -> str:
        """A new one; returns its token, which is for the browser's cookie and is kept nowhere. Noted as an act in every
        workspace that it leads into; empty, and no session, where it leads into none.

        by: who vouched for this person. None: their password did.
        """
        token = new_token()
        place = {"workspace_id": by.workspace_id, "provider_id": by.provider_id} if by else {}
        async with self._database.connection() as connection:
            await queries.forget_old_sessions(connection, idle=IDLE)
            await queries.begin_session(
                connection,
                **{"workspace_id": None, "provider_id": None, **place},
                token_hash=digest(token),
                operator_id=operator_id,
                longest=LONGEST,
                address=visitor.address,
                browser=visitor.browser[:MOST],
            )
            if visitor.language:
                await queries.set_language(connection, operator_id=operator_id, language=visitor.language)
            seats = [row async for row in queries.seats_of_session(connection, token_hash=digest(token))]
            for row in seats:
                detail = msgspec.json.encode({"provider": by.name} if by else {}).decode()
                note = {"act": "session.begun", "subject": row["email"], "detail": detail}
                await queries.note_act(connection, workspace_id=row["workspace_id"], **note)
            if not seats:
                await queries.end_session(connection, token_hash=digest(token))
        return token if seats else ""

    async def workspaces(self, token: str) -> list[str]:
        """The workspaces that it leads into, by id."""
        async with self._database.connection() as connection:
            rows = queries.seats_of_session(connection, token_hash=digest(token))
            return [row["workspace_id"] async for row in rows]

    async def seat(self, token: str, *, used: bool, workspace_id: str = "") -> Seat | None:
        """Whose it is, with the role of this moment; None when it is over. used: the person does something.

        workspace_id: None for whoever does not use its console, too. Empty: where this person was last.
        """
        if not token:
            return None
        async with self._database.connection() as connection:
            key = {"token_hash": digest(token)}
            place = {"workspace_id": workspace_id or None, "home": self._workspace_id}
            row = await queries.seat_of_session(connection, **key, **place, idle=IDLE)
            if row and used:
                await queries.see_session(connection, **key)
                await queries.enter_workspace(connection, **key, workspace_id=row["workspace_id"])
        return Seat(**{**row, "role": Role[row["role"].upper()]}) if row else None

    async def end(self, token: str) -> None:
        """Sign out."""
        async with self._database.connection() as connection:
            await queries.end_session(connection, token_hash=digest(token))

    async def of(self, operator_id: int) -> list[dict[str, Any]]:
        """All that are open, the last used first."""
        async with self._database.connection() as connection:
            return [row async for row in queries.sessions_of(connection, operator_id=operator_id, idle=IDLE)]

    async def revoke(self, operator_id: int, session_id: int | None = None) -> int:
        """End one, or all of somebody's; returns how many."""
        async with self._database.connection() as connection:
            ended: int = await queries.revoke_sessions(connection, operator_id=operator_id, session_id=session_id)
            await queries.note_act(
                connection,
                workspace_id=self._workspace_id,
                act="session.revoked",
                subject=str(operator_id),
                detail=f'{{"count": {ended}}}',
            )
        return ended
