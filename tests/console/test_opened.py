"""The console as `leadline serve` has it: made when it is opened, behind the door's own routes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from leadline.store.database import Database
from tests.acceptance.test_crashes import town_without_leadline
from tests.acceptance.town import Town, until
from tests.nursery import environ

ONLY_ITS_OWN = "engineio"  # a package that nothing but NiceGUI needs
CHECKED = f"import sys, leadline.cli.door; assert '{ONLY_ITS_OWN}' not in sys.modules"


@asynccontextmanager
async def served(town: Town) -> AsyncIterator[None]:
    """A process that has imported nothing but what it needs."""
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(
        [sys.executable, "-m", "leadline", "serve"], env=environ(town.settings), stdout=quiet, stderr=quiet
    )

    async def healthy() -> bool:
        try:
            return (await got(town, "/healthz"))[0] == 200
        except aiohttp.ClientError:
            return False

    try:
        await until(healthy)
        yield
    finally:
        started.terminate()
        await asyncio.to_thread(started.wait, 120)


async def got(town: Town, path: str) -> tuple[int, str]:
    async with town.http.get(f"{town.places.leadline}{path}") as answer:
        return answer.status, await answer.text()


async def test_the_console_is_made_when_somebody_opens_it(store: Database, database_url: str) -> None:
    async with town_without_leadline(store, database_url) as town, served(town):
        assert await got(town, "/wp-login.php") == (404, "Not Found")
        browser = {"Accept": "text/html"}
        async with town.http.get(f"{town.places.leadline}/console", headers=browser) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert "Sign in" in await answer.text()
        assert await got(town, "/healthz") == (200, "ok")


def test_serving_imports_nothing_of_the_console() -> None:
    subprocess.run([sys.executable, "-c", CHECKED], check=True, cwd=Path(__file__).parents[2])
