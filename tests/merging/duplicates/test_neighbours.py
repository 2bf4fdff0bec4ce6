"""Twins, namesakes, families, firms, new owners and pretenders: what a scan proposes, and what nobody does unasked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from leadline.directory.keys import Entry, Filing, entry
from leadline.directory.records import record
from leadline.identity.compared import counts_of
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.identity.suggest import Subject, suggest
from leadline.intercom.contacts import Contact
from leadline.merging.duplicates.unattended import surest
from leadline.model import Role
from leadline.store.database import Database

from .conftest import WORKSPACE, Shelf

KINDS: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "neighbours.toml").read_text("utf-8"))


def filed(kind: str) -> list[Entry]:
    """The contacts of a kind as the directory keeps them."""
    people = [{name: value for name, value in one.items() if name != "id"} | {"contact_id": one["id"]} for one in
              KINDS[kind]["people"]]  # fmt: skip
    return [entry(Contact(**{**one, "role": Role(one["role"])}), Filing()) for one in people]


async def test_a_scan_proposes_what_is_promised_of_each_kind_and_nothing_unattended_beside_it(store: Database) -> None:
    shelf = Shelf(store)
    numbers = dict(enumerate(KINDS))
    await shelf.learn(
        {
            f"{number:02}{one['id']}": {name: value for name, value in one.items() if name != "id"}
            for number, kind in numbers.items()
            for one in KINDS[kind]["people"]
        }
    )
    await shelf.scan()
    found = (await shelf.review.groups(WORKSPACE, count=1_000)).groups
    said: dict[str, tuple[list[str], list[str]]] = {kind: ([], []) for kind in KINDS}
    for group in found:
        kind = numbers[int(group.group_id[:2])]
        members = " ".join(sorted(one.contact_id[2:] for one in group.members))
        said[kind][0].append(members)
        said[kind][1].extend([members] if surest(group) else [])
    assert said == {kind: (promised["groups"], promised.get("unattended", [])) for kind, promised in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_panel_suggests_by_the_same_score(kind: str) -> None:
    records = [record(one, "IE") for one in filed(kind)]
    made = suggest(Subject(record=records[0]), records, counts_of(records), RULES[LATEST])
    assert [one.record.contact_id for one in made] == KINDS[kind].get("suggested", [])


@pytest.mark.parametrize("kind", KINDS)
def test_no_pair_passes_the_name_gate_that_is_not_promised_to(kind: str) -> None:
    """On a phone or an e-mail alone, with a name that tells the two apart, or with a firm's address: never."""
    records = [record(one, "IE") for one in filed(kind)]
    made = suggest(Subject(record=records[0]), records, counts_of(records), RULES[LATEST])
    gate = [f"a {one.record.contact_id}" for one in made if one.score.passes_name_gate]
    alike = {"father and son of one name on one landline, two users": ["a b"]}
    assert gate == KINDS[kind].get("unattended", alike.get(kind, []))
