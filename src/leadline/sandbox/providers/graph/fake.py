"""What the stand-ins for Messenger and Instagram share: Meta's Graph API, its checks and its failures.

Source: Send API, profile and error pages of the Messenger Platform and Instagram messaging, v25.0, November 2026.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.graph.adapter import GraphSettings
from leadline.channels.http import first_of, same, urlencoded
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.graph import webhooks
from leadline.sandbox.providers.meta import signed
from leadline.sandbox.providers.phones import Delivery

TRIES = 5  # Meta goes on for a day and a half; a sandbox need not
FAULTS = {
    "token_expired": Fault(status=401, code=190, message="Error validating access token"),
    "no_permission": Fault(status=403, code=10, message="Application does not have permission for this action"),
    "rate_limited": Fault(code=613, message="Calls to this api have exceeded the rate limit"),
    "unavailable": Fault(status=503, code=2, message="Service temporarily unavailable"),
    "temporary_error": Fault(code=1200, message="Temporary send message failure. Please try again later"),
    "person_unavailable": Fault(code=551, message="This person isn't available right now"),
    "policy": Fault(code=368, message="The action attempted has been deemed abusive or is otherwise disallowed"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
}
S = TypeVar("S", bound=GraphSettings)


class GraphFake(Fake[S]):
    """Meta as one Page or account sees it. `closed` holds customers whose window is over, `profiles` what they tell,
    `gone` the ids of messages that cannot be quoted any more.
    """

    product: ClassVar[str]
    window_closed: ClassVar[Fault]

    def __init__(self, settings: S, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.closed: set[str] = set()
        self.gone: set[str] = set()
        self.tokens = [settings.access_token]
        self.subscribed: tuple[str, ...] = ("messages", "messaging_postbacks")
        self.profiles: dict[str, dict[str, str]] = {}

    @property
    @abstractmethod
    def account(self) -> str:
        """The id of the Page or account."""

    @abstractmethod
    def receipts(self, to: str, message_id: str, metadata: str) -> list[tuple[DeliveryState | None, dict[str, Any]]]:
        """The events that follow a send, and the state each of them means."""

    @abstractmethod
    def wrong_text(self, text: str) -> bool:
        """Whether a text is longer than this product takes."""

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        version = self.settings.api_version
        return [
            Route(f"/{version}/{{account}}/messages", self.send, methods=["POST"]),
            Route(f"/{version}/{{account}}/subscribed_apps", self.apps, methods=["GET", "POST"]),
            Route(f"/{version}/{{node}}", self.node, methods=["GET"]),
            Route("/cdn/{file}", self.cdn, methods=["GET"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: one batch, repeated until it is taken. A name can be looked up afterwards."""
        self.closed.discard(sender)
        if name:
            self.profiles[sender] = {**self.profiles.get(sender, {}), "name": name}
        files = [(kind, f"{self.settings.api_url}/cdn/{self.shelf.put(kind, content)}") for kind, content in media]
        return await self.push(*webhooks.written(sender, self.account, text, files))

    async def push(self, *events: dict[str, Any]) -> Posted:
        """Bring events to the webhook until they are taken."""
        headers, body = signed(self.settings, webhooks.envelope(self.product, self.account, events))
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request, request.path_params["account"]):
            return refusal
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
            to = str(message["recipient"]["id"])
        except (msgspec.DecodeError, LookupError, TypeError):
            return _error(Fault(code=100, message="(#100) param recipient must be non-empty"))
        if message.get("sender_action") == "mark_seen":
            self.marked_read.append(to)
            return JSONResponse({"recipient_id": to})
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"bad gateway", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(message, to)
        if trouble:
            return _error(trouble)
        return self._accept(message, to, fault)

    async def node(self, request: Request) -> Response:
        """Who a customer is."""
        node = request.path_params["node"]
        if refusal := self._refusal(request, self.account):
            return refusal
        if node not in self.profiles:
            return _error(Fault(code=100, subcode=33, message="Unsupported get request"))
        return JSONResponse({"id": node, **self.profiles[node]})

    async def apps(self, request: Request) -> Response:
        """The app that gets the webhooks, if Meta has not taken the Page out of it; POST puts it in again."""
        if refusal := self._refusal(request, request.path_params["account"]):
            return refusal
        if request.method == "POST":
            fields = first_of(urlencoded(await request.body())).get("subscribed_fields", "")
            self.subscribed = tuple(filter(None, fields.split(",")))
            return JSONResponse({"success": True})
        app = {"id": "1", "name": "Sandbox", "subscribed_fields": list(self.subscribed)}
        return JSONResponse({"data": [app] if self.subscribed else []})

    async def cdn(self, request: Request) -> Response:
        """A file; its address alone opens it."""
        found = self.shelf.get(request.path_params["file"])
        return Response(found[1], media_type=found[0]) if found else Response(status_code=403)

    def knows(self, token: str) -> bool:
        """Whether it is one of the account's tokens."""
        return any(same(token, each) for each in self.tokens)

    def _refusal(self, request: Request, account: str) -> Response | None:
        if not self.knows(request.headers.get("authorization", "").removeprefix("Bearer ")):
            return _error(Fault(status=401, code=190, message="Invalid OAuth access token"))
        if account not in (self.account, "me"):
            return _error(Fault(code=100, subcode=33, message="Object with this ID does not exist"))
        return None

    def _trouble(self, message: dict[str, Any], to: str) -> Fault | None:
        """What Meta would refuse in this request."""
        content = message.get("message")
        if not isinstance(content, dict) or ("text" in content) == ("attachment" in content):
            return Fault(code=100, message="(#100) A message holds either a text or an attachment")
        if not re.fullmatch(r"[0-9]{1,20}", to):
            return Fault(code=100, subcode=2018001, message="(#100) No matching user found")
        if to in self.closed and message.get("tag") != "HUMAN_AGENT":
            return self.window_closed
        if "text" in content and (not content["text"].strip() or self.wrong_text(content["text"])):
            return Fault(code=100, message="(#100) Length of param message[text] is not allowed")
        quoted = message.get("reply_to")
        if quoted is not None and (not isinstance(quoted, dict) or quoted.get("mid") in {"", None, *self.gone}):
            return Fault(code=100, message="(#100) Invalid parameter: reply_to")
        url = content.get("attachment", {}).get("payload", {}).get("url", "https://")
        if not url.startswith(("http://", "https://")):
            return Fault(code=100, subcode=2018008, message="(#100) Failed to fetch the file from the url")
        return None

    def _accept(self, message: dict[str, Any], to: str, fault: Fault | None) -> Response:
        content, message_id = message["message"], f"m_{secrets.token_hex(12)}"
        attachment = content.get("attachment")
        delivery = Delivery(
            message_id=message_id,
            provider=self.key,
            business=self.account,
            to=to,
            text=str(content.get("text", "")),
            media=(attachment["payload"]["url"],) if attachment else (),
            choices=tuple(str(tap["title"]) for tap in content.get("quick_replies", ())),
            quoted=str(message.get("reply_to", {}).get("mid", "")),
            state=DeliveryState.SENT,
        )
        reports = self._report(to, message_id, str(content.get("metadata", "")))
        return self.taken(delivery, reports, fault, JSONResponse({"recipient_id": to, "message_id": message_id}))

    async def _report(self, to: str, message_id: str, metadata: str) -> None:
        for state, event in self.receipts(to, message_id, metadata):
            await asyncio.sleep(self.courier.pause)
            if state is not None:
                self.phones.change(message_id, state)
            if self.webhook_url:
                await self.push(event)


def _error(fault: Fault) -> Response:
    error: dict[str, Any] = {"message": fault.message, "type": "OAuthException", "code": fault.code}
    error |= {"error_subcode": fault.subcode} if fault.subcode else {}
    return JSONResponse({"error": error | {"fbtrace_id": secrets.token_hex(8)}}, fault.status)
