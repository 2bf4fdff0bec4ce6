"""Where a person leaves traces: every table, the condition that finds them, and what erasing does there.

`person.py` shows, exports and erases by it; a test fails when a table is missing here.
"""

from __future__ import annotations

from typing import Literal

from leadline.model import Struct

FORGET_MERGE = (
    "snapshot = null, moved = '{}', undo_report = null, explanation = '', differences = '{}', take = '{}',"
    " erased_at = now()"
)
CONTACT = "contact_id = any(%(contacts)s)"
HANDLE = "handle = any(%(handles)s)"
PAIR = "one_id = any(%(contacts)s) or other_id = any(%(contacts)s)"
CONVERSATION = "conversation_id = any(%(conversations)s)"


class Trace(Struct, frozen=True, kw_only=True):
    """One table. `act`: rows are deleted, or changed by `change` because something in them must stay."""

    table: str
    where: str
    act: Literal["delete", "change"] = "delete"
    change: str = ""
    kept: str = ""
    """What stays, and why, for the receipt."""


LANES = Trace(table="lane", where="lane = any(%(lanes)s)")
TRACES = (
    LANES,
    Trace(table="raw", where="raw_id = any(%(raws)s::uuid[])"),
    Trace(table="fetched", where="arrival_id = any(%(arrivals)s)"),
    Trace(table="decision", where=f"arrival_id = any(%(arrivals)s) or {CONTACT}"),
    Trace(table="step", where=f"owner = any(%(owners)s) or {CONVERSATION}"),
    Trace(table="arrival", where="arrival_id = any(%(arrivals)s)"),
    Trace(table="outbound", where="outbound_id = any(%(outbound)s)"),
    Trace(table="webhook_event", where=f"{HANDLE} or {CONTACT} or former_id = any(%(contacts)s)"),
    Trace(table="file_link", where=CONVERSATION),
    Trace(table="avatar", where=HANDLE),
    Trace(table="link", where=f"{HANDLE} or {CONTACT}"),
    Trace(
        table="correction", where="handles && %(handles)s or from_id = any(%(contacts)s) or into_id = any(%(contacts)s)"
    ),
    Trace(table="distinct_pair", where=f"{HANDLE} or {CONTACT}"),
    Trace(table="attestation", where=f"{HANDLE} or phone = any(%(handles)s)"),
    Trace(table="handle", where=HANDLE),
    Trace(table="conversation", where=CONVERSATION),
    Trace(table="greeting", where=HANDLE),
    Trace(table="awaited_answer", where=HANDLE),
    Trace(table="lane_join", where="name = any(%(lanes)s) or lane = any(%(lanes)s)"),
    Trace(table="directory_entry", where=CONTACT),
    Trace(table="directory_met", where=CONTACT),
    Trace(table="duplicate_group", where="contact_ids && %(contacts)s"),
    Trace(table="duplicate_pair", where=PAIR),
    Trace(table="duplicate_judgement", where=PAIR),
    Trace(
        table="duplicate_merge",
        where="from_id = any(%(contacts)s) or into_id = any(%(contacts)s)"
        " or jsonb_path_query_array(chain, '$[*].*') ?| %(contacts)s",
    ),
    Trace(table="import_claim", where=f"{HANDLE} or {CONTACT} or other_id = any(%(contacts)s)"),
    Trace(table="consent", where=HANDLE, kept="that they refuse messages, under a hash of the address"),
    Trace(
        table="audit",
        where=(
            "subject = any(%(handles)s) or subject = any(%(contacts)s) or subject = any(%(lanes)s)"
            " or exists (select 1 from unnest(%(contacts)s::text[] || %(handles)s::text[] || %(senders)s::text[]) word"
            " where length(word) > 3 and position(word in detail::text) > 0)"
        ),
        act="change",
        change="subject = null, detail = null, salt = null",
        kept="that somebody acted and when, without about whom",
    ),
    Trace(
        table="merge",
        where="merge_id = any(%(merges)s)",
        act="change",
        change=FORGET_MERGE,
        kept="which contact went into which, under Intercom's ids alone: late messages are still led on",
    ),
)
NOBODY = {
    "workspace": "the company",
    "operator": "the company's own people, who sign in to the console",
    "seat": "what they may do in which workspace",
    "operator_session": "where they are signed in",
    "operator_identity": "the accounts elsewhere that they sign in with",
    "identity_provider": "where the people who use Leadline may have these accounts",
    "turned_away": "who of them was taken out",
    "sign_in_return": "numbers that browsers come back with",
    "operator_link": "invitations to them",
    "sign_in_try": "hashes of addresses that tried to sign in, kept for two days",
    "api_key": "the company's own systems, and what they may do",
    "api_token": "hashes of their tokens",
    "api_send": "which requests of theirs are on record, by hashes and by names that they made up",
    "webhook": "which systems of the company are told of events",
    "alert_target": "where the company wants to hear of trouble",
    "alert": "what is wrong with the installation",
    "alert_word": "whom it was told to",
    "setting": "what the company does its own way",
    "channel": "the company's own numbers",
    "channel_round": "what providers were asked",
    "template": "approved texts",
    "rate_budget": "counters",
    "breaker": "who is away",
    "pulse": "that the database takes writes",
    "backup": "when backups were made",
    "topic_heard": "which topics Intercom sends",
    "directory": "how complete the directory is",
    "activity_feed": "how far Intercom's feed of contacts was read",
    "duplicate_scan": "counts of the last scan",
    "duplicate_batch": "when a batch ran, and whose it was",
    "import": "when an import ran, and which attributes it read",
    "duplicate_rules": "weights",
    "duplicate_auto": "whether merging unattended is on",
    "reconciliation": "when Intercom was compared last",
    "migration": "which migrations ran",
}
"""Tables that hold nothing of a customer's."""
