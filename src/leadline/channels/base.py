"""What a channel is: pure functions between a provider's wire and Leadline's nouns; every provider subclasses it.

No database, no network, no clock: bytes and values go in, values come out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, get_args, get_type_hints

import msgspec

from leadline.model import Attachment, Consent, Inbound, Move, Outbound, Profile, Sent, StatusUpdate, Struct, Template


def secret(description: str) -> msgspec.Meta:
    """Meta of a credential: asked for without echo, encrypted at rest, redacted from logs."""
    return msgspec.Meta(description=description, extra={"secret": True})


def own(description: str) -> msgspec.Meta:
    """Meta of a credential that the operator makes up: it must not be easy to guess."""
    return msgspec.Meta(description=description, extra={"secret": True, "own": True})


def plain(description: str) -> msgspec.Meta:
    """Meta of a setting that may be shown."""
    return msgspec.Meta(description=description, extra={"secret": False})


MarkRead = Annotated[bool, plain("true: customers see their messages as read once a teammate has replied")]
ShowEchoes = Annotated[
    bool, plain("true: what your people write in the provider's own app is shown in the conversation, as a note")
]


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of one channel. Each provider adds its credentials; `api_url` can point at a local server.

    shapes: what a setting must look like, as a pattern, and the same in words, for a person who typed something else.
    either: settings of which one must be given, for each choice.
    """

    shapes: ClassVar[Mapping[str, tuple[str, str]]] = {}
    either: ClassVar[tuple[tuple[str, ...], ...]] = ()

    api_url: Annotated[str, plain("Base address of the provider's API")] = ""
    allow_from: Annotated[
        str, plain("Networks webhooks may come from, commas between, such as 203.0.113.0/24; empty: any")
    ] = ""


def secret_names(settings: Settings) -> tuple[str, ...]:
    """Names of the credentials among the settings of a channel."""
    return _secret_names(type(settings))


@lru_cache
def _secret_names(kind: type[Settings]) -> tuple[str, ...]:
    hints = get_type_hints(kind, include_extras=True)
    metas = {
        name: [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)] for name, hint in hints.items()
    }
    return tuple(name for name, found in metas.items() if any((meta.extra or {}).get("secret") for meta in found))


S = TypeVar("S", bound=Settings)


class Request(Struct, frozen=True, kw_only=True):
    """A webhook as it came. `url` is the public address the provider called, with query; header names lower-case.

    now: unix seconds of arrival, so that signatures with a time can be judged without a clock.
    client: the sender's IP address; a proxy's word is taken where the proxy is trusted.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    now: float
    client: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """What the provider is told. The default is what most providers take for success."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Call(Struct, frozen=True, kw_only=True):
    """One HTTP request to a provider's API, as a value. `secrets` are headers that only the first host may see.

    harmless: nothing reaches the customer by it, however often it is made (a token, an upload, a look-up).
    """

    method: str
    url: str
    headers: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    body: bytes = b""
    harmless: bool = False


class Response(Struct, frozen=True, kw_only=True):
    """A provider's answer to a Call. Status 0: no answer, and the request may have been taken."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


R = TypeVar("R")
Steps = Generator[Call | Attachment, Response, R]
"""Several requests in a row, as a generator: it yields a Call and is sent the Response, yields an Attachment that a
teammate sent and is sent a Response with its content (status 200, else it could not be had), and returns its result."""


class Parsed(Struct, frozen=True, kw_only=True):
    """Everything one webhook held. There is no third way between shown and left alone on purpose.

    echoes: what the business itself wrote, in the provider's own app; sender and handles are the customer's, `author`
    says where it was written.
    noise: what was understood and left alone, as codes that the channel declares in `Channel.noise`.
    unread: what could not be read, or must not be guessed; each is parked with these words.
    """

    messages: tuple[Inbound, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()
    consents: tuple[Consent, ...] = ()
    moves: tuple[Move, ...] = ()
    echoes: tuple[Inbound, ...] = ()
    noise: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def without_echoes(parsed: Parsed) -> Parsed:
    """The same for a channel that is not to show what the business wrote elsewhere: that is noise then."""
    if not parsed.echoes:
        return parsed
    return msgspec.structs.replace(parsed, echoes=(), noise=tuple(dict.fromkeys((*parsed.noise, "echo"))))


class Capabilities(Struct, frozen=True, kw_only=True):
    """What a channel can do, as data: shown by `leadline channel providers`, the README and the docs.

    window: seconds after the customer's last message in which free text may be sent, or None.
    replies: how many messages may follow each message of the customer's, or None.
    limits: text_length (characters per message), media_bytes, media_per_message.
    choices, choice_length: how many answers to tap on one message takes, and characters of each; 0 where there are
    none, and they are listed in the text instead. templates: approved messages can be listed and sent. profiles: name
    or picture of a sender can be looked up.
    withheld: kinds of content that the provider has and Leadline does not show, each with the reason.
    polls: messages whose webhook was missed can be listed later. idempotent: a send with the same id may be repeated,
    the provider makes one message of it. credential_life: seconds after which a credential ends unless it is renewed.
    """

    media_in: bool = False
    media_out: bool = False
    statuses: bool = False
    inbound: bool = True
    outbound: bool = True
    signature: str = "none"
    window: int | None = None
    replies: int | None = None
    limits: Mapping[str, int] = {}
    choices: int = 0
    choice_length: int = 0
    templates: bool = False
    profiles: bool = False
    withheld: Mapping[str, str] = {}
    polls: bool = False
    idempotent: bool = False
    credential_life: float | None = None


class Channel(ABC, Generic[S]):
    """One provider. Stateless; the settings of the one connection come with every call."""

    key: ClassVar[str]
    title: ClassVar[str]
    scheme: ClassVar[str]
    phone_based: ClassVar[bool] = False
    capabilities: ClassVar[Capabilities]
    settings: ClassVar[type[Any]]
    answer: ClassVar[Answer] = Answer()
    setup: ClassVar[tuple[str, ...]] = ()
    """Steps in the provider's own console, shown by `channel add`; {url} and {status_url} are filled in."""

    customer_ids: ClassVar[str] = r"\S{1,200}"
    """What the id of a customer looks like, as a pattern; for channels without phones."""

    noise: ClassVar[Mapping[str, str]] = {}
    """What `parse` leaves alone, by the code it gives: no words of a customer, nothing that people must see."""

    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {}
    """Codes of failure that mean only that the customer refuses messages, and which. Leadline then keeps to it."""

    def abilities(self, settings: S) -> Capabilities:
        """What one connection can do: what the channel can, unless its settings say otherwise."""
        return self.capabilities

    def unsigned(self, settings: S) -> str:
        """What to do where nothing proves that a webhook is the provider's but its secret address; else empty."""
        return "" if self.capabilities.signature != "none" else "Its provider signs nothing"

    def only_listed(self, settings: S) -> bool:
        """Whether a message that nobody signed is believed only once `poll` lists it, as the operator chose."""
        return False

    @abstractmethod
    def verify(self, request: Request, settings: S) -> None:
        """Raise Refused unless the provider surely sent this."""

    def handshake(self, request: Request, settings: S) -> Answer | None:
        """Answer a provider's test of the address, or None where this is none. Asked for every request before `verify`,
        so it checks for itself who asks; raises Refused.
        """
        return None

    def taken(self, settings: S) -> Answer:
        """What the provider is told when its webhook is kept."""
        return self.answer

    @abstractmethod
    def parse(self, request: Request, settings: S) -> Parsed:
        """Read a verified webhook; raises Unreadable."""

    @abstractmethod
    def address(self, settings: S) -> str:
        """The business's own address on this channel (number, bot), for people to see."""

    def account(self, settings: S) -> str:
        """The provider's id of that address, where one webhook may carry messages for several; else empty."""
        return ""

    def scope(self, settings: S) -> str:
        """Within what the ids of its customers are unique, as handles name it; empty where only its webhooks tell."""
        return self.account(settings)

    def fingerprint(self, settings: S) -> tuple[str, ...]:
        """What tells this account and number from all others of the provider; a credential where it has no id."""
        return (self.account(settings) or self.address(settings),)

    def recipient(self, number: str) -> str:
        """A phone (international, with plus) as `Outbound.to` on this channel, for a customer who never wrote on it."""
        return number

    def marking_read(self, number: str, ref: str, to: str, settings: S) -> Call | None:
        """The request after which the chat with `to` shows as read up to a message, or None where that cannot be or is
        not wanted.

        number: the provider's id of the message; ref: its `read_ref`. It may be repeated.
        """
        return None

    def quotable(self, number: str, ref: str, to: str, settings: S) -> str:
        """How a message to `to` names an earlier one of that chat, so that the app quotes it (`Outbound.quoted`).

        number: the provider's id of the earlier one; ref: its `quote_ref`. Empty where it cannot be quoted: the quoted
        words then stay in the text.
        """
        return ""

    @abstractmethod
    def pieces(self, message: Outbound, settings: S) -> tuple[Outbound, ...]:
        """Cut a message into what the provider takes in one call each; ids get a suffix `.1`, `.2`, …"""

    @abstractmethod
    def build(self, message: Outbound, settings: S) -> Call:
        """The API request that sends one piece."""

    @abstractmethod
    def read(self, response: Response, settings: S) -> Sent:
        """Understand the provider's answer to a `build` call. Total: never raises."""

    def send(self, message: Outbound, settings: S) -> Steps[Sent]:
        """All requests that send one piece. Providers that need a token or an upload first put those in front.

        Only the last request may reach the customer; the others are `harmless`, so that a crash among them is no doubt.
        """
        return self.read((yield self.build(message, settings)), settings)

    def templates(self, settings: S) -> Steps[tuple[Template, ...]]:
        """All templates of the account, whatever their status. Raises ProviderTrouble where the answer is no list."""
        yield from ()
        return ()

    def look_up(self, message: Inbound, settings: S) -> Steps[Profile]:
        """Who the sender is, for a new lead. May come back empty; never raises: no message waits for a name."""
        yield from ()
        return message.profile

    def poll(self, since: float, settings: S) -> Steps[Parsed]:
        """Everything that came since then (unix seconds), with the same ids as the webhooks carry.

        Raises ProviderTrouble where the answer is no list.
        """
        yield from ()
        return Parsed()

    def media(self, attachment: Attachment, settings: S) -> Call:
        """The request that fetches an inbound file, or that asks where it is."""
        return Call(method="GET", url=attachment.url)

    def media_next(self, response: Response, attachment: Attachment, settings: S) -> Call | None:
        """The request that follows when the first answer only told where the file is; None when it is the file.

        Raises ProviderTrouble where the answer is neither.
        """
        return None

    def media_hosts(self, settings: S) -> tuple[str, ...]:
        """Hosts (lower-case; a leading dot matches subdomains) that files of this channel may be fetched from."""
        return ()

    def probe(self, settings: S) -> Call | None:
        """A harmless API request that proves the credentials, for `channel test` and `doctor`."""
        return None

    def probed(self, response: Response, settings: S) -> str:
        """What a successful answer to `probe` says against the channel, for people; empty where nothing."""
        return ""

    def renew(self, settings: S) -> Steps[S]:
        """The settings with a credential that lives anew; called where `credential_life` says that it ends.

        The former one must stay good until its own end. Raises ProviderTrouble where the provider renews nothing.
        """
        yield from ()
        return settings

    def register(self, url: str, settings: S) -> Steps[str]:
        """Tell the provider where its webhooks go. Returns what was done, for people; empty where they must do it.

        Called by `channel add`, `channel register` and `channel rotate`. Raises ProviderTrouble where the provider
        will not have it.
        """
        yield from ()
        return ""
