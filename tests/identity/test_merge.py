"""Plans of merges and undos, as values: who may be merged, what is left, what makes a preview stale, the way back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.identity.merge import preview, token
from leadline.identity.merge_refusals import SENTENCES, MergeRefused, of_intercom
from leadline.identity.merge_sides import FIELDS, Named, Note, Side, written
from leadline.identity.unmerge import CLEARABLE, rebuild
from leadline.model import Role

NOW = 1_800_000_000.0
values = st.sampled_from(["", "a", "A", "b", "+353861111111"])
fields = st.dictionaries(st.sampled_from(sorted(FIELDS)), values, max_size=6)
attributes = st.dictionaries(st.sampled_from(["plan", "city", "telegram_id"]), values, max_size=3)
tags = st.lists(st.builds(Named, st.sampled_from("123"), st.just("x")), max_size=3, unique=True).map(tuple)


def sides(contact_id: str, role: Role) -> st.SearchStrategy[Side]:
    return st.builds(
        Side, contact_id=st.just(contact_id), role=st.just(role), fields=fields, attributes=attributes, tags=tags
    )


leads, users = sides("lead", Role.LEAD), sides("user", Role.USER)


def merged(source: Side, target: Side) -> Side:
    """What Intercom leaves: attributes the user has not are copied; the lead's own id is not."""
    kept = {name: value for name, value in source.fields.items() if name != "external_id"}
    return msgspec.structs.replace(
        target,
        fields={**kept, **{name: value for name, value in target.fields.items() if written(value)}},
        attributes={**source.attributes, **{name: value for name, value in target.attributes.items() if value}},
        tags=tuple({tag.key: tag for tag in (*source.tags, *target.tags)}.values()),
    )


@given(leads, users)
def test_the_preview_names_every_field_and_what_is_left_of_it(source: Side, target: Side) -> None:
    after = merged(source, target)
    changes = {change.field: change for change in preview(source, target, workspace_id="w", now=NOW).options[0].changes}
    for name in FIELDS:
        left = written(after.fields.get(name))
        shown = changes.get(name)
        assert (shown.result if shown else "") == left
        if not shown:
            assert not written(source.fields.get(name))
    for change in changes.values():
        lost = change.from_value and change.from_value != change.result
        assert (change.outcome == "discarded") == bool(lost) or change.field in {"tags", "companies"}


@given(leads, users)
def test_an_undo_takes_back_exactly_what_the_merge_had_added(source: Side, target: Side) -> None:
    after = merged(source, target)
    plan = rebuild(source, target, after, "merge")
    cleared = {name: value for name, value in after.fields.items() if name not in plan.clear and written(value)}
    before = {name: value for name, value in target.fields.items() if written(value)}
    for name in CLEARABLE:
        assert cleared.get(name) == before.get(name)
    left = {name: value for name, value in after.attributes.items() if name not in plan.clear_attributes and value}
    assert left == {name: value for name, value in target.attributes.items() if value}
    taken = {tag.key for tag in plan.take_tags}
    assert {tag.key for tag in after.tags} - taken == {tag.key for tag in target.tags}


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
def test_who_is_never_merged(source: Side, target: Side, code: str) -> None:
    with pytest.raises(MergeRefused) as refusal:
        preview(source, target, workspace_id="w", now=NOW)
    assert refusal.value.code == code


def test_warnings_are_about_what_may_be_two_people() -> None:
    source = Side(
        contact_id="a",
        role=Role.LEAD,
        fields={"name": "Ann", "email": "a@x.example", "phone": "+1", "unsubscribed_from_emails": True},
    )
    target = Side(
        contact_id="b",
        role=Role.LEAD,
        fields={"name": "Ben", "email": "b@x.example", "phone": "+2"},
        handles=("tel:+2",),
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


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_intercom_refuses_with_has_a_sentence(code: str, message: str) -> None:
    refusal = of_intercom(code, message, name="Ann {braces}")
    assert refusal.code in SENTENCES
    assert str(refusal)
