"""What `leadline doctor` says about webhooks: which of Intercom's came lately, and which of ours nobody took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadline.alerts import troubles
from leadline.cli.finding import Finding
from leadline.outbound.notifications import TOPICS
from leadline.outbound.topics import EVERY, PANEL, REFUSED
from leadline.store.database import Database
from leadline.store.queries import queries

LATELY = timedelta(days=30)
REPLIED = "conversation.admin.replied"


async def topics(database: Database, workspace_id: str) -> Finding:
    """Replies are what must come; the other topics may be rare, so that their absence is only told."""
    async with database.connection() as connection:
        rows = queries.topics_heard(connection, workspace_id=workspace_id)
        heard = {row["topic"]: row["heard_at"] async for row in rows if row["topic"] != PANEL}
        looked = await queries.reconciliation_of(connection, workspace_id=workspace_id)
    if trouble := _refused(heard):
        return Finding("webhooks", trouble)
    lately = sorted(topic for topic, at in heard.items() if datetime.now(UTC) - at < LATELY)
    missing = sorted(TOPICS - set(lately))
    if REPLIED in missing and looked and looked["found"]:
        trouble = (
            f"Teammates reply, but no webhook {REPLIED} has come in 30 days, so their replies go out minutes late. "
            "Choose the topic in the Developer Hub (Webhooks), and check the address there."
        )
        return Finding("webhooks", trouble)
    if not lately:
        word = "none has come from Intercom yet: enter their address in the Developer Hub (docs/connect.md, step 3)"
        return Finding("webhooks", word=word, is_note=True)
    quiet = f"; not in 30 days: {', '.join(missing)}" if missing else ""
    return Finding("webhooks", word=f"these came lately: {', '.join(lately)}{quiet}")


def _refused(heard: dict[str, datetime]) -> str:
    """What is wrong where the last webhook had a signature that does not fit; takes it out of what was heard."""
    at = heard.pop(REFUSED, None)
    # Each is noted once an hour at most: one that fitted may have come in the hour after its note.
    if at is None or any(fitted + timedelta(seconds=EVERY) > at for fitted in heard.values()):
        return ""
    return (
        f"The signature of a webhook that came {at:%Y-%m-%d %H:%M} does not fit the client secret, and none that fits "
        "has come since. Copy the client secret of your Intercom app (Developer Hub, Basic information) into "
        "LEADLINE_INTERCOM_CLIENT_SECRET, or give it with `leadline workspace set`; without it replies go out minutes "
        "late. Is the secret right? Then somebody else is calling this address."
    )


async def missed(database: Database, workspace_id: str) -> list[Finding]:
    """Our own webhooks that missed events for good."""
    rows = await troubles.given_up(database, workspace_id)
    return [Finding(f"webhook {row['name']}", troubles.missed(row)) for row in rows]
