"""Why two contacts cannot be merged, each reason with its sentence.

`merge.py` refuses here, `merging/desk.py` reads here what Intercom refused.

Sources: POST /contacts/merge of API 2.7 to 2.16 and the reasons of POST /contacts/merge/preview, read 2026-11-24.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from leadline.errors import LeadlineError

SENTENCES = MappingProxyType(
    {
        "same_contact": "A contact cannot be merged with itself. Choose another one.",
        "user_to_user": "{name} is a user, and Intercom merges only leads away. To send future messages to the other "
        "contact, say 'not this person' and choose the right one.",
        "user_to_lead": "{name} is a user, and Intercom never merges a user into a lead. Open the lead's conversation "
        "and merge it into the user instead.",
        "lead_to_lead": "Intercom merges a lead only into a user. Make the other lead a user first, or only send "
        "future messages there.",
        "needs_way": "{name} is a lead, and Intercom merges only into users. Choose whether it becomes a user first, "
        "or whether only future messages go there.",
        "wrong_way": "{name} is a user already, so this is a plain merge.",
        "another_workspace": "{name} belongs to another Intercom workspace. Choose a contact of this one.",
        "archived": "{name} is archived in Intercom. Restore it there first, or choose another contact.",
        "not_found": "Intercom knows no contact {name}: it was deleted or archived. Restore it there first, or choose "
        "another one.",
        "already_merged": "{name} was merged into {into}{when}.",
        "no_choice": "There is nothing to choose for {name}: only a value that both contacts have can be chosen.",
        "under_way": "{name} is being merged by somebody else right now. Look again in a moment.",
        "stale": "One of the two contacts has changed since the preview. Look at the preview again, then confirm.",
        "not_duplicates": "Intercom merges here only contacts with the same e-mail or phone. Give both the same one "
        "first, or merge them in Intercom.",
        "facebook_lead": "{name} came through Intercom's own Facebook channel, and Intercom does not merge such "
        "contacts. Only future messages can be sent to the other contact.",
        "external_lead": "{name} was made by a channel of Intercom's own (its WhatsApp or SMS), and Intercom does not "
        "let apps merge such leads. Merge the two in Intercom.",
        "whatsapp_source": "{name} carries conversations of Intercom's own WhatsApp channel, so Intercom does not "
        "merge it. Merge the other way round in Intercom.",
        "mailing_list": "{name} came from a mailing list, and Intercom does not merge such contacts.",
        "no_such_merge": "There is no merge with the number {name}.",
        "not_undoable": "Merge {name} cannot be undone: {why}.",
        "promote_conflict": "{name} cannot become a user, because a user with the same e-mail or id exists: {into}. "
        "Merge into that user instead.",
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
    }
)


class MergeRefused(LeadlineError):
    """Two contacts that cannot be merged, or not now. `code` is one of SENTENCES, the text is for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def refused(code: str, *, name: str = "", into: str = "", why: str = "", when: str = "") -> MergeRefused:
    """The refusal of this code, its sentence filled in. when: as `day` writes it."""
    return MergeRefused(code, SENTENCES[code].format(name=name or "This contact", into=into, why=why, when=when))


def day(at: datetime) -> str:
    """A day in the middle of a sentence."""
    return f" on {at.day} {at:%B %Y}"


def of_intercom(code: str, message: str, *, name: str) -> MergeRefused:
    """The refusal that Intercom's answer to a merge is: by its code, else by its words, else told as it is."""
    words = message.lower()
    known = _CODES.get(code) or next((ours for part, ours in _WORDS if part in words), "")
    return refused(known, name=name) if known else refused("intercom_refused", why=message or code)
