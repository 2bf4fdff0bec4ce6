"""Who is told: mail addresses, Slack channels, webhooks. Addresses and secrets are kept sealed."""

from __future__ import annotations

from datetime import datetime, time
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadline.connections.posting import new_secret
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.store.vault import Vault

KINDS = {
    "parked": "Messages are parked",
    "away": "Intercom or a provider is away",
    "credential": "A credential ends soon",
    "replies": "Many replies fail",
    "disk": "The disk is nearly full",
    "webhooks": "A system does not accept its webhooks",
    "database": "The database has problems",
}
"""Kind of an alert → what it is about."""
WAYS = {"mail": "Mail", "slack": "Slack", "webhook": "Signed webhook"}


class Target(Struct, frozen=True, kw_only=True):
    """One of them; `address` and `secret` in clear: never log or show this value whole."""

    workspace_id: str
    target_id: int
    kind: str
    name: str
    address: str
    secret: str = ""
    kinds: tuple[str, ...] = ()
    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: str = "UTC"
    told_at: datetime | None = None
    trouble: str = ""

    def wants(self, kind: str) -> bool:
        """No kinds named means all of them."""
        return not self.kinds or kind in self.kinds

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing is to be told at this moment; quiet hours may go past midnight."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        at = now.astimezone(ZoneInfo(self.zone)).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to


class NewTarget(Struct, frozen=True, kw_only=True):
    """What a person enters. quiet: two times such as 22:00 and 07:00, or nothing."""

    kind: str
    name: str
    address: str
    kinds: tuple[str, ...] = ()
    quiet: tuple[str, str] = ("", "")
    zone: str = "UTC"


class Targets:
    """Those of one workspace."""

    def __init__(self, database: Database, vault: Vault, workspace_id: str) -> None:
        self._database = database
        self._vault = vault
        self._workspace_id = workspace_id

    async def listed(self) -> list[Target]:
        """All, the oldest first; raises SettingError where the secret key is not the one they were sealed with."""
        async with self._database.connection() as connection:
            rows = [row async for row in queries.alert_targets(connection, workspace_id=self._workspace_id)]
        return [self._opened(row) for row in rows]

    async def add(self, new: NewTarget) -> Target:
        """Raises SettingError, one line, for what cannot be right. A webhook gets a secret to check signatures with."""
        name, address = new.name.strip() or new.address.strip(), new.address.strip()
        _check(new.kind, address, new.kinds)
        quiet = _quiet(new.quiet, new.zone)
        secret = new_secret() if new.kind == "webhook" else ""
        async with self._database.connection() as connection:
            target_id = (await queries.next_alert_target(connection))["target_id"]
            await queries.add_alert_target(
                connection,
                workspace_id=self._workspace_id,
                target_id=target_id,
                kind=new.kind,
                name=name[:80],
                address=self._vault.seal(address.encode(), *self._place("address", target_id)),
                secret=self._vault.seal(secret.encode(), *self._place("secret", target_id)) if secret else None,
                kinds=list(new.kinds),
                quiet_from=quiet[0],
                quiet_to=quiet[1],
                zone=new.zone,
            )
        return Target(
            workspace_id=self._workspace_id,
            target_id=target_id,
            kind=new.kind,
            name=name[:80],
            address=address,
            secret=secret,
            kinds=new.kinds,
            quiet_from=quiet[0],
            quiet_to=quiet[1],
            zone=new.zone,
        )

    async def remove(self, target_id: int) -> int:
        """Tell this one no more; returns how many there were, 0 or 1."""
        async with self._database.connection() as connection:
            values = {"workspace_id": self._workspace_id, "target_id": target_id}
            removed: int = await queries.remove_alert_target(connection, **values)
        return removed

    def _opened(self, row: dict[str, Any]) -> Target:
        target_id = row["target_id"]
        secret = self._vault.open(row["secret"], *self._place("secret", target_id)).decode() if row["secret"] else ""
        return Target(
            workspace_id=self._workspace_id,
            target_id=target_id,
            kind=row["kind"],
            name=row["name"],
            address=self._vault.open(row["address"], *self._place("address", target_id)).decode(),
            secret=secret,
            kinds=tuple(row["kinds"]),
            quiet_from=row["quiet_from"],
            quiet_to=row["quiet_to"],
            zone=row["zone"],
            told_at=row["told_at"],
            trouble=row["trouble"],
        )

    def _place(self, column: str, target_id: int) -> tuple[object, ...]:
        return (self._workspace_id, "alert_target", column, target_id)


def _check(kind: str, address: str, kinds: tuple[str, ...]) -> None:
    if kind not in WAYS:
        raise SettingError(f"Alerts go by {', '.join(WAYS)}, not by '{kind}'")
    if unknown := set(kinds) - set(KINDS):
        raise SettingError(f"There is no alert called {sorted(unknown)[0]}")
    if kind == "mail":
        if "@" not in parseaddr(address)[1] or any(ord(letter) < 32 for letter in address):
            raise SettingError(f"'{address}' is not an e-mail address")
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise SettingError("Enter the whole address, such as https://hooks.slack.com/services/…")


def _quiet(quiet: tuple[str, str], zone: str) -> tuple[time | None, time | None]:
    """Both times, or none."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingError(f"'{zone}' is not a time zone. Write it like Europe/Dublin") from error
    if not any(quiet):
        return None, None
    try:
        begin, end = (time.fromisoformat(each.strip()) for each in quiet)
    except ValueError as error:
        raise SettingError("Write both quiet times like 22:00 and 07:00, or leave both empty") from error
    return begin, end
