"""What is stuck for the same reason as one line, and as one question: tried again or given up all together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.language import _, forms, marked, numeral, plural
from leadline.console.retold import retold
from leadline.console.shell import Column, Table, Visit, button
from leadline.console.waiting.causes import cause
from leadline.engine.stuck import Group, drop_all, retry_all

STATES = {"parked": marked("parked"), "waiting": marked("waiting")}
LOST = {
    "message": forms(
        "{count} customer's message does not reach Intercom", "{count} customers' messages do not reach Intercom"
    ),
    "notification": forms("{count} reply does not reach its customer", "{count} replies do not reach their customers"),
    "begun": forms("{count} message to a customer is not sent", "{count} messages to customers are not sent"),
    "opening": forms("{count} conversation is not opened", "{count} conversations are not opened"),
    "status": forms("{count} delivery report is not counted", "{count} delivery reports are not counted"),
    "consent": forms("{count} opt-out or opt-in is not noted", "{count} opt-outs or opt-ins are not noted"),
    "merge": forms("{count} merge is not made", "{count} merges are not made"),
    "erasure": forms("{count} erasure is not made", "{count} erasures are not made"),
}
"""Kind of an arrival → what does not happen when it is dropped."""
OTHER = forms("{count} other thing is not done", "{count} other things are not done")
Progress = Callable[[str], None]


class Groups:
    """The table of groups. tell: where the progress of an act stands."""

    def __init__(self, visit: Visit, tell: Progress) -> None:
        self._visit = visit
        self._tell = tell
        self._table: Table[Group] = Table(
            [
                Column(_("Why"), _draw_why),
                Column(_("Channel"), lambda one: text(one.channel or _("none")), "16%"),
                Column(_("Since"), lambda one: moment(one.since), "130px"),
                Column("", self._acts, "310px"),
            ],
            lambda one: (one.state, one.reason, one.channel_id),
            title=_("By reason"),
            empty=_("No reason is shared by two or more."),
            testid="groups",
            row="group-row",
        )

    def show(self, groups: Sequence[Group]) -> None:
        """Groups that did not change stay as they are drawn."""
        self._table.show(groups)

    def _acts(self, one: Group) -> None:
        with box("ll-acts"):
            ui.link(_("Show"), group_address(self._visit, one))
            draw_acts(self._visit, [one], self._tell)


def group_address(visit: Visit, one: Group) -> str:
    """The list of this group."""
    return visit.here(state=one.state, reason=one.reason, channel=one.channel_id, after="")


def draw_acts(visit: Visit, groups: Sequence[Group], tell: Progress) -> None:
    """Buttons that retry or drop all of these groups."""
    everything = sum(one.count for one in groups)
    stuck = [one for one in groups if one.state == "parked"]
    if everything:
        ask = plural(
            "Try {count} thing again, also those that this page does not show?",
            "Try {count} things again, also those that this page does not show?",
            everything,
        )
        do = partial(_all, visit, groups, retry_all, marked("Trying {count} again"), tell)
        button(visit, _("Retry {count}", count=numeral(everything)), "retry", do, ask=ask, testid="retry-all")
    if stuck:
        count = sum(one.count for one in stuck)
        ask = _(
            "Give {count} up for good? {loss} Their raw form stays on record.", count=numeral(count), loss=loss(stuck)
        )
        do = partial(_all, visit, stuck, drop_all, marked("{count} dropped"), tell)
        button(visit, _("Drop {count}", count=numeral(count)), "drop", do, kind="danger", ask=ask, testid="drop-all")


def loss(groups: Sequence[Group]) -> str:
    """What does not happen any more when all of these are dropped."""
    counts: dict[tuple[str, str], int] = {}
    for one in groups:
        for kind, count in one.kinds.items():
            words = LOST.get(kind, OTHER)
            counts[words] = counts.get(words, 0) + count
    parts = [plural(*words, count) for words, count in sorted(counts.items(), key=lambda each: -each[1])]
    return "; ".join(parts) + "." if parts else ""


async def _all(
    visit: Visit, groups: Sequence[Group], act: Callable[..., AsyncIterator[int]], words: str, tell: Progress
) -> str:
    """Group by group, batch by batch; what was not asked about is left alone."""
    done, whole = 0, sum(one.count for one in groups)
    try:
        for one in groups:
            async for count in act(visit.database, visit.workspace_id, one):
                done += count
                tell(_("{done} of {all} done", done=numeral(done), all=numeral(whole)) if done < whole else "")
    finally:
        tell("")
    told = _(words, count=numeral(done))
    if done == whole:
        return told
    left = plural("{count} had changed meanwhile", "{count} had changed meanwhile", whole - done)
    return f"{told}; {left}"


def matching(groups: Sequence[Group], asked: Mapping[str, object]) -> list[Group]:
    """Those that the page's filter leaves; None leaves nothing out."""
    return [one for one in groups if all(value is None or getattr(one, name) == value for name, value in asked.items())]


def _draw_why(one: Group) -> None:
    with box("ll-acts"):
        text(_(STATES[one.state]), f"ll-tag {'bad' if one.state == 'parked' else 'plain'}")
        text(numeral(one.count), "ll-name")
        text(cause(one.reason), "ll-soft")
    text(retold(one.explanation), "ll-text")
