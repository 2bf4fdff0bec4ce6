"""The settings as they are kept: read from memory wherever they matter, written with their author and the time.

`app.py` opens one for the whole process. `listen` hears of changes that other processes make.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.errors import SettingError
from leadline.model import Struct
from leadline.spaces.registry import NOBODY, REGISTRY, Plain, Setting, setting
from leadline.spaces.settings import WorkspaceSettings
from leadline.store.acting import ACTING
from leadline.store.database import Database
from leadline.store.queries import queries

ENVIRONMENT = "environment"
KNOWN_AS = {"default_teammate": "intercom_admin_id"}
"""Settings that have another name in the environment."""
Origin = Literal["default", "environment", "workspace", "channel"]
log = structlog.get_logger(__name__)


class Value(Struct, frozen=True, kw_only=True):
    """What a setting is now, and where that comes from; author and set_at where somebody set it."""

    setting: Setting
    value: Plain
    origin: Origin
    author: str = ""
    set_at: datetime | None = None

    @property
    def shown(self) -> str:
        """The value for people."""
        return self.setting.shown(self.value)


class Change(Struct, frozen=True, kw_only=True):
    """One value that a setting got. channel_id: 0 for the workspace. value: None for back to the default."""

    name: str
    channel_id: int
    value: Plain | None
    author: str
    source: str
    set_at: datetime
    superseded_at: datetime | None


class Book:
    """Every workspace's settings. What is read is in memory; `load` and `listen` keep it true."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = {}
        self._made: dict[tuple[str, int], WorkspaceSettings] = {}

    async def load(self) -> None:
        """Read everything that is set. A value that this version does not take is left out, and logged."""
        kept: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = {}
        async with self._database.connection() as connection:
            async for row in queries.settings(connection):
                if (usable := _usable(row)) is not None:
                    kept.setdefault((row["workspace_id"], row["channel_id"]), {})[row["name"]] = usable
        self._kept, self._made = kept, {}

    async def listen(self, changes: AsyncIterator[bool]) -> None:
        """Read anew whenever something changed, and when it may have; until cancelled."""
        async for heard in changes:
            if heard:
                await self.load()

    def of(self, workspace_id: str, channel_id: int = 0) -> WorkspaceSettings:
        """What a workspace does, or one of its channels."""
        key = workspace_id, channel_id
        if key not in self._made:
            given = {each.setting.name: each.value for each in self.values(workspace_id, channel_id)}
            self._made[key] = msgspec.convert(given, WorkspaceSettings)
        return self._made[key]

    def channels(self, workspace_id: str) -> list[int]:
        """The channels that have values of their own."""
        return [channel_id for workspace, channel_id in self._kept if workspace == workspace_id and channel_id]

    def values(self, workspace_id: str, channel_id: int = 0) -> list[Value]:
        """Every setting of a workspace, or every one that a channel acts by, with its value and its origin."""
        return [self._value(each, workspace_id, channel_id) for each in REGISTRY.values()]

    def _value(self, one: Setting, workspace_id: str, channel_id: int) -> Value:
        own = self._kept.get((workspace_id, channel_id), {}).get(one.name) if channel_id and one.for_channel else None
        row = own or self._kept.get((workspace_id, 0), {}).get(one.name)
        if row is None:
            return Value(setting=one, value=one.default, origin="default")
        origin: Origin = "channel" if own else "environment" if row["source"] == ENVIRONMENT else "workspace"
        return Value(setting=one, value=row["value"], origin=origin, author=row["author"], set_at=row["set_at"])

    async def set(self, workspace_id: str, name: str, text: str, *, channel_id: int = 0) -> Value:
        """Give a setting the value that a person typed; raises SettingError. Whoever acts (`acting`) is its author."""
        one = _for(setting(name), channel_id)
        value = one.read(text)
        self._check(workspace_id, channel_id, one, value)
        return await self._change(workspace_id, one, value, channel_id)

    async def reset(self, workspace_id: str, name: str, *, channel_id: int = 0) -> Value:
        """Put a setting back to its default, or a channel's to that of its workspace; raises SettingError."""
        one = _for(setting(name), channel_id)
        self._check(workspace_id, channel_id, one, one.default)
        return await self._change(workspace_id, one, None, channel_id)

    async def history(self, workspace_id: str, name: str = "", *, count: int = 50) -> list[Change]:
        """Every value that a setting had, the latest first; of all settings without a name. Raises SettingError."""
        wanted = setting(name).name if name else ""
        async with self._database.connection() as connection:
            rows = queries.setting_history(connection, workspace_id=workspace_id, name=wanted, count=count)
            return [Change(**row) async for row in rows]

    async def adopt(self, workspace_id: str, environment: object) -> None:
        """What the environment says is the value until somebody sets another one here; raises SettingError."""
        await self.load()
        for name, one in REGISTRY.items():
            known_as = KNOWN_AS.get(name, name)
            if not hasattr(environment, known_as):
                continue
            value: Plain | None = one.read(one.shown(getattr(environment, known_as)))
            value = None if value == one.default else value
            row = self._kept.get((workspace_id, 0), {}).get(name)
            if (row["value"] if row else None) != value:
                await self._write(workspace_id, one, value, 0, ENVIRONMENT, author=ENVIRONMENT)
        await self.load()
        self.of(workspace_id).rules  # noqa: B018 - raises for what does not fit together

    def _check(self, workspace_id: str, channel_id: int, one: Setting, value: Plain) -> None:
        """What must fit to other settings: a national blocked number needs a region."""
        msgspec.structs.replace(self.of(workspace_id, channel_id), **{one.name: value}).rules  # noqa: B018

    async def _change(self, workspace_id: str, one: Setting, value: Plain | None, channel_id: int) -> Value:
        author, source = ACTING.get() or ("leadline", "")
        await self._write(workspace_id, one, value, channel_id, source, author=author)
        await self.load()
        return self._value(one, workspace_id, channel_id)

    async def _write(
        self, workspace_id: str, one: Setting, value: Plain | None, channel_id: int, source: str, *, author: str
    ) -> None:
        key = {"workspace_id": workspace_id, "channel_id": channel_id, "name": one.name}
        async with self._database.connection() as connection:
            await queries.hold_setting(connection, **key)
            found = await queries.current_setting_of(connection, **key)
            if (found["value"] if found else None) == value:
                return
            if source == ENVIRONMENT and found and found["source"] != ENVIRONMENT:
                return  # somebody has set it meanwhile
            await queries.supersede_setting(connection, **key)
            await queries.add_setting(
                connection,
                **key,
                value=None if value is None else Jsonb(value),
                author=author,
                source=source,
            )


async def opened_book(database: Database, workspace_id: str, environment: object) -> Book:
    """All settings, read. environment: the installation's, of which those of the same names are this workspace's
    until somebody sets them here; raises SettingError.
    """
    book = Book(database)
    await book.adopt(workspace_id, environment)
    return book


def _for(one: Setting, channel_id: int) -> Setting:
    if channel_id and not one.for_channel:
        raise SettingError(f"{one.name} is a setting of the whole workspace: leave out the channel")
    return one


def _usable(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A row as it is acted by; None for what this version does not take. A right that cannot be read is nobody's."""
    one = REGISTRY.get(row["name"])
    try:
        return row if one is not None and one.checked(row["value"]) is not None else None
    except SettingError as error:
        log.warning("setting_not_usable", workspace=row["workspace_id"], setting=row["name"], why=str(error))
        return {**row, "value": NOBODY} if row["name"].startswith("may_") else None
