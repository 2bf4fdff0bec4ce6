"""Signing in and choosing a password, whatever shows the forms. `routes.py` has the pages."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from leadline.console.language import _, marked, plural
from leadline.console.rights import Role
from leadline.console.signin.passwords import fits, hashed, weakness
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tokens import digest
from leadline.console.signin.tries import NotLetIn, Tries, Visitor
from leadline.errors import SettingError
from leadline.store.acting import acting
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

WRONG = marked("E-mail address or password is wrong.")
USED = marked("This link was used already, or is too old. Ask for a new one.")
NOWHERE = marked("None of your workspaces accepts passwords, or none is connected any more. Ask an owner.")
log = structlog.get_logger(__name__)


class Ways(NamedTuple):
    """What the form offers. others: keys and names of the providers by which people sign in."""

    others: list[tuple[str, str]]
    passwords: bool


class SignIn:
    """The front desk of an installation: people sign in once, for all workspaces that they use."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions
        self._tries = Tries(database, _wrong_passwords)

    async def ways(self) -> Ways:
        """How people can sign in now."""
        async with self._database.connection() as connection:
            others = [(row["key"], row["name"]) async for row in queries.ways_to_sign_in(connection)]
            found = await queries.takes_passwords(connection)
        return Ways(others, bool(found["found"]))

    async def sign_in(self, email: str, password: str, visitor: Visitor) -> str:
        """The token of a new session; raises NotLetIn."""
        operator_id = await self.prove(email, password, visitor)
        return await self._begin(operator_id, email.strip().lower(), visitor)

    async def prove(self, email: str, password: str, visitor: Visitor) -> int:
        """Whose password it is; raises NotLetIn, after many wrong ones without looking at this one."""
        subjects = {"person": digest(email.strip().lower()), **visitor.subject}
        await self._tries.count(subjects)
        async with self._database.connection() as connection:
            row = await queries.operator_by_email(connection, email=email.strip())
        if not await fits(password, row["password_hash"] if row else None) or row is None:
            log.warning("sign_in_refused", address=visitor.address)
            raise NotLetIn(_(WRONG))
        await self._tries.forget(subjects)
        return int(row["operator_id"])

    async def whose(self, token: str) -> str | None:
        """The e-mail address that a one-time link is for, empty for the first owner's; None when it is no good."""
        async with self._database.connection() as connection:
            row = await queries.link_by_token(connection, token_hash=digest(token))
        return (row["email"] or "") if row else None

    async def choose(self, token: str, email: str, password: str, visitor: Visitor) -> str:
        """Use a one-time link up for a password; returns the token of a new session, and ends all others.

        Raises NotLetIn for a link that is no good, SettingError for a password that is not taken.
        """
        known = await self.whose(token)
        if known is None:
            raise NotLetIn(_(USED))
        email = known or email.strip().lower()
        if "@" not in email:
            raise SettingError(_("Enter your e-mail address"))
        if weak := weakness(password, email):
            raise SettingError(weak)
        operator_id = await self._used(token, email, await hashed(password))
        with acting(email, "console"):
            await self._sessions.revoke(operator_id)
        return await self._begin(operator_id, email, visitor)

    async def _used(self, token: str, email: str, password_hash: str) -> int:
        with acting(email, "console"):
            async with self._database.connection() as connection:
                row = await queries.use_link(connection, token_hash=digest(token))
                if row is None:
                    raise NotLetIn(_(USED))
                operator_id: int = (
                    row["operator_id"] or (await queries.add_operator(connection, email=email))["operator_id"]
                )
                place = {"workspace_id": row["workspace_id"], "operator_id": operator_id}
                if row["operator_id"] is None:
                    await queries.give_seat(connection, **place, role=Role.OWNER.title)
                await queries.set_password(connection, operator_id=operator_id, password_hash=password_hash)
                await queries.forget_tries(connection, subject=digest(email))
                await _note(connection, row["workspace_id"], "user.password", email)
        return operator_id

    async def _begin(self, operator_id: int, email: str, visitor: Visitor) -> str:
        with acting(email, "console"):
            token = await self._sessions.begin(operator_id, visitor)
        if not token:
            raise NotLetIn(_(NOWHERE))
        return token


async def _note(connection: Connection, workspace_id: str, act: str, email: str) -> None:
    await queries.note_act(connection, workspace_id=workspace_id, act=act, subject=email, detail="{}")


def _wrong_passwords(seconds: int) -> str:
    if seconds < 90:
        return plural(
            "Too many wrong passwords. Try again in {count} second.",
            "Too many wrong passwords. Try again in {count} seconds.",
            seconds,
        )
    return plural(
        "Too many wrong passwords. Try again in {count} minute.",
        "Too many wrong passwords. Try again in {count} minutes.",
        -(-seconds // 60),
    )
