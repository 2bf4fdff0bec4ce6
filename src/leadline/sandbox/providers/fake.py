"""What a stand-in for a provider's API is: an account, routes, customers who write. Every provider subclasses it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from leadline.channels.settings import Settings
from leadline.sandbox.providers.courier import Courier, Posted
from leadline.sandbox.providers.faults import Fault, Faults, LostAnswer
from leadline.sandbox.providers.phones import Delivery, Phones, Shelf

S = TypeVar("S", bound=Settings)


class Floor:
    """What all fakes of one server share: the phones, the files, the planned faults and one courier."""

    def __init__(self, pause: float) -> None:
        self.phones = Phones()
        self.shelf = Shelf()
        self.faults = Faults()
        self.courier = Courier(pause)


class Fake(ABC, Generic[S]):
    """One provider as one account sees it.

    key: of the channel it stands in for; it is mounted at `/{key}`, where the account's `api_url` points.
    quotes, forms: whether customers can answer one message, and fill in forms.
    faults: its documented failures by name, to be planned with `Faults.plan(key, …)`.
    marked_read: the chats (or messages, as the provider has it) that the business marked as read.
    webhook_url: where the account gets its webhooks; status_url: where its delivery reports go, if not there.
    """

    quotes: ClassVar[bool] = False
    forms: ClassVar[bool] = False
    key: ClassVar[str]
    faults_known: ClassVar[dict[str, Fault]]

    def __init__(self, settings: S, floor: Floor) -> None:
        self.settings = settings
        self.phones = floor.phones
        self.shelf = floor.shelf
        self.faults = floor.faults
        self.courier = floor.courier
        self.marked_read: list[str] = []
        self.webhook_url = ""
        self.status_url = ""

    def taken(
        self, delivery: Delivery, reports: Coroutine[Any, Any, None], fault: Fault | None, answer: Response
    ) -> Response:
        """The provider has the message: it is on the phone, its reports follow, and the answer may get lost."""
        self.phones.take(delivery)
        self.courier.start(reports)
        return LostAnswer() if fault and fault.how == "drop" else answer

    @classmethod
    @abstractmethod
    def open_account(cls, url: str) -> Any:
        """Settings of a channel at this fake, whose base address is `url`; credentials are made up anew each time."""

    @classmethod
    @abstractmethod
    def customer(cls, number: int) -> str:
        """The n-th made-up customer, in the raw form this provider gives and takes."""

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""

    @abstractmethod
    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: signed webhooks go to `webhook_url`, repeated by the provider's own rule.

        media: (content type, content) of files, kept for fetching. Returns the last try of the last webhook.
        """

    async def tap(self, sender: str, number: str, choice: str) -> Posted:
        """The customer taps on what a message offers; without a shape of its own that is a text."""
        return await self.write(sender, choice)

    async def answer(self, sender: str, number: str, text: str, *, name: str = "") -> Posted:
        """The customer answers the message of this number, where the provider has that."""
        return await self.write(sender, text, name=name)

    async def fill_in(self, sender: str, answers: Mapping[str, str], *, name: str = "") -> Posted:
        """The customer fills in a form, where the provider has that; else they write it down."""
        return await self.write(sender, "\n".join(f"{field}: {answer}" for field, answer in answers.items()), name=name)
