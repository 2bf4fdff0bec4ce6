"""What is stuck for the same reason as one line, and as one question: tried again or given up all together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.shell import Column, Table, Visit, button
from leadline.engine.stuck import Group, drop_all, retry_all
from leadline.identity.words import counted

LOST = {
    "message": ("customer's message does not reach Intercom", "customers' messages do not reach Intercom"),
    "notification": ("reply does not reach its customer", "replies do not reach their customers"),
    "begun": ("message to a customer is not sent", "messages to customers are not sent"),
    "opening": ("conversation is not opened", "conversations are not opened"),
    "status": ("delivery report is not counted", "delivery reports are not counted"),
    "consent": ("opt-out or opt-in is not noted", "opt-outs or opt-ins are not noted"),
    "merge": ("merge is not made", "merges are not made"),
    "erasure": ("erasure is not made", "erasures are not made"),
}
"""Kind of an arrival → what does not happen when it is dropped."""
OTHER = ("other thing is not done", "other things are not done")
Progress = Callable[[str], None]


class Groups:
    """The table of groups. tell: where the progress of an act stands."""

    def __init__(self, visit: Visit, tell: Progress) -> None:
        self._visit = visit
        self._tell = tell
        self._table: Table[Group] = Table(
            [
                Column("Why", _draw_why),
                Column("Channel", lambda one: text(one.channel or "none"), "16%"),
                Column("Since", lambda one: moment(one.since), "130px"),
                Column("", self._acts, "310px"),
            ],
            lambda one: (one.state, one.reason, one.channel_id),
            title="By reason",
            empty="No reason is shared by two or more.",
            testid="groups",
            row="group-row",
        )

    def show(self, groups: Sequence[Group]) -> None:
        """Groups that did not change stay as they are drawn."""
        self._table.show(groups)

    def _acts(self, one: Group) -> None:
        with box("ll-acts"):
            ui.link("Show", group_address(self._visit, one))
            draw_acts(self._visit, [one], self._tell)


def group_address(visit: Visit, one: Group) -> str:
    """The list of this group."""
    return visit.here(state=one.state, reason=one.reason, channel=one.channel_id, after="")


def draw_acts(visit: Visit, groups: Sequence[Group], tell: Progress) -> None:
    """Buttons that retry or drop all of these groups."""
    everything = sum(one.count for one in groups)
    stuck = [one for one in groups if one.state == "parked"]
    if everything:
        ask = f"Try {counted(everything, 'thing')} again, also those that this page does not show?"
        do = partial(_all, visit, groups, retry_all, "Trying {:,} again", tell)
        button(visit, f"Retry {everything:,}", "retry", do, ask=ask, testid="retry-all")
    if stuck:
        count = sum(one.count for one in stuck)
        ask = f"Give {count:,} up for good? {loss(stuck)} Their raw form stays on record."
        do = partial(_all, visit, stuck, drop_all, "{:,} dropped", tell)
        button(visit, f"Drop {count:,}", "drop", do, kind="danger", ask=ask, testid="drop-all")


def loss(groups: Sequence[Group]) -> str:
    """What does not happen any more when all of these are dropped."""
    counts: dict[tuple[str, str], int] = {}
    for one in groups:
        for kind, count in one.kinds.items():
            words = LOST.get(kind, OTHER)
            counts[words] = counts.get(words, 0) + count
    parts = [f"{count:,} {words[count != 1]}" for words, count in sorted(counts.items(), key=lambda each: -each[1])]
    return "; ".join(parts) + "." if parts else ""


async def _all(
    visit: Visit, groups: Sequence[Group], act: Callable[..., AsyncIterator[int]], words: str, tell: Progress
) -> str:
    """Group by group, bite by bite; what was not asked about is left alone."""
    done, whole = 0, sum(one.count for one in groups)
    try:
        for one in groups:
            async for count in act(visit.database, visit.workspace_id, one):
                done += count
                tell(f"{done:,} of {whole:,} done" if done < whole else "")
    finally:
        tell("")
    left = f"; {whole - done:,} had changed meanwhile" if done < whole else ""
    return words.format(done) + left


def matching(groups: Sequence[Group], asked: Mapping[str, object]) -> list[Group]:
    """Those that the page's filter leaves; None leaves nothing out."""
    return [one for one in groups if all(value is None or getattr(one, name) == value for name, value in asked.items())]


def _draw_why(one: Group) -> None:
    with box("ll-acts"):
        text(one.state, f"ll-tag {'bad' if one.state == 'parked' else 'plain'}")
        text(f"{one.count:,}", "ll-name")
        text(one.reason.replace("_", " "), "ll-soft")
    text(one.explanation, "ll-text")
