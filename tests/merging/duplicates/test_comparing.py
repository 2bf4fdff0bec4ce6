"""A large workspace is compared in a process of its own, which finds the same, keeps its limit, outlives nobody."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
import pytest

from leadline.directory.find import Find
from leadline.errors import SettingError
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.merging.duplicates import comparing
from leadline.merging.duplicates.comparing import Job
from leadline.merging.duplicates.grouping import Judged
from leadline.merging.duplicates.scan import Scan
from leadline.spaces import Book
from leadline.store.database import Database
from tests.acceptance.town import until

from .conftest import PEOPLE, WORKSPACE, Shelf


async def test_a_process_of_its_own_finds_what_a_thread_finds(shelf: Shelf) -> None:
    here = await shelf.scan()
    groups = await shelf.groups()
    apart = Shelf(shelf.database, small=0)
    there = await apart.scan()
    assert await apart.groups() == groups
    assert msgspec.structs.replace(there, seconds=0) == msgspec.structs.replace(here, seconds=0)


async def test_it_tells_how_far_it_is(store: Database, shelf: Shelf) -> None:
    said: list[str] = []
    scan = Scan(store, Find(store, Book(store)), small=0)
    await scan.run(WORKSPACE, RULES[LATEST], least=75, tell=said.append)
    assert said[0] == f"{len(PEOPLE)} contacts read"
    assert said[-1] == "3 groups found"


@pytest.mark.parametrize("small", [0, pytest.param(1_000, marks=pytest.mark.long)])
async def test_too_little_memory_is_said_with_the_setting_and_the_groups_before_stay(shelf: Shelf, small: int) -> None:
    await shelf.scan()
    before = await shelf.groups()
    with pytest.raises(SettingError, match="more memory than LEADLINE_DUPLICATES_MEMORY gives it"):
        await Shelf(shelf.database, small=small, memory="1MB").scan()
    assert await shelf.groups() == before


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A job that waits for its entries: nobody writes into the pipe that stands in their place."""
    folder = tmp_path / "scan"
    folder.mkdir()
    job = Job(
        workspace_id=WORKSPACE, region="IE", rules=RULES[LATEST], least=75, keep="", memory="1GB", judged=Judged()
    )
    (folder / comparing.JOB).write_bytes(msgspec.json.encode(job))
    os.mkfifo(folder / comparing.ENTRIES)
    return folder


def at_work(folder: Path) -> list[psutil.Process]:
    """Those that have ended are not, also before anybody noticed it."""
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found += [one] if str(folder) in one.cmdline() else []
    return found


def when(holds: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return holds()

    return look


async def test_it_ends_with_the_process_that_began_it_and_leaves_nothing(endless: Path) -> None:
    command = (sys.executable, "-m", comparing.__name__, str(endless))
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()  # as the system does it when that process is killed
        assert await asyncio.to_thread(process.wait) == 1
    assert not endless.exists()


async def test_a_scan_that_is_stopped_ends_its_process_which_knew_no_secrets(
    store: Database, endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADLINE_SECRET_KEY", "nobody else's")
    scanning = asyncio.create_task(Scan(store, Find(store, Book(store)))._beside(endless, lambda text: None))
    await until(when(lambda: bool(at_work(endless))))
    assert "LEADLINE_SECRET_KEY" not in at_work(endless)[0].environ()
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    assert not at_work(endless)


async def test_a_process_that_was_killed_is_told_in_words(store: Database, endless: Path) -> None:
    scanning = asyncio.create_task(Scan(store, Find(store, Book(store)))._beside(endless, lambda text: None))
    await until(when(lambda: bool(at_work(endless))))
    at_work(endless)[0].kill()
    with pytest.raises(SettingError, match="too little memory"):
        await scanning
