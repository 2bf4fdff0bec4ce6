"""One page opened by one person: who they are, what they asked for, and what they may do there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request

from leadline.app import Leadline
from leadline.connections.workspaces import Workspace
from leadline.console.drawing import box
from leadline.console.guard import COOKIE, SEAT
from leadline.console.language import _, chosen
from leadline.console.rights import RIGHTS, Seat, SeatNow
from leadline.console.shell.checkup import Checkup
from leadline.console.shell.kept import Kept
from leadline.console.signin.sessions import Sessions
from leadline.errors import LeadlineError
from leadline.intercom.pages import contact_page, conversation_page
from leadline.store.acting import acting
from leadline.store.numbers import is_number
from leadline.store.workspaces import INSTALLATION

Row = dict[str, Any]


class NotAllowed(LeadlineError):
    """This person does not have the right, or is no longer signed in; the text is for them."""


class House(NamedTuple):
    """What all pages of one console share. checkup: None where the CLI brought no doctor along, as in the demo."""

    leadline: Leadline
    seat_now: SeatNow
    kept: Kept
    checkup: Checkup | None = None


class Visit:
    """What a page is drawn with."""

    def __init__(self, house: House, request: Request) -> None:
        self.house = house
        self.leadline = house.leadline
        self.database = house.leadline.database
        self.request = request
        self.seat: Seat = request.scope[SEAT]
        self.workspace_id: str = self.seat.workspace_id
        """Fixed when the page is drawn, whatever other tabs of this person show."""
        self.language = chosen(self.seat.language, request.headers.get("accept-language", ""))
        """Fixed like it; whatever is drawn or said on this page speaks it."""
        self.refresh: Callable[[], Awaitable[None]] | None = None
        """Set by a page that keeps itself up to date; called after every act, too."""
        self.talk = box("")
        """Outside of what is drawn anew: questions and answers stay until they are read."""

    @property
    def address(self) -> str:
        """Of the network, from where the page was opened."""
        return self.request.client.host if self.request.client else ""

    def param(self, name: str) -> str:
        """A value of the address: a part of its path, or of its query."""
        return str(self.request.path_params.get(name) or self.request.query_params.get(name, "")).strip()

    def number(self, name: str) -> int | None:
        """The same where it is a number that a database can hold."""
        text = self.param(name)
        return int(text) if is_number(text) else None

    def here(self, **changes: object) -> str:
        """This page's address with other values; an empty one leaves it out."""
        values = {**self.request.query_params, **{name: str(value or "") for name, value in changes.items()}}
        query = urlencode({name: value for name, value in values.items() if value})
        return self.request.url.path + (f"?{query}" if query else "")

    async def rows(self, query: Any, **values: Any) -> list[Row]:
        """What a named query finds in this workspace."""
        async with self.database.connection() as connection:
            return [row async for row in query(connection, workspace_id=self.workspace_id, **values)]

    async def row(self, query: Any, **values: Any) -> Row | None:
        """The one row of a named query in this workspace."""
        async with self.database.connection() as connection:
            found = await query(connection, workspace_id=self.workspace_id, **values)
        return dict(found) if found else None

    @property
    def knows_workspace(self) -> bool:
        """Whether this is the console of a workspace; before the first one is connected it is the installation's."""
        return self.workspace_id != INSTALLATION

    @property
    def workspace(self) -> Workspace | None:
        """None while Intercom is not connected."""
        return self.leadline.connections.workspaces.served(self.workspace_id)

    async def workspace_names(self) -> dict[str, str]:
        """The workspaces that this person's session leads into, by id."""
        ids = await Sessions(self.database, self.workspace_id).workspaces(self.request.cookies.get(COOKIE, ""))
        served = {each: self.leadline.connections.workspaces.served(each) for each in ids}
        return {each: (workspace.name if workspace else "") or each for each, workspace in served.items()}

    def contact_link(self, contact_id: str) -> str:
        """Where Intercom shows a contact; empty where it shows none, as in the sandbox."""
        return contact_page(*self._intercom, contact_id)

    def conversation_link(self, conversation_id: str) -> str:
        """The same for a conversation."""
        return conversation_page(*self._intercom, conversation_id)

    @property
    def _intercom(self) -> tuple[str, str, str]:
        region = self.workspace.region if self.workspace else ""
        return self.leadline.settings.intercom_url, region, self.workspace_id

    async def still(self, *, used: bool = False) -> Seat | None:
        """The seat as it is now, in this page's workspace; None when it or the session is gone.

        The page on which the first workspace is connected goes on in that one.
        """
        token = self.request.cookies.get(COOKIE, "")
        place = self.workspace_id if self.knows_workspace else ""
        return await self.house.seat_now(token, used=used, workspace_id=place)

    @asynccontextmanager
    async def acting(self, right: str) -> AsyncIterator[None]:
        """What is written in this block is noted as this person's; raises NotAllowed.

        Asked anew each time: a role may have changed, and a session been revoked, since the page was drawn.
        """
        seat = await self.still(used=True)
        if seat is None:
            raise NotAllowed(_("You are signed out of this workspace. Sign in again; nothing was changed."))
        if not seat.may(right):
            needed = RIGHTS[right].least.shown
            refusal = _(
                "Your role is {role}. This needs the role {needed}; an owner can give it.",
                role=seat.role.shown,
                needed=needed,
            )
            raise NotAllowed(refusal)
        with acting(seat.email, "console"):
            yield

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """A short word that goes away by itself; what is bad stays until it is closed."""
        with self.talk:
            if bad:
                ui.notify(sentence, type="negative", timeout=0, close_button=_("Close"), multi_line=True)
            else:
                ui.notify(sentence)
