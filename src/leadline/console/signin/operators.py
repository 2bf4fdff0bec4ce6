"""The people who may use a workspace's console, and their one-time links. The team page and `leadline user` call it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from leadline.console.language import _
from leadline.console.rights import Role
from leadline.console.signin.tokens import digest, new_token
from leadline.errors import SettingError
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

INVITED = 7 * 86400.0  # seconds an invitation lasts
RESET = 3600.0  # seconds a link for a new password lasts
FIRST = 86400.0  # seconds the link of the first start lasts
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}")


class Operators:
    """Those of one workspace."""

    def __init__(self, database: Database, workspace_id: str, public_url: str) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._public_url = public_url.rstrip("/")

    async def listed(self) -> list[dict[str, Any]]:
        """Everybody with a seat, by e-mail address."""
        async with self._database.connection() as connection:
            return await self._listed(connection)

    async def _listed(self, connection: Connection) -> list[dict[str, Any]]:
        return [row async for row in queries.operators(connection, workspace_id=self._workspace_id)]

    async def _one(self, connection: Connection, email: str) -> dict[str, Any]:
        for row in await self._listed(connection):
            if row["email"].lower() == email.strip().lower():
                return row
        raise SettingError(_("{email} does not use the console. See: leadline user list", email=email))

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[Connection]:
        """One transaction in which the seats are as they are read until it is over: two owners who take each other's
        role away at once would leave nobody.
        """
        async with self._database.connection() as connection:
            await queries.lock_seats(connection, workspace_id=self._workspace_id)
            yield connection

    async def invite(self, email: str, role: Role) -> str:
        """Give somebody a seat; returns the link by which they choose a password, once. Raises SettingError.

        Empty where they use another workspace of this installation: whoever invites them here must not come by a link
        that lets them in there. Empty, too, where nobody enters this workspace by a password.
        """
        wanted = email.strip().lower()
        if not _EMAIL.fullmatch(wanted):
            raise SettingError(_("'{email}' is not an e-mail address", email=email))
        async with self._changing() as connection:
            if any(row["email"].lower() == wanted for row in await self._listed(connection)):
                raise SettingError(_("{email} uses the console already", email=wanted))
            operator = await queries.add_operator(connection, email=wanted)
            await queries.take_back(connection, workspace_id=self._workspace_id, email=wanted)
            await self._seat(connection, operator["operator_id"], role)
            await self._note(connection, "user.invited", wanted, {"after": {"role": role.title}})
            operator_id = operator["operator_id"]
            is_known = operator["has_password"] or await self._sits_elsewhere(connection, operator_id)
            if is_known or not await self._takes_passwords(connection):
                return ""
            return await self._link(connection, operator_id, INVITED)

    async def instead(self) -> str:
        """How somebody comes in who was invited and gets no link, as a sentence."""
        async with self._database.connection() as connection:
            if await self._takes_passwords(connection):
                return _("They sign in as they do in their other workspace.")
            rows = [row async for row in queries.identity_providers(connection, workspace_id=self._workspace_id)]
        return _("They sign in with {providers}.", providers=", ".join(row["name"] for row in rows))

    async def unlink(self, email: str) -> int:
        """Somebody's accounts at providers are theirs no more, and sessions begun by them end; returns how many
        accounts. The next account with their address is linked anew. Raises SettingError.
        """
        async with self._changing() as connection:
            row = await self._one(connection, email)
            place = {"workspace_id": self._workspace_id, "operator_id": row["operator_id"]}
            count: int = await queries.unlink_identities(connection, **place)
            await queries.revoke_sessions_by_providers(connection, **place)
            await self._note(connection, "user.unlinked", row["email"], {"providers": row["accounts"]})
        return count

    async def give_role(self, email: str, role: Role) -> None:
        """Raises SettingError where nobody would be left as an owner."""
        async with self._changing() as connection:
            row = await self._one(connection, email)
            await self._keep_an_owner(connection, row, role)
            await self._seat(connection, row["operator_id"], role)
            detail = {"before": {"role": row["role"]}, "after": {"role": role.title}}
            await self._note(connection, "user.role", row["email"], detail)

    async def remove(self, email: str) -> None:
        """Takes the seat, and everything that let them in; raises SettingError for the last owner."""
        async with self._changing() as connection:
            row = await self._one(connection, email)
            await self._keep_an_owner(connection, row, None)
            place = {"workspace_id": self._workspace_id, "operator_id": row["operator_id"]}
            await queries.disown_identities(connection, **place)
            await queries.revoke_sessions_by_providers(connection, **place)
            await queries.turn_away(connection, workspace_id=self._workspace_id, email=row["email"])
            await queries.take_seat(connection, **place)
            await queries.forget_operator(connection, operator_id=row["operator_id"])
            await self._note(connection, "user.removed", row["email"], {"before": {"role": row["role"]}})

    async def reset(self, email: str, *, by_colleague: bool = False) -> str:
        """A link for a new password; the old one and the sessions stay until it is used.

        by_colleague: a colleague asks, neither this person nor the one who runs the server. They get no link that lets
        into another workspace. Raises SettingError.
        """
        async with self._changing() as connection:
            row = await self._one(connection, email)
            if not await self._takes_passwords(connection):
                raise SettingError(
                    _("Passwords do not work in this workspace: an owner has switched them off on the Team page")
                )
            if by_colleague and await self._sits_elsewhere(connection, row["operator_id"]):
                raise SettingError(
                    _(
                        "{email} also uses the console of another workspace. They can choose a new password on their "
                        "own page, or whoever runs this server prints a link with: leadline user reset",
                        email=row["email"],
                    )
                )
            await self._note(connection, "user.reset", row["email"], {})
            return await self._link(connection, row["operator_id"], RESET)

    async def first_link(self) -> str:
        """Where nobody can sign in as an owner yet: the link by which somebody becomes the first. Else nothing."""
        async with self._database.connection() as connection:
            if (await queries.owners(connection, workspace_id=self._workspace_id))["found"]:
                return ""
            return await self._link(connection, None, FIRST)

    async def _sits_elsewhere(self, connection: Connection, operator_id: int) -> bool:
        place = {"workspace_id": self._workspace_id, "operator_id": operator_id}
        return bool((await queries.sits_elsewhere(connection, **place))["found"])

    async def _takes_passwords(self, connection: Connection) -> bool:
        row = await queries.workspace_takes_passwords(connection, workspace_id=self._workspace_id)
        return bool(row["found"])

    async def _link(self, connection: Connection, operator_id: int | None, seconds: float) -> str:
        token = new_token()
        place = {"workspace_id": self._workspace_id, "operator_id": operator_id}
        await queries.drop_links(connection, **place)
        await queries.add_link(connection, **place, token_hash=digest(token), seconds=seconds)
        return f"{self._public_url}/console/link/{token}"

    async def _seat(self, connection: Connection, operator_id: int, role: Role) -> None:
        await queries.give_seat(connection, workspace_id=self._workspace_id, operator_id=operator_id, role=role.title)

    async def _keep_an_owner(self, connection: Connection, row: dict[str, Any], role: Role | None) -> None:
        if row["role"] != "owner" or role is Role.OWNER:
            return
        values = {"workspace_id": self._workspace_id, "operator_id": row["operator_id"]}
        if not (await queries.other_owners(connection, **values))["count"]:
            raise SettingError(_("{email} is the only owner: make somebody else an owner first", email=row["email"]))

    async def _note(self, connection: Connection, act: str, subject: str, detail: dict[str, Any]) -> None:
        text = msgspec.json.encode(detail).decode()
        await queries.note_act(connection, workspace_id=self._workspace_id, act=act, subject=subject, detail=text)
