"""The identity providers of a workspace: where they are, whom they let in. `leadline sign-in` and the console ask here.

The issuer and the client of a provider never change: the names by which accounts are known hold for those alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from leadline.connections.addresses import host_of
from leadline.console.language import _, marked
from leadline.console.rights import Role, role_of
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

LONGEST_NAME = 40
NO_SECRET = marked("Enter the client secret that the provider shows for Leadline")
BACK = "/console/sign-in/back/"
BY_DOMAIN = (Role.VIEWER, Role.AGENT)
"""What somebody can become without an invitation."""
FOR_ALL = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com"),
    *("me.com", "aol.com", "proton.me", "gmx.de", "gmx.net", "web.de", "mail.ru", "qq.com"),
}
"""Where anybody can get an address."""
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}")


class IdentityProvider(Struct, frozen=True, kw_only=True):
    """One of them; `client_secret` in clear: never log or show this value whole.

    key: its part of the address to which it sends people back. role: None where only invited people come in.
    """

    workspace_id: str
    provider_id: int
    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...] = ()
    role: Role | None = None
    passwords: bool = True


class NewProvider(Struct, frozen=True, kw_only=True):
    """What an owner enters. domains, role: whose people come in without an invitation, and as what."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: Sequence[str] = ()
    role: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """What is to be different; None stays as it is, no domains means that only invited people come in."""

    name: str | None = None
    client_secret: str | None = None
    domains: Sequence[str] | None = None
    role: str | None = None
    passwords: bool | None = None


class Providers:
    """Those of one workspace."""

    def __init__(self, database: Database, vault: Vault, workspace_id: str) -> None:
        self._database = database
        self._vault = vault
        self._workspace_id = workspace_id

    async def listed(self) -> list[dict[str, Any]]:
        """All, the oldest first, without their secrets; people: how many accounts are linked."""
        async with self._database.connection() as connection:
            rows = [row async for row in queries.identity_providers(connection, workspace_id=self._workspace_id)]
        return [{name: value for name, value in row.items() if name != "client_secret"} for row in rows]

    async def by_name(self, name: str) -> IdentityProvider:
        """The one with this number or name; raises SettingError."""
        async with self._database.connection() as connection:
            return opened(self._vault, await self._row(connection, name))

    async def add(self, new: NewProvider) -> None:
        """Let people sign in by it from now on; raises SettingError. Whether it answers is for the caller to ask."""
        issuer = checked_issuer(new.issuer)
        domains, role = _by_domain(new.domains, new.role)
        kept = {
            "name": _checked_name(new.name),
            "client_id": _needed(_("Enter the client id that the provider shows for Leadline"), new.client_id),
        }
        secret = _needed(_(NO_SECRET), new.client_secret)
        async with self._database.connection() as connection:
            place = {"workspace_id": self._workspace_id} | await queries.next_identity_provider(connection)
            added = await queries.add_identity_provider(
                connection,
                **place,
                **kept,
                key=key_of(self._workspace_id, issuer),
                issuer=issuer,
                client_secret=self._sealed(secret, place["provider_id"]),
                domains=domains,
                role=role.title if role else None,
            )
            if not added:
                raise SettingError(
                    _("There is a provider of this name or this address already. Change or remove that one.")
                )
            await self._note(connection, "sign_in.added", await self._row(connection, str(place["provider_id"])))

    async def change(self, name: str, change: Change) -> None:
        """Raises SettingError, also where nobody would be left who can change it back."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            now = _changed(opened(self._vault, row), change)
            if row["passwords"] and not now.passwords:
                await self._keep_a_way_in(connection, row)
            await queries.change_identity_provider(
                connection,
                workspace_id=self._workspace_id,
                provider_id=now.provider_id,
                name=now.name,
                client_secret=self._sealed(now.client_secret, now.provider_id),
                domains=list(now.domains),
                role=now.role.title if now.role else None,
                passwords=now.passwords,
            )
            await self._note(connection, "sign_in.changed", await self._row(connection, str(now.provider_id)))

    async def remove(self, name: str) -> str:
        """Let nobody in by it any more, and sign out who came in by it; returns its name. Raises SettingError."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            place = {"workspace_id": self._workspace_id, "provider_id": row["provider_id"]}
            await queries.remove_identity_provider(connection, **place)
            await self._note(connection, "sign_in.removed", row)
        return str(row["name"])

    async def _keep_a_way_in(self, connection: Connection, row: Mapping[str, Any]) -> None:
        place = {"workspace_id": self._workspace_id, "provider_id": row["provider_id"]}
        if not (await queries.owner_by_provider(connection, **place))["found"]:
            raise SettingError(
                _(
                    "No owner has signed in with {name} yet. Sign in with it once, then switch passwords off: else "
                    "nobody could switch them on again here.",
                    name=row["name"],
                )
            )

    async def _row(self, connection: Connection, name: str) -> dict[str, Any]:
        row: dict[str, Any] | None = await queries.identity_provider_named(
            connection, workspace_id=self._workspace_id, name=name.strip()
        )
        if row is None:
            raise SettingError(
                _("No provider has the number or name '{name}'. `leadline sign-in list` shows them.", name=name)
            )
        return row

    async def _note(self, connection: Connection, act: str, row: Mapping[str, Any]) -> None:
        told = {name: row[name] for name in ("issuer", "client_id", "domains", "role", "passwords")}
        detail = msgspec.json.encode(told).decode()
        await queries.note_act(connection, workspace_id=self._workspace_id, act=act, subject=row["name"], detail=detail)

    def _sealed(self, clear: str, provider_id: int) -> bytes:
        return self._vault.seal(clear.encode(), *_place(self._workspace_id, provider_id))


async def by_key(database: Database, vault: Vault, key: str) -> IdentityProvider | None:
    """The provider of an address of the entrance, of whichever workspace that is served."""
    async with database.connection() as connection:
        row = await queries.identity_provider_by_key(connection, key=key)
    return opened(vault, row) if row else None


def opened(vault: Vault, row: Mapping[str, Any]) -> IdentityProvider:
    """A row in clear; raises SettingError where the secret key is not the one it was sealed with."""
    named = {
        name: row[name] for name in ("workspace_id", "provider_id", "key", "name", "issuer", "client_id", "passwords")
    }
    secret = vault.open(row["client_secret"], *_place(row["workspace_id"], row["provider_id"])).decode()
    return IdentityProvider(
        **named, client_secret=secret, domains=tuple(row["domains"]), role=role_of(row["role"] or "")
    )


def key_of(workspace_id: str, issuer: str) -> str:
    """Known before the provider is added: it wants to know the address first. No two providers share one."""
    return sha256(f"{workspace_id}\n{issuer}".encode()).hexdigest()[:20]


def address_back(public_url: str, key: str) -> str:
    """Where a provider sends people back to; to be entered there, letter by letter."""
    return f"{public_url.rstrip('/')}{BACK}{key}"


def checked_issuer(issuer: str) -> str:
    """Raises SettingError for what no provider's address can be."""
    issuer = issuer.strip()
    parts = urlsplit(issuer)
    if parts.scheme not in ("http", "https") or not host_of(issuer) or "@" in parts.netloc:
        raise SettingError(_("Enter the provider's whole address, such as https://accounts.google.com"))
    if parts.query or parts.fragment or "{" in issuer or not issuer.isprintable() or " " in issuer:
        raise SettingError(_("A provider's address must not contain ?, # or spaces"))
    return issuer


def _place(workspace_id: str, provider_id: int) -> tuple[object, ...]:
    return (workspace_id, "identity_provider", "client_secret", provider_id)


def _changed(provider: IdentityProvider, change: Change) -> IdentityProvider:
    values: dict[str, Any] = {}
    if change.name is not None:
        values["name"] = _checked_name(change.name)
    if change.client_secret is not None:
        values["client_secret"] = _needed(_(NO_SECRET), change.client_secret)
    if change.domains is not None or change.role is not None:
        domains = provider.domains if change.domains is None else change.domains
        role = change.role if change.role is not None else provider.role.title if provider.role and domains else ""
        values["domains"], values["role"] = _by_domain(domains, role)
    if change.passwords is not None:
        values["passwords"] = change.passwords
    return msgspec.structs.replace(provider, **values)


def _by_domain(domains: Sequence[str], role: str) -> tuple[list[str], Role | None]:
    """Both or neither; raises SettingError."""
    wanted = list(dict.fromkeys(filter(None, (domain.strip().lower().removeprefix("@") for domain in domains))))
    for domain in wanted:
        if not DOMAIN.fullmatch(domain):
            raise SettingError(_("'{domain}' is not an e-mail domain. Write it like example.com", domain=domain))
        if domain in FOR_ALL:
            raise SettingError(_("Anybody can get an address at {domain}. Invite people instead", domain=domain))
    if not wanted and not role:
        return [], None
    given = role_of(role)
    if not wanted or given not in BY_DOMAIN:
        raise SettingError(
            _(
                "To let people join without an invitation, name their e-mail domains and the "
                "role viewer or agent. Give both, or neither."
            )
        )
    return wanted, given


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or name.isdecimal() or not name.isprintable():
        raise SettingError(
            _(
                "A provider needs a name of at most {longest} letters, not a number: Google, for example.",
                longest=LONGEST_NAME,
            )
        )
    return name


def _needed(trouble: str, value: str) -> str:
    value = value.strip()
    if not value or len(value) > 1000 or not value.isprintable():
        raise SettingError(trouble)
    return value
