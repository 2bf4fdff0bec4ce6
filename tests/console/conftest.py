"""The console of a whole demo, as `leadline serve` has it, and a browser for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from leadline.console.signin import passwords
from leadline.stage.town import Demo
from tests.browser import browser as browser
from tests.browser import chromium as chromium
from tests.browser import fresh_pages as fresh_pages
from tests.browser import opened
from tests.databases import Databases


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """A password takes a tenth of a second on purpose, and these tests try a hundred."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_nobody", quick.hash("nobody"))
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(databases: Databases, sandbox_databases: Databases, fresh_pages: None) -> AsyncIterator[Demo]:
    async with opened(databases, sandbox_databases, staged=False) as demo:
        yield demo
