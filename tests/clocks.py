"""A clock on the wall that is wrong, for everything in this process; PostgreSQL's stays right."""

from __future__ import annotations

import time

import pytest


def clock(monkeypatch: pytest.MonkeyPatch, wrong: float) -> None:
    """`time.time` is so many seconds ahead from now on."""
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + wrong)
