"""Sentences about people whose names end in a full stop: none of them ends twice."""

from __future__ import annotations

import pytest

from leadline.identity.merge import preview
from leadline.identity.merge_refusals import SENTENCES, refused
from leadline.identity.merge_sides import Side
from leadline.identity.unmerge import rebuild
from leadline.model import Role

NOW = 1_790_000_000.0
SOURCE = Side(
    contact_id="1",
    role=Role.LEAD,
    fields={"name": "Liam M.", "email": "l@example.org", "external_id": "x.", "unsubscribed_from_emails": True},
    handles=("tel:+447700900123",),
    conversations=("7",),
)
TARGET = Side(
    contact_id="2",
    role=Role.USER,
    fields={"name": "Aoife B.", "email": "a@example.org"},
    handles=("telegram:7/77",),
    last_active_at=NOW,
)


def test_a_preview_of_people_with_short_names_has_whole_sentences() -> None:
    plan = preview(SOURCE, TARGET, workspace_id="w", now=NOW)
    said = [option.explanation for option in plan.options] + [warning.detail for warning in plan.warnings]
    assert len(said) >= 5
    assert [text for text in said if ".." in text] == []
    assert all(text.endswith((".", "?")) for text in said)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_refusal_about_people_with_short_names_is_a_whole_sentence(code: str) -> None:
    said = str(refused(code, name="Liam M.", into="Aoife B.", why="It is under way."))
    assert ".." not in said
    assert said.endswith(".")


def test_what_an_undo_cannot_restore_is_told_in_whole_sentences() -> None:
    lost = rebuild(SOURCE, TARGET, TARGET, "merge").lost
    assert lost
    assert [text for text in lost if ".." in text or not text.endswith(".")] == []
