"""What `/metrics` reads from the database: how long the oldest waits, and how old the last backup is."""

from __future__ import annotations

import re

from leadline.store.database import Database
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import MEASURING, METRICS_TOKEN, Town

HOUR = 3600
# A lane that is not there is worked on by nobody, so what is in it waits for as long as the test looks.
WAITS = """
    insert into arrival (workspace_id, raw_id, source, dedupe, kind, lane, content, state, reason, arrived_at)
    values ('sandbox', gen_random_uuid(), 'test', %(name)s, %(kind)s, 'nobody', '{}', 'waiting', %(reason)s,
        now() - %(hours)s * interval '1 hour')
"""
BACKUPS = """
    insert into backup (workspace_id, began_at, checked_at) values
        ('sandbox', now() - interval '50 hours', now()), ('sandbox', now() - interval '30 hours', now()),
        ('sandbox', now() - interval '1 hour', null)
"""


async def measured(town: Town, name: str) -> dict[str, float]:
    """The values of a metric by its one label."""
    async with town.http.get(f"{town.places.leadline}/metrics", headers=MEASURING) as answer:
        found = re.findall(rf'^{name}{{\w+="(\w+)"}} (\S+)$', await answer.text(), re.MULTILINE)
    return {label: float(value) for label, value in found}


async def test_the_oldest_message_and_the_oldest_reply_are_measured(open_town: Open) -> None:
    async with open_town(metrics_token=METRICS_TOKEN) as town, Database.open(town.settings.database_url) as database:
        assert await measured(town, "leadline_oldest_waiting_seconds") == {"message": 0, "reply": 0}
        waiting = (
            ("message", "", 2),
            ("message", "", 1),
            ("message", "channel_paused", 90),
            ("notification", "provider_unreachable", 5),
            ("status", "", 80),
        )
        async with database.connection() as connection:
            for number, (kind, reason, hours) in enumerate(waiting):
                row = {"name": str(number), "kind": kind, "reason": reason, "hours": hours}
                await connection.execute(WAITS.encode(), row)
        found = await measured(town, "leadline_oldest_waiting_seconds")
        assert {what: seconds // HOUR for what, seconds in found.items()} == {"message": 2, "reply": 5}
        assert await measured(town, "leadline_messages") == {"waiting": len(waiting), "parked": 0}


async def test_the_age_of_a_backup_is_that_of_the_last_one_that_was_read_back(open_town: Open) -> None:
    async with open_town(metrics_token=METRICS_TOKEN) as town, Database.open(town.settings.database_url) as database:
        assert await measured(town, "leadline_backup_age_seconds") == {}
        async with database.connection() as connection:
            await connection.execute(BACKUPS.encode())
        found = await measured(town, "leadline_backup_age_seconds")
        assert {workspace: seconds // HOUR for workspace, seconds in found.items()} == {"sandbox": 30}
