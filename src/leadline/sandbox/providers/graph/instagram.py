"""A stand-in for Meta's Graph API as Instagram uses it. Mounted by `create`."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.graph.instagram import TEXT, InstagramSettings
from leadline.model import DeliveryState
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.graph import webhooks
from leadline.sandbox.providers.graph.fake import FAULTS, GraphFake


class InstagramFake(GraphFake[InstagramSettings]):
    """Instagram as one account sees it: echoes without metadata, reads by id, no deliveries."""

    key: ClassVar[str] = "instagram"
    product: ClassVar[str] = "instagram"
    window_closed: ClassVar[Fault] = Fault(code=10, subcode=2534022, message="Message is sent outside the window")
    faults_known: ClassVar[dict[str, Fault]] = FAULTS | {
        "window_closed": window_closed,
        "no_such_person": Fault(code=100, subcode=2534014, message="The requested user cannot be found"),
        "access_disabled": Fault(code=200, subcode=2534041, message="The account owner disabled access to messages"),
    }

    @classmethod
    def open_account(cls, url: str) -> InstagramSettings:
        """A professional account, logged in to a new app."""
        return InstagramSettings(
            account_id="17841400000000011",
            access_token=secrets.token_hex(16),
            app_secret=secrets.token_hex(16),
            instagram_app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(8),
            username="sandbox",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An id scoped to the account."""
        return str(1_700_000_000_000_000 + number)

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [*super().routes(), Route("/refresh_access_token", self.refresh, methods=["GET"])]

    async def refresh(self, request: Request) -> Response:
        """A new token; the former ones stay good."""
        asked = request.query_params
        if asked.get("grant_type") != "ig_refresh_token" or not self.knows(asked.get("access_token", "")):
            error = {"message": "Error validating access token", "type": "OAuthException", "code": 190}
            return JSONResponse({"error": error}, 400)
        self.tokens.append(secrets.token_hex(16))
        return JSONResponse({"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 5_184_000})

    @property
    def account(self) -> str:
        return self.settings.account_id

    def receipts(self, to: str, message_id: str, metadata: str) -> list[tuple[DeliveryState | None, dict[str, Any]]]:
        return [(DeliveryState.READ, webhooks.event(to, self.account, read={"mid": message_id}))]

    def wrong_text(self, text: str) -> bool:
        return len(text.encode()) > TEXT
