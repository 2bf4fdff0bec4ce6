"""What is on record of a person, and what became of it, as people read it. The console and `leadline person` ask."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.identity.words import counted
from leadline.privacy.person import Receipt

RECORDS: Mapping[str, tuple[str, str]] = {
    "lane": ("queue entry", "queue entries"),
    "raw": ("webhook as it came", "webhooks as they came"),
    "fetched": ("file of a message on its way", "files of messages on their way"),
    "decision": ("decision", "decisions"),
    "step": ("write to Intercom", "writes to Intercom"),
    "arrival": ("message or notice", "messages and notices"),
    "outbound": ("message that was sent", "messages that were sent"),
    "webhook_event": ("event for another system", "events for other systems"),
    "file_link": ("address of a teammate's file", "addresses of teammates' files"),
    "avatar": ("picture", "pictures"),
    "link": ("link of an address to a contact", "links of addresses to contacts"),
    "correction": ("correction", "corrections"),
    "distinct_pair": ("note that an address is not a contact's", "notes that an address is not a contact's"),
    "attestation": ("proven phone number", "proven phone numbers"),
    "handle": ("address", "addresses"),
    "conversation": ("conversation", "conversations"),
    "greeting": ("greeting", "greetings"),
    "awaited_answer": ("answer that is awaited", "answers that are awaited"),
    "lane_join": ("note that two addresses are one sender's", "notes that two addresses are one sender's"),
    "directory_entry": ("entry of the directory", "entries of the directory"),
    "directory_met": ("mark of the directory's walk", "marks of the directory's walk"),
    "duplicate_group": ("group of possible duplicates", "groups of possible duplicates"),
    "duplicate_pair": ("pair of possible duplicates", "pairs of possible duplicates"),
    "duplicate_judgement": ("word on possible duplicates", "words on possible duplicates"),
    "duplicate_merge": ("merge of a batch", "merges of batches"),
    "import_claim": ("finding of an import", "findings of imports"),
    "consent": ("wish about messages", "wishes about messages"),
    "audit": ("act in the audit", "acts in the audit"),
    "merge": ("merge", "merges"),
}
"""Table of `traces.py` → one record of it, and several."""


def records(table: str) -> str:
    """What a table holds, as the heading of a count."""
    plural = RECORDS[table][1] if table in RECORDS else table.replace("_", " ")
    return f"{plural[:1].upper()}{plural[1:]}"


def erased(receipt: Receipt) -> str:
    """What was erased, in one phrase."""
    counts = receipt.erased.items()
    found = [counted(count, *RECORDS.get(table, (table.replace("_", " "), ""))) for table, count in counts]
    return ", ".join(found) or "nothing, for nothing was on record"


def sentences(receipt: Receipt) -> list[str]:
    """What became of somebody's records, in sentences."""
    when = f"{receipt.erased_at:%Y-%m-%d %H:%M:%S} UTC"
    sentences = [f"Erased on {when}: {erased(receipt)}."]
    if receipt.rewritten:
        sentences.append(f"Taken out of {counted(receipt.rewritten, 'decision')} about others.")
    return sentences + [f"Kept: {kept}." for kept in receipt.kept]
