"""A stand-in for Meta's Graph API as Messenger uses it. Mounted by `create`."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from leadline.channels.graph.messenger import TEXT, MessengerSettings
from leadline.model import DeliveryState
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.graph import webhooks
from leadline.sandbox.providers.graph.fake import FAULTS, GraphFake


class MessengerFake(GraphFake[MessengerSettings]):
    """Messenger as one Page sees it: echoes, deliveries by id, reads by watermark."""

    key: ClassVar[str] = "messenger"
    product: ClassVar[str] = "page"
    window_closed: ClassVar[Fault] = Fault(code=10, subcode=2018278, message="Message is sent outside the window")
    faults_known: ClassVar[dict[str, Fault]] = FAULTS | {
        "window_closed": window_closed,
        "no_such_person": Fault(code=100, subcode=2018001, message="No matching user found"),
        "restricted": Fault(code=10, subcode=1893063, message="The Page is temporarily restricted"),
    }

    @classmethod
    def open_account(cls, url: str) -> MessengerSettings:
        """A Page of a new app."""
        return MessengerSettings(
            page_id="100000000000011",
            access_token=secrets.token_hex(16),
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(8),
            page_name="Sandbox",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """A page-scoped id."""
        return str(24_000_000_000_000_000 + number)

    @property
    def account(self) -> str:
        return self.settings.page_id

    def receipts(self, to: str, message_id: str, metadata: str) -> list[tuple[DeliveryState | None, dict[str, Any]]]:
        echo = {"mid": message_id, "is_echo": True, "app_id": 1, "metadata": metadata}
        delivered, read = {"mids": [message_id], "watermark": webhooks.now()}, {"watermark": webhooks.now() + 1000}
        return [
            (None, webhooks.event(self.account, to, message=echo)),
            (DeliveryState.DELIVERED, webhooks.event(to, self.account, delivery=delivered)),
            (DeliveryState.READ, webhooks.event(to, self.account, read=read)),
        ]

    def wrong_text(self, text: str) -> bool:
        return len(text.encode("utf-16-le")) // 2 > TEXT
