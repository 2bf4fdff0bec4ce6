"""The bell of the tests in this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from leadline.engine.bell import Bell
from leadline.store.database import Database


@pytest.fixture
async def bell(store: Database) -> AsyncIterator[Bell]:
    bell = Bell(store)
    yield bell
    await bell.close()
