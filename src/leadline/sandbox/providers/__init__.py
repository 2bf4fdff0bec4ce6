"""Local stand-ins for the providers' APIs: they check what providers check, and bring signed webhooks back.

The demo and the tests serve `create(Providers(...))` and point each channel's `api_url` at a path of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.routing import Mount

from leadline.channels.settings import Settings
from leadline.sandbox.providers.africastalking.fake import AfricasTalkingFake
from leadline.sandbox.providers.bird.fake import BirdFake
from leadline.sandbox.providers.courier import Courier, Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, Faults
from leadline.sandbox.providers.gateway.fake import GatewayFake
from leadline.sandbox.providers.generic.fake import GenericFake
from leadline.sandbox.providers.graph.instagram import InstagramFake
from leadline.sandbox.providers.graph.messenger import MessengerFake
from leadline.sandbox.providers.line.fake import LineFake
from leadline.sandbox.providers.messagebird.sms import MessageBirdSMSFake
from leadline.sandbox.providers.messagebird.whatsapp import MessageBirdWhatsAppFake
from leadline.sandbox.providers.phones import Delivery, Phones, Shelf
from leadline.sandbox.providers.plivo.fake import PlivoFake
from leadline.sandbox.providers.sinch.fake import SinchFake
from leadline.sandbox.providers.slack.fake import SlackFake
from leadline.sandbox.providers.telegram.fake import TelegramFake
from leadline.sandbox.providers.telnyx.fake import TelnyxFake
from leadline.sandbox.providers.textmagic.fake import TextMagicFake
from leadline.sandbox.providers.twilio.sms import TwilioFake
from leadline.sandbox.providers.twilio.whatsapp import TwilioWhatsAppFake
from leadline.sandbox.providers.viber.fake import ViberFake
from leadline.sandbox.providers.vk.fake import VKFake
from leadline.sandbox.providers.vonage.sms import VonageSMSFake
from leadline.sandbox.providers.vonage.whatsapp import VonageWhatsAppFake
from leadline.sandbox.providers.wechat.fake import WeChatFake
from leadline.sandbox.providers.whatsapp.cloud import WhatsAppFake
from leadline.sandbox.providers.whatsapp.dialog360 import Dialog360Fake

__all__ = [
    "FAKES",
    "AfricasTalkingFake",
    "BirdFake",
    "Courier",
    "Delivery",
    "Dialog360Fake",
    "Fake",
    "Fault",
    "Faults",
    "Floor",
    "GatewayFake",
    "GenericFake",
    "InstagramFake",
    "LineFake",
    "MessageBirdSMSFake",
    "MessageBirdWhatsAppFake",
    "MessengerFake",
    "Phones",
    "PlivoFake",
    "Posted",
    "Providers",
    "Shelf",
    "SinchFake",
    "SlackFake",
    "TelegramFake",
    "TelnyxFake",
    "TextMagicFake",
    "TwilioFake",
    "TwilioWhatsAppFake",
    "VKFake",
    "ViberFake",
    "VonageSMSFake",
    "VonageWhatsAppFake",
    "WeChatFake",
    "WhatsAppFake",
    "accounts",
    "create",
]

FAKES: dict[str, type[Fake[Any]]] = {
    BirdFake.key: BirdFake,
    GenericFake.key: GenericFake,
    TelegramFake.key: TelegramFake,
    InstagramFake.key: InstagramFake,
    MessengerFake.key: MessengerFake,
    LineFake.key: LineFake,
    MessageBirdSMSFake.key: MessageBirdSMSFake,
    MessageBirdWhatsAppFake.key: MessageBirdWhatsAppFake,
    AfricasTalkingFake.key: AfricasTalkingFake,
    TextMagicFake.key: TextMagicFake,
    TwilioFake.key: TwilioFake,
    VonageSMSFake.key: VonageSMSFake,
    ViberFake.key: ViberFake,
    TwilioWhatsAppFake.key: TwilioWhatsAppFake,
    VonageWhatsAppFake.key: VonageWhatsAppFake,
    VKFake.key: VKFake,
    SlackFake.key: SlackFake,
    WeChatFake.key: WeChatFake,
    WhatsAppFake.key: WhatsAppFake,
    Dialog360Fake.key: Dialog360Fake,
    PlivoFake.key: PlivoFake,
    SinchFake.key: SinchFake,
    TelnyxFake.key: TelnyxFake,
    GatewayFake.key: GatewayFake,
}
"""The fake of each channel, by the channel's key. A new one is one import and one line here."""

F = TypeVar("F", bound=Fake[Any])


def accounts(url: str, *keys: str) -> dict[str, Settings]:
    """Made-up accounts at fakes that are served at `url`: of these channels, or of all."""
    return {key: FAKES[key].open_account(f"{url}/{key}") for key in keys or FAKES}


class Providers:
    """Fakes of several providers over one set of phones, files, planned faults and one courier.

    accounts: the settings of the connected channels by channel key; each `api_url` ends in `/{key}` of this server.
    `pause` is the seconds between two states of a message.
    """

    def __init__(self, accounts: Mapping[str, Settings], *, pause: float = 0.05) -> None:
        floor = Floor(pause)
        self.phones, self.shelf, self.faults, self.courier = floor.phones, floor.shelf, floor.faults, floor.courier
        self.fakes: dict[str, Fake[Any]] = {key: FAKES[key](account, floor) for key, account in accounts.items()}

    def of(self, kind: type[F]) -> F:
        """The fake of this class; raises KeyError when its channel is not connected."""
        fake = self.fakes[kind.key]
        if not isinstance(fake, kind):
            raise KeyError(kind.key)
        return fake


def create(providers: Providers) -> Starlette:
    """The web application of the fakes; its lifespan ends the courier's errands."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await providers.courier.close()

    routes = [Mount(f"/{key}", routes=fake.routes()) for key, fake in providers.fakes.items()]
    return Starlette(routes=routes, lifespan=lifespan)
