"""A merge through the panel: find, choose, look at both sides, confirm, result; and the way back. `desk.py` calls it.

What is going on stands in the canvas's stored data, so that any process can go on with it. `merging/desk.py` sees to it
that a merge happens once, however often it is confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec

from leadline.identity.merge import Option, Preview, Side, Way
from leadline.identity.merge_refusals import MergeRefused
from leadline.intercom import inbox_app, inbox_compare, inbox_merge
from leadline.intercom.canvas import Canvas
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Compared, Hit, Outcome
from leadline.intercom.inbox_views import Merging as MergingView
from leadline.merging import Merging, OpenTwins
from leadline.merging.desk import NO_WISHES, Wishes
from leadline.merging.foretold import moves_foretold, undo_foretold
from leadline.merging.records import STATES
from leadline.model import Role
from leadline.panel.records import hit_of, join_of, merge_record, number_of
from leadline.people.contact_search import MOST_FOUND, intercom_id

WAIT = 0.5  # seconds to wait for Intercom before the canvas says that it goes on
CHANGED = "One of the two contacts has changed since you looked. Check again, then confirm."

Suggest = Callable[[PanelRequest], Awaitable[tuple[Sequence[Hit], bool]]]


class Merges:
    """The screens of a merge. `suggest` gives the likely contacts, and whether more are still loading."""

    def __init__(self, merging: Merging, open_twins: OpenTwins, suggest: Suggest) -> None:
        self._merging = merging
        self._open_twins = open_twins
        self._suggest = suggest

    async def choose(self, request: PanelRequest, purpose: str) -> Canvas:
        """Whom to merge with: a field, and who it may be."""
        hits, late = await self._suggest(request)
        return inbox_merge.choose(purpose, hits, late=late)

    async def found(self, request: PanelRequest, purpose: str) -> Canvas | Hit:
        """The one contact that fits what was typed; else a canvas that says what to do about none or several."""
        typed = request.value("target")
        try:
            hits = [hit_of(one) for one in await self._merging.find(request.workspace_id, typed)] if typed else []
        except MergeRefused as refusal:
            return await self._again(request, purpose, typed, str(refusal))
        own = request.contact.contact_id if request.contact else ""
        others = [hit for hit in hits if hit.contact_id != own]
        if len(others) == 1:
            return others[0]
        if others:
            return inbox_merge.several(purpose, others, typed, cut=len(hits) == MOST_FOUND)
        return await self._again(request, purpose, typed, _nobody(typed, bool(hits)))

    async def _again(self, request: PanelRequest, purpose: str, typed: str, complaint: str) -> Canvas:
        hits, late = await self._suggest(request)
        archived = intercom_id(typed) if request.component_id == "find" else ""
        return inbox_merge.choose(purpose, hits, typed=typed, complaint=complaint, late=late, archived=archived)

    async def restored(self, request: PanelRequest, purpose: str) -> Canvas | str:
        """The id of a contact that is back from Intercom's archive; else a canvas that says why it is not."""
        contact_id = request.component_id.partition(":")[2]
        if await self._merging.restore(request.workspace_id, contact_id):
            return contact_id
        return await self._again(request, purpose, contact_id, f"{contact_id} was merged or deleted for good.")

    async def chosen(self, request: PanelRequest, purpose: str, contact_id: str) -> Canvas:
        """The preview of the merge with this contact; between two leads first the choice of a way."""
        own = request.contact.contact_id if request.contact else ""
        pair = (contact_id, own) if purpose == "gather" else (own, contact_id)
        return await self._looked(_without_wishes(request), *pair, way="")

    async def way(self, request: PanelRequest) -> Canvas:
        """The preview of one way to bring the two together."""
        return await self._again_looked(request, way=request.component_id.partition(":")[2])

    async def take(self, request: PanelRequest) -> Canvas:
        """The other value of this field stays."""
        taken, field = _wishes(request).take, request.component_id.partition(":")[2]
        take = [name for name in taken if name != field] if field in taken else [*taken, field]
        return await self._again_looked(_storing(request, take=take))

    async def keep_lost(self, request: PanelRequest) -> Canvas:
        """What is lost is kept as a note, or after all not."""
        return await self._again_looked(_storing(request, keep_lost=not _wishes(request).keep_lost))

    async def more(self, request: PanelRequest) -> Canvas:
        """The fields that the preview had no room for."""
        start = request.component_id.partition(":")[2]
        return await self._again_looked(request, start=int(start) if start.isdecimal() else 0)

    async def _again_looked(self, request: PanelRequest, *, way: str = "", start: int = 0) -> Canvas:
        source, target = request.kept("from"), request.kept("into")
        return await self._looked(request, source, target, way=way or request.kept("way"), start=start)

    async def confirm(self, request: PanelRequest) -> Canvas:
        """Do what the preview showed. A stale one is shown anew; a second press finds the first one's merge."""
        source, target, way = request.kept("from"), request.kept("into"), request.kept("way")
        try:
            merged = await self._merging.merge(
                request.workspace_id,
                source,
                target,
                author=request.author,
                token=request.kept("token"),
                way=cast("Way", way),  # refused where it is none
                wishes=_wishes(request),
                wait=WAIT,
            )
        except MergeRefused as refusal:
            if refusal.code == "stale":
                return await self._looked(request, source, target, way=way, notice=CHANGED)
            return inbox_app.trouble(str(refusal), title="Not merged", again="merge")
        if merged.state == "calling":
            return inbox_app.working(request.component_id, request.values, request.stored, merged.sentence)
        title = "Done" if merged.state == "merged" else "Waiting"
        told = (merged.sentence, *(f"Not as previewed: {line}" for line in merged.differences))
        twins = await self._open_twins.of(request.workspace_id, merged.contact_id) if way != "reroute" else ()
        return inbox_app.outcome(
            Outcome(title=title, sentences=told, undo=f"undo:{merged.merge_id}", joins=tuple(map(join_of, twins)))
        )

    async def ask_undo(self, request: PanelRequest) -> Canvas:
        """What taking a merge back would do, before it is done."""
        number = number_of(request.component_id)
        record = await self._merging.record(request.workspace_id, number)
        if not record.undoable:
            return inbox_app.trouble(f"This merge is {STATES.get(record.state, record.state)}, so it cannot be undone.")
        stored = {"undo": f"undo:{number}"}
        return inbox_merge.confirm_undo(merge_record(record), undo_foretold(record), stored)

    async def undo(self, request: PanelRequest) -> Canvas:
        """Take a merge back, and say what came back and what cannot."""
        try:
            undone = await self._merging.undo(
                request.workspace_id, number_of(request.kept("undo")), author=request.author, wait=WAIT
            )
        except MergeRefused as refusal:
            return inbox_app.trouble(str(refusal), title="Not undone")
        if undone.state == "undoing":
            return inbox_app.working(request.component_id, request.values, request.stored)
        lost = (f"Not restored: {' '.join(undone.lost)}",) if undone.lost else ()
        return inbox_app.outcome(Outcome(title="Undone", sentences=(*undone.returned, *lost)))

    async def _looked(
        self, request: PanelRequest, source: str, target: str, *, way: str, notice: str = "", start: int = 0
    ) -> Canvas:
        wishes = _wishes(request)
        try:
            preview = await self._merging.preview(request.workspace_id, source, target, wishes.take)
            usual = preview.options[0].way
            if not way and usual == "promote":
                return inbox_merge.ways(_side(preview.source), _side(preview.target), _stored(preview, ""))
            option = preview.option(way or usual)
        except MergeRefused as refusal:
            return inbox_app.trouble(str(refusal), title="These two cannot be merged", again="merge")
        view, stored = _view(preview, option, wishes), _stored(preview, option.way, wishes)
        return inbox_compare.page(view, stored, start) if start else inbox_merge.preview(view, stored, notice=notice)


def purpose_of(request: PanelRequest) -> str:
    """A lead goes into somebody; a user can only take leads in."""
    return "gather" if request.contact and request.contact.role is Role.USER else "merge"


def _side(side: Side) -> Hit:
    name, email, phone, external_id = (
        str(side.fields.get(field) or "") for field in ("name", "email", "phone", "external_id")
    )
    return Hit(
        contact_id=side.contact_id,
        role=side.role.value,
        name=name,
        email=email,
        phone=phone,
        external_id=external_id,
    )


def _view(preview: Preview, option: Option, wishes: Wishes) -> MergingView:
    changes = (
        Compared(
            field=one.label,
            source=one.from_value,
            target=one.into_value,
            kept=one.result,
            outcome=one.outcome,
            key=one.key,
            takeable=one.takeable,
        )
        for one in option.changes
    )
    return MergingView(
        way=option.way,
        source=_side(preview.source),
        target=_side(preview.target),
        fields=tuple(changes),
        moves=tuple(moves_foretold(option, preview.target.name)),
        warnings=tuple(one.detail for one in preview.warnings if one.code != "lead_target"),
        keep_lost=wishes.keep_lost,
        checked=preview.checked and option.way == "merge",
        apart=preview.apart if option.way == "merge" else (),
    )


def _stored(preview: Preview, way: str, wishes: Wishes = NO_WISHES) -> dict[str, Any]:
    ids = {"from": preview.source.contact_id, "into": preview.target.contact_id}
    return ids | {"way": way, "token": preview.token, "take": wishes.take, "keep_lost": wishes.keep_lost}


def _wishes(request: PanelRequest) -> Wishes:
    """What the teammate chose in this preview so far."""
    taken = request.stored.get("take")
    take = tuple(name for name in taken if isinstance(name, str)) if isinstance(taken, list) else ()
    return Wishes(take=take, keep_lost=request.stored.get("keep_lost") is True)


def _storing(request: PanelRequest, **more: Any) -> PanelRequest:
    return msgspec.structs.replace(request, stored=request.stored | more)


def _without_wishes(request: PanelRequest) -> PanelRequest:
    """For another pair, nothing was chosen yet."""
    return _storing(request, take=[], keep_lost=False)


def _nobody(typed: str, itself: bool) -> str:
    if not typed:
        return "Type an id, an e-mail address, a phone number or the link to a profile."
    if itself:
        return "That is this contact. Choose another one."
    return f"No contact in Intercom has “{inbox_app.clip(typed, 80)}”. Check the spelling, or try something else."
