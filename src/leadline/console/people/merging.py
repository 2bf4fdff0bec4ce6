"""`/console/people/<contact>/merge`: find the other one, look at both side by side, merge. Each step has an address."""

from __future__ import annotations

from functools import partial
from typing import cast

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _, marked
from leadline.console.people.choosing import Hit, choose
from leadline.console.people.compared import draw_fields
from leadline.console.retold import retold
from leadline.console.shell import Section, Visit, button
from leadline.console.shell.contact import ROLES
from leadline.errors import LeadlineError
from leadline.identity.merge import Option, Preview, Side, Way
from leadline.identity.merge_refusals import MergeRefused
from leadline.merging import Merged
from leadline.merging.desk import Wishes
from leadline.merging.foretold import moves_foretold
from leadline.model import Role

CHANGED = marked("One of the two has changed since you looked. Look again, then merge.")


class MergePage:
    """Both contacts side by side. The address says which, by which way, and what was chosen."""

    def __init__(self, visit: Visit, contact_id: str, other_id: str) -> None:
        self._visit = visit
        self._ids = (contact_id, other_id)
        self._wishes = Wishes(
            take=tuple(filter(None, visit.param("take").split(","))), keep_lost=bool(visit.param("keep"))
        )
        self._done: Section[Merged | None] = Section("", self._draw_done, testid="done")
        self._whole: Section[tuple[Preview, Option]] = Section(_("Before you merge"), self._draw, testid="preview")

    async def read(self) -> None:
        """Read both anew and draw them. Raises MergeRefused."""
        preview = await self._previewed()
        usual = preview.options[0].way
        # Of two leads one would become a user for good: that is chosen, never the first thing offered.
        way = cast("Way", self._visit.param("way") or ("reroute" if usual == "promote" else usual))
        self._whole.show((preview, preview.option(way)))

    async def _previewed(self) -> Preview:
        """The lead goes into the user, whichever of the two the page was opened from."""
        visit, (one, other) = self._visit, self._ids
        find = visit.leadline.merging.preview
        try:
            return await find(visit.workspace_id, one, other, self._wishes.take)
        except MergeRefused as refusal:
            if refusal.code not in ("user_to_lead", "user_to_user"):
                raise
            return await find(visit.workspace_id, other, one, self._wishes.take)

    def _draw(self, shown: tuple[Preview, Option]) -> None:
        preview, option = shown
        with box("ll-padded ll-stack ll-gap"):
            with box("ll-acts"):
                _draw_side(preview.source)
                text(_("goes into") if option.way != "reroute" else _("hands its messages to"), "ll-soft")
                _draw_side(preview.target)
            for warning in preview.warnings:
                text(retold(warning.detail), "ll-warning ll-text", testid="warning")
        draw_fields(self._visit, option.changes, self._wishes.take, (preview.source.name, preview.target.name))
        with box("ll-padded ll-stack ll-gap"):
            self._draw_moves(option, preview.target.name)
            self._draw_intercoms(preview, option)
            text(retold(option.explanation), "ll-text", testid="explanation")
        self._draw_acts(preview, option)

    def _draw_moves(self, option: Option, target: str) -> None:
        moves = moves_foretold(option, target)
        text(_("What moves"), "ll-label")
        with box("ll-steps", "ul", testid="moves"):
            for line in moves or [_("Nothing")]:
                with box("", "li"):
                    text(retold(line), "ll-text")

    def _draw_intercoms(self, preview: Preview, option: Option) -> None:
        if not preview.checked or option.way != "merge":
            return
        for line in preview.apart:
            text(_("Intercom's own preview says otherwise: {what}", what=retold(line)), "ll-text")
        if not preview.apart:
            text(_("Intercom's own preview says the same."), "ll-soft")

    def _draw_acts(self, preview: Preview, option: Option) -> None:
        visit = self._visit
        with box("ll-acts ll-foot"):
            kind = "strong" if option.reversible else "danger"
            button(
                visit,
                _(option.label),
                "merge",
                partial(self._merge, preview, option),
                kind=kind,
                ask=retold(option.explanation),
                testid="merge",
            )
            for other in preview.options:
                if other.way != option.way:
                    words = _("Instead: {what}", what=_(other.label))
                    another = ui.link(words, visit.here(way=other.way)).classes("ll-button")
                    another.props["data-testid"] = "other-way"
            lost = [change for change in option.changes if change.outcome == "discarded"]
            if lost and option.way != "reroute":
                keep = self._wishes.keep_lost
                words = _("Do not keep what is lost") if keep else _("Keep what is lost as a note")
                kept = ui.link(words, visit.here(keep="" if keep else "1")).classes("ll-button")
                kept.props["data-testid"] = "keep-lost"
            ui.link(_("Choose somebody else"), visit.request.url.path)

    async def _merge(self, preview: Preview, option: Option) -> str:
        visit = self._visit
        try:
            done = await visit.leadline.merging.merge(
                visit.workspace_id,
                preview.source.contact_id,
                preview.target.contact_id,
                author=visit.seat.email,
                token=preview.token,
                way=option.way,
                wishes=self._wishes,
            )
        except MergeRefused as refusal:
            if refusal.code != "stale":
                raise
            await self.read()
            raise MergeRefused(refusal.code, _(CHANGED)) from refusal
        self._done.show(done)
        return retold(done.sentence)

    def _draw_done(self, done: Merged | None) -> None:
        if done is None:
            return
        with box("ll-padded ll-stack ll-gap"):
            text(retold(done.sentence), "ll-text")
            for line in done.differences:
                text(_("Not as previewed: {what}", what=retold(line)), "ll-text")
            ui.link(_("The contact, where this can be undone"), f"/console/people/{done.contact_id}")


def _draw_side(side: Side) -> None:
    ui.link(side.name, f"/console/people/{side.contact_id}").classes("ll-name")
    text(_(ROLES[side.role.value]), f"ll-tag {'user' if side.role is Role.USER else 'lead'}")


async def draw(visit: Visit) -> None:
    """The page: both side by side, or whom to choose from."""
    contact_id, other_id = visit.param("contact"), visit.param("with")
    ui.link(_("← The person"), f"/console/people/{contact_id}")
    if not other_id:
        await choose(visit, contact_id, lambda hit: _draw_look(visit, hit))
        return
    page = MergePage(visit, contact_id, other_id)
    try:
        await page.read()
    except LeadlineError as refusal:
        text(retold(str(refusal)), "ll-empty ll-text", testid="refused-merge")
        ui.link(_("Choose somebody else"), visit.request.url.path)


def _draw_look(visit: Visit, hit: Hit) -> None:
    ui.link(_("Look at both"), visit.here(q="", **{"with": hit.contact.contact_id})).classes("ll-button")
