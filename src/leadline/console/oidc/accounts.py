"""Whom a provider's word lets into a workspace, and as what. Roles are ours: a provider gives none but by its domains.

An account is linked to a person the first time, by its verified e-mail address; from then on by its subject alone.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from leadline.console.oidc import words
from leadline.console.oidc.id_token import Person
from leadline.console.oidc.providers import IdentityProvider
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import NotLetIn, Visitor
from leadline.store.acting import acting
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

GOOGLE = "https://accounts.google.com"
Row = dict[str, Any]
log = structlog.get_logger(__name__)


class Accounts:
    """Of an installation."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    async def sign_in(self, provider: IdentityProvider, person: Person, visitor: Visitor) -> str:
        """The token of a new session, which leads into the provider's workspace alone; raises NotLetIn."""
        operator_id, email = await self._whose(provider, person)
        with acting(email, "console"):
            token = await self._sessions.begin(operator_id, visitor, by=provider)
        if not token:
            raise NotLetIn(words.taken_out())
        return token

    async def _whose(self, provider: IdentityProvider, person: Person) -> tuple[int, str]:
        """Nobody gives or takes a seat meanwhile."""
        with acting(person.email, "console"):
            async with self._database.connection() as connection:
                await queries.lock_seats(connection, workspace_id=provider.workspace_id)
                place = {"workspace_id": provider.workspace_id, "provider_id": provider.provider_id}
                known = await queries.identity_of(connection, **place, subject=person.subject)
                if known and known["operator_id"] is not None:
                    await queries.use_identity(connection, **place, subject=person.subject)
                    return _seated(known)
                found = await self._found(connection, provider, person, known)
                if found is not None:
                    return found
            # Committed, so that owners can read that it was tried.
            raise NotLetIn(words.somebody_elses(provider.name, person.email))

    async def _found(
        self, connection: Connection, provider: IdentityProvider, person: Person, known: Row | None
    ) -> tuple[int, str] | None:
        """Who has the address, or comes in by its domain; None where another account is theirs. Raises NotLetIn."""
        if not person.email:
            raise NotLetIn(words.no_email(provider.name))
        if not person.verified:
            raise NotLetIn(words.not_verified(provider.name, person.email))
        place = {"workspace_id": provider.workspace_id, "provider_id": provider.provider_id}
        row = await queries.seat_by_email(connection, **place, email=person.email)
        if row and row["linked"]:
            log.warning("sign_in_by_another_account", provider=provider.name)
            await self._note(connection, provider, "user.not_linked", row["email"])
            return None
        operator_id = row["operator_id"] if row else await self._by_domain(connection, provider, person, known)
        email = row["email"] if row else person.email
        await queries.link_identity(
            connection, **place, subject=person.subject, operator_id=operator_id, email=person.email
        )
        await self._note(connection, provider, "user.linked", email)
        return operator_id, email

    async def _by_domain(
        self, connection: Connection, provider: IdentityProvider, person: Person, known: Row | None
    ) -> int:
        away = await queries.is_turned_away(connection, workspace_id=provider.workspace_id, email=person.email)
        if known or away["found"]:
            raise NotLetIn(words.taken_out())
        if provider.role is None or not _belongs(provider, person):
            raise NotLetIn(words.not_invited(person.email))
        operator_id: int = (await queries.add_operator(connection, email=person.email))["operator_id"]
        place = {"workspace_id": provider.workspace_id, "operator_id": operator_id}
        await queries.give_seat(connection, **place, role=provider.role.title)
        await self._note(connection, provider, "user.joined", person.email, role=provider.role.title)
        return operator_id

    async def _note(
        self, connection: Connection, provider: IdentityProvider, act: str, email: str, **more: str
    ) -> None:
        detail = msgspec.json.encode({"provider": provider.name, **more}).decode()
        await queries.note_act(connection, workspace_id=provider.workspace_id, act=act, subject=email, detail=detail)


def _seated(known: Row) -> tuple[int, str]:
    if known["role"] is None:
        raise NotLetIn(words.taken_out())
    return known["operator_id"], known["email"]


def _belongs(provider: IdentityProvider, person: Person) -> bool:
    """Google also verifies addresses of companies for accounts that those do not run; `hd` names the company that does
    (developers.google.com/identity/openid-connect, November 2026).
    """
    domain = person.email.rpartition("@")[2]
    if provider.issuer == GOOGLE and person.hosted.lower() != domain:
        return False
    return domain in provider.domains
