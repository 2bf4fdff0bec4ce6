"""Two conversations that a merge leaves open on one channel: offered, merged in Intercom, gone on with in one."""

from __future__ import annotations

import pytest

from leadline.merging.desk import MergeRefused
from tests.people.conftest import WORKSPACE, Desk

ONE, OTHER = "tel:+353861234567", "tel:+353879999999"
USER = {"role": "user", "external_id": "crm-7", "name": "Una Byrne", "phone": "+353861234567"}


async def left_open(desk: Desk) -> tuple[str, str, str]:
    """A user and a lead wrote by SMS, and were merged: the contact and its two open conversations."""
    user = await desk.contact(USER)
    assert await desk.write(ONE, text="one 1") == user
    lead = await desk.write(OTHER, text="other 1")
    assert await desk.leadline.open_twins.of(WORKSPACE, user) == ()
    await desk.leadline.merging.merge(WORKSPACE, lead, user, author="Ann")
    [pair] = await desk.leadline.open_twins.of(WORKSPACE, user)
    assert (pair.channel, pair.from_handle, pair.into_handle) == ("sms", ONE, OTHER), "the later one goes on"
    return user, pair.from_id, pair.into_id


async def state(desk: Desk, conversation_id: str) -> str:
    return str((await desk.ok("GET", f"/conversations/{conversation_id}"))["state"])


async def test_both_addresses_go_on_in_one(desk: Desk) -> None:
    user, going, staying = await left_open(desk)
    await desk.leadline.open_twins.merge(WORKSPACE, going, staying, author="Ann")
    assert (await state(desk, going), await state(desk, staying)) == ("closed", "open")
    assert await desk.leadline.open_twins.of(WORKSPACE, user) == ()
    for handle, text in ((ONE, "one 2"), (OTHER, "other 2"), (ONE, "one 3")):
        assert await desk.write(handle, text=text) == user
        reach = await desk.leadline.reaches.of_conversation(WORKSPACE, staying)
        assert reach is not None
        assert reach.sender == handle[4:], "a reply goes to the address that wrote last"
    first, second = await desk.threads(user)
    assert first == ["one 1"]
    assert [text for text in second if " merged " not in text] == [
        "other 1",
        "one 2",
        "other 2",
        "one 3",
    ]
    assert any("Ann merged the conversation with +353 86 123 4567 into this one." in text for text in second)


async def test_a_sender_taken_off_the_contact_does_not_land_in_it(desk: Desk) -> None:
    user, going, staying = await left_open(desk)
    await desk.leadline.open_twins.merge(WORKSPACE, going, staying, author="Ann")
    await desk.leadline.corrections.detach(WORKSPACE, ONE, author="Ann")
    stranger = await desk.write(ONE, text="somebody else")
    assert stranger != user
    assert await desk.threads(stranger) == [["somebody else"]]
    assert await desk.write(OTHER, text="other 2") == user
    assert (await desk.threads(user))[-1][-1] == "other 2"


async def test_a_lost_answer_is_made_good_by_asking_again(desk: Desk) -> None:
    user, going, staying = await left_open(desk)
    await desk.ok("POST", f"/conversations/{going}/merge", {"merge_into_conversation_id": int(staying)})
    await desk.leadline.open_twins.merge(WORKSPACE, going, staying, author="Ann")
    assert await desk.leadline.open_twins.of(WORKSPACE, user) == ()


async def test_a_pair_that_is_none_any_more_is_refused(desk: Desk) -> None:
    _, going, staying = await left_open(desk)
    await desk.leadline.open_twins.merge(WORKSPACE, going, staying, author="Ann")
    for pair in ((going, staying), (staying, going), ("999", staying)):
        with pytest.raises(MergeRefused) as refusal:
            await desk.leadline.open_twins.merge(WORKSPACE, *pair, author="Ann")
        assert refusal.value.code == "no_twins"


async def test_three_become_one_whichever_writes(desk: Desk) -> None:
    user, going, staying = await left_open(desk)
    third = await desk.write("tel:+353850000003", text="third 1")
    await desk.leadline.merging.merge(WORKSPACE, third, user, author="Ann")
    pairs = await desk.leadline.open_twins.of(WORKSPACE, user)
    assert [pair.from_id for pair in pairs] == [going, staying]
    for pair in pairs:
        await desk.leadline.open_twins.merge(WORKSPACE, pair.from_id, pair.into_id, author="Ann")
    for handle, text in ((ONE, "a"), (OTHER, "b"), ("tel:+353850000003", "c"), (ONE, "d")):
        assert await desk.write(handle, text=text) == user
    [*_, last] = await desk.threads(user)
    assert [text for text in last if " merged " not in text] == ["third 1", "a", "b", "c", "d"]


async def test_an_undone_merge_of_the_contacts_parts_them_again(desk: Desk) -> None:
    user, going, staying = await left_open(desk)
    await desk.leadline.open_twins.merge(WORKSPACE, going, staying, author="Ann")
    [made] = await desk.leadline.merging.history(WORKSPACE)
    undone = await desk.leadline.merging.undo(WORKSPACE, made.merge_id, author="Ann")
    assert await desk.write(OTHER, text="other 2") == undone.contact_id
    assert await desk.write(ONE, text="one 2") == user
    assert await desk.threads(undone.contact_id) == [["other 2"]]
    assert (await desk.threads(user))[-1][-1] == "one 2"


async def test_a_merge_that_is_forgotten_by_a_lost_answer_does_not_hide_a_new_message(desk: Desk) -> None:
    """Merged in Intercom and not on record: a message still arrives, in the conversation that Leadline knows."""
    user, going, staying = await left_open(desk)
    await desk.ok("POST", f"/conversations/{going}/merge", {"merge_into_conversation_id": int(staying)})
    assert await desk.write(ONE, text="one 2") == user
    assert any("one 2" in thread for thread in await desk.threads(user))
