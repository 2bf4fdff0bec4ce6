"""`leadline sign-in` from adding a provider to removing it, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office
from tests.openid import CLIENT, SECRET, providing


async def test_a_provider_from_adding_to_removing(office: Office, tmp_path: Path) -> None:
    settings, _, _ = office
    file = tmp_path / "secret.txt"
    file.write_text(f"{SECRET}\n")
    options = ["--client-id", CLIENT, "--client-secret-file", str(file)]
    async with providing() as acme:
        code, said = await run(settings, "sign-in", "add", "Acme", acme.issuer, *options)
        assert (code, "/console/sign-in/back/" in said) == (0, True), said
        code, said = await run(settings, "sign-in", "add", "Acme", acme.issuer, *options)
        assert (code, "already" in said) == (1, True), said
        code, said = await run(settings, "sign-in", "test", "acme")
        assert (code, "Acme answers." in said) == (0, True), said
        change = ["--domain", "example.com", "--role", "viewer", "--name", "Acme SSO"]
        assert (await run(settings, "sign-in", "change", "Acme", *change))[0] == 0
        code, said = await run(settings, "sign-in", "change", "Acme SSO", "--no-passwords")
        assert (code, "No owner has signed in with Acme SSO yet" in said) == (1, True), said
        assert (await run(settings, "sign-in", "change", "1", "--invited-only", "--domain", "x.com"))[0] == 1
        code, said = await run(settings, "sign-in", "list", "--json")
        [row] = json.loads(said)
        assert (row["name"], row["domains"], row["role"], row["passwords"]) == (
            "Acme SSO",
            ["example.com"],
            "viewer",
            True,
        )
        assert "client_secret" not in row
        acme.document = {"issuer": "https://another.example"}
        code, said = await run(settings, "sign-in", "test", "Acme SSO")
        assert (code, "calls itself https://another.example" in said) == (1, True), said
        assert (await run(settings, "sign-in", "change", "Acme SSO", "--invited-only"))[0] == 0
        code, said = await run(settings, "sign-in", "list")
        assert "nobody" in said
        assert (await run(settings, "sign-in", "remove", "Acme SSO", stdin="n\n"))[0] == 1, "a no is a no"
        assert (await run(settings, "sign-in", "remove", "Acme SSO", "--yes"))[0] == 0
        code, said = await run(settings, "sign-in", "test", "Acme SSO")
        assert (code, "No provider has the number or name" in said) == (1, True), said


async def test_doctor_asks_every_provider_and_says_when_nobody_can_sign_in(office: Office, tmp_path: Path) -> None:
    settings, _, _ = office
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)

    async def finding() -> dict[str, str]:
        rows = json.loads((await run(settings, "doctor", "--json"))[1])
        [found] = [row for row in rows if row["part"].startswith("sign-in")]
        return {name: str(value) for name, value in found.items()}

    async with providing() as acme:
        options = ["--client-id", CLIENT, "--client-secret-file", str(file)]
        assert (await run(settings, "sign-in", "add", "Acme", acme.issuer, *options))[0] == 0
        assert await finding() == {"part": "sign-in, Acme", "state": "ok", "what": "says where to sign in"}
        acme.document = {"issuer": "https://another.example"}
        assert "calls itself https://another.example" in (await finding())["what"]
    gone = await finding()
    assert gone["state"] == "WRONG"
    assert gone["what"].startswith("Nobody can sign in with Acme. It cannot be asked where to sign in: ")
    assert gone["what"].endswith("Ask it again: `leadline sign-in test Acme`")
