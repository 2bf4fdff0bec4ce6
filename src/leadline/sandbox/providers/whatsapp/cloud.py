"""A stand-in for Meta's Graph API as WhatsApp uses it. Mounted by `create`.

Source: message, media, template and error pages of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same, with_query
from leadline.channels.whatsapp.cloud import WhatsAppSettings
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.whatsapp.meta import TRIES, CloudFake, error
from leadline.sandbox.providers.whatsapp.templates import TEMPLATES

__all__ = ["FAULTS", "TRIES", "WhatsAppFake"]

PAGE = 3  # Meta gives up to 100 a page; few, so that paging is used
FAULTS = {
    "token_expired": Fault(status=401, code=190, message="Error validating access token"),
    "no_permission": Fault(status=403, code=10, message="Application does not have permission for this action"),
    "rate_limited": Fault(status=429, code=130429, message="Cloud API message throughput has been reached"),
    "pair_rate_limited": Fault(status=400, code=131056, message="Too many messages to the same recipient"),
    "spam_rate_limited": Fault(status=400, code=131048, message="Message failed to send due to spam restrictions"),
    "overloaded": Fault(status=503, code=131016, message="Service unavailable"),
    "maintenance": Fault(status=500, code=131057, message="Account in maintenance mode"),
    "something_went_wrong": Fault(status=500, code=131000, message="Something went wrong"),
    "not_in_allowed_list": Fault(status=400, code=131030, message="Recipient phone number not in allowed list"),
    "account_locked": Fault(status=403, code=131031, message="Account has been locked"),
    "billing": Fault(status=400, code=131042, message="Business eligibility payment issue"),
    "unregistered": Fault(status=400, code=133010, message="Phone number not registered"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(how="late", code=131047, message="Re-engagement message"),
    "undeliverable": Fault(how="late", code=131026, message="Message undeliverable"),
    "media_rejected": Fault(how="late", code=131053, message="Media upload error"),
    "opted_out": Fault(how="late", code=131050, message="User has stopped marketing messages"),
    "engagement": Fault(how="late", code=131049, message="Not delivered to maintain healthy ecosystem engagement"),
}


class WhatsAppFake(CloudFake[WhatsAppSettings]):
    """Meta as one WhatsApp number sees it."""

    key: ClassVar[str] = "whatsapp_cloud"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> WhatsAppSettings:
        """A number of a new app and business account."""
        return WhatsAppSettings(
            phone_number_id="100000000000001",
            business_account_id="200000000000002",
            access_token=secrets.token_hex(16),
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(8),
            display_number="+14155550199",
            api_url=url,
        )

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        version = self.settings.api_version
        return [
            Route(f"/{version}/{{number}}/messages", self.send, methods=["POST"]),
            Route(f"/{version}/{{account}}/message_templates", self.templates, methods=["GET"]),
            Route(f"/{version}/{{account}}/subscribed_apps", self.subscribe, methods=["POST"]),
            Route(f"/{version}/{{node}}", self.node, methods=["GET"]),
            Route(f"/{version}/{{node}}", self.configure, methods=["POST"]),
            Route("/lookaside/{file}", self.lookaside, methods=["GET"]),
        ]

    @property
    def meta(self) -> WhatsAppSettings:
        """The account itself."""
        return self.settings

    def refusal(self, request: Request) -> Response | None:
        """Meta wants its token."""
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.access_token}"):
            return None
        return error(Fault(status=401, code=190, message="Invalid OAuth access token"))

    async def send(self, request: Request) -> Response:
        if request.path_params["number"] != self.settings.phone_number_id and not self.refusal(request):
            return error(Fault(code=100, message="Object with this ID does not exist or cannot be loaded"))
        return await super().send(request)

    async def templates(self, request: Request) -> Response:
        """The templates of the account, `limit` of them after the cursor `after`."""
        if refusal := self.refusal(request):
            return refusal
        if request.path_params["account"] != self.settings.business_account_id:
            return error(Fault(code=100, message="Object with this ID does not exist or cannot be loaded"))
        start, size = int(request.query_params.get("after", 0)), int(request.query_params.get("limit", 25))
        size = min(size, PAGE)
        page = {"data": TEMPLATES[start : start + size]}
        cursors = {"before": str(start), "after": str(start + size)}
        more = {"next": f"{self.settings.api_url}/next?access_token=hidden"} if start + size < len(TEMPLATES) else {}
        return JSONResponse(page | {"paging": {"cursors": cursors, **more}})

    async def subscribe(self, request: Request) -> Response:
        """The app to the webhooks of the account."""
        return self.refusal(request) or JSONResponse({"success": True})

    async def configure(self, request: Request) -> Response:
        """Another webhook address for one number; tried as Meta tries every address."""
        if refusal := self.refusal(request):
            return refusal
        wanted = (await request.json())["webhook_configuration"]
        challenge = str(secrets.randbelow(10**9))
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": wanted["verify_token"]}
        url = with_query(wanted["override_callback_uri"], **asked)
        tried = await self.courier.post(url, {}, b"", method="GET")
        if (tried.status, tried.answer) != (200, challenge):
            return error(Fault(code=2200, message="Callback verification failed"))
        self.webhook_url = wanted["override_callback_uri"]
        return JSONResponse({"success": True})

    async def node(self, request: Request) -> Response:
        """The number, or where a file is."""
        if refusal := self.refusal(request):
            return refusal
        node = request.path_params["node"]
        if node == self.settings.phone_number_id:
            number = self.settings.display_number or "+15550100"
            return JSONResponse({"display_phone_number": number, "verified_name": "Sandbox", "id": node})
        return self.place(node, f"{self.settings.api_url}/lookaside/{node}?mid={node}")

    async def lookaside(self, request: Request) -> Response:
        """The file; needs the same token."""
        return self.content(request, request.path_params["file"])
