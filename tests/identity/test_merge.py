"""Plans of merges and undos, as values: who may be merged, what is left, what makes a preview stale, the way back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.merge import preview, token
from leadline.identity.merge_afterwards import amends, differences, lost_note
from leadline.identity.merge_changes import CUSTOM, TAKEABLE, chosen, nameless
from leadline.identity.merge_refusals import SENTENCES, MergeRefused, of_intercom
from leadline.identity.merge_sides import FIELDS, Named, Note, Side, Subscription, written
from leadline.identity.unmerge import CLEARABLE, rebuild
from leadline.model import Role

NOW = 1_800_000_000.0
texts = st.sampled_from(["a", "A", "b", "+353861111111", "00353861111111"])
fields = st.dictionaries(st.sampled_from(sorted(FIELDS)), texts, max_size=6)
attributes = st.dictionaries(
    st.sampled_from(["plan", "name", "telegram_id"]), st.sampled_from([0, 50, False, True, "", "gold"]), max_size=3
)
tags = st.lists(st.builds(Named, st.sampled_from("123"), st.just("x")), max_size=3, unique=True).map(tuple)


def sides(contact_id: str, role: Role) -> st.SearchStrategy[Side]:
    return st.builds(
        Side, contact_id=st.just(contact_id), role=st.just(role), fields=fields, attributes=attributes, tags=tags
    )


leads, users = sides("lead", Role.LEAD), sides("user", Role.USER)


def merged(source: Side, target: Side) -> Side:
    """What is left: attributes the user does not have are copied, but not the lead's id, nor a number as a name."""
    left_out = {"external_id", *(["name"] if nameless(source) else [])}
    kept = {name: value for name, value in source.fields.items() if name not in left_out}
    return msgspec.structs.replace(
        target,
        fields={**kept, **target.fields},
        attributes={**source.attributes, **target.attributes},
        tags=tuple({tag.key: tag for tag in (*source.tags, *target.tags)}.values()),
    )


@given(leads, users)
def test_the_preview_names_every_field_and_what_is_left_of_it(source: Side, target: Side) -> None:
    after = merged(source, target)
    rows = preview(source, target, workspace_id="w", now=NOW).options[0].changes
    told = {change.key: change.result for change in rows}
    wanted = {name: after.fields.get(name) for name in FIELDS}
    wanted |= {f"{CUSTOM}{name}": after.attributes.get(name) for name in (*source.attributes, *target.attributes)}
    assert {key: told.get(key, "") for key in wanted} == {key: written(value) for key, value in wanted.items()}
    lost = [row.outcome == "discarded" for row in rows]
    assert lost == sorted(lost, reverse=True), "what is lost comes first"
    for row in rows:
        if row.outcome == "same" and row.from_value != row.into_value:
            assert row.key == "phone", "only a number has two spellings"
        elif row.field not in {"tags", "companies"}:
            assert (row.outcome == "discarded") == bool(row.from_value and row.from_value != row.result)


@given(leads, users, st.sets(st.sampled_from([*TAKEABLE, "custom_attributes.plan", "custom_attributes.name"])))
def test_an_undo_takes_back_exactly_what_the_merge_had_added(source: Side, target: Side, take: set[str]) -> None:
    rows = preview(source, target, workspace_id="w", now=NOW, take=take).options[0].changes
    after = merged(source, written_to(target, chosen(source, rows)))
    plan = rebuild(source, target, after, "merge", take)
    restored = {**after.fields, **plan.restore}
    for name in CLEARABLE:
        assert restored.get(name) == target.fields.get(name)
    left = {name: value for name, value in {**after.attributes, **plan.restore_attributes}.items() if value is not None}
    assert left == target.attributes
    taken = {tag.key for tag in plan.take_tags}
    assert {tag.key for tag in after.tags} - taken == {tag.key for tag in target.tags}


def written_to(target: Side, fields: dict[str, Any]) -> Side:
    fields = dict(fields)
    attributes = fields.pop("custom_attributes", {})
    return msgspec.structs.replace(
        target, fields={**target.fields, **fields}, attributes={**target.attributes, **attributes}
    )


@given(leads, users, st.sets(st.sampled_from([*TAKEABLE, "custom_attributes.plan", "custom_attributes.name"])))
def test_after_a_merge_as_previewed_nothing_differs_and_any_other_value_is_told(
    source: Side, target: Side, take: set[str]
) -> None:
    rows = preview(source, target, workspace_id="w", now=NOW, take=take).options[0].changes
    after = merged(source, written_to(target, chosen(source, rows)))
    assert differences(rows, after) == ()
    for row in rows:
        if row.attribute:
            other = msgspec.structs.replace(after, attributes={**after.attributes, row.field: "somebody else's"})
            assert differences(rows, other) == (
                f"{row.label}: the preview said {row.result}, but Intercom has somebody else's.",
            )


@given(leads, users, st.sampled_from(["fields", "attributes"]), st.sampled_from(["name", "phone"]))
def test_a_token_changes_with_what_people_compare(source: Side, target: Side, part: str, name: str) -> None:
    changed = msgspec.structs.replace(target, **{part: {**getattr(target, part), name: "something new"}})
    assert token(source, changed) != token(source, target)
    role = msgspec.structs.replace(source, role=Role.USER)
    assert token(role, target) != token(source, target)


@given(leads, users)
def test_a_token_stays_when_only_time_and_talk_go_on(source: Side, target: Side) -> None:
    later: dict[str, Any] = {"last_active_at": NOW, "conversations": ("9",), "notes": (Note("x"),), "raw": {"a": 1}}
    assert token(msgspec.structs.replace(source, **later), target) == token(source, target)


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        (Side(contact_id="a", role=Role.LEAD), Side(contact_id="a", role=Role.LEAD), "same_contact"),
        (Side(contact_id="a", role=Role.USER), Side(contact_id="b", role=Role.USER), "user_to_user"),
        (Side(contact_id="a", role=Role.USER), Side(contact_id="b", role=Role.LEAD), "user_to_lead"),
        (Side(contact_id="a", role=Role.LEAD, archived=True), Side(contact_id="b", role=Role.USER), "archived"),
        (Side(contact_id="a", role=Role.LEAD), Side(contact_id="b", role=Role.USER, archived=True), "archived"),
        (
            Side(contact_id="a", role=Role.LEAD),
            Side(contact_id="b", role=Role.USER, workspace_id="other"),
            "another_workspace",
        ),
    ],
)
def test_some_pairs_are_never_merged(source: Side, target: Side, code: str) -> None:
    with pytest.raises(MergeRefused) as refusal:
        preview(source, target, workspace_id="w", now=NOW)
    assert refusal.value.code == code


def test_warnings_are_about_what_may_be_two_people() -> None:
    source = Side(
        contact_id="a",
        role=Role.LEAD,
        fields={"name": "Ann", "email": "a@x.example", "phone": "+353861111111", "unsubscribed_from_emails": True},
    )
    target = Side(
        contact_id="b",
        role=Role.LEAD,
        fields={"name": "Ben", "email": "b@x.example", "phone": "+353862222222"},
        handles=("tel:+353862222222",),
        last_active_at=NOW - 60,
    )
    codes = [warning.code for warning in preview(source, target, workspace_id="w", now=NOW).warnings]
    assert codes == [
        "different_names",
        "different_emails",
        "different_phones",
        "other_channels",
        "recent_activity",
        "lead_target",
        "unsubscribed",
    ]
    quiet = msgspec.structs.replace(target, role=Role.USER, fields=source.fields, handles=(), last_active_at=0.0)
    assert preview(source, quiet, workspace_id="w", now=NOW).warnings == ()


def changed(source: Side, target: Side) -> dict[str, tuple[str, str]]:
    rows = preview(source, target, workspace_id="w", now=NOW).options[0].changes
    return {row.field: (row.outcome, row.result) for row in rows}


def lead(**more: Any) -> Side:
    return Side(contact_id="lead", role=Role.LEAD, **more)


def user(**more: Any) -> Side:
    return Side(contact_id="user", role=Role.USER, **more)


@pytest.mark.parametrize(
    ("mine", "theirs", "row"),
    [
        (50, 0, ("discarded", "0")),
        (True, False, ("discarded", "no")),
        ("gold", "", ("discarded", "empty")),
        (0, 50, ("discarded", "50")),
        (50, None, ("adopted", "50")),
        (False, None, ("adopted", "no")),
        (None, 0, ("kept", "0")),
        (0, 0, ("same", "0")),
    ],
)
def test_nought_no_and_an_empty_text_are_values_that_stay(mine: Any, theirs: Any, row: tuple[str, str]) -> None:
    assert changed(lead(attributes={"x": mine}), user(attributes={"x": theirs}))["x"] == row


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("+447700900123", "00447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("+5491166773301", "+541166773301"),
        ("+5511970123456", "+551170123456"),
    ],
)
def test_one_number_in_two_spellings_is_no_difference(mine: str, theirs: str) -> None:
    source, target = lead(fields={"phone": mine}), user(fields={"phone": theirs})
    assert changed(source, target)["phone"] == ("same", theirs)
    assert preview(source, target, workspace_id="w", now=NOW).warnings == ()


@pytest.mark.parametrize(
    ("mine", "theirs", "warned"),
    [
        ("Ana S", "Ana Silva", False),
        ("ana silva", "Ana Silva", False),
        ("José", "Jose Álvarez", False),
        ("+353861111111", "Ana Silva", False),
        ("00 353 86 111 1111", "Ana Silva", False),
        ("Ana Silva", "", False),
        ("Ben Kelly", "Ana Silva", True),
        ("Ben Silva", "Ana Silva", True),
    ],
)
def test_only_another_name_is_warned_of(mine: str, theirs: str, warned: bool) -> None:
    given = {"name": theirs} if theirs else {}
    plan = preview(lead(fields={"name": mine}), user(fields=given), workspace_id="w", now=NOW)
    assert [one.code for one in plan.warnings] == (["different_names"] if warned else [])


def test_a_number_never_becomes_the_name_of_the_survivor() -> None:
    source = lead(fields={"name": "+353861111111", "phone": "+353 86 111 1111"})
    assert "name" not in changed(source, user())
    assert changed(source, user(fields={"name": "Ana"}))["name"] == ("kept", "Ana")


def test_a_number_that_leaves_the_phone_field_is_the_loss_that_is_told() -> None:
    source, target = lead(fields={"phone": "+353861111111"}), user(fields={"phone": "+353862222222", "name": "Ana"})
    [warning] = preview(source, target, workspace_id="w", now=NOW).warnings
    assert (warning.code, "+353861111111 leaves the phone field" in warning.detail) == ("different_phones", True)


@pytest.mark.parametrize(
    ("mine", "theirs", "row"),
    [
        ("opt_out", None, ("adopted", "opted out")),
        ("opt_out", "opt_in", ("adopted", "opted out")),
        ("opt_in", "opt_out", ("discarded", "opted out")),
        ("opt_in", None, ("adopted", "opted in")),
        (None, "opt_in", ("kept", "opted in")),
        ("opt_out", "opt_out", ("same", "opted out")),
    ],
)
def test_a_refusal_holds_whoever_of_the_two_said_it(mine: str, theirs: str, row: tuple[str, str]) -> None:
    sides = [(Subscription("7", "News", said),) if said else () for said in (mine, theirs)]
    source, target = lead(subscriptions=sides[0]), user(subscriptions=sides[1])
    assert changed(source, target)["subscription:7"] == row
    moves = preview(source, target, workspace_id="w", now=NOW).options[0].moves
    assert moves.refusals == (("News",) if mine == "opt_out" else ())


@pytest.mark.parametrize(
    ("fields", "user_id"),
    [({}, "leadline:promoted/other"), ({"external_id": "c-1"}, "c-1"), ({"email": "a@x.example"}, "")],
)
def test_a_promoted_lead_is_shown_with_the_id_it_will_get(fields: dict[str, str], user_id: str) -> None:
    target = Side(contact_id="other", role=Role.LEAD, fields=fields)
    assert changed(lead(), target).get("external_id", ("", ""))[1] == user_id


def test_what_intercom_leaves_otherwise_is_written_or_told() -> None:
    news = Subscription("7", "News", "opt_out")
    number = {"name": "+353861111111", "phone": "+353861111111", "unsubscribed_from_emails": True}
    source, target = lead(fields=number, subscriptions=(news,)), user()
    left = user(fields={"name": "+353861111111", "phone": "+353861111111"})
    found = amends(source, target, left)
    assert found.fields == {"name": None, "unsubscribed_from_emails": True}
    assert found.refusals == (news,)
    rows = preview(source, target, workspace_id="w", now=NOW).options[0].changes
    assert differences(rows, left) == (
        "Unsubscribed from e-mails: the preview said yes, but Intercom has nothing.",
        "Subscription News: the preview said opted out, but Intercom has nothing.",
        "Name: the preview said empty, but Intercom has +353861111111.",
    )
    as_promised = user(fields={"phone": "+353861111111", "unsubscribed_from_emails": True}, subscriptions=(news,))
    assert differences(rows, as_promised) == ()
    assert amends(source, target, as_promised).fields == {}


def test_what_is_lost_can_be_kept_as_a_note_without_markup_of_customers() -> None:
    source, target = lead(fields={"name": "<b>Ana</b>"}, attributes={"tier": "gold"}), user(attributes={"tier": "tin"})
    rows = preview(source, target, workspace_id="w", now=NOW).options[0].changes
    note = lost_note(source, rows)
    assert note is not None
    assert "<p>tier: gold</p>" in note.body
    assert "<b>" not in note.body
    assert lost_note(source, ()) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_intercom_refuses_with_has_a_sentence(code: str, message: str) -> None:
    refusal = of_intercom(code, message, name="Ann {braces}")
    assert refusal.code in SENTENCES
    assert str(refusal)
