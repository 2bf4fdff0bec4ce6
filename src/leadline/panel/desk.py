"""The Inbox app: Intercom asks, a canvas is the answer, always within a second. `web.py` calls it.

Whatever goes wrong after the signature is a canvas too: the Inbox shows nothing but a blank for any other answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext

import msgspec
import psycopg
import structlog
from prometheus_client import Counter

from leadline.connections.workspaces import Workspaces
from leadline.errors import LeadlineError, Unreadable
from leadline.intercom import inbox_app, inbox_merge, inbox_requests, inbox_send
from leadline.intercom.canvas import Canvas
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.wire import mapping
from leadline.outbound.topics import PANEL, Topics
from leadline.panel.bounds import Bounds, Late
from leadline.panel.facts import Facts
from leadline.panel.joins import Joins
from leadline.panel.merges import Merges, purpose_of
from leadline.panel.rights import check, needed
from leadline.panel.sends import Sends
from leadline.panel.sources import Sources
from leadline.panel.whose import Whose
from leadline.spaces import Book
from leadline.store.acting import acting
from leadline.store.database import Database

LIMIT = 0.75  # seconds for one answer; what takes longer goes on, and is asked for again
SENT = 30
SCREENS = Counter("leadline_panel_requests_total", "Requests of the Inbox app by what was pressed", ["pressed"])
log = structlog.get_logger(__name__)

Handler = Callable[[PanelRequest], Awaitable[Canvas]]


class Panel:
    """Everything a teammate sees and does beside a conversation."""

    def __init__(
        self, database: Database, sources: Sources, workspaces: Workspaces, book: Book, *, client_secret: str
    ) -> None:
        self._client_secret = client_secret
        self._workspaces = workspaces
        self._book = book
        self._rosters = sources.rosters
        self._topics = Topics(database)
        self._bounds = Bounds()
        self._facts = Facts(database, sources, self._bounds)
        self._merges = Merges(sources.merging, sources.open_twins, self._facts.suggested_soon)
        self._joins = Joins(sources.open_twins)
        self._whose = Whose(sources, self._facts)
        self._sends = Sends(sources.proactive, self._facts)
        self._handlers: dict[str, Handler] = {
            inbox_app.HOME: self._home,
            "merge": self._merge,
            "find": self._find,
            "pick": self._pick,
            "way": self._merges.way,
            "take": self._merges.take,
            "keep_lost": self._merges.keep_lost,
            "more": self._merges.more,
            "restore": self._restore,
            "confirm": self._confirm,
            "undo": self._merges.ask_undo,
            "join": self._joins.ask,
            "approve": self._whose.approve,
            "detach": self._whose.ask_detach,
            "attach": self._attach,
            "why_not": self._why_not,
            "uncorrect": self._whose.ask_undo,
            "history": self._history,
            "write": self._sends.addresses,
            "to": self._sends.compose,
            "templates": self._sends.templates,
            "wanted": self._sends.templates,
            "template": self._sends.template,
            "look": self._sends.look,
            "send": self._sends.send,
            "send_open": self._sends.send,
            "sent": self._sent,
        }

    async def initialize(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The home of the conversation that was opened. Raises Refused."""
        return await self._answer(body, headers, pressed=inbox_app.HOME)

    async def submit(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The answer to a press. Raises Refused."""
        return await self._answer(body, headers)

    async def close(self) -> None:
        """Let what is going on come to its end."""
        await self._bounds.close()

    async def _answer(self, body: bytes, headers: Mapping[str, str], pressed: str = "") -> bytes:
        secret = self._workspaces.secret(inbox_requests.claimed(body), self._client_secret)
        inbox_requests.verify(body, headers.get("x-body-signature"), secret)
        try:
            request = inbox_requests.read_request(body)
        except Unreadable as error:
            log.warning("panel_unreadable", why=str(error))
            return inbox_app.trouble(f"Leadline cannot read what the Inbox sent. {error}").encode()
        request = msgspec.structs.replace(request, component_id=pressed or request.component_id)
        return (await self._canvas(_resumed(request))).encode()

    async def _canvas(self, request: PanelRequest) -> Canvas:
        """The handler of what was pressed, within the limit; every failure in words."""
        name = request.component_id.partition(":")[0]
        handler = self._handlers.get(name, self._home)
        SCREENS.labels(name if name in self._handlers else "unknown").inc()
        try:
            with acting(request.author, "panel") if needed(request) else nullcontext():
                return await self._bounds.within(_key(request), LIMIT, lambda: self._allowed(handler, request))
        except Late:
            return inbox_app.working(request.component_id, request.values, request.stored)
        except LeadlineError as error:
            log.warning("panel_trouble", pressed=name, why=str(error))
            return inbox_app.trouble(str(error))
        except (psycopg.Error, OSError) as error:
            log.warning("panel_trouble", pressed=name, why=f"{type(error).__name__}: {error}")
            return inbox_app.trouble("Leadline cannot reach its database at the moment. Try again in a minute.")
        except Exception:  # a bug: the teammate reads a sentence, the log has the trace
            log.exception("panel_broken", pressed=name, conversation=request.conversation_id)
            return inbox_app.trouble("Something broke inside Leadline; its log says what. Go back and try again.")

    async def _allowed(self, handler: Handler, request: PanelRequest) -> Canvas:
        """What the handler shows, after it is clear that this teammate may."""
        await self._topics.heard(request.workspace_id, PANEL)
        await check(request, self._book.of(request.workspace_id).rights, self._rosters)
        return await handler(request)

    async def _home(self, request: PanelRequest) -> Canvas:
        return inbox_app.home(await self._facts.home(request))

    async def _merge(self, request: PanelRequest) -> Canvas:
        return await self._merges.choose(request, purpose_of(request))

    async def _find(self, request: PanelRequest) -> Canvas:
        purpose = request.kept("purpose") or purpose_of(request)
        found = await self._merges.found(request, purpose)
        return found if isinstance(found, Canvas) else await self._chosen(request, purpose, found.contact_id)

    async def _restore(self, request: PanelRequest) -> Canvas:
        purpose = request.kept("purpose") or purpose_of(request)
        restored = await self._merges.restored(request, purpose)
        return restored if isinstance(restored, Canvas) else await self._chosen(request, purpose, restored)

    async def _pick(self, request: PanelRequest) -> Canvas:
        purpose = request.kept("purpose") or purpose_of(request)
        return await self._chosen(request, purpose, request.component_id.partition(":")[2])

    async def _chosen(self, request: PanelRequest, purpose: str, contact_id: str) -> Canvas:
        if purpose == "attach":
            return await self._whose.ask_attach(request, contact_id)
        if purpose == "why_not":
            return await self._whose.why_not(request, contact_id)
        return await self._merges.chosen(request, purpose, contact_id)

    async def _attach(self, request: PanelRequest) -> Canvas:
        return await self._merges.choose(request, "attach")

    async def _why_not(self, request: PanelRequest) -> Canvas:
        return await self._merges.choose(request, "why_not")

    async def _confirm(self, request: PanelRequest) -> Canvas:
        """What is confirmed stands in the canvas; one that says nothing of it is too old."""
        confirmed: dict[str, Handler] = {
            "preview": self._merges.confirm,
            "detach": self._whose.detach,
            "attach": self._whose.attach,
            "join": self._joins.join,
            "undo": self._undo,
        }
        return await confirmed.get(request.kept("screen"), self._home)(request)

    async def _undo(self, request: PanelRequest) -> Canvas:
        merged = request.kept("undo").startswith("undo:")
        return await (self._merges.undo(request) if merged else self._whose.undo(request))

    async def _history(self, request: PanelRequest) -> Canvas:
        return inbox_merge.history(await self._facts.history(request, SENT))

    async def _sent(self, request: PanelRequest) -> Canvas:
        """All messages to the customer, or the one that was pressed."""
        messages = await self._facts.sent_anywhere(request, SENT)
        wanted = request.component_id.partition(":")[2]
        one = next((message for message in messages if message.outbound_id == wanted), None)
        return inbox_send.sent_one(one) if one else inbox_send.sent(messages)


def _resumed(request: PanelRequest) -> PanelRequest:
    """Refresh on `working`: the press that was going on, as it was."""
    if request.component_id != inbox_app.AGAIN:
        return request
    return msgspec.structs.replace(
        request,
        component_id=request.kept("pressed"),
        values={name: tuple(map(str, given)) for name, given in mapping(request.stored.get("values")).items()},
        stored=mapping(request.stored.get("stored")),
    )


def _key(request: PanelRequest) -> str:
    """The same press of the same person on the same canvas: a double click is one piece of work."""
    contact_id = request.contact.contact_id if request.contact else ""
    content = msgspec.json.encode(
        (request.admin_id, request.component_id, sorted(request.values.items()), request.stored), order="sorted"
    )
    digest = hashlib.sha256(content).hexdigest()
    return f"press:{request.workspace_id}:{request.conversation_id}:{contact_id}:{digest}"
