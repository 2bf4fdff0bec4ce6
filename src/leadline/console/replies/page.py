"""`/console/replies`: messages to customers, newest first, with how far each got and why it did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nicegui import ui

from leadline.channels import reasons
from leadline.console.drawing import box, moment, outside, shorten, text
from leadline.console.language import _, marked, numeral, translated
from leadline.console.shell import Choice, Column, Table, Visit, filters
from leadline.console.shell.spans import since, spans
from leadline.console.shell.table import PAGE
from leadline.identity.words import phone
from leadline.model import DeliveryState
from leadline.store.queries import queries

Row = dict[str, Any]
LOOKED = 20_000  # messages that one page looks at
STATES: dict[str, str] = {
    DeliveryState.QUEUED: marked("not sent yet"),
    DeliveryState.SENDING: marked("being sent"),
    DeliveryState.UNKNOWN: marked("not known"),
    DeliveryState.SENT: marked("sent"),
    DeliveryState.DELIVERED: marked("delivered"),
    DeliveryState.READ: marked("read"),
    DeliveryState.FAILED: marked("failed"),
}
TONES: dict[str, str] = {DeliveryState.FAILED: "bad", DeliveryState.UNKNOWN: "warn", DeliveryState.QUEUED: "plain"}


class Replies:
    """One page of the list."""

    def __init__(self, visit: Visit, names: dict[int, str]) -> None:
        self._visit = visit
        self._names = names
        codes = {code: _(sentence).partition(". ")[0].rstrip(".") for code, sentence in reasons.REASONS.items()}
        filters(
            visit,
            [
                Choice("state", _("State"), translated(STATES)),
                Choice("reason", _("Why not"), codes),
                Choice("channel", _("Channel"), {str(number): name for number, name in names.items()}),
                Choice("last", _("Time"), spans()),
            ],
        )
        self._table: Table[Row] = Table(
            [
                Column(_("Message"), _draw_message, "36%"),
                Column(_("To"), self._draw_to, "22%"),
                Column(_("State"), _draw_state),
                Column("", self._draw_conversation, "170px"),
            ],
            lambda row: row["outbound_id"],
            empty=self._empty(),
            testid="replies",
            row="reply-row",
        )

    def _empty(self) -> str:
        if any(self._visit.param(name) for name in ("state", "reason", "channel", "last", "after")):
            return _("None of the last {looked} messages to customers fits.", looked=numeral(LOOKED))
        return _("Nothing has been sent to a customer yet. Answer a conversation in Intercom, and it shows up here.")

    async def refresh(self) -> None:
        """New ones on top; a page of older ones stays as it is."""
        self._table.show((await self._read())[:PAGE])

    async def first(self) -> None:
        """The page, and the way on."""
        rows = await self._read()
        self._table.show(rows[:PAGE])
        await self._draw_pages(rows)

    async def _read(self) -> list[Row]:
        visit = self._visit
        return await visit.rows(
            queries.replies_found,
            **self._place,
            state=visit.param("state") or None,
            reason=visit.param("reason") or None,
            channel_id=visit.number("channel"),
            since=since(visit.param("last")),
            count=PAGE + 1,
        )

    @property
    def _place(self) -> dict[str, Any]:
        """Before which message the page begins, and how many it looks at."""
        after_at, _space, after_id = self._visit.param("after").partition(" ")
        return {"after_at": _moment(after_at), "after_id": after_id, "looked": LOOKED}

    async def _draw_pages(self, rows: Sequence[Row]) -> None:
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if self._visit.param("after"):
                ui.link(_("Newest"), self._visit.here(after=""))
            if len(rows) > PAGE:
                ui.link(_("Older"), self._visit.here(after=_after(rows[PAGE - 1])))
            elif reached := await self._visit.row(queries.replies_reached, **self._place):
                ui.link(_("Look further back"), self._visit.here(after=_after(reached)))

    def _draw_to(self, row: Row) -> None:
        text(phone(str(row["message"].get("to", ""))))
        text(self._names.get(row["channel_id"], _("removed channel")), "ll-faint")

    def _draw_conversation(self, row: Row) -> None:
        if row["conversation_id"]:
            outside(_("Conversation"), self._visit.conversation_link(row["conversation_id"]))


def _after(row: Row) -> str:
    return f"{row['created_at'].isoformat()} {row['outbound_id']}"


def _moment(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _draw_message(row: Row) -> None:
    message = row["message"]
    template = (message.get("template") or {}).get("name", "")
    text(
        shorten(str(message.get("text", "")), 160)
        or (_("Template {template}", template=template) if template else _("[attachment]")),
        "ll-text",
    )
    with box("ll-acts ll-faint"):
        text(_("by {author}", author=row["author"]) if row["author"] else "")
        moment(row["created_at"])


def _draw_state(row: Row) -> None:
    state = DeliveryState(row["state"])
    text(_(STATES[state]), f"ll-tag {TONES.get(state, 'good')}")
    if row["reason"] and state in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
        text(_(reasons.sentence(row["reason"])), "ll-faint ll-text")
        text(row["detail"], "ll-faint ll-text")


async def draw(visit: Visit) -> None:
    """The page."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    replies = Replies(visit, {row.channel_id: row.name for row in rows})
    visit.refresh = replies.refresh
    await replies.first()
