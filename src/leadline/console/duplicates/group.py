"""`/console/duplicates/<contact>`: one group side by side, why it is likely, what speaks against, what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.duplicates import running
from leadline.console.duplicates.shown import Bar, bars
from leadline.console.language import _, marked, plural
from leadline.console.retold import named, retold
from leadline.console.shell import Column, Section, Table, Visit, button
from leadline.console.shell.contact import contact
from leadline.identity.same_person import unpacked
from leadline.identity.words import phone
from leadline.merging.duplicates.group_seen import (
    DuplicatesRefused,
    GroupSeen,
    Member,
    PairSeen,
    label,
    leaving,
    staying,
    why_not_into,
)
from leadline.merging.duplicates.reports import proposal
from leadline.merging.duplicates.review import LATER
from leadline.merging.duplicates.survivors import Step
from leadline.merging.duplicates.wording import SAID, proposed, question

GONE = marked("This contact is no longer in a group of duplicates.")


class Group:
    """The page. contact_id: of any contact in the group."""

    def __init__(self, visit: Visit, contact_id: str) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._into = ""
        """Who of the group is to stay, where a person chose another one than is proposed."""
        self._asked_of: tuple[Step, ...] = ()
        self._why: Mapping[str, str] = {}
        self._review = visit.leadline.duplicates.review
        self._gone = Section("", self._draw_gone, testid="gone")
        self._proposed = Section(_("What is proposed"), self._draw_proposed, testid="proposed")
        self._members: Table[tuple[GroupSeen, Member]] = Table(
            [
                Column(_("Contact"), self._draw_contact, "25%"),
                Column(_("E-mail"), _draw_email),
                Column(_("Phones"), _draw_phones),
                Column(
                    _("Updated"),
                    lambda row: moment(row[1].updated_at) if row[1].updated_at else text(_("unknown"), "ll-faint"),
                    "110px",
                ),
                Column("", self._member_acts, "26%"),
            ],
            lambda row: row[1].contact_id,
            title=_("Field by field"),
            empty=_("Nobody is left."),
            testid="members",
            row="member-row",
        )
        self._pairs = Section(_("What makes it likely, and what speaks against"), self._draw_pairs, testid="pairs")

    async def refresh(self) -> None:
        """Read it again; what is left of a group stays on the page."""
        try:
            group = await self._asked(await self._review.group(self._visit.workspace_id, self._contact_id))
        except DuplicatesRefused:
            self._gone.show(GONE)
            self._proposed.show(None)
            self._members.show([])
            self._pairs.show(None)
            return
        self._gone.show("")
        self._proposed.show(group)
        self._members.show([(group, member) for member in group.members])
        self._pairs.show(group)

    def _chosen(self, group: GroupSeen) -> GroupSeen:
        """With the one that a person chose to stay, as long as it can."""
        return staying(group, self._into) if self._into and not why_not_into(group, self._into) else group

    async def _asked(self, group: GroupSeen) -> GroupSeen:
        """With what Intercom says of users that would be merged, asked once for each proposal and not at each look."""
        group = self._chosen(group)
        if group.steps != self._asked_of:
            [asked] = await self._visit.leadline.duplicates.previewed(self._visit.workspace_id, [group])
            self._asked_of, self._why = group.steps, asked.why
        return leaving(group, self._why) if self._why else group

    def _draw_gone(self, sentence: str) -> None:
        if sentence:
            with box("ll-acts ll-padded"):
                text(_(sentence))
                ui.link(_("All duplicates"), "/console/duplicates")
                ui.link(_("Merged in batches"), "/console/duplicates/batches")

    def _draw_proposed(self, group: GroupSeen | None) -> None:
        if group is None:
            return
        with box("ll-padded ll-stack"), box("ll-steps", "ol"):
            for line in proposed(group):
                with box("", "li"):
                    text(retold(line), "ll-text")
        with box("ll-acts ll-padded"):
            if group.steps:
                do = partial(running.merge, self._visit, (group,))
                words = plural("Merge {count} contact", "Merge {count} contacts", group.gain)
                ask = retold(question((group,))) + _becomes_user(group)
                button(self._visit, words, "merge", do, kind="strong", ask=ask, testid="merge")
            names = ", ".join(named(group.name(member.contact_id)) for member in group.members)
            ask = _("Remember for good that these are all different people: {names}?", names=names)
            button(self._visit, _("Not the same"), "merge", self._ignore, ask=ask, testid="ignore")
            button(self._visit, _("Later"), "merge", self._later, testid="later")
            button(self._visit, _("Unsure"), "merge", self._unsure, testid="unsure")

    def _draw_contact(self, row: tuple[GroupSeen, Member]) -> None:
        group, member = row
        with box("ll-acts"):
            contact(self._visit, member.contact_id, label(member), member.role.value)
            text(_(proposal(group, member)), f"ll-tag {'good' if member.stays else 'plain'}")
        text(member.contact_id, "ll-faint ll-mono")

    def _member_acts(self, row: tuple[GroupSeen, Member]) -> None:
        group, member = row
        if not member.stays:
            self._keep_act(group, member)
        if len(group.members) > 2:
            ask = _(
                "Remember for good that {name} is not one of the others?", name=named(group.name(member.contact_id))
            )
            do = partial(self._ignore, only=member.contact_id)
            button(self._visit, _("Somebody else"), "merge", do, ask=ask, testid="ignore-one")

    def _keep_act(self, group: GroupSeen, member: Member) -> None:
        if why := why_not_into(group, member.contact_id):
            text(retold(why), "ll-faint ll-text", testid="cannot-stay")
        else:
            do = partial(self._keep, member.contact_id, named(group.name(member.contact_id)))
            button(self._visit, _("Keep this one"), "merge", do, testid="keep")

    def _draw_pairs(self, group: GroupSeen | None) -> None:
        if group is None:
            return
        if not group.pairs:
            text(_("A person said that they are the same."), "ll-empty")
        for pair in group.pairs:
            with box("ll-padded ll-stack", testid="pair"):
                with box("ll-acts", "h3"):
                    names = {"one": named(group.name(pair.one_id)), "other": named(group.name(pair.other_id))}
                    text(_("{one} and {other}", **names), "ll-name")
                    if pair.verdict:
                        text(_(SAID[pair.verdict]), "ll-tag plain")
                _draw_bars(bars(unpacked(pair.evidence)))
                if len(group.members) > 2 and pair.verdict != "different":
                    self._pair_act(group, pair)

    def _pair_act(self, group: GroupSeen, pair: PairSeen) -> None:
        ask = _(
            "Remember for good that {one} and {other} are not the same person?",
            one=named(group.name(pair.one_id)),
            other=named(group.name(pair.other_id)),
        )
        do = partial(self._ignore, only=pair.one_id, other=pair.other_id)
        with box("ll-acts"):
            button(self._visit, _("These two are not the same"), "merge", do, ask=ask, testid="ignore-pair")

    async def _keep(self, contact_id: str, name: str) -> str:
        self._into = contact_id
        return _("{name} is to stay. Nothing is merged yet", name=name)

    async def _ignore(self, only: str = "", other: str = "") -> str:
        who = {"author": self._visit.seat.email, "only": only, "other": other}
        await self._review.ignore(self._visit.workspace_id, self._contact_id, **who)
        return _("Remembered: not the same person")

    async def _later(self) -> str:
        await self._review.later(self._visit.workspace_id, self._contact_id, author=self._visit.seat.email)
        return plural("Put off for {count} day", "Put off for {count} days", LATER)

    async def _unsure(self) -> str:
        await self._review.unsure(self._visit.workspace_id, self._contact_id, author=self._visit.seat.email)
        return _("Remembered: unsure")


def _becomes_user(group: GroupSeen) -> str:
    """What a person must know of a group of leads alone."""
    promoted = next((step for step in group.steps if step.way == "promote"), None)
    return (
        " " + _("{name} is first made a user, for good.", name=named(group.name(promoted.into_id))) if promoted else ""
    )


def _draw_bars(found: tuple[Bar, ...]) -> None:
    with box("ll-weights", "ul"):
        for bar in found:
            with box("ll-weight", "li"):
                text(bar.words, "ll-name" if bar.kind == "sum" else "")
                text(bar.points, "ll-points")
                with box("ll-beam") as track:
                    track.props["aria-hidden"] = "true"
                    box(f"ll-load {bar.kind}").style(f"inset-inline-start: {bar.begin}%; width: {bar.width}%")


def _draw_email(row: tuple[GroupSeen, Member]) -> None:
    _draw_values(row, lambda one: (one.email,) if one.email else ())


def _draw_phones(row: tuple[GroupSeen, Member]) -> None:
    _draw_values(row, lambda one: tuple(map(phone, one.phones)))


def _draw_values(row: tuple[GroupSeen, Member], of: Callable[[Member], tuple[str, ...]]) -> None:
    """A contact's values of one field, and whether the one that stays has them too."""
    group, member = row
    mine, kept = of(member), of(group.members[0])
    for value in mine:
        text(value, "ll-text")
    if not mine:
        text(_("none"), "ll-faint")
    elif not member.stays and kept:
        same = bool({*mine} & {*kept})
        text(_("the same") if same else _("another one"), f"ll-tag {'good' if same else 'warn'}")


async def draw(visit: Visit) -> None:
    """The page."""
    group = Group(visit, visit.param("contact"))
    visit.refresh = group.refresh
    await group.refresh()
