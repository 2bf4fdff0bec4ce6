"""What is learnt after the first message: phones that ids show, numbers that change, phones that move, names."""

from __future__ import annotations

import pytest

from leadline.intercom import contacts
from tests.people.conftest import WORKSPACE, Desk, OpenDesk

P, OTHER = "tel:+353861234567", "tel:+353879999999"
ID, OTHER_ID = "whatsapp:222/IE.1349", "whatsapp:222/IE.7"
USER = {"role": "user", "external_id": "crm-7", "name": "Una Byrne"}


@pytest.fixture(params=["search", "directory"])
async def asked(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def ready(desk: Desk, asked: str) -> None:
    """From here on the directory knows everybody, or Intercom's search has to be asked."""
    if asked == "directory":
        await desk.leadline.directory.walk(desk.leadline.workspace)


async def known(desk: Desk, contact_id: str, asked: str) -> None:
    """Intercom's webhook about a contact that somebody changed."""
    contact = await contacts.get(desk.leadline.workspace.client, contact_id)
    assert contact is not None
    if asked == "directory":
        await desk.leadline.directory.heard(WORKSPACE, contact)


async def test_a_phone_an_id_shows_that_is_a_users_is_not_linked_but_suggested(desk: Desk, asked: str) -> None:
    user = await desk.contact(USER | {"phone": P[4:]})
    lead = await desk.write(ID, channel="whatsapp", text="1")
    await ready(desk, asked)
    assert await desk.write(P, ID, channel="whatsapp", text="2") == lead
    assert await desk.told() == (["known_link", "points_elsewhere"], True)
    assert not await desk.rows("select 1 from link where handle = %s", P)
    [suggestion] = await desk.leadline.suggestions.of(WORKSPACE, lead)
    assert (suggestion.contact.contact_id, suggestion.likely.score.evidence[0].code) == (user, "attested_phone")
    assert await desk.write(P, channel="sms", text="3") == user
    assert (await desk.told())[0][0] == "unique_phone"
    await desk.calls()
    assert await desk.write(P, ID, channel="whatsapp", text="4") == lead, "told once, and not parked"
    assert (await desk.told())[0] == ["known_link", "unconfirmed_link", "points_elsewhere"]
    assert await desk.calls() == {"POST /conversations/{id}/reply": 1}, "and not looked up again"
    assert await desk.threads(lead) == [["1", "2", "4"]]


async def test_a_phone_an_id_shows_that_is_nobodys_is_linked_and_written_on_the_lead(desk: Desk, asked: str) -> None:
    lead = await desk.write(ID, channel="whatsapp")
    await ready(desk, asked)
    assert await desk.write(P, ID, channel="whatsapp") == lead
    assert await desk.told() == (["known_link"], False)
    assert await desk.owner(P) == lead
    assert (await desk.ok("GET", f"/contacts/{lead}"))["phone"] == P[4:]
    await desk.calls()
    assert await desk.write(P, ID, channel="whatsapp") == lead
    assert await desk.calls() == {"POST /conversations/{id}/reply": 1}
    assert await desk.write(P, channel="sms") == lead


async def test_a_phone_that_an_id_and_its_own_contact_share_is_linked(desk: Desk) -> None:
    lead = await desk.write(ID, channel="whatsapp")
    await desk.ok("PUT", f"/contacts/{lead}", {"phone": "086 123 4567 / +353 86 123 4567"})
    await desk.contact(USER | {"phone": P[4:]})
    await ready(desk, "directory")
    assert await desk.write(P, ID, channel="whatsapp") == lead
    assert await desk.owner(P) == lead


async def test_a_lead_named_by_its_number_gets_the_name_that_is_told_later(desk: Desk) -> None:
    lead = await desk.write(P, channel="sms")
    assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == P[4:]
    assert await desk.write(P, channel="whatsapp", name="Liadan Byrne") == lead
    assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == "Liadan Byrne"
    await desk.calls()
    await desk.write(P, channel="whatsapp", name="Liadan B")
    assert await desk.calls() == {"POST /conversations/{id}/reply": 1}, "one name was told; a second look is not needed"
    assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == "Liadan Byrne"


NAMES = ("Mrs Byrne (gate code 12)", "086", "Byrne +353 86 123 4567", "🌸", "+34611936811")
PHONES = ("ask reception", "086 123", "+34 611 936 811", "086 123 4567")


async def test_a_name_that_a_person_wrote_never_changes(desk: Desk, asked: str) -> None:
    leads = {written: await desk.write(f"{P[:-1]}{digit}", channel="sms") for digit, written in enumerate(NAMES)}
    await ready(desk, asked)
    for digit, (written, lead) in enumerate(leads.items()):
        await desk.ok("PUT", f"/contacts/{lead}", {"name": written})
        await known(desk, lead, asked)
        assert await desk.write(f"{P[:-1]}{digit}", channel="whatsapp", name="Liadan Byrne") == lead
        assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == written


async def test_a_phone_that_a_person_wrote_never_changes(desk: Desk, asked: str) -> None:
    leads = {written: await desk.write(f"{ID}{digit}", channel="whatsapp") for digit, written in enumerate(PHONES)}
    await ready(desk, asked)
    for digit, (written, lead) in enumerate(leads.items()):
        await desk.ok("PUT", f"/contacts/{lead}", {"phone": written})
        await known(desk, lead, asked)
        assert await desk.write(f"{P[:-1]}{digit}", f"{ID}{digit}", channel="whatsapp") == lead
        assert (await desk.ok("GET", f"/contacts/{lead}"))["phone"] == written


async def test_what_is_told_costs_one_call_where_the_directory_is_sure(desk: Desk) -> None:
    lead = await desk.write(ID, channel="whatsapp")
    await ready(desk, "directory")
    await desk.calls()
    assert await desk.write(P, ID, channel="whatsapp", name="Liadan Byrne") == lead
    assert await desk.calls() == {"PUT /contacts/{id}": 1, "POST /conversations/{id}/reply": 1}
    shown = await desk.ok("GET", f"/contacts/{lead}")
    assert (shown["phone"], shown["name"]) == (P[4:], "Liadan Byrne")


async def test_a_user_keeps_its_name_even_where_it_is_a_number(desk: Desk) -> None:
    user = await desk.contact(USER | {"name": P[4:], "phone": P[4:]})
    assert await desk.write(P, channel="whatsapp", name="Liadan Byrne") == user
    assert (await desk.ok("GET", f"/contacts/{user}"))["name"] == P[4:]


async def test_a_name_that_intercom_would_not_take_is_tried_with_the_next_message(desk: Desk) -> None:
    lead = await desk.write(P, channel="sms")
    await desk.fault(method="PUT", path="/contacts/[^/]+", status=500)
    assert await desk.write(P, channel="whatsapp", name="Liadan Byrne") == lead, "no message waits for it"
    assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == P[4:]
    await desk.write(P, channel="whatsapp", name="Liadan Byrne")
    assert (await desk.ok("GET", f"/contacts/{lead}"))["name"] == "Liadan Byrne"


@pytest.mark.parametrize("ids", [False, True], ids=["phones only", "with ids"])
async def test_a_sender_with_a_number_its_owner_left_is_a_stranger(desk: Desk, asked: str, ids: bool) -> None:
    old, new = ([P, ID], [OTHER, OTHER_ID]) if ids else ([P], [OTHER])
    alice = await desk.write(*old, channel="whatsapp", text="alice 1", name="Alice")
    await ready(desk, asked)
    assert await desk.write(*new, channel="whatsapp", former=old, text="changed") == alice
    assert (await desk.ok("GET", f"/contacts/{alice}"))["phone"] == OTHER[4:], "the teammates see the new number"
    assert await desk.write(*new, channel="whatsapp", text="alice 2") == alice
    bob = await desk.write(P, channel="whatsapp", text="bob 1", name="Bob")
    assert bob not in {"", alice}
    assert await desk.write(*new, channel="whatsapp", text="alice 3") == alice
    assert await desk.write(P, channel="whatsapp", text="bob 2", name="Bob") == bob
    assert await desk.write(P, channel="sms", text="bob by sms") == bob
    assert await desk.threads(alice) == [["alice 1", "changed", "alice 2", "alice 3"]]
    assert await desk.threads(bob) == [["bob 1", "bob 2"], ["bob by sms"]]


async def test_a_stranger_on_a_left_number_is_found_where_he_is_on_file(desk: Desk, asked: str) -> None:
    alice = await desk.write(P, channel="whatsapp", name="Alice")
    bob = await desk.contact(USER | {"phone": P[4:]})
    await ready(desk, asked)
    await desk.write(OTHER, channel="whatsapp", former=[P], name="Alice")
    assert alice != bob
    assert await desk.write(P, channel="whatsapp") == bob


async def test_a_customer_who_comes_back_to_a_number_is_no_stranger(desk: Desk) -> None:
    alice = await desk.write(P, channel="whatsapp", text="1")
    await desk.write(OTHER, channel="whatsapp", former=[P], text="2")
    assert await desk.write(P, channel="whatsapp", former=[OTHER], text="3") == alice
    assert await desk.write(P, channel="whatsapp", text="4") == alice
    assert await desk.threads(alice) == [["1", "2", "3", "4"]]


@pytest.mark.parametrize("new_id", [ID, OTHER_ID], ids=["the phone changes", "the id changes too"])
async def test_an_id_only_message_that_waited_during_a_number_change_stays_in_its_conversation(
    desk: Desk, new_id: str
) -> None:
    alice = await desk.write(P, ID, channel="whatsapp", text="1")
    await desk.keep(OTHER, new_id, channel="whatsapp", former=[P] if new_id == ID else [P, ID], text="2")
    await desk.keep(ID, channel="whatsapp", text="3")
    await desk.drain()
    await desk.write(new_id, channel="whatsapp", text="4")
    await desk.write(OTHER, new_id, channel="whatsapp", text="5")
    bob = await desk.write(P, channel="whatsapp", text="bob")
    assert await desk.threads(alice) == [["1", "2", "3", "4", "5"]]
    assert await desk.threads(bob) == [["bob"]]


async def test_a_new_number_that_is_somebody_elses_is_shown_and_not_linked(desk: Desk, asked: str) -> None:
    alice = await desk.write(P, channel="whatsapp", text="1")
    user = await desk.contact(USER | {"phone": OTHER[4:]})
    await ready(desk, asked)
    assert await desk.write(OTHER, channel="whatsapp", former=[P], text="2") == alice
    assert await desk.told() == (["changed_number", "points_elsewhere"], True)
    assert not await desk.rows("select 1 from link where handle = %s and superseded_at is null", OTHER)
    assert await desk.write(OTHER, channel="whatsapp", text="3") == user


async def test_a_phone_that_was_given_to_somebody_else_takes_its_messages_along(desk: Desk) -> None:
    karl = await desk.contact(USER | {"name": "Karl", "phone": P[4:]})
    lena = await desk.contact({"role": "user", "external_id": "crm-8", "name": "Lena"})
    await ready(desk, "directory")
    assert await desk.write(P, text="to karl") == karl
    await desk.ok("PUT", f"/contacts/{karl}", {"phone": None})
    await desk.ok("PUT", f"/contacts/{lena}", {"phone": "086 123 4567 / +353 86 123 4567"})
    for contact in (karl, lena):
        await known(desk, contact, "directory")
    assert await desk.write(P, text="to lena") == lena
    assert await desk.told() == (["unique_phone", "phone_moved"], False)
    assert await desk.write(P, text="again") == lena
    assert (await desk.threads(karl), await desk.threads(lena)) == ([["to karl"]], [["to lena", "again"]])
    await desk.leadline.corrections.attach(WORKSPACE, P, karl, author="Ann")
    assert await desk.write(P, text="back") == karl, "and a person can take it back"


async def test_a_phone_taken_off_its_contact_leaves_a_doubt_that_goes_when_it_is_back(desk: Desk) -> None:
    karl = await desk.contact(USER | {"name": "Karl", "phone": P[4:]})
    await ready(desk, "directory")
    await desk.write(P)
    for phone, told in ((None, (["known_link", "phone_left"], True)), (P[4:], (["known_link"], False))):
        await desk.ok("PUT", f"/contacts/{karl}", {"phone": phone})
        await known(desk, karl, "directory")
        assert await desk.write(P) == karl
        assert await desk.told() == told


async def test_a_missed_webhook_about_a_moved_phone_is_made_good_by_the_catch_up(desk: Desk) -> None:
    karl = await desk.contact(USER | {"name": "Karl", "phone": P[4:]})
    lena = await desk.contact({"role": "user", "external_id": "crm-8", "name": "Lena"})
    await ready(desk, "directory")
    await desk.write(P)
    await desk.ok("PUT", f"/contacts/{karl}", {"phone": None})
    await desk.ok("PUT", f"/contacts/{lena}", {"phone": P[4:]})
    await desk.leadline.directory.catch_up.run(desk.leadline.workspace)
    assert await desk.write(P) == lena


@pytest.mark.parametrize(("policy", "winner"), [("name_then_latest", "Maria Kelly"), ("latest_updated", "Sean Kelly")])
async def test_a_shared_phone_goes_to_the_namesake_where_the_policy_says_so(
    open_desk: OpenDesk, policy: str, winner: str, asked: str
) -> None:
    async with open_desk(policy=policy) as desk:
        names = ("Maria Kelly", "Sean Kelly")
        fields = [{"role": "user", "external_id": name, "name": name, "phone": P[4:]} for name in names]
        made = {str(each["name"]): await desk.contact(each) for each in fields}
        await desk.ok("PUT", f"/contacts/{made['Sean Kelly']}", {"name": "Sean Kelly"})
        await ready(desk, asked)
        found = await desk.write(P, channel="whatsapp", name="Maria Kelly")
        reasons, doubtful = await desk.told()
        if policy == "name_then_latest":
            assert (found, reasons, doubtful) == (made[winner], ["tie_name"], False)
        else:
            assert reasons[0] == "tie_latest_updated"
            assert doubtful


async def test_ids_the_provider_says_were_changed_go_on_with_their_contact(desk: Desk) -> None:
    """WhatsApp's field user_id_update: no message, but the next one comes under the new id."""
    parent, new_parent = "whatsapp:ENT/IE.ENT.11", "whatsapp:ENT/IE.ENT.22"
    lead = await desk.write(ID, parent, channel="whatsapp", text="1")
    await desk.move([OTHER, OTHER_ID, new_parent], [ID, parent])
    assert len(await desk.rows("select 1 from decision")) == 1, "it is no message"
    await desk.calls()
    assert await desk.write(OTHER_ID, channel="whatsapp", text="2") == lead
    assert await desk.write("whatsapp:222/IE.9", new_parent, channel="whatsapp", text="3") == lead
    assert await desk.calls() == {"POST /conversations/{id}/reply": 2}
    assert await desk.threads(lead) == [["1", "2", "3"]]
    await desk.move([OTHER_ID], ["whatsapp:222/IE.404"])
    assert await desk.owner(OTHER_ID) == lead, "ids that nobody has tell nothing"


async def test_a_parent_id_joins_a_customer_across_two_businesses(desk: Desk) -> None:
    parent = "whatsapp:ENT/IE.ENT.11"
    lead = await desk.write(ID, parent, channel="whatsapp", text="1")
    assert await desk.write("whatsapp:333/IE.5", parent, channel="whatsapp", text="2") == lead
    attributes = (await desk.ok("GET", f"/contacts/{lead}"))["custom_attributes"]
    assert attributes["whatsapp_id"] == "222/IE.1349", "the sender's own id, not its parent"
