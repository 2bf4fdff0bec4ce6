"""`leadline schedule` and `leadline settings --schedule`, as a person uses them."""

from __future__ import annotations

import json

from tests.cli.test_cli import run
from tests.people.conftest import Desk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house


async def test_a_schedule_is_made_given_to_channels_changed_and_removed(desk: Desk) -> None:
    settings = desk.leadline.settings
    code, said = await run(settings, "schedule", "list")
    assert (code, "There are no schedules." in said) == (0, True), said
    code, said = await run(settings, "schedule", "add", "Shop", "mon-sun 00:00-24:00", "--time-zone", "Europe/Dublin")
    assert (code, said) == (0, "Shop is made: mon-sun 00:00-24:00, Europe/Dublin. It is open now.\n")
    code, said = await run(settings, "settings", "set", "out_of_office", "Back on {opens}", "--schedule", "shop")
    assert (code, said) == (0, "out_of_office is Back on {opens} now for schedule Shop.\n")
    assert (await run(settings, "settings", "set", "time_zone", "Asia/Tokyo", "--channel", "sms"))[0] == 0
    code, said = await run(settings, "settings", "set", "schedule", "Shop", "--channel", "sms")
    assert (code, "sms has time_zone of its own, which go before" in said) == (0, True), said
    code, said = await run(settings, "settings", "set", "schedule", "Shopp", "--channel", "telegram")
    assert (code, "Did you mean Shop?" in said) == (1, True), said
    code, said = await run(settings, "settings", "list", "--schedule", "Shop", "--json")
    assert {row["name"]: row["origin"] for row in json.loads(said)} == {
        "opening_hours": "schedule",
        "time_zone": "schedule",
        "closed_dates": "default",
        "out_of_office": "schedule",
        "out_of_office_pause": "default",
    }
    code, said = await run(settings, "schedule", "list", "--json")
    [listed] = json.loads(said)
    assert (listed["name"], listed["used_by"], listed["now"]) == ("Shop", "sms", "open")
    code, said = await run(settings, "settings", "reset", "opening_hours", "--schedule", "Shop")
    assert (code, "needs opening_hours" in said) == (1, True), said
    code, said = await run(settings, "settings", "set", "schedule", "", "--channel", "sms", "--schedule", "Shop")
    assert (code, "either --channel or --schedule" in said) == (1, True), said
    code, said = await run(settings, "schedule", "remove", "Shop")
    assert (code, "Shop is the schedule of channel" in said) == (1, True), said
    assert (await run(settings, "settings", "reset", "schedule", "--channel", "sms"))[0] == 0
    code, said = await run(settings, "schedule", "remove", "shop")
    assert (code, said) == (0, "Shop is no schedule any more.\n")
    code, said = await run(settings, "settings", "history", "opening_hours")
    assert (code, "schedule Shop" in said) == (0, True), said
