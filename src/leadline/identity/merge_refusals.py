"""Why two contacts cannot be merged, each reason with its sentence.

`merge.py` refuses here, `merging/desk.py` reads here what Intercom refused.

Sources: POST /contacts/merge of API 2.7 to 2.16 and the reasons of POST /contacts/merge/preview, read 2026-11-24.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from leadline.errors import LeadlineError
from leadline.identity.words import ended

SENTENCES = MappingProxyType(
    {
        "same_contact": "A contact cannot be merged with itself. Choose another one.",
        "user_to_user": "{name} is a user, and Intercom merges only leads into others. To send future messages to the "
        "other contact, choose 'Not this person' and then the right one.",
        "users_unlike": "Intercom merges two users only if they have the same e-mail or the same phone. Give both the "
        "same one first.",
        "user_to_lead": "{name} is a user, and Intercom never merges a user into a lead. Open the lead's conversation "
        "and merge it into the user instead.",
        "lead_to_lead": "Intercom merges a lead only into a user. Make the other lead a user first, or only send "
        "future messages there.",
        "needs_way": "{name} is a lead, and Intercom merges only into users. Either make it a user first, or send only "
        "future messages there.",
        "wrong_way": "{name} is a user already, so this is a plain merge.",
        "another_workspace": "{name} belongs to another Intercom workspace. Choose a contact of this one.",
        "archived": "{name} is archived in Intercom. Restore it there first, or choose another contact.",
        "not_found": "Intercom knows no contact {name}: it was deleted or archived. Restore it there first, or choose "
        "another one.",
        "already_merged": "{name} was merged into {into}{when}.",
        "no_choice": "You cannot choose a value for {name}, because only one of the contacts has one.",
        "under_way": "{name} is being merged by somebody else right now. Look again in a moment.",
        "stale": "One of the two contacts has changed since the preview. Look at the preview again, then confirm.",
        "not_duplicates": "In this workspace Intercom merges only contacts with the same e-mail or phone. Give both "
        "the same one first, or merge them in Intercom.",
        "facebook_lead": "{name} came through Intercom's own Facebook channel, and Intercom does not merge such "
        "contacts. Only future messages can be sent to the other contact.",
        "external_lead": "{name} was created by one of Intercom's own channels (WhatsApp or SMS), and Intercom does "
        "not let apps merge such leads. Merge the two in Intercom.",
        "whatsapp_source": "{name} has conversations from Intercom's own WhatsApp channel, so Intercom does not merge "
        "it. Merge the two the other way round in Intercom.",
        "mailing_list": "{name} came from a mailing list, and Intercom does not merge such contacts.",
        "no_twins": "These two conversations are not both open any more, or not with one contact on one channel.",
        "no_conversation": "Intercom no longer has conversation {name}.",
        "no_such_merge": "There is no merge number {name}.",
        "not_undoable": "Merge {name} cannot be undone: {why}.",
        "promote_conflict": "{name} cannot become a user, because {into} is a user with the same e-mail or id. Merge "
        "into that user instead.",
        "intercom_refused": "Intercom refused the merge: {why}",
    }
)
"""Code → sentence; codes are stable: they are stored with the merge, and the panel branches on them."""

_WORDS = (
    ("lead into a user", "lead_to_lead"),
    ("are duplicates", "not_duplicates"),
    ("external lead", "external_lead"),
    ("external-channel", "external_lead"),
    ("facebook", "facebook_lead"),
    ("mailing list", "mailing_list"),
    ("whatsapp", "whatsapp_source"),
    ("itself", "same_contact"),
)
_CODES = MappingProxyType(
    {
        "invalid_merge_role_pair": "lead_to_lead",
        "no_shared_identifier": "not_duplicates",
        "facebook_user": "facebook_lead",
        "external_lead_channel_not_allowed": "external_lead",
        "mailing_list": "mailing_list",
        "source_has_whatsapp_data": "whatsapp_source",
        "u2u_no_shared_identifier": "users_unlike",
    }
)


class MergeRefused(LeadlineError):
    """Two contacts that cannot be merged, or not now. `code` is one of SENTENCES, the text is for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def refused(code: str, *, name: str = "", into: str = "", why: str = "", when: str = "") -> MergeRefused:
    """The refusal of this code, its sentence filled in. when: as `day` writes it."""
    text = SENTENCES[code].format(name=name or "This contact", into=into, why=why.rstrip("."), when=when)
    return MergeRefused(code, ended(text.rstrip(".")))


def day(at: datetime) -> str:
    """A day in the middle of a sentence."""
    return f" on {at.day} {at:%B} {at.year}"


def of_intercom(code: str, message: str, *, name: str) -> MergeRefused:
    """The refusal that Intercom's answer to a merge is: by its code, else by its words, else told as it is."""
    words = message.lower()
    known = _CODES.get(code) or next((ours for part, ours in _WORDS if part in words), "")
    return refused(known, name=name) if known else refused("intercom_refused", why=message or code)
