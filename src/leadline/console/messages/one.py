"""`/console/messages/<number>`: what came, who was chosen and why, what was written, and what can be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leadline.console.drawing import box, moment, outside, text
from leadline.console.language import _, marked
from leadline.console.messages.shown import STATES, tone
from leadline.console.retold import retold
from leadline.console.shell import Section, Visit, button, contact
from leadline.console.shell.contact import ROLES
from leadline.console.shell.single import absent
from leadline.engine import parked
from leadline.errors import SettingError
from leadline.identity.reasons import title
from leadline.identity.words import addresses, phone
from leadline.inbound.story import tell
from leadline.store.queries import queries

Story = dict[str, Any]
QUICKER = marked("Somebody else was quicker")
WRITTEN = {"open": marked("Opened"), "reply": marked("Added to"), "note": marked("Added a note to")}


class Message:
    """The page of one."""

    def __init__(self, visit: Visit, number: str) -> None:
        self._visit = visit
        self._number = number
        self._came = Section(_("What came"), self._draw_came, testid="came")
        self._chosen = Section(_("Whose it is"), self._draw_chosen, testid="chosen")
        self._became = Section(_("What happened to it"), self._draw_became, testid="became")

    async def refresh(self) -> None:
        """Tell it again; raises SettingError where there is no such message."""
        visit = self._visit
        policy = visit.leadline.book.of(visit.workspace_id).rules
        story = await tell(visit.database, visit.workspace_id, self._number, policy)
        raw = await visit.row(queries.raw_of_arrival, arrival_id=story["message"]) if visit.seat.may("system") else None
        self._came.show({**story, "raw": _readable(raw)})
        self._chosen.show(await self._named(story["decision"]))
        self._became.show(story)

    async def _named(self, decision: Story | None) -> Story | None:
        """With the name of who was known before: it is not among those the decision chose from."""
        if decision is None or not decision["contact_id"]:
            return decision
        entry, _gone = await self._visit.leadline.directory.find.contact(
            self._visit.workspace_id, decision["contact_id"]
        )
        return {**decision, "known": entry.shown if entry else ""}

    def _draw_came(self, story: Story) -> None:
        text(story["text"] or _("[no text]"), "ll-text ll-said", testid="text")
        facts = [
            (_("From"), " ".join(filter(None, (story["name"], addresses(story["handles"]) or phone(story["sender"]))))),
            (_("Number"), str(story["message"])),
            (_("Provider's id"), story["provider_id"]),
        ]
        if story["parts"]:
            facts.append((_("Joined from"), _("messages {numbers}", numbers=", ".join(map(str, story["parts"])))))
        with box("ll-facts", "dl"):
            for name, value in facts:
                _fact(name, value)
            with box("", "dt"):
                text(_("Arrived"))
            with box("", "dd"):
                moment(datetime.fromisoformat(story["arrived_at"]))
        if story["raw"]:
            with box("ll-padded", "details"):
                with box("", "summary"):
                    text(_("As it came"))
                with box("ll-mono ll-text", "pre"):
                    text(story["raw"])

    def _draw_chosen(self, decision: Story | None) -> None:
        if decision is None:
            text(_("Nobody is chosen yet."), "ll-empty")
            return
        with box("ll-padded ll-stack"):
            with box("ll-acts"):
                names = {one["contact_id"]: one.get("name") or _("Contact") for one in decision["candidates"]}
                contact(
                    self._visit,
                    decision["contact_id"],
                    names.get(decision["contact_id"], decision.get("known") or _("Contact")),
                )
                text(_(title(decision["code"])), "ll-tag plain", testid="reason")
                if decision["doubtful"]:
                    text(_("in doubt"), "ll-tag warn")
            for sentence in decision["sentences"]:
                text(retold(sentence), "ll-text")
        self._draw_others(decision, names)

    def _draw_others(self, decision: Story, names: dict[str, str]) -> None:
        """Who else it could have been, and what other policies would have chosen."""
        with box("ll-facts", "dl"):
            for one in decision["candidates"]:
                if one["contact_id"] != decision["contact_id"]:
                    _fact(
                        _("Not chosen"),
                        f"{names[one['contact_id']]}, {_(ROLES.get(one['role'], one['role']))} {one['contact_id']}",
                    )
            for policy, other in (decision["otherwise"] or {}).items():
                whom = names.get(other["contact_id"], other["contact_id"]) if other["contact_id"] else _("a new lead")
                _fact(
                    _("With policy {policy}", policy=_(policy.replace("_", " "))), f"{whom}: {_(title(other['code']))}"
                )

    def _draw_became(self, story: Story) -> None:
        with box("ll-padded ll-stack"):
            with box("ll-acts"):
                text(_(STATES[story["state"]]), f"ll-tag {tone(story['state'])}", testid="state")
                text(retold(story["state_explanation"]), "ll-text")
            for step in story["intercom"]:
                with box("ll-acts"):
                    text(_(WRITTEN[step["kind"]]))
                    words = _("conversation {number}", number=step["conversation_id"])
                    outside(words, self._visit.conversation_link(step["conversation_id"]))
            if story["state"] in ("parked", "waiting"):
                with box("ll-acts"):
                    button(self._visit, _("Retry"), "retry", self._retry, testid="retry", key="r")
                    if story["state"] == "parked":
                        ask = _("Give this message up for good? Its raw form stays on record.")
                        button(self._visit, _("Drop"), "drop", self._drop, kind="danger", ask=ask, testid="drop")

    async def _retry(self) -> str:
        count = await parked.retry(self._visit.database, self._visit.workspace_id, ids=[int(self._number)])
        return _("Trying it again") if count else _(QUICKER)

    async def _drop(self) -> str:
        count = await parked.drop(self._visit.database, self._visit.workspace_id, [int(self._number)])
        return _("It is dropped") if count else _(QUICKER)


def _readable(raw: dict[str, Any] | None) -> str:
    """The body of a webhook as text; credentials in its headers were never stored."""
    return bytes(raw["body"]).decode("utf-8", "replace") if raw else ""


def _fact(name: str, value: str) -> None:
    with box("", "dt"):
        text(name)
    with box("", "dd"):
        text(value, "ll-text")


async def draw(visit: Visit) -> None:
    """The page, or a word that there is no such message."""
    number = visit.number("number")
    with box("ll-stack ll-apart") as drawn:
        message = Message(visit, str(number or 0))
    try:
        await message.refresh()
    except SettingError:
        drawn.delete()
        absent(_("There is no message with this number."), (_("All messages"), "/console/messages"))
        return
    visit.refresh = message.refresh
