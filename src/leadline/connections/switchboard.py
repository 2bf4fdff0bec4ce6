"""Connected channels: the store's rows joined with their adapters, cached. The door, receive and reply ask here."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
import structlog

from leadline.channels import channel
from leadline.channels.base import Capabilities, Channel, Settings
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.channels import ChannelRow, ChannelStore

FRESH = 3.0  # seconds a change made by another process may take to be seen
log = structlog.get_logger(__name__)


class Connected(Struct, frozen=True, kw_only=True):
    """One channel, ready to use: its row, its provider's adapter, its typed settings."""

    row: ChannelRow
    adapter: Channel[Any]
    settings: Settings

    @property
    def workspace_id(self) -> str:
        return self.row.workspace_id

    @property
    def channel_id(self) -> int:
        return self.row.channel_id

    @property
    def can(self) -> Capabilities:
        """What this one connection can do."""
        return self.adapter.abilities(self.settings)

    @property
    def whatsapp(self) -> bool:
        """Whether its phones are those of WhatsApp accounts, which may keep a form that plans have outgrown."""
        return self.adapter.scheme == "whatsapp"

    @property
    def is_sms(self) -> bool:
        """Whether it carries SMS: of the phone channels those without a window for replies."""
        return self.adapter.phone_based and self.can.window is None


class Switchboard:
    """Finds connected channels by key, id or account; answers, also negative ones, stay fresh for FRESH seconds."""

    def __init__(self, store: ChannelStore) -> None:
        self._store = store
        self._cache: dict[tuple[object, ...], tuple[float, Connected | None]] = {}

    async def by_key(self, key: str) -> Connected | None:
        """The channel of a webhook address."""
        return await self._cached(("key", key), lambda: self._store.by_key(key))

    async def by_id(self, workspace_id: str, channel_id: int) -> Connected | None:
        """A channel by its id, also when it was removed since."""
        return await self._cached((workspace_id, channel_id), lambda: self._store.by_id(workspace_id, channel_id))

    async def by_account(self, connected: Connected, account: str) -> Connected | None:
        """Where a webhook that `connected` received carries a message for `account`: the channel that serves it."""
        if not account or account == connected.row.account:
            return connected
        workspace_id, provider = connected.workspace_id, connected.row.provider
        return await self._cached(
            (workspace_id, provider, account), lambda: self._store.by_account(workspace_id, provider, account)
        )

    async def _cached(
        self, key: tuple[object, ...], look: Callable[[], Awaitable[ChannelRow | None]]
    ) -> Connected | None:
        at, known = self._cache.get(key, (0.0, None))
        if time.monotonic() - at > FRESH:
            if len(self._cache) > 10_000:  # guessed keys must not fill the memory
                self._cache.clear()
            row = await look()
            known = None if row is None else connect(row)
            self._cache[key] = (time.monotonic(), known)
        return known


def connect(row: ChannelRow) -> Connected:
    """Join a row with its adapter; raises SettingError for a provider this version does not know."""
    adapter = channel(row.provider)
    return Connected(row=row, adapter=adapter, settings=typed_settings(adapter, row.settings))


def usable(rows: Sequence[ChannelRow]) -> list[Connected]:
    """The channels that this version can serve; one that it cannot must not hold up the others."""
    connected = []
    for row in rows:
        try:
            connected.append(connect(row))
        except SettingError as error:
            log.warning("channel_not_usable", channel=row.name, why=str(error))
    return connected


def typed_settings(adapter: Channel[Any], values: Mapping[str, Any]) -> Settings:
    """Check a channel's settings; raises SettingError naming the wrong one, never its value."""
    try:
        settings: Settings = msgspec.convert(dict(values), adapter.settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(f"{adapter.title}: {_wrong(adapter, str(error))}") from error
    return settings


def _wrong(adapter: Channel[Any], error: str) -> str:
    """What is wrong, for who typed it; where only certain words will do, which."""
    kind = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(adapter.settings))
    for field in kind.fields:
        inner = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
        if f"`$.{field.name}`" in error and isinstance(inner, msgspec.inspect.LiteralType):
            return f"{field.name} takes one of these: {', '.join(map(str, inner.values))}"
    return error


async def add_channel(
    store: ChannelStore, workspace_id: str, adapter: Channel[Any], name: str, settings: Settings
) -> ChannelRow:
    """Connect a channel: store its settings under a fresh key."""
    return await store.add(
        workspace_id,
        adapter.key,
        name,
        msgspec.to_builtins(settings),
        account=adapter.account(settings),
        address=adapter.address(settings),
    )


async def change_channel(store: ChannelStore, row: ChannelRow, values: Mapping[str, str]) -> ChannelRow:
    """Give a channel other values for some settings, empty ones for their defaults; raises SettingError.

    Its account must stay: the addresses of its customers are made of it.
    """
    adapter = channel(row.provider)
    left = {name: value for name, value in {**row.settings, **values}.items() if value != "" or name not in values}
    settings = typed_settings(adapter, left)
    if adapter.account(settings) != row.account:
        raise SettingError(
            f"This would be another account ({adapter.address(settings)}) than {row.address}. "
            f"Add it as a channel of its own: `leadline channel add {row.provider}`."
        )
    kept, address = msgspec.to_builtins(settings), adapter.address(settings)
    await store.change(row, kept, address=address)
    return msgspec.structs.replace(row, settings=kept, address=address)
