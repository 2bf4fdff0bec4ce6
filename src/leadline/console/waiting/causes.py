"""Why something is parked or waits, in a few words, for the filter and the groups of the page."""

from __future__ import annotations

from leadline.channels.reasons import REASONS
from leadline.console.language import _, marked

CAUSES = {
    "address_too_long": marked("Address too long"),
    "channel_paused": marked("Channel paused"),
    "contact_keeps_vanishing": marked("Contact keeps vanishing"),
    "contact_not_ready": marked("Contact not ready in Intercom"),
    "conversation_not_known_yet": marked("Conversation not known yet"),
    "database_unavailable": marked("Database was away"),
    "echo_before_send": marked("Own message, perhaps"),
    "erasure_later": marked("Erased later"),
    "erasure_unclear": marked("Unclear whether to erase"),
    "handle_conflict": marked("Addresses of different contacts"),
    "intercom_address_wrong": marked("Wrong address of Intercom"),
    "intercom_outcome_unknown": marked("Intercom gave no answer"),
    "intercom_rate_limited": marked("Rate limit of Intercom"),
    "intercom_refused": marked("Refused by Intercom"),
    "intercom_token_refused": marked("Intercom refuses the access token"),
    "intercom_unavailable": marked("Intercom was away"),
    "intercom_without_date": marked("Answers of Intercom without a date"),
    "internal_error": marked("Leadline failed"),
    "lane_busy": marked("Earlier message first"),
    "lane_lost": marked("Worker changed"),
    "lead_id_taken": marked("No id left for the lead"),
    "lead_not_ready": marked("New lead not ready in Intercom"),
    "list_not_had": marked("Provider's list not available"),
    "media_not_fetched": marked("File could not be fetched"),
    "merge_in_grace": marked("Merge can still be cancelled"),
    "merge_outcome_unknown": marked("Merge without an answer"),
    "merge_under_way": marked("Merge under way"),
    "merge_unknown": marked("Merge not on record"),
    "no_sender": marked("Sender not named"),
    "not_listed": marked("Not in the provider's list"),
    "not_listed_yet": marked("Not in the provider's list yet"),
    "not_reached": marked("Customer not reached"),
    "old_reply": marked("Reply of long ago"),
    "other_workspace": marked("Another workspace"),
    "parts_missing": marked("Parts missing"),
    "person_busy": marked("Message of this person under way"),
    "round_under_way": marked("Another process is asking"),
    "send_under_way": marked("Being sent"),
    "status_before_send": marked("Delivery report came early"),
    "teammate_unknown": marked("Teammate unknown"),
    "too_many_files": marked("Too many files"),
    "unknown_account": marked("Account not connected"),
    "unknown_channel": marked("Channel no longer exists"),
    "unreadable": marked("Could not be read"),
    "workspace_not_connected": marked("Workspace not connected"),
    "write_held_up": marked("Held up before writing"),
    "write_under_way": marked("Being written"),
    "write_unsettled": marked("Unclear whether it was written"),
}


def cause(code: str) -> str:
    """In the reader's language; a code that a newer version wrote as it is."""
    if code in REASONS:
        return _(REASONS[code]).partition(". ")[0].rstrip(".")
    return _(CAUSES[code]) if code in CAUSES else code.replace("_", " ")
