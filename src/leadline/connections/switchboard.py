"""Connected channels: the store's rows joined with their adapters, cached. The door, receive and reply ask here."""

from __future__ import annotations

import contextlib
import re
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

import msgspec
import structlog

from leadline.channels import channel
from leadline.channels.base import Capabilities, Channel, Settings
from leadline.errors import SettingError
from leadline.model import Struct
from leadline.store.channels import AlreadyConnected, ChannelRow, ChannelStore

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


def fingerprint(adapter: Channel[Any], settings: Settings) -> str:
    """Equal for two channels of one account and number, however these are written. No credential shows in it."""
    parts = [_folded(part) for part in adapter.fingerprint(settings)]
    return sha256("\n".join([adapter.key, *parts]).encode()).hexdigest()


def _folded(text: str) -> str:
    letters = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())
    return letters.lstrip("0") if letters.isdigit() else letters


async def add_channel(
    store: ChannelStore, workspace_id: str, adapter: Channel[Any], name: str, settings: Settings
) -> ChannelRow:
    """Connect a channel: store its settings under a fresh key.

    Raises SettingError where the same account and number is connected already: every message would come twice.
    """
    mark = fingerprint(adapter, settings)
    await _recognise(store, workspace_id)
    try:
        return await store.add(
            workspace_id,
            adapter.key,
            name,
            msgspec.to_builtins(settings),
            account=adapter.account(settings),
            address=adapter.address(settings),
            fingerprint=mark,
        )
    except AlreadyConnected as error:
        raise _connected_already(error, adapter, settings) from error


def _connected_already(known: AlreadyConnected, adapter: Channel[Any], settings: Settings) -> SettingError:
    return SettingError(
        f"{adapter.title} {adapter.address(settings)} is connected already, as channel {known.channel_id} "
        f"({known.name}). Connected twice, every message would come twice. "
        f"New credentials: `leadline channel change {known.channel_id}`."
    )


async def _recognise(store: ChannelStore, workspace_id: str) -> None:
    """Give channels of former versions their fingerprint; of two that are the same the first one gets it."""
    for connected in usable(await store.unrecognised(workspace_id)):
        with contextlib.suppress(AlreadyConnected):
            await store.recognise(connected.row, fingerprint(connected.adapter, connected.settings))


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
    kept, address, mark = msgspec.to_builtins(settings), adapter.address(settings), fingerprint(adapter, settings)
    is_same = mark == fingerprint(adapter, typed_settings(adapter, row.settings))
    try:
        await store.change(row, kept, address=address, fingerprint=None if is_same else mark)
    except AlreadyConnected as error:
        raise _connected_already(error, adapter, settings) from error
    return msgspec.structs.replace(row, settings=kept, address=address)
