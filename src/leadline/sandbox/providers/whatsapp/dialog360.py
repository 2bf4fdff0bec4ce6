"""A stand-in for 360dialog's WhatsApp API, and its side of webhooks. Mounted by `create`.

Source: 360dialog's pages on its messaging API, webhooks and templates, November 2026.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.whatsapp.cloud import WhatsAppSettings
from leadline.channels.whatsapp.dialog360 import Dialog360Settings, secret_of
from leadline.sandbox.providers.fake import Floor
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.whatsapp.meta import CloudFake
from leadline.sandbox.providers.whatsapp.templates import TEMPLATES

PAGE = 3  # 360dialog gives as many as asked for; few, so that paging is used
ATTACHMENTS = "whatsapp_business/attachments"
FAULTS = {
    "rate_limited": Fault(status=429, code=130429, message="Cloud API message throughput has been reached"),
    "not_in_allowed_list": Fault(status=400, code=131030, message="Recipient phone number not in allowed list"),
    "same_as_sender": Fault(status=400, code=131021, message="Recipient cannot be sender"),
    "billing": Fault(status=400, code=131042, message="Business eligibility payment issue"),
    "something_went_wrong": Fault(status=500, code=131000, message="Something went wrong"),
    "bad_gateway": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(how="late", code=131047, message="Re-engagement message"),
    "undeliverable": Fault(how="late", code=131026, message="Message undeliverable"),
    "media_rejected": Fault(how="late", code=131053, message="Media upload error"),
}


class Dialog360Fake(CloudFake[Dialog360Settings]):
    """360dialog as one WhatsApp number sees it."""

    key: ClassVar[str] = "whatsapp_360dialog"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    def __init__(self, settings: Dialog360Settings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.headers = {"authorization": f"Bearer {secret_of(settings)}"}

    @classmethod
    def open_account(cls, url: str) -> Dialog360Settings:
        """A new number."""
        return Dialog360Settings(
            api_key=secrets.token_hex(16),
            display_number="+4930901820",
            business_account_id="500000000000005",
            api_url=url,
        )

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/messages", self.send, methods=["POST"]),
            Route("/v1/configs/templates", self.templates, methods=["GET"]),
            Route("/v1/configs/webhook", self.webhook_set, methods=["GET", "POST"]),
            Route(f"/{ATTACHMENTS}/", self.attachment, methods=["GET"]),
            Route("/{file}", self.node, methods=["GET"]),
        ]

    @property
    def meta(self) -> WhatsAppSettings:
        """The number in Meta's words; Meta's secret is 360dialog's own and known to nobody else."""
        return WhatsAppSettings(
            phone_number_id=self.settings.phone_number_id or "600000000000006",
            business_account_id=self.settings.business_account_id,
            access_token=secrets.token_hex(16),
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(8),
            display_number=self.settings.display_number,
        )

    def refusal(self, request: Request) -> Response | None:
        """360dialog wants the number's key."""
        if same(request.headers.get("d360-api-key", ""), self.settings.api_key):
            return None
        complaint = {"success": False, "http_code": 401, "developer_message": "Invalid api key"}
        return JSONResponse({"meta": complaint}, 401)

    def stamped(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Meta's signature stays on, of no use to anybody here; the headers set with the webhook come on top."""
        return {**headers, **self.headers}

    async def templates(self, request: Request) -> Response:
        """The templates of the account, `limit` of them from `offset` on."""
        if refusal := self.refusal(request):
            return refusal
        start = int(request.query_params.get("offset", 0))
        page = [
            {**listed, "status": listed["status"].lower()}
            for listed in TEMPLATES[start : start + min(int(request.query_params.get("limit", 10)), PAGE)]
        ]
        return JSONResponse({"count": len(page), "offset": start, "total": len(TEMPLATES), "waba_templates": page})

    async def webhook_set(self, request: Request) -> Response:
        """What the webhook is, or from now on shall be."""
        if refusal := self.refusal(request):
            return refusal
        if request.method == "POST":
            wanted = await request.json()
            if not str(wanted.get("url", "")).startswith(("http://", "https://")):
                return JSONResponse({"meta": {"success": False, "developer_message": "url is no address"}}, 400)
            self.webhook_url = wanted["url"]
            self.headers = {name.lower(): value for name, value in wanted.get("headers", {}).items()}
        return JSONResponse({"url": self.webhook_url})

    async def node(self, request: Request) -> Response:
        """Where a file is, by Meta's address."""
        if refusal := self.refusal(request):
            return refusal
        file = request.path_params["file"]
        return self.place(file, f"https://lookaside.fbsbx.com/{ATTACHMENTS}/?mid={file}&ext=1")

    async def attachment(self, request: Request) -> Response:
        """The file, under Meta's path at 360dialog's host."""
        return self.content(request, request.query_params.get("mid", ""))
