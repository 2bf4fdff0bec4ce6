"""What is done goes after its time, and what waits stays: two simulated years, day by day, on real tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadline.privacy import retention
from leadline.privacy.retention import KINDS, TERMS, Retention
from leadline.store.database import Database
from tests.clocks import clock

DAY = 86_400
START = datetime(2027, 1, 1, tzinfo=UTC)
A_DAY = 4  # messages
# A day's work: what each message leaves behind. %(day)s is the day, %(n)s the message of the day.
LEAVES = (
    "insert into raw (workspace_id, raw_id, method, url, headers, body, received_at)"
    " values ('ws', md5(%(id)s)::uuid, 'POST', '/in/…', '{}', 'x', %(at)s)",
    "insert into arrival (workspace_id, arrival_id, raw_id, source, dedupe, kind, lane, content, state, arrived_at,"
    " settled_at) overriding system value values ('ws', %(number)s, md5(%(id)s)::uuid, 'c1', %(id)s, 'message',"
    " 'tel:+1', '{}', 'done', %(at)s, %(at)s)",
    "insert into decision (workspace_id, arrival_id, contact_id, code, policy, document, decided_at)"
    " values ('ws', %(number)s, 'c', 'new_lead', 'latest_updated', '{}', %(at)s)",
    "insert into step (workspace_id, owner, step, kind, begun_at, done_at)"
    " values ('ws', 'arrival:' || %(number)s, 0, 'reply', %(at)s, %(at)s)",
    "insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, state,"
    " created_at, changed_at) values ('ws', %(id)s, 'v', %(id)s, 0, 1, '{}', 'delivered', %(at)s, %(at)s)",
    "insert into api_send (workspace_id, key_id, once, fingerprint, part_id, created_at)"
    " values ('ws', 1, %(id)s, 'x', %(id)s, %(at)s)",
    "insert into webhook_event (workspace_id, webhook_id, kind, about, contact_id, former_id, handle, content, at,"
    " sent_at) values ('ws', 1, 'message.sent', %(id)s, '', '', '', '{}', %(at)s, %(at)s)",
    "insert into fetched (workspace_id, arrival_id, number, content, fetched_at)"
    " values ('ws', %(number)s, 1, 'x', %(at)s)",
    "insert into avatar (workspace_id, key, handle, content_type, content, created_at)"
    " values ('ws', %(id)s, 'tel:+1', 'image/png', 'x', %(at)s)",
    "insert into file_link (workspace_id, key, conversation_id, part_id, place, created_at)"
    " values ('ws', %(id)s, 'v', 'p', 'x', %(at)s)",
    "insert into link (workspace_id, handle, contact_id, role, evidence, author, linked_at, superseded_at)"
    " values ('ws', 'tel:+1', 'c', 'user', 'new_lead', 'Ann', %(at)s, %(at)s)",
    "insert into consent (workspace_id, channel_id, handle, about, state, source, arrival_id, superseded_at)"
    " values ('ws', 1, 'tel:+1', 'everything', 'out', 'word', %(number)s, %(at)s)",
    "insert into audit (workspace_id, at, actor, act) values ('ws', %(at)s, 'Ann', 'x')",
    "insert into correction (workspace_id, kind, handle, handles, author, before, corrected_at)"
    " values ('ws', 'share', 'tel:+1', array['tel:+1'], '', '{}', %(at)s)",
    "insert into import_claim (workspace_id, import_id, handle, contact_id, attribute, role, channel, value, found_at)"
    " values ('ws', %(number)s, 'tel:+1', 'c', 'phone', 'lead', 'SMS', '+1', %(at)s)",
)
WAITS = (
    "update arrival set state = 'parked', reason = 'conflict' where arrival_id = 1",
    "update arrival set state = 'waiting', settled_at = null where arrival_id = 2",
    "update step set done_at = null where owner = 'arrival:2'",
    "update outbound set state = 'sending' where outbound_id = '0/2'",
    "insert into webhook (workspace_id, webhook_id, name, address, secret, events, with_text) overriding system value"
    " values ('ws', 1, 'x', 'x', 'x', '{}', false)",
    "update webhook_event set sent_at = null where about = '0/1'",
)


async def days(store: Database, first: int, last: int) -> None:
    """What the messages of these days leave behind."""
    rows = [
        {"id": f"{day}/{n}", "number": day * A_DAY + n + 1, "at": START + timedelta(days=day, minutes=n)}
        for day in range(first, last)
        for n in range(A_DAY)
    ]
    async with store.connection() as connection, connection.cursor() as cursor:
        for statement in LEAVES:
            await cursor.executemany(statement.encode(), rows)


async def counts(keeping: Retention) -> dict[str, int]:
    return {kept.kind: kept.rows for kept in await keeping.kept("ws")}


def at(day: int) -> float:
    return START.timestamp() + day * DAY


@pytest.mark.long
async def test_two_years_stay_within_bounds_and_nothing_that_waits_goes(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 50)
    keeping = Retention(store, {"raw": 30, "messages": 100, "files": 60, "history": 200, "audit": 90})
    limits = {"raw": 30, "messages": 100, "files": 60, "history": 200, "audit": 90}
    for day in range(0, 730, 30):
        await days(store, day, day + 30)
        if day == 0:
            async with store.connection() as connection:
                for statement in WAITS:
                    await connection.execute(statement.encode())
        await keeping.purge("ws", now=at(day + 30), breath=0.0)
        for kind, rows in (await counts(keeping)).items():
            term = next(known.term for known in KINDS if known.name == kind)
            assert rows <= limits[term] * A_DAY + 2, (kind, day)
    async with store.connection() as connection:
        left = await (await connection.execute("select arrival_id from arrival order by 1 limit 2")).fetchall()
        raw = await (await connection.execute("select count(*) as n from raw where url <> ''")).fetchall()
        steps = await (await connection.execute("select owner from step order by begun_at limit 2")).fetchall()
        sending = await (
            await connection.execute("select count(*) as n from outbound where state = 'sending'")
        ).fetchall()
    assert [row["arrival_id"] for row in left] == [1, 2], "what is parked and what waits stay, however old"
    assert raw[0]["n"] == 30 * A_DAY + 2, "and so do their webhooks"
    assert "arrival:2" in [row["owner"] for row in steps]
    assert len(sending) == 1


async def test_what_is_not_old_enough_stays_to_the_day(store: Database) -> None:
    await days(store, 0, 40)
    keeping = Retention(store, {})
    purged = await keeping.purge("ws", now=at(40), breath=0.0)
    assert purged == {kind.name: 10 * A_DAY if kind.term == "raw" else 0 for kind in KINDS}
    assert await keeping.purge("another", now=at(5000), breath=0.0) == {kind.name: 0 for kind in KINDS}
    purged = await keeping.purge("ws", now=at(440), breath=0.0)
    newest = 1  # of the audit, so that its chain goes on
    purged["audit"] += newest
    assert purged == {kind.name: (30 if kind.term == "raw" else 40) * A_DAY for kind in KINDS}
    assert {kind: rows for kind, rows in (await counts(keeping)).items() if rows} == {"audit": newest}


async def test_a_lane_goes_with_what_was_in_it_unless_it_is_in_use(store: Database) -> None:
    changes = {
        "tel:+1": "",
        "tel:+2": "update lane set ready = true where lane = 'tel:+2'",
        "tel:+3": "update lane set holder = gen_random_uuid() where lane = 'tel:+3'",
        "tel:+4": "update lane set since = '2028-01-01' where lane = 'tel:+4'",
    }
    async with store.connection() as connection:
        for number, (lane, change) in enumerate(changes.items(), 1):
            values = {"id": f"0/{number}", "number": number, "at": START, "lane": lane}
            await connection.execute(LEAVES[1].replace("'tel:+1'", "%(lane)s").encode(), values)
            row = "insert into lane (workspace_id, lane, ready, since) values ('ws', %s, false, %s)"
            await connection.execute(row, [lane, START])
            if change:
                await connection.execute(change.encode())
    purged = await Retention(store, {}).purge("ws", now=at(500), breath=0.0)
    async with store.connection() as connection:
        left = await (await connection.execute("select lane from lane order by lane")).fetchall()
    assert purged["messages"] == len(changes)
    assert [row["lane"] for row in left] == ["tel:+2", "tel:+3", "tel:+4"]


async def test_every_term_is_a_setting() -> None:
    from leadline.settings import Settings

    assert Settings().terms == TERMS
    assert {kind.term for kind in KINDS} == TERMS.keys()


STAYS = {
    "operator": "who signs in",
    "seat": "what they may do",
    "operator_session": "ends by itself, and goes with the operator",
    "operator_identity": "goes with its provider",
    "identity_provider": "is taken out by an owner",
    "turned_away": "keeps who was taken out from coming back, until an invitation ends that",
    "sign_in_return": "ends after minutes; the next person who signs in takes what is over away",
    "operator_link": "ends by itself, and goes with the operator",
    "sign_in_try": "forgotten after two days",
    "api_key": "who may call the API, and who might",
    "api_token": "one or two rows a key",
    "webhook": "which systems are told",
    "alert_target": "where to tell of trouble",
    "alert": "one row each time something is wrong with the installation",
    "alert_word": "one row for each time it is told, and goes with it",
    "awaited_answer": "one row a person and channel, until the answer came",
    "greeting": "one row a person, channel and kind, so that nobody is greeted twice",
    "setting": "how the workspace is set, with its history",
    "workspace": "who is served",
    "channel": "what is connected",
    "lane_join": "one row a sender with several addresses",
    "handle": "one row an address",
    "conversation": "one row a conversation, so that replies find their way",
    "distinct_pair": "what people decided",
    "attestation": "one row a proven phone",
    "merge": "what was merged is followed for ever; both contacts are forgotten after LEADLINE_JOURNAL_DAYS",
    "template": "what the provider lists now",
    "channel_round": "one row a channel and kind",
    "rate_budget": "one row a workspace",
    "breaker": "one row for each party",
    "pulse": "one row a workspace",
    "topic_heard": "one row a topic",
    "backup": "`leadline backup` forgets those of more than 400 days",
    "reconciliation": "one row a workspace",
    "directory": "one row a workspace",
    "activity_feed": "one row a workspace",
    "directory_entry": "one row a contact, gone when Intercom deletes it",
    "directory_met": "one row a contact, for as long as a walk goes on",
    "duplicate_scan": "one row a workspace",
    "duplicate_group": "what the last scan found",
    "duplicate_pair": "what the last scan found",
    "duplicate_judgement": "what people decided",
    "duplicate_batch": "one row a batch",
    "duplicate_merge": "ids of what a batch merged, so that it can be taken back",
    "duplicate_rules": "one row a workspace",
    "import": "one row an import",
    "duplicate_auto": "one row a workspace",
    "migration": "which migrations ran",
}
PURGED = {
    "raw", "fetched", "arrival", "decision", "step", "outbound", "avatar", "file_link", "link", "consent", "correction",
    "audit", "lane", "api_send", "webhook_event",
    "import_claim",
}  # fmt: skip


async def test_every_table_is_purged_or_says_why_it_stays(store: Database) -> None:
    async with store.connection() as connection:
        rows: list[dict[str, Any]] = await (
            await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        ).fetchall()
    tables = {row["tablename"] for row in rows if not row["tablename"].startswith("procrastinate")}
    assert tables == PURGED | STAYS.keys()


async def test_nothing_goes_because_the_workers_clock_is_wrong(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await days(store, 0, 40)
    async with store.connection() as connection:
        await connection.execute("update raw set received_at = now() - interval '1 day'")
        await connection.execute("update arrival set arrived_at = now() - interval '1 day', settled_at = now()")
    clock(monkeypatch, 3650 * 86_400)
    purged = await Retention(store, {}).purge("ws", breath=0.0)
    assert (purged["raw"], purged["messages"]) == (0, 0)
    purged = await Retention(store, {"raw": 0}).purge("ws", breath=0.0)
    assert purged["raw"] == 40 * A_DAY
