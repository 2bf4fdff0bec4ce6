"""The fake of LINE against LINE's own SDK, installed beside everything else from a lock of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from leadline.sandbox.providers import LineFake

from ..conftest import Town

SDK = Path(__file__).parent / "sdk"
PICTURE = b"\x89PNG\r\n\x1a\n a picture"


async def run(*command: str, given: str = "", environ: dict[str, str] | None = None) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
    out, trouble = await process.communicate(given.encode())
    return process.returncode or 0, out.decode(), trouble.decode()


async def install(folder: Path) -> None:
    """The locked packages, by uv or else by pip; the test is skipped where no index can be reached."""
    what = ("--quiet", "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(SDK / "requirements.lock"))
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *what)
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    tries = [(uv, "pip", "install", "--python", sys.executable, *what)] if uv else []
    for command in [*tries, pip]:
        code, _, trouble = await run(*command)
        if code == 0:
            return
    if "hash" in trouble.lower():
        pytest.fail(f"The locked packages are others now: {trouble}")
    pytest.skip("needs a package index, to install LINE's SDK from its lock")


@pytest.mark.long
async def test_lines_own_sdk_speaks_with_the_fake(town: Town, tmp_path: Path) -> None:
    await install(tmp_path)
    fake = town.providers.of(LineFake)
    sender = fake.customer(3)
    fake.names[sender] = "Ada"
    headers, body = fake.webhook(fake.messages(sender, "Hi ✓", [("image/png", PICTURE)]))
    names = ("channel_secret", "access_token", "api_url")
    told = {name: getattr(fake.settings, name) for name in names}
    given = json.dumps({**told, "body": body.decode(), "signature": headers["x-line-signature"]})
    code, said, trouble = await run(
        sys.executable, str(SDK / "talk.py"), given=given, environ={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert code == 0, trouble
    found: dict[str, Any] = json.loads(said)
    [pushed, replied] = [found.pop("pushed"), found.pop("replied")]
    deliveries = town.providers.phones.received(sender)
    assert [(each.text, each.message_id) for each in deliveries] == [("Pushed", *pushed), ("Replied", *replied)]
    assert bytes.fromhex(found.pop("picture")) == PICTURE
    assert found.pop("account").startswith("U")
    assert found == {
        "text": "Hi ✓",
        "sender": sender,
        "forged": False,
        "again": 409,
        "token_again": 400,
        "name": "Ada",
    }
