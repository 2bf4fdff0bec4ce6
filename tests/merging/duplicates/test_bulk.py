"""The scores of the whole directory at once are those of the pure scorer, to the tenth."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.directory.keys import Entry, Filing, entry
from leadline.directory.records import record
from leadline.identity import emails
from leadline.identity.compared import Counts, Record, counts_of
from leadline.identity.same_person import Score, score, unpacked
from leadline.identity.same_person_rules import LATEST, RULES
from leadline.intercom.contacts import Contact
from leadline.merging.duplicates.bulk import Bulk
from leadline.merging.duplicates.bulk_sql import COMMONEST
from leadline.merging.duplicates.grouping import pair
from leadline.model import Role

FILING = Filing(phones=("mobile",), birthdays=("born",), accounts=frozenset({"telegram_id"}))
REGION = "IE"
EVERYTHING = -(10**6)


def contact(
    number: int, name: str, email: str, phones: tuple[str, str], user: str, account: str, born: object
) -> Contact:
    custom = {"mobile": phones[1], "telegram_id": account, "born": born}
    return Contact(
        contact_id=f"{number:03}",
        role=Role.USER if user else Role.LEAD,
        name=name,
        email=email,
        phone=phones[0],
        external_id=user,
        updated_at=number,
        raw={"custom_attributes": custom},
    )


def written(entries: list[Entry], file: Path) -> None:
    """As the database copies them out."""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_ALL)
        for one in entries:
            keys = "{" + ",".join(map(str, one.keys)) + "}"
            writer.writerow((one.contact_id, one.role, one.updated_at, one.name, one.email, keys))


def in_bulk(entries: list[Entry]) -> tuple[dict[tuple[str, str], Score], dict[str, Record]]:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        written(entries, place / "entries.csv")
        bulk = Bulk(place, RULES[LATEST], region=REGION, memory="500MB", threads=1)
        bulk.read(place / "entries.csv")
        bulk.compare(lambda text: None)
        found = {pair(one.one, one.other): unpacked(one.evidence) for one in bulk.found(EVERYTHING)}
        assert all(score.tenths == one.tenths for one in bulk.found(EVERYTHING) for score in [unpacked(one.evidence)])
        records = {one.contact_id: one for one in bulk.records(EVERYTHING)}
        bulk.close()
    return found, records


PHONES = st.sampled_from(
    ["", "+353 86 998 4003", "086 998 4003", "0869984003", "353869984003.0", "+353 86 998 4004", "+54 9 11 6677-3301",
     "541166773301", "+55 11 97012-3456", "551170123456", "tel:+34611936811", "+353 86 998 4003 / +34 611 936 811",
     "12"]
)  # fmt: skip
CONTACTS = st.lists(
    st.builds(
        contact,
        st.just(0),
        st.sampled_from(
            ["", "Ana Silva", "Silva, Ana", "Ana María Silva", "A. Silva", "Bruno Silva", "Bob Kelly", "Robert Kelly",
             "Катя Иванова", "Katya Ivanova", "+353 86 998 4003", "Dr. Ana", "anasilva", "O'Brien, \"Pat\"",
             "李小龍", "小龍 李", "김민수", "김 민주", "Ana Silva Jr", "Ana Silva Sr"]
        ),
        st.sampled_from(
            ["", "ana@gmail.com", "A.Na+x@Gmail.com", "anna.silva@gmail.com", "ana.silva@gmail.com",
            "info@firm.example",
             "bea@firm.example", "in.fo@gmail.com", "ána@büro.example", "anasilva1@x.example", "anasilva2@x.example"]
        ),
        st.tuples(PHONES, PHONES),
        st.sampled_from(["", "u1", "u2"]),
        st.sampled_from(["", "77", "78"]),
        st.sampled_from(["", 315532800, "1980", "1954-03-02", "12/2009"]),
    ),
    min_size=2,
    max_size=16,
)  # fmt: skip


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(CONTACTS)
def test_all_at_once_scores_as_one_by_one(given_contacts: list[Contact]) -> None:
    entries = [entry(one, FILING) for one in given_contacts]
    entries = [Entry(**{**{name: getattr(one, name) for name in one.__struct_fields__}, "contact_id": f"{number:03}"})
               for number, one in enumerate(entries)]  # fmt: skip
    records = [record(one, REGION) for one in entries]
    found, read = in_bulk(entries)
    assert read.keys() == {each for two in found for each in two}
    assert all(read[one.contact_id] == one for one in records if one.contact_id in read)
    counts = counts_of(records)
    for one, other in combinations(records, 2):
        two = pair(one.contact_id, other.contact_id)
        if two in found:
            assert found[two] == score(one, other, counts)
        else:
            assert not shares(one, other, counts), (one, other)


def shares(one: Record, other: Record, counts: Counts) -> bool:
    """Whether a scan must look at two contacts: with so few of them nothing is too common."""
    mailbox = bool(one.email) and emails.mailbox(one.email) == emails.mailbox(other.email)
    named = one.name_key == other.name_key and " " in one.name and counts.names[one.name_key] <= COMMONEST
    ids = one.external_id == other.external_id != 0 or bool(one.accounts & other.accounts)
    return bool(one.lines & other.lines) or mailbox or named or ids
