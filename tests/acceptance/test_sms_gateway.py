"""The example of docs/channels/http.md, run as it stands there: a gateway connected by one command, without code."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.conftest import ROOT

KEY, TOKEN = "made-up-key-of-acme", "made-up-token-of-acme"
ANN = "353861234567"


def command() -> str:
    """The only shell command of the page."""
    (code,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/channels/http.md").read_text("utf-8"), re.S)
    return str(code)


async def connected(town: Town, folder: Path, gateway: str) -> str:
    """Run the command against this gateway; returns the webhook address that it prints."""
    (folder / "acme-key.txt").write_text(f"Authorization: Bearer {KEY}\n", "utf-8")
    (folder / "acme-token.txt").write_text(f"{TOKEN}\n", "utf-8")
    settings = town.settings
    environ = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LEADLINE_DATABASE_URL": settings.database_url,
        "LEADLINE_SECRET_KEY": settings.secret_key,
        "LEADLINE_PUBLIC_URL": settings.public_url,
        "LEADLINE_INTERCOM_TOKEN": settings.intercom_token,
        "LEADLINE_INTERCOM_URL": settings.intercom_url,
    }
    process = await asyncio.create_subprocess_shell(
        command().replace("https://gateway.example.com", gateway),
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told
    found = re.search(r"Webhook address: (\S+)", told)
    assert found, told
    return found[1]


async def test_the_example_carries_messages_both_ways_and_tells_of_failures(open_town: Open, tmp_path: Path) -> None:
    program = ROOT / "tests/acceptance/acme_gateway.py"
    async with open_town() as town:
        gateway = await asyncio.create_subprocess_exec(
            sys.executable, str(program), KEY, TOKEN, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert gateway.stdin is not None
        assert gateway.stdout is not None
        reading = gateway.stdout

        async def says() -> str:
            return (await asyncio.wait_for(reading.readline(), 60)).decode().strip()

        try:
            webhook = await connected(town, tmp_path, f"http://127.0.0.1:{await says()}")
            gateway.stdin.write(f"in {webhook} {ANN} Is my parcel there?\n".encode())
            await gateway.stdin.drain()
            assert await says() == "answered 200 OK"
            [(conversation, texts)] = (await until(town.threads)).items()
            assert texts == ["Is my parcel there?"]
            assert [contact["role"] for contact in await town.people_with(f"+{ANN}")] == ["lead"]
            await town.teammate("reply", conversation, "It is on its way")
            assert await says() == f"sent {ANN} It is on its way"
            assert await says() == "answered 200 OK", "the report was taken"
            await town.teammate("reply", conversation, "It is nowhere to be found")
            assert await says() == f"sent {ANN} It is nowhere to be found"

            async def told() -> str:
                notes = [text for text in (await town.threads())[conversation] if "did not reach" in text]
                return notes[0] if notes else ""

            note = await until(told)
            assert "Absent subscriber" in note
            assert "out of reach" in note
        finally:
            gateway.kill()
            await gateway.wait()
