"""`leadline key rotate`: what is encrypted is sealed with the present LEADLINE_SECRET_KEY, while everything runs."""

from __future__ import annotations

import asyncio

from leadline.cli.console import out, say
from leadline.cli.office import note_for_all
from leadline.cli.options import AsJson
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.settings import load, require
from leadline.store.keys_in_use import with_other_keys
from leadline.store.opened import open_database, vault_of
from leadline.store.resealing import TABLES, reseal

WORDS = {one.table: one.word for one in TABLES}
UNCHANGED = "Nothing was changed: the present LEADLINE_SECRET_KEY sealed everything."
OTHERS = (
    "Nothing was changed, because another LEADLINE_SECRET_KEY is still in use by process {others}, which could not "
    "open what is sealed anew. Restart it with the settings of this command, then run this again."
)
HOW = (
    "To change the key, set LEADLINE_SECRET_KEY to a new one and LEADLINE_SECRET_KEY_FORMER to this one, restart every "
    "process, and run this again. A new key: openssl rand -hex 32"
)


def rotate(as_json: AsJson = False) -> None:
    """Seal everything that is encrypted with the present secret key.

    Before: set LEADLINE_SECRET_KEY to the new key and LEADLINE_SECRET_KEY_FORMER to the one before, and restart every
    process. After: remove LEADLINE_SECRET_KEY_FORMER, and restart again.
    """
    asyncio.run(_rotate(as_json))


async def _rotate(as_json: bool) -> None:
    settings = load()
    require(settings, "secret_key")
    vault = vault_of(settings)
    async with open_database(settings) as database:
        if others := await with_other_keys(database, vault):
            raise SettingError(OTHERS.format(others=", ".join(others)))
        done = await reseal(database, vault)
        counts = {WORDS[table]: count for table, count in done.counts.items() if count}
        if counts:
            await note_for_all(database, "key.rotated", counts)
    words = ", ".join(counted(count, word) for word, count in counts.items())
    say(f"Encrypted with the new key: {words}." if counts else UNCHANGED, done, as_json=as_json)
    if done.lost:
        raise SettingError(
            f"{done.lost} could not be opened with any key: put the key they were sealed with into "
            "LEADLINE_SECRET_KEY_FORMER and run this again."
        )
    if not as_json:
        out.print("LEADLINE_SECRET_KEY_FORMER is no longer needed." if settings.former_secrets else HOW)
