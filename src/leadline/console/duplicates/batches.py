"""`/console/duplicates/batches`: what was merged together, stopped, gone on with, and taken back; and one batch."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from leadline.console.drawing import box, moment, outside, text
from leadline.console.duplicates import running
from leadline.console.language import _, marked, numeral, plural
from leadline.console.retold import retold
from leadline.console.shell import Column, Section, Table, Visit, button
from leadline.identity.merge_refusals import MergeRefused
from leadline.merging.duplicates.batch_seen import STATES, Batch, BatchMerge
from leadline.merging.duplicates.group_seen import DuplicatesRefused
from leadline.model import Struct

SHOWN = 50  # batches, or merges of one
TONES = {"done": "good", "running": "plain", "partly_undone": "bad"}
MERGE_STATES = {
    "merged": marked("merged"),
    "undone": marked("undone"),
    "refused": marked("refused"),
    "skipped": marked("skipped"),
    "waiting": marked("waiting"),
}
MERGE_TONES = {"merged": "good", "undone": "plain", "waiting": "plain", "refused": "bad", "skipped": "warn"}


class Seen(Struct, frozen=True):
    """One merge of a batch, with the names its journal has."""

    merge: BatchMerge
    from_name: str
    into_name: str


class Acts:
    """What can be done with a batch."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._batches = visit.leadline.duplicates.batches

    def draw(self, batch: Batch) -> None:
        """The buttons that its state allows."""
        with box("ll-acts"):
            if batch.state == "running" and batch.at_work:
                button(self._visit, _("Stop"), "merge", partial(self._stop, batch), testid="stop")
            elif batch.waiting and batch.state in ("running", "stopped"):
                ask = plural(
                    "Resume batch {number}? {count} merge is waiting.",
                    "Resume batch {number}? {count} merges are waiting.",
                    batch.waiting,
                    number=batch.batch_id,
                )
                button(self._visit, _("Resume"), "merge", partial(self._go_on, batch), ask=ask, testid="go-on")
            if batch.merged and not batch.at_work:
                ask = plural(
                    "Undo the {count} merge of batch {number}? Each contact comes back as a new "
                    "lead, as far as Intercom allows it.",
                    "Undo the {count} merges of batch {number}? Each contact comes back as a new "
                    "lead, as far as Intercom allows it.",
                    batch.merged,
                    number=batch.batch_id,
                )
                undo = partial(self._undo, batch)
                button(self._visit, _("Undo"), "undo", undo, kind="danger", ask=ask, testid="undo")

    async def _stop(self, batch: Batch) -> str:
        await self._batches.stop(self._visit.workspace_id, batch.batch_id)
        return _("Batch {number} stops after the current merge", number=batch.batch_id)

    async def _go_on(self, batch: Batch) -> str:
        await running.nobody_at_work(self._visit)
        running.begin(self._batches.run(self._visit.workspace_id, batch.batch_id))
        return _("Batch {number} has been resumed", number=batch.batch_id)

    async def _undo(self, batch: Batch) -> str:
        await running.nobody_at_work(self._visit)
        author = self._visit.seat.email
        running.begin(self._batches.undo(self._visit.workspace_id, batch.batch_id, author=author))
        return _("Batch {number} is being undone", number=batch.batch_id)


class History:
    """The page of all."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        acts = Acts(visit)
        ui.link(_("All duplicates"), "/console/duplicates")
        self._table: Table[Batch] = Table(
            [
                Column(_("Batch"), _draw_number, "26%"),
                Column(_("State"), _draw_state, "22%"),
                Column(_("What happened to the merges"), lambda batch: text(became(batch))),
                Column("", acts.draw, "170px"),
            ],
            lambda batch: batch.batch_id,
            empty=_("Nothing has been merged in a batch yet."),
            testid="batches",
            row="batch-row",
        )

    async def refresh(self) -> None:
        """Read them again."""
        visit = self._visit
        self._table.show(await visit.leadline.duplicates.record.batches(visit.workspace_id, SHOWN))


class BatchPage:
    """The page of one batch."""

    def __init__(self, visit: Visit, number: int) -> None:
        self._visit = visit
        self._number = number
        self._skip = max(0, visit.number("after") or 0)
        self._seen: dict[BatchMerge, Seen] = {}
        """Merges that are drawn already: their names come out of the journal, one by one."""
        self._acts = Acts(visit)
        ui.link(_("All batches"), "/console/duplicates/batches")
        self._state = Section("", self._draw_state, testid="state")
        self._table: Table[Seen] = Table(
            [
                Column(_("From"), lambda one: self._draw_contact(one.merge.from_id, one.from_name), "24%"),
                Column(_("Into"), lambda one: self._draw_contact(one.merge.into_id, one.into_name), "24%"),
                Column(_("State"), _draw_outcome),
            ],
            lambda one: one.merge.position,
            empty=_("This batch has no more merges."),
            testid="merges",
            row="merge-row",
        )

    async def refresh(self) -> None:
        """Read it again; raises DuplicatesRefused where there is none."""
        visit, record = self._visit, self._visit.leadline.duplicates.record
        batch = await record.batch(visit.workspace_id, self._number)
        merges = await record.merges(visit.workspace_id, self._number, count=SHOWN, skip=self._skip)
        self._seen = {merge: self._seen.get(merge) or await self._look(merge) for merge in merges}
        self._state.show(batch)
        self._table.show([*self._seen.values()])

    async def _look(self, merge: BatchMerge) -> Seen:
        if merge.merge_id is None:
            return Seen(merge, merge.from_id, merge.into_id)
        try:
            made = await self._visit.leadline.merging.record(self._visit.workspace_id, merge.merge_id)
        except MergeRefused:
            return Seen(merge, merge.from_id, merge.into_id)
        return Seen(merge, made.from_name or merge.from_id, made.into_name or merge.into_id)

    def _draw_state(self, batch: Batch) -> None:
        with box("ll-acts ll-padded"):
            _draw_state(batch)
            text(became(batch), "ll-soft")
            self._acts.draw(batch)
        with box("ll-acts ll-padded ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if self._skip:
                ui.link(_("First merges"), self._visit.here(after=""))
            if batch.merges > self._skip + SHOWN:
                ui.link(_("Next merges"), self._visit.here(after=self._skip + SHOWN))

    def _draw_contact(self, contact_id: str, name: str) -> None:
        outside(name, self._visit.contact_link(contact_id))
        if name != contact_id:
            text(contact_id, "ll-faint ll-mono")


def _draw_number(batch: Batch) -> None:
    ui.link(
        plural("Batch {number}: {count} merge", "Batch {number}: {count} merges", batch.merges, number=batch.batch_id),
        f"/console/duplicates/batches/{batch.batch_id}",
    )
    text(batch.author, "ll-faint")
    moment(batch.made_at)


def _draw_state(batch: Batch) -> None:
    tone = "bad" if batch.broken_off else TONES.get(batch.state, "plain")
    text(state_in_words(batch), f"ll-tag {tone}", testid="batch-state")


def state_in_words(batch: Batch) -> str:
    """Its state in words."""
    state = _(STATES[batch.state])
    return _("{state}, broken off", state=state) if batch.broken_off else state


def became(batch: Batch) -> str:
    """What became of its merges: "8 merged, 1 refused"."""
    counts = {words: getattr(batch, name) for name, words in MERGE_STATES.items()}
    return ", ".join(f"{numeral(count)} {_(words)}" for words, count in counts.items() if count) or _("nothing")


def _draw_outcome(one: Seen) -> None:
    text(_(MERGE_STATES[one.merge.state]), f"ll-tag {MERGE_TONES[one.merge.state]}")
    text(retold(one.merge.explanation), "ll-text ll-faint")


async def draw(visit: Visit) -> None:
    """The page of all batches."""
    history = History(visit)
    visit.refresh = history.refresh
    await history.refresh()


async def draw_one(visit: Visit) -> None:
    """The page of one batch, or a word that there is none."""
    one = BatchPage(visit, visit.number("number") or 0)
    try:
        await one.refresh()
    except DuplicatesRefused as missing:
        text(retold(str(missing)), "ll-empty", testid="missing")
        return
    visit.refresh = one.refresh
