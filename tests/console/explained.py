"""A town in which everything that other wings explain is on some page: each reason, refusal, trouble and outcome."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from leadline.alerts import troubles
from leadline.channels.reasons import REASONS
from leadline.console.waiting.causes import CAUSES
from leadline.errors import Park
from leadline.identity import reasons, verdict
from leadline.model import Decision, Reason
from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN
from leadline.stage.town import Demo
from leadline.store.queries import queries
from tests.acceptance.town import until
from tests.console.filled import duplicates_in

TWINS = "+447700900123"
DETAILS = {
    "exact_handle": f"tel:{TWINS}:tel:{TWINS}",
    "unconfirmed_link": "long_silence,name_changed",
    "handle_conflict": f"tel:{TWINS} is {OLDER_TWIN}, telegram:7/77 is {KNOWN_USER}",
    "known_link": f"tel:{TWINS}",
    "points_elsewhere": KNOWN_USER,
}
STUCK = (
    "203.0.113.9 is in none of the networks of allow_from",
    "2 of 3 parts are there",
    "Given up after 5 tries: Intercom answered with status 503; it will be tried again",
    "Telegram Bot does not list this message yet",
    "A message has 12 files, but Intercom takes 10. Send them in several messages.",
    "All 5 ids for leads of +353 86 123 4567 belong to contacts that were deleted for good.",
    "“Hallo” did not reach the customer: The text is too long for this channel. Send it in shorter parts. "
    "Nobody was told: it belongs to no conversation",
)
"""What arrivals are parked with, beside the conflict."""
ARRIVAL = """
    insert into arrival (workspace_id, raw_id, channel_id, source, dedupe, kind, lane, content, state, reason,
        explanation)
    values (%(workspace_id)s, gen_random_uuid(), (select min(channel_id) from channel), 'test', %(key)s, %(kind)s,
        'nobody:' || %(key)s, '{"text": "Wo ist mein Paket?"}', 'parked', %(reason)s, %(why)s)"""
SENT = """
    insert into outbound (workspace_id, outbound_id, conversation_id, part_id, piece, channel_id, message, author,
        state, reason)
    values (%(workspace_id)s, 'o' || %(reason)s, 'c' || %(reason)s, 'p', 0, (select min(channel_id) from channel),
        '{"to": "+353861112223", "text": "Hallo"}', 'Maya', 'failed', %(reason)s)"""


async def explained(demo: Demo) -> None:
    """Everything there is to explain, on record as the wings put it there."""
    await duplicates_in(demo)
    await demo.writes(demo.channels["whatsapp_cloud"], TWINS, "Kann ich umbuchen?")
    assert await until(lambda: decided(demo))
    await people_changed(demo)
    async with demo.leadline.database.connection() as connection:
        workspace = {"workspace_id": demo.leadline.workspace.workspace_id}
        document = Jsonb({"contact_id": OLDER_TWIN, "policy": "latest_updated", "reasons": every_reason()})
        await connection.execute("update decision set document = document || %s::jsonb", [document])
        await connection.execute("update link set doubt = %s", [",".join(sorted(verdict.DOUBTS))])
        for number, (reason, why) in enumerate(parked()):
            kind = "message" if number % 2 else "notification"
            values = {**workspace, "key": f"explained {number}", "kind": kind, "reason": reason, "why": why}
            await connection.execute(ARRIVAL.encode(), values)
        for reason in REASONS:
            await connection.execute(SENT.encode(), {**workspace, "reason": reason})
        for number, (kind, sentence) in enumerate(alerts()):
            await queries.open_alert(connection, **workspace, kind=kind, subject=f"s{number}", sentence=sentence)


async def decided(demo: Demo) -> bool:
    async with demo.leadline.database.connection() as connection:
        return (await connection.execute(b"select from decision")).rowcount > 0


async def people_changed(demo: Demo) -> None:
    """A correction that was undone and one that was not, a merge that was undone, and a batch of merges."""
    leadline, key = demo.leadline, demo.leadline.workspace.workspace_id
    made = await leadline.corrections.attach(key, f"tel:{TWINS}", KNOWN_USER, author="maya@example.com")
    await leadline.corrections.undo(key, made.correction_id, author="maya@example.com")
    await leadline.corrections.attach(key, f"tel:{TWINS}", OLDER_TWIN, author="maya@example.com")
    await leadline.corrections.share(key, f"tel:{TWINS}", True, author="maya@example.com")
    merged = await leadline.merging.merge(key, LEAD_TWIN, NEWER_TWIN, author="maya@example.com")
    await leadline.merging.undo(key, merged.merge_id, author="maya@example.com")
    groups = (await leadline.duplicates.review.groups(key)).groups
    group = next(one for one in groups if one.plain and len(one.members) == 2)
    await leadline.duplicates.merge(key, group.group_id, author="maya@example.com")


def every_reason() -> list[dict[str, Any]]:
    return [{"code": code, "detail": DETAILS.get(code, "")} for code in reasons.SENTENCES]


def parked() -> list[tuple[str, str]]:
    """A reason and its sentence, as it is stored."""
    conflict = Reason("handle_conflict", DETAILS["handle_conflict"])
    try:
        verdict.enforce(Decision(contact_id="", reasons=(conflict,), policy="latest_updated"))
    except Park as park:
        found = [(park.reason, str(park))]
    found += [(code, REASONS[code]) for code in ("too_long", "expired")]
    return found + [(code, STUCK[number % len(STUCK)]) for number, code in enumerate(sorted(CAUSES))]


def alerts() -> list[tuple[str, str]]:
    return [
        ("replies", troubles.failing({"sent": 10, "failed": 5})),
        ("disk", troubles.tight(100 * 1024**3, 1024**3)),
        ("webhooks", troubles.missed({"name": "Onlineshop", "events": 1200, "webhook_id": 1})),
        ("credential", "Channel SMS: its access token ends on 2026-12-01 and was not renewed: is no worker running? "
                       "Make a new one at the provider, then `leadline channel change`."),
    ]  # fmt: skip
