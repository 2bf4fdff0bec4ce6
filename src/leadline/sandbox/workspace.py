"""The sandbox's settings, what the control endpoints changed at run time, and the error every resource raises."""

from __future__ import annotations

import time
from typing import Any, Self

import msgspec
from psycopg.types.json import Jsonb

from leadline.sandbox.queries import queries
from leadline.store.database import Database

Version = tuple[int, int]
PREVIEW: Version = (3, 0)
"""The version `Preview`, newer than all that have a number."""


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a sandbox workspace is set up. Durations are seconds.

    clock: how far its clock is ahead of this machine's.
    client_id, redirect_url: of the app, for installing it; without them it cannot be installed.
    version: the API version set for the app in Intercom's Developer Hub; it governs webhooks always, and answers where
    no Intercom-Version header is sent. control_token guards /_sandbox/; empty means that `token` does.
    """

    token: str
    client_secret: str
    webhook_url: str = ""
    workspace_id: str = "sandbox"
    name: str = "Sandbox"
    region: str = "US"
    timezone: str = "UTC"
    version: str = "2.16"
    public_url: str = ""
    search_lag: float = 0.0
    clock: float = 0.0
    rate_limit: int = 1666
    webhook_timeout: float = 5.0
    retry_delay: float = 60.0
    control_token: str = ""
    package_code: str = "leadline"
    file_lifetime: int = 1800
    client_id: str = ""
    redirect_url: str = ""


class Control(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What may be changed while the sandbox runs; kept in the database, so a restart does not undo it.

    granted: the tokens that installing the app gave.
    merged_from: whether contact.merged names the lead (older Intercom payloads do not).
    formatted_phone: whether that field can be searched (it is not on every Intercom version).
    preview: whether there is the Preview API (version `Preview`): merge previews, users into users, activities.
    subscribed: false after the receiver answered 410, as Intercom drops a subscription then.
    """

    token: str
    version: str
    granted: list[str] = []
    webhook_url: str = ""
    search_lag: float = 0.0
    clock: float = 0.0
    rate_limit: int = 1666
    merged_from: bool = True
    formatted_phone: bool = True
    preview: bool = False
    subscribed: bool = True


class ApiError(Exception):
    """An answer in Intercom's error envelope. `code` is Intercom's, see its error code reference (2.16)."""

    def __init__(
        self, status: int, code: str, message: str, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = headers or {}


class Workspace:
    """One running workspace: its settings, its database and the present state of its controls."""

    def __init__(self, database: Database, settings: SandboxSettings) -> None:
        self.database = database
        self.settings = settings
        self.control = _initial(settings)
        self.apply({})
        self.base_url = settings.public_url.rstrip("/")

    async def load(self) -> Self:
        """Take over the control changes of an earlier run."""
        async with self.database.connection() as connection:
            rows = [row async for row in queries.control_changes(connection)]
        self.apply({row["name"]: row["value"] for row in rows})
        return self

    def apply(self, changes: dict[str, Any]) -> None:
        control = msgspec.convert({**msgspec.to_builtins(self.control), **changes}, Control)
        parse_version(control.version)
        self.control = control
        _ahead.seconds = control.clock

    async def change(self, changes: dict[str, Any]) -> Control:
        """Change controls for good; None puts one back to its setting. Raises msgspec.ValidationError, ApiError."""
        initial = msgspec.to_builtins(_initial(self.settings))
        self.apply({name: initial.get(name) if value is None else value for name, value in changes.items()})
        async with self.database.connection() as connection:
            for name, value in changes.items():
                if value is None:
                    await queries.forget_control(connection, name=name)
                else:
                    await queries.set_control(connection, name=name, value=Jsonb(value))
        return self.control

    @property
    def version(self) -> Version:
        return parse_version(self.control.version)


def _initial(settings: SandboxSettings) -> Control:
    return Control(
        token=settings.token,
        version=settings.version,
        webhook_url=settings.webhook_url,
        search_lag=settings.search_lag,
        clock=settings.clock,
        rate_limit=settings.rate_limit,
    )


def parse_version(text: str) -> Version:
    """`2.16` as a pair that compares; raises ApiError for a version Intercom does not serve to this sandbox."""
    major, _, minor = text.partition(".")
    if major != "2" or not minor.isdecimal() or not 7 <= int(minor) <= 16:
        raise ApiError(400, "intercom_version_invalid", f"The requested version could not be found: '{text}'")
    return 2, int(minor)


class _Ahead:
    """How far this process's sandbox is ahead of the machine's clock."""

    seconds = 0.0


_ahead = _Ahead()


def now() -> int:
    """Unix seconds by the workspace's clock: the resolution of all of Intercom's times."""
    return int(time.time() + _ahead.seconds)
