"""The sandbox's own endpoints under /_sandbox/, for tests, benchmarks and the demo page. Bearer: the control token.

GET  /_sandbox/control                      present controls (search_lag, rate_limit, webhook_url, version, …; no token)
PUT  /_sandbox/control {name: value}        change them, null puts one back; `token` replaces the API token
POST /_sandbox/token/revoke                 no token is good any more (401), as when the app was uninstalled, until PUT
                                            control {"token": …} or until it is installed again
POST /_sandbox/faults {rule}                next calls fail, wait or break (faults.Fault); GET lists them and says how
                                            many calls wait now (`held`), DELETE clears and lets those go on
GET  /_sandbox/calls                        calls by route since start or since DELETE /_sandbox/calls
GET  /_sandbox/webhooks?topic=&limit=       notifications, newest first, with state and attempts; DELETE forgets them
POST /_sandbox/webhooks/{id}/redeliver      {"times": 1}: send the same notification again
POST /_sandbox/webhooks/check               HEAD on the receiver, as Intercom does for a new address
POST /_sandbox/contacts/{id}/origin         {"origin": "facebook"}: as if Intercom's own channel had made the contact
POST /_sandbox/messenger {conversation_id, body}  the customer writes in Intercom's Messenger (app_package_code null)
POST /_sandbox/bot {conversation_id, body}  Intercom's bot answers the customer
POST /_sandbox/teammate {action, …}         act as a teammate at the keyboard (app_package_code null): reply, note,
                                            close, open, snooze, assign, start
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from leadline.sandbox import conversation_views as views
from leadline.sandbox import messages, parts, replies
from leadline.sandbox.admins import first_admin
from leadline.sandbox.call import Call
from leadline.sandbox.faults import Fault, Faults
from leadline.sandbox.files import Upload
from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError

REVOKED = ""  # no token at all is never accepted


class Times(msgspec.Struct):
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class Origin(msgspec.Struct, forbid_unknown_fields=True):
    """Where a contact came from; all but `api` are never merged."""

    origin: Literal["api", "facebook", "external_channel", "mailing_list"]


class Typed(msgspec.Struct, forbid_unknown_fields=True):
    """What the customer of a conversation writes in Intercom's own Messenger, or Intercom's bot answers."""

    conversation_id: str | int
    body: str


class Action(msgspec.Struct, forbid_unknown_fields=True):
    """What a teammate does. `conversation_id` for all but start, `contact_id` for start; body for what carries one."""

    action: Literal["reply", "note", "close", "open", "snooze", "assign", "start"]
    conversation_id: str | int | None = None
    contact_id: str | None = None
    admin_id: str | int | None = None
    body: str = ""
    attachment_urls: list[str] = []
    attachment_files: list[Upload] = []
    snoozed_until: int | None = None
    assignee_id: str | int | None = None


class Controls:
    """The handlers. They share the rules and counters of `faults`."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    async def show(self, call: Call) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(call.workspace.control)
        del shown["token"], shown["granted"]
        return shown

    async def change(self, call: Call) -> dict[str, Any]:
        try:
            await call.workspace.change(call.body)
        except (msgspec.ValidationError, AttributeError) as error:
            raise ApiError(400, "parameter_invalid", f"This control cannot be set: {error}") from error
        call.outbox.wake()
        return await self.show(call)

    async def revoke(self, call: Call) -> dict[str, Any]:
        await call.workspace.change({"token": REVOKED, "granted": []})
        return {"revoked": True}

    async def add_fault(self, call: Call) -> dict[str, Any]:
        self.faults.add(call.read(Fault))
        return await self.list_faults(call)

    async def list_faults(self, call: Call) -> dict[str, Any]:
        return {"faults": msgspec.to_builtins(self.faults.rules), "held": self.faults.held}

    async def clear_faults(self, call: Call) -> dict[str, Any]:
        self.faults.clear()
        return await self.list_faults(call)

    async def calls(self, call: Call) -> dict[str, Any]:
        return {"total": self.faults.calls.total(), "routes": dict(self.faults.calls)}

    async def clear_calls(self, call: Call) -> dict[str, Any]:
        self.faults.calls.clear()
        return await self.calls(call)

    async def webhooks(self, call: Call) -> dict[str, Any]:
        limit = call.query("limit") or "100"
        most = min(int(limit), 10_000) if limit.isdecimal() else 100
        found = queries.list_webhooks(call.connection, topic=call.query("topic"), most=most)
        return {"webhooks": [dict(row) async for row in found]}

    async def clear_webhooks(self, call: Call) -> dict[str, Any]:
        await queries.clear_webhooks(call.connection, everything=True)
        return {"webhooks": []}

    async def redeliver(self, call: Call) -> dict[str, Any]:
        times = call.read(Times).times
        key = call.path["id"]
        if not await queries.repeat_webhook(call.connection, notification_id=key, times=times):
            raise ApiError(404, "not_found", f"There is no notification {key}; GET /_sandbox/webhooks lists them")
        return {"id": key, "times": times}

    async def check(self, call: Call) -> dict[str, Any]:
        status = await call.outbox.check()
        return {"status": status, "accepted": status == 200}

    async def set_origin(self, call: Call) -> dict[str, Any]:
        origin = call.read(Origin).origin
        if await queries.set_contact_origin(call.connection, id=call.path["id"], origin=origin) is None:
            raise ApiError(404, "not_found", "Contact Not Found")
        return {"id": call.path["id"], "origin": origin}

    async def messenger(self, call: Call) -> dict[str, Any]:
        """Answers the conversation as REST shows it."""
        call.human = True
        typed = call.read(Typed)
        row = await views.need(call, str(typed.conversation_id))
        reply = replies.Reply("comment", "user", typed.body, intercom_user_id=row["contact_ids"][0])
        call.path = {"id": str(typed.conversation_id)}
        return await views.full(call, await replies.contact_reply(call, reply))

    async def bot(self, call: Call) -> dict[str, Any]:
        """Answers the conversation as REST shows it."""
        call.human = True
        typed = call.read(Typed)
        row = await views.need(call, str(typed.conversation_id))
        await replies.bot_reply(call, row, typed.body)
        return await views.full(call, row)

    async def teammate(self, call: Call) -> dict[str, Any]:
        """Answers the conversation as REST shows it."""
        call.human = True
        action = call.read(Action)
        admin_id = action.admin_id or (await first_admin(call.connection))["id"]
        if action.action == "start":
            return await self._start(call, action, admin_id)
        row = await views.need(call, str(action.conversation_id or ""))
        if action.action in {"reply", "note"}:
            kind = "comment" if action.action == "reply" else "note"
            reply = replies.Reply(
                message_type=kind,
                type="admin",
                admin_id=admin_id,
                body=action.body,
                attachment_urls=action.attachment_urls,
                attachment_files=action.attachment_files,
            )
            await replies.admin_reply(call, row, reply)
        else:
            kind = {"snooze": "snoozed", "assign": "assignment"}.get(action.action, action.action)
            change = parts.PartBody(kind, admin_id, "admin", action.body, action.snoozed_until, action.assignee_id)
            await parts.change_state(call, row, change)
        return await views.full(call, row)

    async def _start(self, call: Call, action: Action, admin_id: str | int) -> dict[str, Any]:
        call.body = {
            "from": {"type": "admin", "id": admin_id},
            "to": {"type": "user", "id": action.contact_id or ""},
            "body": action.body,
            "create_conversation_without_contact_reply": True,
        }
        created = await messages.create(call)
        return await views.full(call, await views.need(call, created["conversation_id"]))
