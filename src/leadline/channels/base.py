"""What a channel is: pure functions between a provider's wire and Leadline's nouns; every provider subclasses it.

No database, no network, no clock: bytes and values go in, values come out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Literal, TypeVar

from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.settings import Settings
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent, Struct, Template

S = TypeVar("S", bound=Settings)
STATE_NOISE: Mapping[str, str] = {
    "state": "A state of one of our messages that changes nothing, or that is newer than this version",
}
"""What most channels leave alone, for `Channel.noise`."""


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
