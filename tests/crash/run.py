"""`make crash`: the long storm, with its ledger printed. Ends with 1 when the ledger does not hold.

python -m tests.crash.run [--quick]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from leadline.sandbox.app import prepare
from leadline.store.database import Database, ensure_database
from leadline.store.embedded import embedded
from tests.crash.ledger import Ledger
from tests.crash.plan import LONG, QUICK, Plan
from tests.crash.storm import Storm, storm


async def played_out(plan: Plan, folder: Path, sandbox_server: str) -> tuple[Storm, Ledger]:
    """Play the plan on databases of its own."""
    url = await ensure_database(sandbox_server, "crash_sandbox")
    async with Database.open(url) as database:
        await prepare(database)
    async with storm(plan, folder, url) as played:
        await played.play()
        return played, await played.ledger()


async def main(plan: Plan, folder: Path, sandbox_server: str) -> int:
    """Play the plan and tell; the exit code."""
    began = time.monotonic()
    played, ledger = await played_out(plan, folder, sandbox_server)
    print(f"seed {plan.seed}, {time.monotonic() - began:.0f} s")
    for what, count in sorted(played.broken.items()):
        print(f"  {count:5} {what}")
    for said in sorted(set(played.last_words)):
        print(f"  last words of one that ended by itself: {said}")
    print("\n".join(ledger.lines()))
    print("The ledger holds." if ledger.holds else "The ledger does not hold.")
    return 0 if ledger.holds else 1


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as sandbox,
        embedded(Path(sandbox)) as url,
    ):
        code = asyncio.run(main(QUICK if "--quick" in sys.argv else LONG, Path(folder), url))
    sys.exit(code)
