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

from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.spaces.registry import NOBODY, REGISTRY, Plain, Setting, setting
from leadline.spaces.settings import WorkspaceSettings
from leadline.store.acting import ACTING
from leadline.store.database import Database
from leadline.store.queries import queries

ENVIRONMENT = "environment"
KNOWN_AS = {"default_teammate": "intercom_admin_id"}
"""Settings that have another name in the environment."""
Origin = Literal["default", "environment", "workspace", "schedule", "channel"]
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


class Scope(Struct, frozen=True, kw_only=True):
    """Whose values: the workspace's, those of one of its channels, or those of a schedule."""

    workspace_id: str
    channel_id: int = 0
    schedule: str = ""


class Change(Struct, frozen=True, kw_only=True):
    """One value that a setting got. channel_id: 0 for the workspace. value: None for back to the default."""

    name: str
    channel_id: int
    schedule: str
    value: Plain | None
    author: str
    source: str
    set_at: datetime
    superseded_at: datetime | None


class Book:
    """Every workspace's settings. What is read is in memory; `load` and `listen` keep it true."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[Scope, dict[str, Mapping[str, Any]]] = {}
        self._made: dict[tuple[str, int], WorkspaceSettings] = {}

    async def load(self) -> None:
        """Read everything that is set. A value that this version does not take is left out, and logged."""
        kept: dict[Scope, dict[str, Mapping[str, Any]]] = {}
        async with self._database.connection() as connection:
            async for row in queries.settings(connection):
                if (usable := _usable(row)) is not None:
                    scope = Scope(**{name: row[name] for name in Scope.__struct_fields__})
                    kept.setdefault(scope, {})[row["name"]] = usable
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
        return [scope.channel_id for scope in self._kept if scope.workspace_id == workspace_id and scope.channel_id]

    def schedules(self, workspace_id: str) -> list[str]:
        """The names of its schedules, in order: each has opening hours."""
        kept = ((scope, values) for scope, values in self._kept.items() if scope.workspace_id == workspace_id)
        return sorted(scope.schedule for scope, values in kept if scope.schedule and "opening_hours" in values)

    def values(self, workspace_id: str, channel_id: int = 0, schedule: str = "") -> list[Value]:
        """Every setting of a workspace, or every one that a channel acts by, with its value and its origin.

        schedule: those that this schedule has instead.
        """
        scope = Scope(workspace_id=workspace_id, channel_id=channel_id, schedule=schedule)
        return [self._value(each, scope) for each in REGISTRY.values() if each.for_schedule or not schedule]

    def _value(self, one: Setting, scope: Scope) -> Value:
        """A channel's own value goes before that of its schedule, and that before its workspace's."""
        workspace = Scope(workspace_id=scope.workspace_id)
        places: list[tuple[Origin, Scope]] = []
        if scope.channel_id and one.for_channel:
            places.append(("channel", scope))
        if one.for_schedule and (schedule := scope.schedule or self._schedule(scope)):
            places.append(("schedule", Scope(workspace_id=scope.workspace_id, schedule=schedule)))
        for origin, place in [*places, ("workspace", workspace)]:
            if (row := self._kept.get(place, {}).get(one.name)) is not None:
                known: Origin = "environment" if row["source"] == ENVIRONMENT else origin
                return Value(setting=one, value=row["value"], origin=known, author=row["author"], set_at=row["set_at"])
        return Value(setting=one, value=one.default, origin="default")

    def _schedule(self, scope: Scope) -> str:
        """The name of the schedule that a channel or its workspace goes by; empty where there is none."""
        return str(self._value(REGISTRY["schedule"], scope).value)

    async def set(self, workspace_id: str, name: str, text: str, *, channel_id: int = 0, schedule: str = "") -> Value:
        """Give a setting the value that a person typed; raises SettingError. Whoever acts (`acting`) is its author."""
        return await self.change(workspace_id, name, text, channel_id=channel_id, schedule=schedule)

    async def reset(self, workspace_id: str, name: str, *, channel_id: int = 0, schedule: str = "") -> Value:
        """Put a setting back to its default, or a channel's or schedule's to its workspace's; raises SettingError."""
        return await self.change(workspace_id, name, None, channel_id=channel_id, schedule=schedule)

    async def change(
        self, workspace_id: str, name: str, text: str | None, *, channel_id: int = 0, schedule: str = ""
    ) -> Value:
        """As `set`, or as `reset` where there is no text."""
        scope = Scope(workspace_id=workspace_id, channel_id=channel_id, schedule=schedule)
        one = _for(setting(name), scope)
        value = None if text is None else one.read(text)
        self._check(scope, one, one.default if value is None else value)
        return await self._change(scope, one, value)

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
            value: Plain | None = _of_environment(one, known_as, getattr(environment, known_as))
            value = None if value == one.default else value
            scope = Scope(workspace_id=workspace_id)
            row = self._kept.get(scope, {}).get(name)
            if (row["value"] if row else None) != value:
                await self._write(scope, one, value, ENVIRONMENT, author=ENVIRONMENT)
        await self.load()
        self.of(workspace_id).rules  # noqa: B018 - raises for what does not fit together

    def _check(self, scope: Scope, one: Setting, value: Plain) -> None:
        """What must fit to other settings: a national blocked number needs a region, a schedule must be there."""
        msgspec.structs.replace(self.of(scope.workspace_id, scope.channel_id), **{one.name: value}).rules  # noqa: B018
        if one.name == "schedule" and value and value not in self.schedules(scope.workspace_id):
            known = self.schedules(scope.workspace_id)
            others = f"{meant(str(value), known)}. " if known else ""
            raise SettingError(f"There is no schedule '{value}'. {others}`leadline schedule add` makes one.")

    async def _change(self, scope: Scope, one: Setting, value: Plain | None) -> Value:
        author, source = ACTING.get() or ("leadline", "")
        await self._write(scope, one, value, source, author=author)
        await self.load()
        return self._value(one, scope)

    async def _write(self, scope: Scope, one: Setting, value: Plain | None, source: str, *, author: str) -> None:
        key = {**msgspec.structs.asdict(scope), "name": one.name}
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


def _of_environment(one: Setting, known_as: str, value: Plain) -> Plain:
    """What a variable says; raises SettingError that names the variable, and not the setting of the workspace."""
    try:
        return one.read(one.shown(value))
    except SettingError as error:
        said, variable = str(error), f"LEADLINE_{known_as.upper()}"
        told = said.replace(one.name, variable, 1) if said.startswith(one.name) else f"{variable}: {said}"
        raise SettingError(told) from None


def _for(one: Setting, scope: Scope) -> Setting:
    if scope.schedule and not one.for_schedule:
        has = ", ".join(each.name for each in REGISTRY.values() if each.for_schedule)
        raise SettingError(f"{one.name} is no setting of a schedule. A schedule has {has}")
    if scope.channel_id and not one.for_channel:
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
