"""Connected channels: the store's rows joined with their adapters, cached. The door, receive and reply ask here."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, cast

import msgspec
import structlog

from leadline.channels import channel
from leadline.channels.base import Capabilities, Channel
from leadline.channels.settings import Settings, secret_names
from leadline.errors import Park, SettingError
from leadline.model import Struct
from leadline.store.channels import AlreadyConnected, ChannelRow, ChannelStore

KINDS: Mapping[type, str] = {
    msgspec.inspect.IntType: "a whole number",
    msgspec.inspect.FloatType: "a number",
    msgspec.inspect.BoolType: "true or false",
}
FRESH = 3.0  # seconds a change made by another process may take to be seen by one that does not hear of it
HEARD = 60.0  # seconds an answer holds where changes are heard of
NOBODIES = 1_000  # addresses that are known to be nobody's
Changes = AsyncIterator[bool]
"""One item for every change, and whether later ones will be heard of."""
_Question = tuple[object, ...]
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
    """Finds connected channels by key, id or account, and remembers the answers, also that there is none.

    While `listen` hears of every change, an answer holds for HEARD seconds; while it does not, for FRESH seconds.
    """

    def __init__(self, store: ChannelStore) -> None:
        self._store = store
        self._known: dict[_Question, tuple[float, Connected]] = {}
        self._nobody: dict[_Question, float] = {}
        self._looking: dict[_Question, asyncio.Task[Connected | None]] = {}
        self._listens = False

    async def by_key(self, key: str) -> Connected | None:
        """The channel of a webhook address."""
        return await self._asked(("key", key), lambda: self._store.by_key(key))

    async def by_id(self, workspace_id: str, channel_id: int) -> Connected | None:
        """A channel by its id, also when it was removed since."""
        return await self._asked((workspace_id, channel_id), lambda: self._store.by_id(workspace_id, channel_id))

    async def of_message(self, workspace_id: str, channel_id: int) -> Connected:
        """The channel that a kept message came on, or is to go out on; raises Park where there is none on record."""
        connected = await self.by_id(workspace_id, channel_id)
        if connected is None:
            raise Park("unknown_channel", "The channel of this message no longer exists.")
        return connected

    async def by_account(self, connected: Connected, account: str) -> Connected | None:
        """Where a webhook that `connected` received carries a message for `account`: the channel that serves it."""
        if not account or account == connected.row.account:
            return connected
        workspace_id, provider = connected.workspace_id, connected.row.provider
        return await self._asked(
            (workspace_id, provider, account), lambda: self._store.by_account(workspace_id, provider, account)
        )

    async def listen(self, changes: Changes) -> None:
        """Forget what is known whenever a channel changes, until cancelled; at first, and whenever it was deaf."""
        async for heard in changes:
            self._listens = heard
            self._known.clear()
            self._nobody.clear()
            self._looking.clear()  # what is being read now may be from before the change

    async def _asked(self, question: _Question, look: Callable[[], Awaitable[ChannelRow | None]]) -> Connected | None:
        now = time.monotonic()
        holds = HEARD if self._listens else FRESH
        found = self._known.get(question)
        if found is not None and now - found[0] < holds:
            return found[1]
        if now - self._nobody.get(question, -holds) < holds:
            return None
        return await self._look(question, look)

    async def _look(self, question: _Question, look: Callable[[], Awaitable[ChannelRow | None]]) -> Connected | None:
        """However many ask at once, the database is asked once."""
        task = self._looking.get(question)
        if task is None:
            task = self._looking[question] = asyncio.create_task(self._read(question, look))
        return await asyncio.shield(task)

    async def _read(self, question: _Question, look: Callable[[], Awaitable[ChannelRow | None]]) -> Connected | None:
        me = asyncio.current_task()
        try:
            row = await look()
            connected = None if row is None else connect(row)
            if self._looking.get(question) is me:
                self._remember(question, connected)
            return connected
        finally:
            if self._looking.get(question) is me:
                del self._looking[question]

    def _remember(self, question: _Question, connected: Connected | None) -> None:
        if connected is not None:
            self._known[question] = (time.monotonic(), connected)
            return
        if len(self._nobody) >= NOBODIES:  # guessed keys must not fill the memory
            self._nobody.clear()
        self._nobody[question] = time.monotonic()


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
    for field in msgspec.structs.fields(settings):
        # An empty credential would sign, and a signature made with it could be computed by anybody.
        if field.required and field.name in secret_names(settings) and not str(getattr(settings, field.name)).strip():
            raise SettingError(f"{adapter.title}: {field.name} is empty")
    networks(settings)
    return settings


def networks(settings: Settings) -> tuple[IPv4Network | IPv6Network, ...]:
    """Where a channel's webhooks may come from; empty for anywhere. Raises SettingError."""
    try:
        return tuple(ip_network(text.strip()) for text in settings.allow_from.split(",") if text.strip())
    except ValueError as error:
        raise SettingError(f"allow_from: {error}. Write networks such as 203.0.113.0/24, commas between") from error


def may_come_from(client: str, settings: Settings) -> bool:
    """Whether a webhook from this IP address is taken."""
    if not settings.allow_from:
        return True
    try:
        address = ip_address(client)
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    return any(inner in network for network in networks(settings))


def _wrong(adapter: Channel[Any], error: str) -> str:
    """What is wrong, for the person who typed it; it names the words that will do where only some will."""
    kind = cast("msgspec.inspect.StructType", msgspec.inspect.type_info(adapter.settings))
    for field in kind.fields:
        if error.endswith(f"required field `{field.name}`"):
            return f"{field.name} is needed"
        if not error.endswith(f"`$.{field.name}`"):
            continue
        inner = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
        if isinstance(inner, msgspec.inspect.LiteralType):
            return f"{field.name} takes one of these: {', '.join(map(str, inner.values))}"
        return f"{field.name} must be {KINDS.get(type(inner), 'a text')}"
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
