"""Settings in the database: who set what, what counts, and that every process hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from leadline.errors import SettingError
from leadline.spaces import Book, opened_book
from leadline.store.acting import acting
from leadline.store.database import Database


class Installation:
    """Settings of the environment, as far as they are also a workspace's."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


async def book_of(store: Database, workspace_id: str = "w", **environment: object) -> Book:
    return await opened_book(store, workspace_id, Installation(**environment))


async def test_a_channel_does_what_its_workspace_does_until_it_has_a_value_of_its_own(store: Database) -> None:
    book = await book_of(store)
    assert book.of("w", 7).bot_replies is False
    await book.set("w", "bot_replies", "on")
    assert (book.of("w").bot_replies, book.of("w", 7).bot_replies, book.of("v").bot_replies) == (True, True, False)
    await book.set("w", "bot_replies", "off", channel_id=7)
    assert (book.of("w").bot_replies, book.of("w", 7).bot_replies, book.of("w", 8).bot_replies) == (True, False, True)
    value = await book.reset("w", "bot_replies", channel_id=7)
    assert (value.shown, value.origin) == ("on", "workspace")
    assert book.channels("w") == []


async def test_what_is_the_workspaces_alone_cannot_be_set_for_a_channel(store: Database) -> None:
    book = await book_of(store)
    with pytest.raises(SettingError, match="policy is a setting of the whole workspace"):
        await book.set("w", "policy", "ask", channel_id=7)


async def test_history_and_audit_say_who_changed_what(store: Database) -> None:
    book = await book_of(store)
    with acting("ann", "console"):
        await book.set("w", "policy", "ask")
        await book.set("w", "policy", "ask")
        await book.reset("w", "policy")
    changes = await book.history("w", "policy")
    assert [(one.value, one.author, one.source) for one in changes] == [
        (None, "ann", "console"),
        ("ask", "ann", "console"),
    ]
    assert (changes[0].superseded_at, changes[1].superseded_at is None) == (None, False)
    async with store.connection() as connection:
        rows = await connection.execute("select actor, act, subject, detail from audit order by audit_id")
        acts = [(row["actor"], row["act"], row["subject"], row["detail"]) async for row in rows]
    assert acts == [
        ("ann", "setting.changed", "policy", {"after": "ask"}),
        ("ann", "setting.changed", "policy", {}),
    ]


async def test_the_environment_counts_until_somebody_sets_another_value(store: Database) -> None:
    book = await book_of(store, policy="prefer-user", shared_limit=4, host="127.0.0.1")
    assert (book.of("w").policy, book.of("w").shared_limit, book.of("v").policy) == ("prefer_user", 4, "latest_updated")
    assert {one.setting.name: one.origin for one in book.values("w")}["policy"] == "environment"
    book = await book_of(store, policy="prefer_lead", shared_limit=10)
    assert (book.of("w").policy, book.of("w").shared_limit) == ("prefer_lead", 10)
    await book.set("w", "policy", "ask")
    book = await book_of(store, policy="prefer_user")
    assert book.of("w").policy == "ask"
    await book.reset("w", "policy")
    book = await book_of(store, policy="prefer_user")
    assert book.of("w").policy == "latest_updated", "somebody has put it back to the default"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"policy": "banana"}, "LEADLINE_POLICY takes one of latest_updated, name_then_latest, prefer_user"),
        ({"shared_limit": 5_000}, "LEADLINE_SHARED_LIMIT takes a whole number from 1 to 1000, not '5000'"),
        ({"may_merge": "bob"}, "LEADLINE_MAY_MERGE takes ids of teammates or team:<id>"),
        ({"intercom_admin_id": "bob"}, "LEADLINE_INTERCOM_ADMIN_ID takes the id of a teammate, like 991267001"),
        ({"blocked_numbers": ","}, "LEADLINE_BLOCKED_NUMBERS has nothing between its commas"),
    ],
)
async def test_a_wrong_variable_is_called_by_the_name_it_has_in_the_environment(
    given: dict[str, object], told: str, store: Database
) -> None:
    with pytest.raises(SettingError) as caught:
        await opened_book(store, "w", Installation(**given))
    assert str(caught.value).startswith(told)


async def test_what_does_not_fit_together_is_refused_and_nothing_changes(store: Database) -> None:
    book = await book_of(store, default_region="IE", blocked_numbers="086 123 4567")
    with pytest.raises(SettingError, match="'086 123 4567' is not a phone number"):
        await book.reset("w", "default_region")
    assert book.of("w").default_region == "IE"
    with pytest.raises(SettingError, match="is not a phone number"):
        await book_of(store, default_region="", blocked_numbers="086 123 4567")


async def test_a_value_of_another_version_is_left_out(store: Database) -> None:
    book = await book_of(store)
    async with store.connection() as connection:
        await connection.execute(
            "insert into setting (workspace_id, name, value, author) values"
            " ('w', 'policy', '\"newest\"', 'x'), ('w', 'nothing_known', '1', 'x'), ('w', 'shared_limit', '3', 'x')"
        )
    await book.load()
    assert (book.of("w").policy, book.of("w").shared_limit) == ("latest_updated", 3)


async def test_a_right_that_cannot_be_read_is_nobodys_and_not_everybodys(store: Database) -> None:
    book = await book_of(store)
    await book.set("w", "may_send", "7")
    async with store.connection() as connection:
        await connection.execute("update setting set value = '\"team:x,;\"'")
    await book.load()
    assert book.of("w").rights["send"] == {"nobody"}


async def test_many_at_once_leave_one_value_and_a_whole_history(store: Database) -> None:
    books = [await book_of(store) for _ in range(4)]
    await asyncio.gather(*(book.set("w", "shared_limit", str(n + 2)) for n, book in enumerate(books)))
    history = await books[0].history("w", "shared_limit")
    assert len(history) == 4
    assert [one.value for one in history if one.superseded_at is None] == [history[0].value]


async def test_another_process_hears_of_a_change(store: Database) -> None:
    here, there = await book_of(store), await book_of(store)
    listening = asyncio.create_task(there.listen(store.changes("leadline_settings")))
    try:
        await here.set("w", "policy", "ask")
        await _until(lambda: there.of("w").policy == "ask")
        await here.reset("w", "policy")
        await _until(lambda: there.of("w").policy == "latest_updated")
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody heard of it")
