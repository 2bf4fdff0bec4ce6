"""`/console/duplicates`: groups of contacts that are probably one person, by score or by gain, paged by the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.duplicates import running
from leadline.console.duplicates.batches import became, state_in_words
from leadline.console.duplicates.shown import reasons
from leadline.console.language import _, marked, numeral, plural
from leadline.console.retold import named, retold
from leadline.console.shell import Choice, Column, Search, Section, Table, Visit, button, filters
from leadline.console.shell.contact import ROLES
from leadline.errors import SettingError
from leadline.identity.same_person import unpacked
from leadline.identity.words import phone
from leadline.merging.duplicates.batch_record import FIRST, LATEST, within
from leadline.merging.duplicates.batch_seen import Batch
from leadline.merging.duplicates.desk import LastScan
from leadline.merging.duplicates.group_seen import DuplicatesRefused, GroupSeen, Member, label
from leadline.merging.duplicates.reports import as_csv
from leadline.merging.duplicates.review import LATER, MOST_POINTS
from leadline.merging.duplicates.wording import question
from leadline.model import Struct
from leadline.store.queries import queries

PAGE = 20  # groups
EXPORTED = 10_000  # groups in one file
NEVER = marked("Nobody has looked for duplicates yet. Press Scan: it compares all contacts, and merges nothing.")
NONE = marked("No duplicates are left here.")


class Offer(Struct, frozen=True):
    """What the groups of this page come to. most: merges that the next batch may have."""

    groups: tuple[GroupSeen, ...]
    most: int


class Queue:
    """The page."""

    def __init__(self, visit: Visit, last: LastScan | None) -> None:
        self._visit = visit
        self._duplicates = visit.leadline.duplicates
        filters(
            visit,
            [
                Choice("by", _("Order"), {"gain": _("Most merges first")}, every=_("Strongest evidence first")),
                Search("least", _("Points at least"), kind="number"),
            ],
        )
        self._state = Section("", self._draw_state, testid="state")
        self._offer = Section("", self._draw_offer, testid="offer")
        self._table: Table[GroupSeen] = Table(
            [
                Column(_("Who"), _draw_who, "32%"),
                Column(_("Why"), _draw_why),
                Column(_("Points"), lambda one: text(numeral(round(one.points, 1))), "76px"),
                Column(_("Merges"), lambda one: text(numeral(one.gain)), "76px"),
                Column("", self._acts, "28%"),
            ],
            lambda one: one.group_id,
            empty=_(NONE if last else NEVER),
            testid="groups",
            row="group-row",
        )

    async def refresh(self) -> None:
        """Read the page again."""
        found = await self._read()
        await self._show(found[:PAGE])

    async def first(self) -> None:
        """The page, and the way on."""
        found = await self._read()
        await self._show(found[:PAGE])
        number = _page(self._visit)
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if number > 1:
                ui.link(_("First page"), self._visit.here(page=""))
            if len(found) > PAGE:
                ui.link(_("Next page"), self._visit.here(page=number + 1))

    async def _read(self) -> tuple[GroupSeen, ...]:
        visit = self._visit
        return await self._duplicates.review.page(
            visit.workspace_id,
            min_score=_least(visit),
            by_gain=visit.param("by") == "gain",
            count=PAGE + 1,
            skip=(_page(visit) - 1) * PAGE,
        )

    async def _show(self, groups: Sequence[GroupSeen]) -> None:
        workspace_id = self._visit.workspace_id
        last = await self._duplicates.last_scan(workspace_id)
        batches = await self._duplicates.record.batches(workspace_id, 1)
        self._state.show((last, batches[0] if batches else None))
        self._offer.show(Offer(tuple(one for one in groups if one.plain), await self._most()))
        self._table.show(groups)

    async def _most(self) -> int:
        try:
            return await self._duplicates.record.most(self._visit.workspace_id)
        except DuplicatesRefused:
            return 0

    def _draw_state(self, state: tuple[LastScan | None, Batch | None]) -> None:
        last, batch = state
        with box("ll-acts ll-padded"):
            if last:
                text(
                    _(
                        "{contacts} compared: {groups}. {mergeable} of them can be merged into another contact.",
                        contacts=plural("{count} contact", "{count} contacts", last.contacts),
                        groups=plural("{count} group", "{count} groups", last.groups),
                        mergeable=plural("{count} contact", "{count} contacts", last.mergeable),
                    ),
                    "ll-soft",
                )
                moment(last.scanned_at)
            button(self._visit, _("Scan"), "merge", self._scan, testid="scan")
            if last:
                button(self._visit, _("Download as CSV"), "person", self._download, testid="download")
            if batch:
                what = f"{state_in_words(batch)}, {became(batch)}"
                ui.link(_("Batch {number}: {what}", number=batch.batch_id, what=what), "/console/duplicates/batches")

    def _draw_offer(self, offer: Offer) -> None:
        groups = within(offer.groups, offer.most)
        if not offer.groups:
            return
        with box("ll-acts ll-padded"):
            if offer.most == 0:
                text(
                    _("The first {count} merges come alone, and wait in a batch that is not finished.", count=FIRST),
                    "ll-soft",
                )
                return
            do = partial(running.merge, self._visit, groups)
            gain = sum(one.gain for one in groups)
            words = plural("Merge {count} contact of this page", "Merge {count} contacts of this page", gain)
            button(self._visit, words, "merge", do, kind="strong", ask=retold(question(groups)), testid="merge-page")
            if offer.most != LATEST:
                text(_("The first {count} merges come alone, so that you can look at them.", count=FIRST), "ll-soft")

    def _acts(self, one: GroupSeen) -> None:
        names = ", ".join(named(one.name(member.contact_id)) for member in one.members)
        with box("ll-acts"):
            if one.plain:
                do = partial(running.merge, self._visit, (one,))
                button(self._visit, _("Merge"), "merge", do, ask=retold(question((one,))), testid="merge")
            ask = _("Remember for good that these are not the same person: {names}?", names=names)
            button(self._visit, _("Not the same"), "merge", partial(self._ignore, one), ask=ask, testid="ignore")
            button(self._visit, _("Later"), "merge", partial(self._later, one), testid="later")

    async def _scan(self) -> str:
        scanned = await self._duplicates.scan(self._visit.workspace_id)
        if scanned is None:
            raise SettingError(_("Another process is scanning now. Its groups show here as soon as it is ready."))
        return plural(
            "{count} group of duplicates. Nothing was merged",
            "{count} groups of duplicates. Nothing was merged",
            scanned.groups,
        )

    async def _download(self) -> str:
        """All groups that the filter leaves, with their reasons; the export is an act itself."""
        visit = self._visit
        found = await self._duplicates.review.groups(visit.workspace_id, min_score=_least(visit), count=EXPORTED)
        detail = msgspec.json.encode({"groups": len(found.groups)}).decode()
        async with visit.database.connection() as connection:
            key = {"workspace_id": visit.workspace_id, "act": "duplicates.exported", "subject": None}
            await queries.note_act(connection, **key, detail=detail)
        ui.download.content(as_csv(found.groups), "duplicates.csv")
        left = found.total - len(found.groups)
        told = plural("{count} group", "{count} groups", len(found.groups))
        if left <= 0:
            return told
        return _("{groups}, and {count} more are not in it", groups=told, count=numeral(left))

    async def _ignore(self, one: GroupSeen) -> str:
        await self._duplicates.review.ignore(self._visit.workspace_id, one.group_id, author=self._visit.seat.email)
        return _("Remembered: not the same person")

    async def _later(self, one: GroupSeen) -> str:
        await self._duplicates.review.later(self._visit.workspace_id, one.group_id, author=self._visit.seat.email)
        return plural("Put off for {count} day", "Put off for {count} days", LATER)


def _least(visit: Visit) -> float:
    return min(float(visit.number("least") or 0), MOST_POINTS)


def _page(visit: Visit) -> int:
    return min(max(1, visit.number("page") or 1), 1_000_000)


def _draw_who(group: GroupSeen) -> None:
    ui.link(label(group.members[0]), f"/console/duplicates/{group.group_id}").classes("ll-name")
    for member in group.members:
        with box("ll-row"):
            text(_(ROLES[member.role.value]), f"ll-tag {member.role.value}")
            text(_address(member), "ll-faint")


def _address(member: Member) -> str:
    known = (member.name, member.email, *map(phone, member.phones))
    return ", ".join(filter(None, known)) or member.contact_id


def _draw_why(group: GroupSeen) -> None:
    text(reasons(unpacked(group.pairs[0].evidence)) if group.pairs else _("said by a person"), "ll-text")
    if group.users:
        beside = plural(
            "{count} more user: Intercom's API does not merge users",
            "{count} more users: Intercom's API does not merge users",
            len(group.users),
        )
        text(beside, "ll-faint")


async def draw(visit: Visit) -> None:
    """The page."""
    queue = Queue(visit, await visit.leadline.duplicates.last_scan(visit.workspace_id))
    visit.refresh = queue.refresh
    await queue.first()
