"""What is on record of a person is told in words, never by the names of tables."""

from __future__ import annotations

from datetime import UTC, datetime

from leadline.privacy.person import Receipt
from leadline.privacy.traces import TRACES
from leadline.privacy.words import RECORDS, records, sentences


def test_every_table_has_words() -> None:
    assert RECORDS.keys() == {trace.table for trace in TRACES}


def test_counts_and_headings_are_told_as_people_say_them() -> None:
    receipt = Receipt(
        erased_at=datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
        contacts=("c1",),
        addresses=1,
        erased={"arrival": 7, "avatar": 1},
        rewritten=1,
        kept=("that they refuse messages",),
    )
    assert sentences(receipt) == [
        "Erased on 2026-11-28 09:30:00 UTC: 7 messages and notices, 1 picture.",
        "Taken out of 1 decision about others.",
        "Kept: that they refuse messages.",
    ]
    assert records("file_link") == "Addresses of teammates' files"
