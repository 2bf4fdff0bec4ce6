"""What `leadline doctor` says about the directory, and about phones without a country code."""

from __future__ import annotations

from leadline.directory import stored
from leadline.directory.find import FRESH
from leadline.outbound.notifications import CONTACT_NEWS
from leadline.store.database import Database
from leadline.store.queries import queries

SAMPLE = 5_000


async def state(database: Database, workspace_id: str) -> tuple[str, str]:
    """What is wrong with the directory (empty where nothing is), and how complete and fresh it is."""
    async with database.connection() as connection:
        found = await stored.state(connection, workspace_id)
        count = (await queries.directory_count(connection, workspace_id=workspace_id))["entries"]
    if not found.complete:
        return found.trouble, f"being filled: {found.walked:,} of {found.total:,} contacts"
    fresh = "up to date" if found.fresh(FRESH) else "not up to date: is `leadline serve` or `leadline worker` running?"
    unheard = (
        ". No webhook about a contact has come yet, so changes are seen some minutes late: choose these topics in the "
        f"Developer Hub: {', '.join(sorted(CONTACT_NEWS))}"
    )
    return found.trouble, f"{count:,} contacts, {fresh}{'' if found.heard_at else unheard}"


async def phones(database: Database, workspace_id: str, *, region: str) -> str:
    """How many phones in Intercom have no country code, and which country they read as. region: the setting."""
    async with database.connection() as connection:
        found = await stored.phones(connection, workspace_id, SAMPLE, region=region)
    if not found.bare:
        return "all have a country code" if found.phones else "none in the directory yet"
    share = f"{found.bare / found.phones:.0%} of your phones have no country code"
    if not found.region:
        return f"{share}, and no country fits nearly all of them: name it with `leadline settings set default_region`"
    odd = found.bare - found.readable
    reads = f"all but {odd:,} read as {found.region}" if odd else f"all of those read as {found.region}"
    return f"{share}; {reads}" + (
        "" if region else f". To make it certain: leadline settings set default_region {found.region}"
    )
