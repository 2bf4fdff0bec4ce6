"""Telegram's description of its Bot API."""

from __future__ import annotations

from pathlib import Path

import pytest

from .spec import Description


@pytest.fixture(scope="module")
def described(shared: Path) -> Description:
    return Description(shared)
