"""The program in docs/channels/http.md, run as it stands there: it is a whole channel."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from leadline.channels.generic.adapter import GenericHTTP, HTTPSettings
from leadline.connections.switchboard import add_channel
from leadline.serving import address, bind
from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.conftest import ROOT

SECRET = "whsec_bWFkZS11cC0zMi1ieXRlLXNlY3JldC1mb3ItdGVzdHM="


def example() -> str:
    """The only Python program of the page."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/channels/http.md").read_text("utf-8"), re.S)
    return str(code)


def test_the_example_is_short() -> None:
    assert len([line for line in example().splitlines() if line.strip()]) <= 30


async def test_the_example_carries_messages_both_ways(open_town: Open, tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(example(), "utf-8")
    async with open_town() as town:
        # Held until the end: the example may take the port of a socket that does not listen, others do not get it.
        held = bind("127.0.0.1", 0)
        base = address(held)
        settings = HTTPSettings(name="example", signing_secret=SECRET, api_url=base)
        row = await add_channel(town.store, "sandbox", GenericHTTP(), "Example", settings)
        environ = os.environ | {
            "WEBHOOK_ADDRESS": f"{town.places.leadline}/in/{row.key}",
            "SIGNING_SECRET": SECRET,
            "PORT": base.rpartition(":")[2],
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(program), env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(b"Hello\nIs anybody there?\n")
            await process.stdin.drain()

            async def both() -> dict[str, list[str]]:
                threads = await town.threads()
                return threads if sum(map(len, threads.values())) == 2 else {}

            [(conversation, texts)] = (await until(both)).items()
            assert texts == ["Hello", "Is anybody there?"]
            [contact] = [c for c in await town.contacts() if c["custom_attributes"].get("http_id")]
            assert (contact["role"], contact["custom_attributes"]["http_id"]) == ("lead", "example/customer-1")
            await town.teammate("reply", conversation, "Yes: us")
            line = await asyncio.wait_for(process.stdout.readline(), 120)
            assert line.decode() == "To customer-1: Yes: us\n"
        finally:
            process.kill()
            await process.wait()
            held.close()
