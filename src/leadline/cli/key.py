"""`leadline key rotate`: what is encrypted is sealed with the present LEADLINE_SECRET_KEY, while everything runs."""

from __future__ import annotations

import asyncio

from leadline.cli.console import out
from leadline.cli.office import note_for_all
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.settings import load, require
from leadline.store.opened import open_database, vault_of
from leadline.store.resealing import reseal


def rotate() -> None:
    """Seal everything that is encrypted with the present secret key.

    Before: set LEADLINE_SECRET_KEY to the new key and LEADLINE_SECRET_KEY_FORMER to the one before, and restart every
    process. After: remove LEADLINE_SECRET_KEY_FORMER, and restart again.
    """
    asyncio.run(_rotate())


async def _rotate() -> None:
    settings = load()
    require(settings, "secret_key")
    async with open_database(settings) as database:
        done = await reseal(database, vault_of(settings))
        counts = {"channels": done.channels, "journals": done.journals, "workspaces": done.workspaces}
        await note_for_all(database, "key.rotated", counts)
    out.print(
        f"Encrypted with the new key: {counted(done.channels, 'channel')}, {counted(done.journals, 'merge journal')}, "
        f"{counted(done.workspaces, 'workspace')}."
    )
    if done.lost:
        raise SettingError(
            f"{done.lost} could not be opened with any key: put the key they were sealed with into "
            "LEADLINE_SECRET_KEY_FORMER and run this again."
        )
    out.print("LEADLINE_SECRET_KEY_FORMER is no longer needed.")
