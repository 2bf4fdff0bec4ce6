"""Merges by another system: as previewed or not at all, and back."""

from __future__ import annotations

from tests.acceptance.conftest import Open
from tests.acceptance.town import until
from tests.api.caller import ANN, caller
from tests.api.test_messages import settled, written


async def test_a_merge_is_made_as_previewed_and_undone(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        await written(town, "Hello")
        await settled(one, 1)
        [lead] = await town.people_with(ANN)
        user = next(each for each in await town.contacts() if each["role"] == "user")
        pair = {"from_id": lead["id"], "into_id": user["id"]}
        status, preview = await one.call("POST", "/merges/preview", body=pair)
        assert (status, preview["options"][0]["way"]) == (200, "merge")
        assert preview["options"][0]["addresses"] == [f"tel:{ANN}"]
        status, told = await one.call("POST", "/merges", body=pair)
        assert (status, told["code"]) == (422, "invalid"), "no merge without a preview"

        await town.intercom("PUT", f"/contacts/{user['id']}", {"name": "Somebody Else"})
        status, told = await one.call("POST", "/merges", body=pair | {"fingerprint": preview["fingerprint"]})
        assert (status, told["code"]) == (409, "stale")
        assert {each["id"] for each in await town.contacts()} >= {lead["id"], user["id"]}

        _, preview = await one.call("POST", "/merges/preview", body=pair)
        wanted = pair | {"fingerprint": preview["fingerprint"]}
        status, merged = await one.call("POST", "/merges", body=wanted)
        assert status == 200, merged
        assert merged["author"] == "API key shop"

        async def made() -> bool:
            return bool((await one.get(f"/merges/{merged['merge_id']}"))["state"] == "merged")

        await until(made)
        assert (await one.call("POST", "/merges", body=wanted))[1]["merge_id"] == merged["merge_id"]
        assert lead["id"] not in {each["id"] for each in await town.contacts()}
        assert (await one.get("/resolve", address=ANN))["contact_id"] == user["id"]

        status, told = await one.call("POST", f"/merges/{merged['merge_id']}/undo")
        assert status == 200, told

        async def undone() -> bool:
            return bool((await one.get(f"/merges/{merged['merge_id']}"))["state"] == "undone")

        await until(undone)
        assert (await one.get("/resolve", address=ANN))["contact_id"] != user["id"]


async def test_users_are_merged_where_the_workspace_has_the_preview_api_and_come_back_as_leads(open_town: Open) -> None:
    async with open_town(intercom_preview=True, directory_every=0.0) as town:
        one = await caller(town)
        made = [
            (await town.intercom("POST", "/contacts", {"role": "user", "external_id": key, "phone": ANN}))["id"]
            for key in ("shop-1", "shop-2")
        ]
        pair = {"from_id": made[0], "into_id": made[1]}
        await town.intercom("PUT", "/_sandbox/control", {"preview": True})
        status, preview = await one.call("POST", "/merges/preview", body=pair)
        assert (status, preview["options"][0]["way"]) == (200, "merge")
        _, merged = await one.call("POST", "/merges", body=pair | {"fingerprint": preview["fingerprint"]})

        async def state(wanted: str) -> bool:
            return bool((await one.get(f"/merges/{merged['merge_id']}"))["state"] == wanted)

        await until(lambda: state("merged"))
        assert made[0] not in {each["id"] for each in await town.contacts()}
        await one.call("POST", f"/merges/{merged['merge_id']}/undo")
        await until(lambda: state("undone"))
        assert "It was a user, and comes back as a lead." in (await one.get(f"/merges/{merged['merge_id']}"))["lost"]


async def test_what_cannot_be_merged_says_why(open_town: Open) -> None:
    async with open_town() as town:
        one = await caller(town)
        user, *_ = [each for each in await town.contacts() if each["role"] == "user"]
        pair = {"from_id": user["id"], "into_id": user["id"]}
        status, told = await one.call("POST", "/merges/preview", body=pair)
        assert (status, told["code"]) == (409, "same_contact")
        status, told = await one.call("POST", "/merges/preview", body=pair | {"from_id": "nobody"})
        assert (status, told["code"]) == (404, "not_found")
        for path in ("/merges/7", "/merges/x", "/merges/7/undo"):
            status, told = await one.call("POST" if path.endswith("undo") else "GET", path)
            assert (status, told["code"]) == (404, "no_such_merge")
