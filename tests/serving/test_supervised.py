"""What systemd hears: once that the process is ready, then that it lives, at last that it stops."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from leadline.serving.supervised import supervised


async def test_a_supervisor_hears_ready_then_life_then_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(place))
        heard.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        monkeypatch.setenv("WATCHDOG_USEC", "300000")
        async with supervised():
            said = [await asyncio.to_thread(heard.recv, 100) for _ in range(3)]
        assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        last = b""
        while last != b"STOPPING=1":
            last = heard.recv(100)


async def test_without_a_supervisor_or_with_one_that_is_gone_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    async with supervised():
        pass
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    async with supervised():
        await asyncio.sleep(0)
