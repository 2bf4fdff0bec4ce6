"""One minute of everything at once, and a ledger that would tell. `make crash` plays it long.

Each kind of break has a test of its own in tests/acceptance/test_crashes.py and its neighbours, which `make test` runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadline.store.database import Database
from tests.acceptance.test_crashes import town_without_leadline
from tests.crash.ledger import Written, drawn_up
from tests.crash.plan import QUICK
from tests.crash.run import played_out


@pytest.mark.long
@pytest.mark.timeout(3 * QUICK.quiet)  # where something stays missing for as long as that, the ledger says what
async def test_nothing_is_lost_doubled_or_silent_in_a_storm(data_dir: Path, server_url: str) -> None:
    played, ledger = await played_out(QUICK, data_dir, server_url)
    assert ledger.holds, "\n".join(ledger.lines())
    assert (ledger.messages, ledger.replies) == (QUICK.messages, QUICK.replies)
    assert sum(count for what, count in played.broken.items() if "by itself" not in what) == QUICK.breaks


async def test_the_ledger_tells_what_is_wrong(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town, Database.open(database_url) as sandbox:
        lead = await town.intercom("POST", "/contacts", {"role": "lead", "phone": "+353860000000"})
        start = {"from": {"type": "lead", "id": lead["id"]}, "body": "+353860000000 sms 1"}
        conversation = str((await town.intercom("POST", "/conversations", start))["conversation_id"])
        for number in (0, 2, 2):
            said = {"message_type": "comment", "type": "user", "intercom_user_id": lead["id"]}
            body = said | {"body": f"+353860000000 sms {number}"}
            await town.intercom("POST", f"/conversations/{conversation}/reply", body)
        await town.teammate("reply", conversation, "reply 0")
        texts = tuple(f"+353860000000 sms {number}" for number in range(4))
        written = Written(messages=texts, files=1, replies=("reply 0",))
        ledger = await drawn_up(written, sandbox, store, ())
        await town.teammate("note", conversation, "“reply 0” was not sent")
        told = await drawn_up(written, sandbox, store, ())
    assert (ledger.lost, ledger.doubled) == (texts[3:], texts[2:3])
    assert (ledger.disordered, ledger.missing_files) == (texts[:1], 1)
    assert (ledger.silent, told.silent, ledger.holds) == (("reply 0",), (), False)
