"""`leadline webhook` from adding to removing, as an operator types it."""

from __future__ import annotations

import json

from standardwebhooks import Webhook as Checker

from leadline.webhooks import EVENTS
from tests.alerts.test_alerts import receiving
from tests.cli.test_cli import Office, run
from tests.cli.test_cli import office as office


async def test_a_webhook_from_adding_to_removing(office: Office) -> None:
    settings, _, _ = office
    async with receiving() as shop:
        code, said = await run(settings, "webhook", "add", "shop", f"{shop.place}/hook", "--json")
        assert code == 0, said
        secret = json.loads(said)["secret"]
        code, said = await run(settings, "webhook", "test", "shop")
        assert (code, "took the test event" in said) == (0, True), said
        body, headers = shop.got[0]
        assert Checker(secret).verify(body, headers)["type"] == "webhook.test"
        shop.status = 500
        code, said = await run(settings, "webhook", "test", "shop")
        assert (code, "it answered 500" in said) == (1, True), said
        assert (await run(settings, "webhook", "change", "shop", "--event", "contact.merged", "--with-text"))[0] == 0
        code, said = await run(settings, "webhook", "rotate", "shop", "--json")
        assert (code, json.loads(said)["secret"] != secret) == (0, True), said
        code, said = await run(settings, "webhook", "list", "--json")
        [row] = json.loads(said)
        assert (row["name"], row["events"], row["with_text"], row["host"]) == (
            "shop",
            ["contact.merged"],
            True,
            "127.0.0.1",
        )
        assert not {"address", "secret", "former_secret"} & row.keys()
        code, said = await run(settings, "webhook", "pause", "shop", "--json")
        assert (code, json.loads(said)) == (0, {"webhook": "shop", "paused": True})
        assert json.loads((await run(settings, "webhook", "list", "--json"))[1])[0]["paused_at"] is not None
        assert "goes on" in (await run(settings, "webhook", "resume", "shop"))[1]
        code, said = await run(settings, "webhook", "deliveries", "shop", "--json")
        assert (code, json.loads(said)) == (0, [])
        code, said = await run(settings, "webhook", "replay", "shop", "--since", "1h", "--json")
        assert (code, json.loads(said)) == (0, {"events": 0})
        assert (await run(settings, "webhook", "remove", "shop", stdin="n\n"))[0] == 1, "a no is a no"
        assert (await run(settings, "webhook", "remove", "shop", "--yes"))[0] == 0
        code, said = await run(settings, "webhook", "test", "shop")
        assert (code, "No webhook has the number or name 'shop'" in said) == (1, True), said
        code, said = await run(settings, "webhook", "events", "--json")
        assert [row["event"] for row in json.loads(said)] == [*EVENTS]
