"""The page on the API does what it says when it is typed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from leadline.settings import Settings
from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.api.caller import ANN, BEA
from tests.api.test_messages import written
from tests.conftest import ROOT
from tests.nursery import environ
from tests.test_docs_commands import FENCED

BIN = ROOT / ".venv/bin"
TOKEN = re.compile(r"^leadline_[\w-]{43}$", re.MULTILINE)


async def typed(settings: Settings, folder: Path, block: str, **values: str) -> str:
    """What a block prints; fails where one of its commands does."""
    given = environ(settings) | values
    given["PATH"] = f"{BIN}:{given['PATH']}"
    running = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        block,
        cwd=folder,
        env=given,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    assert running.returncode == 0, f"{block}\n{said.decode()}"
    return said.decode()


@pytest.mark.long
async def test_the_page_does_what_it_says(open_town: Open, tmp_path: Path) -> None:
    blocks = FENCED.findall((ROOT / "docs/howto/use-the-api.md").read_text("utf-8"))
    make, *calls, look_after = blocks
    assert len(calls) == 7
    async with open_town() as town:
        await written(town, "Hello")

        async def known() -> bool:
            return bool(await town.threads())

        await until(known)
        [lead] = await town.people_with(ANN)
        user = next(each for each in await town.contacts() if each["role"] == "user")
        found = TOKEN.search(await typed(town.settings, tmp_path, make))
        assert found is not None
        names = {"API": f"{town.places.leadline}/api/v1", "KEY": found[0], "LEAD": lead["id"], "USER": user["id"]}
        said = [await typed(town.settings, tmp_path, block, **names) for block in calls]
        marks = ("message_id", "missing", "messages", "reasons", "fingerprint", "merge_id", '"everything":"out"')
        assert [mark in told for mark, told in zip(marks, said, strict=True)] == [True] * 7, said

        async def sent() -> bool:
            return [delivery.text for delivery in town.providers.phones.received()] == ["Your parcel is on its way."]

        await until(sent)
        assert len(await town.people_with(BEA)) == 1
        told = await typed(town.settings, tmp_path, look_after)
        assert len(TOKEN.findall(told)) == 1
        assert "holds no more" in told
