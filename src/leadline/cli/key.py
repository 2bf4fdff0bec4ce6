"""`leadline key rotate`: what is encrypted is sealed with the present LEADLINE_SECRET_KEY, while everything runs."""

from __future__ import annotations

import asyncio

from leadline.cli.console import out
from leadline.cli.office import open_office
from leadline.errors import SettingError
from leadline.identity.words import counted
from leadline.settings import require
from leadline.store.opened import vault_of
from leadline.store.resealing import reseal


def rotate() -> None:
    """Seal everything that is encrypted with the present secret key.

    Before: set LEADLINE_SECRET_KEY to the new key and LEADLINE_SECRET_KEY_FORMER to the one before, and restart every
    process. After: remove LEADLINE_SECRET_KEY_FORMER, and restart again.
    """
    asyncio.run(_rotate())


async def _rotate() -> None:
    async with open_office() as office:
        require(office.settings, "secret_key")
        done = await reseal(office.database, vault_of(office.settings))
        await office.note("key.rotated", detail={"channels": done.channels, "journals": done.journals})
    out.print(
        f"Encrypted with the new key: {counted(done.channels, 'channel')}, {counted(done.journals, 'merge journal')}."
    )
    if done.lost:
        raise SettingError(
            f"{done.lost} could not be opened with any key: put the key they were sealed with into "
            "LEADLINE_SECRET_KEY_FORMER and run this again."
        )
    out.print("LEADLINE_SECRET_KEY_FORMER is no longer needed.")
