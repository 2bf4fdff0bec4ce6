"""Intercom's own preview of a merge beside ours: what it would do otherwise, in sentences. Pure.

`intercom/preview_api.py` reads it, `merge.py` compares. Source: POST /contacts/merge/preview of Intercom's Preview API
(API description "Preview" of August 2026, read 2026-11-24); only some workspaces have it, and it may change any day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadline.identity.merge_changes import CUSTOM, Change, same_phone
from leadline.identity.merge_sides import written
from leadline.identity.words import counted, ended
from leadline.model import Reason, Struct

NAMED = 5


class DryChange(Struct, frozen=True, kw_only=True):
    """One field as Intercom would leave it on the survivor. outcome: adopted, discarded or merged."""

    field: str
    outcome: str
    result: Any = None


class DryRun(Struct, frozen=True, kw_only=True):
    """What Intercom says of a merge without making it.

    reasons: why it would refuse, as Intercom's codes and texts. changes: at most 50 of `total`. moved: how much of what
    goes over from the contact that goes (conversations, tickets, notes, tags).
    """

    allowed: bool
    reasons: tuple[Reason, ...] = ()
    changes: tuple[DryChange, ...] = ()
    total: int = 0
    moved: Mapping[str, int] = {}


def apart(run: DryRun, rows: Sequence[Change], *, conversations: int, notes: int) -> tuple[str, ...]:
    """Where Intercom's preview is not ours, a sentence each; empty where both say the same.

    rows: ours. What a person chose instead, Intercom cannot know. conversations, notes: as many as ours moves.
    """
    return (*_fields(run, rows), *_counts(run.moved, {"conversation": conversations, "note": notes}))


def _fields(run: DryRun, rows: Sequence[Change]) -> Iterator[str]:
    ours = {row.key: row for row in rows}
    other = []
    for theirs in run.changes:
        row = ours.get(theirs.field) or ours.get(f"{CUSTOM}{theirs.field}")
        if row is None:
            other += [] if theirs.field.endswith("_at") else [theirs.field]  # dates go on whatever is merged
        elif row.outcome != "replaced" and not _same(row, theirs.result) and not _corrected(row, theirs):
            yield ended(f"{row.label}: {_text(theirs.result) or 'empty'} in Intercom, {row.result or 'empty'} here")
    if other:
        named = [*other[:NAMED], *([f"and {len(other) - NAMED} more"] if len(other) > NAMED else [])]
        yield ended(f"Intercom also names fields that Leadline does not compare: {', '.join(named)}")
    if run.total > len(run.changes):
        yield f"Intercom would change {counted(run.total - len(run.changes), 'more field')} than it lists."


def _corrected(row: Change, theirs: DryChange) -> bool:
    """A lead named by its number would leave that as a name; Leadline takes it off again after the merge."""
    return row.field == "name" and theirs.outcome == "adopted" and not row.result


def _same(row: Change, result: Any) -> bool:
    text = _text(result)
    if isinstance(result, list):
        return set(text.split(", ")) == set(row.result.split(", "))
    return text == row.result or (row.field == "phone" and bool(text and row.result) and same_phone(text, row.result))


def _text(value: Any) -> str:
    """A value of Intercom's, which may be a list or an object with a name or an address in it."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, Mapping):
        known = (value.get(name) for name in ("name", "image_url", "id"))
        return written(next(filter(None, known), None))
    return written(value)


def _counts(moved: Mapping[str, int], ours: Mapping[str, int]) -> Iterator[str]:
    for word, here in ours.items():
        there = moved.get(f"{word}s")
        if there is not None and there != here:
            yield f"Intercom would move {counted(there, word)}, and Leadline found {here}."
