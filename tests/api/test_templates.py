"""Templates for other systems: what each asks for, and one filled in before it is sent."""

from __future__ import annotations

from leadline.api.keys import Keys
from tests.acceptance.conftest import Open
from tests.api.caller import BEA, Caller, caller
from tests.api.test_messages import settled

SALE = {"name": "spring_sale", "language": "en"}


async def test_a_template_tells_what_it_asks_for_and_reads_as_it_will(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        found = (await one.get("/templates", channel=town.whatsapp.name))["templates"]
        assert {each["name"] for each in found} >= {"hello_again", "spring_sale", "invoice"}
        assert "sale_of_the_day" not in {each["name"] for each in found}, "nobody can fill it in"
        (sale,) = (each for each in found if each["name"] == "spring_sale")
        assert [each["name"] for each in sale["variables"]] == ["file:image", "1", "link:1", "code:2"]
        assert sale["variables"][0]["asks"] == "Address of the picture (https://…)"
        given = SALE | {"values": ["https://files.example/1.jpg", "Ann"]}
        status, told = await one.call(
            "POST", "/templates/preview", body={"channel": town.whatsapp.name, "template": given}
        )
        assert status == 200, told
        assert told["values"] == ["https://files.example/1.jpg", "Ann", "", ""]
        assert [each["name"] for each in told["missing"]] == ["link:1", "code:2"]
        assert "Spring, Ann!" in told["text"]
        status, told = await one.send("t", channel=town.whatsapp.name, address=BEA, template=given)
        assert (status, told["code"]) == (422, "invalid")
        assert "4 variables" in told["detail"]
        assert town.providers.phones.received() == []


async def test_the_contact_proposes_values_to_keys_that_may_ask_about_contacts(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await town.intercom("POST", "/contacts", {"role": "user", "external_id": "b", "name": "Bea Long", "phone": BEA})
        assert await town.sms_in(BEA, "Hello", 1) == 200
        await settled(one, 1)
        wanted = {"channel": town.whatsapp.name, "template": {"name": "hello_again", "language": "en"}, "address": BEA}
        status, told = await one.call("POST", "/templates/preview", body=wanted)
        assert (status, told["values"]) == (200, ["Bea", ""])
        assert told["text"].startswith("Hello Bea, is now")
        token = await Keys(town.leadline.database, "sandbox").create("sender", ["send"])
        narrow = Caller(town, token)
        status, told = await narrow.call("POST", "/templates/preview", body=wanted)
        assert (status, told["code"]) == (403, "no_scope")
        status, told = await narrow.call("POST", "/templates/preview", body=wanted | {"address": ""})
        assert (status, told["values"]) == (200, ["", ""])
