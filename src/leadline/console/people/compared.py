"""Field by field: both values of a merge, what is left, and which value a person may keep instead."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _
from leadline.console.retold import retold
from leadline.console.shell import Column, Table, Visit
from leadline.identity.merge_changes import OUTCOMES, Change

TONES = {"discarded": "bad", "replaced": "warn", "merged": "good", "adopted": "good"}


def draw_fields(visit: Visit, changes: Sequence[Change], take: Sequence[str], names: tuple[str, str]) -> None:
    """The table. take: keys of the fields whose value of the one that goes is kept; names: of both."""
    table: Table[Change] = Table(
        [
            Column(_("Field"), lambda one: text(one.label if one.attribute else retold(one.label), "ll-name"), "16%"),
            Column(_("{name} (goes)", name=names[0]), lambda one: text(one.from_value, "ll-text"), "24%"),
            Column(_("{name} (stays)", name=names[1]), lambda one: text(one.into_value, "ll-text"), "24%"),
            Column(_("After the merge"), lambda one: _draw_result(visit, one, take)),
        ],
        lambda one: one.key,
        empty=_("Both contacts stay as they are."),
        testid="fields",
        row="field",
    )
    table.show(changes)


def _draw_result(visit: Visit, one: Change, take: Sequence[str]) -> None:
    text(one.result, "ll-text")
    with box("ll-acts"):
        if OUTCOMES[one.outcome]:
            words = _("the other value is lost") if one.outcome == "discarded" else _(OUTCOMES[one.outcome])
            text(words, f"ll-tag {TONES.get(one.outcome, 'plain')}")
        if one.takeable:
            kept = [key for key in take if key != one.key] if one.key in take else [*take, one.key]
            words = _("Leave it as it is") if one.key in take else _("Keep the other value")
            ui.link(words, visit.here(take=",".join(kept))).props["data-testid"] = "take-field"
