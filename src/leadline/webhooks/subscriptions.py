"""The webhooks of a workspace: where they go, what they tell, how they are signed. The CLI changes them.

Addresses and secrets are sealed. A secret is shown once; after a change both secrets sign for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from leadline.connections.addresses import host_of
from leadline.connections.posting import new_secret
from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.store.database import Connection, Database
from leadline.store.queries import queries
from leadline.store.vault import Vault
from leadline.webhooks.events import EVENTS

GRACE = 86_400.0  # seconds in which the secret before the last one still signs beside it
LONGEST_GRACE = 30 * 86_400.0
LONGEST_NAME = 100
SEALED = ("address", "secret", "former_secret")


class Webhook(Struct, frozen=True, kw_only=True):
    """One of them; `address` and `secrets` in clear: never log or show this value whole."""

    workspace_id: str
    webhook_id: int
    name: str
    address: str
    secrets: tuple[str, ...]
    events: tuple[str, ...]
    with_text: bool

    @property
    def detail(self) -> dict[str, object]:
        """What the audit may know of it."""
        return {"name": self.name, "to": host_of(self.address), "events": self.events, "with_text": self.with_text}


class NewWebhook(Struct, frozen=True, kw_only=True):
    """What a person enters. events: all where none is named."""

    name: str
    address: str
    events: Sequence[str] = ()
    with_text: bool = False


class Webhooks:
    """Those of one workspace. allowed: private hosts that webhooks may go to, also without TLS."""

    def __init__(self, database: Database, vault: Vault, workspace_id: str, *, allowed: frozenset[str]) -> None:
        self._database = database
        self._vault = vault
        self._workspace_id = workspace_id
        self._allowed = allowed

    async def listed(self) -> list[dict[str, Any]]:
        """All, the oldest first, without what is secret: of the address only the host."""
        async with self._database.connection() as connection:
            rows = [row async for row in queries.webhooks(connection, workspace_id=self._workspace_id)]
        return [
            {name: value for name, value in row.items() if name not in SEALED}
            | {"host": host_of(opened(self._vault, row).address)}
            for row in rows
        ]

    async def add(self, new: NewWebhook) -> str:
        """A new one; returns its secret, which nobody can see again. Raises SettingError."""
        name, events = _checked(new.name), _known(new.events)
        address, secret = self._reachable(new.address), new_secret()
        async with self._database.connection() as connection:
            key = {"workspace_id": self._workspace_id} | await queries.next_webhook(connection)
            added = await queries.add_webhook(
                connection,
                **key,
                name=name,
                address=self._sealed("address", address, key["webhook_id"]),
                secret=self._sealed("secret", secret, key["webhook_id"]),
                events=events,
                with_text=new.with_text,
            )
            if not added:
                raise SettingError(f"There is a webhook '{name}' already. Choose another name, or change that one.")
            await self._note(connection, "webhook.added", await self._row(connection, name))
        return secret

    async def by_name(self, name: str) -> Webhook:
        """The one with this number or name; raises SettingError."""
        async with self._database.connection() as connection:
            return opened(self._vault, await self._row(connection, name))

    async def change(self, name: str, *, address: str, events: Sequence[str], with_text: bool | None) -> None:
        """Give it another address, other events, or texts; what is empty or None stays. Raises SettingError."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            sealed = self._sealed("address", self._reachable(address), row["webhook_id"]) if address else row["address"]
            await queries.change_webhook(
                connection,
                **_key(row),
                address=sealed,
                events=_known(events) if events else row["events"],
                with_text=row["with_text"] if with_text is None else with_text,
            )
            await self._note(connection, "webhook.changed", await self._row(connection, str(row["webhook_id"])))

    async def rotate(self, name: str, *, grace: float = GRACE) -> str:
        """Another secret; the old one signs beside it for `grace` seconds. Returns the new one. Raises SettingError."""
        if not 0 <= grace <= LONGEST_GRACE:
            raise SettingError(f"The old secret can sign for at most {LONGEST_GRACE / 86_400:g} days.")
        secret = new_secret()
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            old = opened(self._vault, row).secrets[0]
            await queries.rotate_webhook(
                connection,
                **_key(row),
                secret=self._sealed("secret", secret, row["webhook_id"]),
                former_secret=self._sealed("former_secret", old, row["webhook_id"]),
                grace=grace,
            )
            await self._note(connection, "webhook.rotated", row)
        return secret

    async def replay(self, name: str, *, since: float | None) -> int:
        """Send again what was given up, and what happened in the last `since` seconds; returns how many events."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            count: int = await queries.replay_webhook_events(connection, **_key(row), since=since)
            await self._note(connection, "webhook.replayed", row)
            await queries.wake_webhooks(connection)
        return count

    async def replay_one(self, name: str, number: int) -> bool:
        """Send one event again that was sent or given up; False where it still waits, or is not there any more."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            count: int = await queries.replay_webhook_event(connection, **_key(row), number=number)
            if count:
                await self._note(connection, "webhook.replayed", row)
                await queries.wake_webhooks(connection)
        return bool(count)

    async def pause(self, name: str, *, paused: bool) -> str:
        """Send it nothing until it is resumed; what happens meanwhile waits. Returns its name. Raises SettingError."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            await queries.pause_webhook(connection, **_key(row), paused=paused)
            await self._note(connection, "webhook.paused" if paused else "webhook.resumed", row)
            await queries.wake_webhooks(connection)
        return str(row["name"])

    async def deliveries(self, name: str, *, count: int, before: int | None = None) -> list[dict[str, Any]]:
        """What was told or is to be, the newest first, each with its state. before: older than this number."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            rows = queries.webhook_deliveries(connection, **_key(row), count=count, before=before)
            return [each | {"state": state_of(each, paused=row["paused_at"] is not None)} async for each in rows]

    async def remove(self, name: str) -> str:
        """Tell it no more, also not what waits; returns its name. Raises SettingError."""
        async with self._database.connection() as connection:
            row = await self._row(connection, name)
            await queries.remove_webhook(connection, **_key(row))
            await self._note(connection, "webhook.removed", row)
        return str(row["name"])

    async def _row(self, connection: Connection, name: str) -> dict[str, Any]:
        row: dict[str, Any] | None = await queries.webhook_named(
            connection, workspace_id=self._workspace_id, name=name.strip()
        )
        if row is None:
            raise SettingError(f"No webhook has the number or name '{name}'. `leadline webhook list` shows them.")
        return row

    async def _note(self, connection: Connection, act: str, row: Mapping[str, Any]) -> None:
        await queries.note_act(
            connection,
            workspace_id=self._workspace_id,
            act=act,
            subject=str(row["webhook_id"]),
            detail=msgspec.json.encode(opened(self._vault, row).detail).decode(),
        )

    def _reachable(self, address: str) -> str:
        """Over TLS, except to hosts of the operator's own. Raises SettingError."""
        address = address.strip()
        parts, host = urlsplit(address), host_of(address)
        if not host or "@" in parts.netloc or parts.scheme not in ("http", "https"):
            raise SettingError("Enter the whole address, such as https://shop.example.com/leadline")
        if parts.scheme == "http" and host not in self._allowed:
            raise SettingError(
                "Webhooks go over https://. Only to hosts that LEADLINE_MEDIA_ALLOW names they may go without TLS."
            )
        return address

    def _sealed(self, column: str, clear: str, webhook_id: int) -> bytes:
        return self._vault.seal(clear.encode(), self._workspace_id, "webhook", column, webhook_id)


def state_of(event: Mapping[str, Any], *, paused: bool) -> str:
    """How it stands with one event: sent, given up, paused, trying (again and again) or waiting (for its first try)."""
    if event["sent_at"] is not None:
        return "sent"
    if event["given_up_at"] is not None:
        return "given up"
    if paused:
        return "paused"
    return "trying" if event["tries"] else "waiting"


def opened(vault: Vault, row: Mapping[str, Any]) -> Webhook:
    """A row in clear; raises SettingError where the secret key is not the one it was sealed with."""
    names = ["secret"]
    if row["former_until"] is not None and row["former_until"] > datetime.now(UTC):
        names.append("former_secret")
    place = (row["workspace_id"], "webhook")
    clear = {name: vault.open(row[name], *place, name, row["webhook_id"]).decode() for name in ("address", *names)}
    return Webhook(
        workspace_id=row["workspace_id"],
        webhook_id=row["webhook_id"],
        name=row["name"],
        address=clear["address"],
        secrets=tuple(clear[name] for name in names),
        events=tuple(row["events"]),
        with_text=row["with_text"],
    )


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"workspace_id": row["workspace_id"], "webhook_id": row["webhook_id"]}


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or name.isdecimal() or not name.isprintable():
        raise SettingError(
            f"A webhook needs a name of at most {LONGEST_NAME} letters that is no number, such as the system it is for."
        )
    return name


def _known(events: Sequence[str]) -> list[str]:
    for event in events:
        if event not in EVENTS:
            raise SettingError(f"There is no event '{event}'. {meant(event, EVENTS)}")
    return [event for event in EVENTS if not events or event in events]
