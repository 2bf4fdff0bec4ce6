"""PostgreSQL's disk is full: what cannot be kept is refused, what was taken is not lost, and all goes on afterwards."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadline.store.database import Database, ensure_database
from leadline.store.embedded import embedded
from tests.acceptance.test_crashes import process, town_without_leadline
from tests.acceptance.town import Town, until
from tests.conftest import new_data_dir

SIZE = "200m"
SENDERS = 20
BLOCK = b"\0" * 1_048_576


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own, with room for an empty PostgreSQL and little more."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    with new_data_dir() as folder:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"this machine mounts no small file system: {made.stderr.decode().strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Take all the room there is."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(BLOCK)
        except OSError:
            return


async def write(town: Town, numbers: range) -> dict[int, int]:
    """How each message was answered. Long ones, so that they need new room."""
    return {
        number: await town.sms_in(f"+35386{number % SENDERS:07d}", f"{number} {'x' * 1400}", number)
        for number in numbers
    }


async def ready(town: Town) -> int:
    async with town.http.get(f"{town.places.leadline}/readyz") as answer:
        return answer.status


@pytest.mark.long
async def test_while_the_disk_is_full_webhooks_are_refused_and_nothing_that_was_taken_is_lost(
    database_url: str,
) -> None:
    with small_disk() as disk, embedded(disk) as server:
        async with (
            Database.open(await ensure_database(server, "leadline")) as store,
            town_without_leadline(store, database_url, retry_delay=0.5) as town,
            process(town, town.settings),
        ):
            answers = await write(town, range(20))
            assert set(answers.values()) == {200}
            fill(disk / "ballast")
            number = 20
            while 503 not in answers.values():
                assert number < 40_000, "the disk does not get full"
                answers |= await write(town, range(number, number + 20))
                number += 20
            answers |= await write(town, range(number, number + 20))
            assert set(answers.values()) == {200, 503}
            assert await ready(town) == 503
            (disk / "ballast").unlink()

            async def well() -> bool:
                return await ready(town) == 200

            await until(well)
            refused = [number for number, status in answers.items() if status == 503]
            for again in refused:  # as the provider does
                answers |= await write(town, range(again, again + 1))
            assert set(answers.values()) == {200}

            async def through() -> bool:
                found = [text.split()[0] for texts in (await town.threads()).values() for text in texts]
                return sorted(found, key=int) == [str(number) for number in sorted(answers)]

            await until(through)
