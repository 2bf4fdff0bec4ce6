"""Local stand-ins for the providers' APIs: they check what providers check, and bring signed webhooks back.

The demo and the tests serve `create(Providers(...))` and point each channel's `api_url` at a path of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount

from leadline.channels.twilio import TwilioSettings
from leadline.channels.whatsapp import WhatsAppSettings
from leadline.sandbox.providers.courier import Courier, Posted
from leadline.sandbox.providers.faults import Fault, Faults
from leadline.sandbox.providers.phones import Delivery, Phones, Shelf
from leadline.sandbox.providers.twilio import TwilioFake
from leadline.sandbox.providers.whatsapp import WhatsAppFake

__all__ = [
    "Courier",
    "Delivery",
    "Fault",
    "Faults",
    "Phones",
    "Posted",
    "Providers",
    "Shelf",
    "TwilioFake",
    "WhatsAppFake",
    "create",
]


class Providers:
    """All fakes over one set of phones, files, planned faults and one courier.

    The settings are those of the connected channels: `api_url` ends in `/twilio` and `/meta` of this server.
    `pause` is the seconds between two states of a message.
    """

    def __init__(self, *, twilio: TwilioSettings, whatsapp: WhatsAppSettings, pause: float = 0.05) -> None:
        self.phones = Phones()
        self.shelf = Shelf()
        self.faults = Faults()
        self.courier = Courier(pause)
        self.twilio = TwilioFake(twilio, self.phones, self.shelf, self.faults, self.courier)
        self.whatsapp = WhatsAppFake(whatsapp, self.phones, self.shelf, self.faults, self.courier)


def create(providers: Providers) -> Starlette:
    """The web application of the fakes; its lifespan ends the courier's errands."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await providers.courier.close()

    routes = [
        Mount("/twilio", routes=providers.twilio.routes()),
        Mount("/meta", routes=providers.whatsapp.routes()),
    ]
    return Starlette(routes=routes, lifespan=lifespan)
