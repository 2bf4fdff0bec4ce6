"""Why a message was not delivered: one small set of codes for all providers, and a sentence for people with each.

Adapters map provider errors to these codes; replies, the console and the docs show the sentences. They speak of a
message that is not tried again; `meanwhile` has the words for one that is.
"""

from __future__ import annotations

AUTH_FAILED = "auth_failed"
TAKEN_BACK = "taken_back"

REASONS: dict[str, str] = {
    "opted_out": "The customer opted out of messages on this channel. "
    "They must write START, or agree again in the provider's own way, before you can reply.",
    "window_closed": "The provider's reply window is closed: the customer has not written for too long. "
    "Wait for their next message, or send an approved template.",
    "template_required": "To start a conversation, this channel takes only approved templates. Send one of them.",
    "template_rejected": "The provider refused the template. Check its name, language and variables there.",
    "not_a_mobile": "The number is a landline or cannot receive text messages. Call, or ask for a mobile number.",
    "unreachable": "The phone is switched off, out of reach or no longer in service. Try again later, or call.",
    "not_on_channel": "The customer cannot be reached on this channel, or has not accepted its terms. Try another.",
    "blocked_by_customer": "The customer has blocked this account. Use another channel.",
    "blocked_by_carrier": "The carrier filtered the message. "
    "Remove links or offers from the text, and check that your sender is registered for this country.",
    "invalid_recipient": "The provider does not accept the customer's address. Check it on the contact.",
    "sender_rejected": "The provider does not allow your number or account to send this. "
    "Check the sender, its registration and the permitted countries in the provider's console.",
    "rate_limited": "Too many messages in a short time, so the provider did not deliver this one. "
    "Wait a little, then send it again.",
    "media_rejected": "The file was refused, because its type, size or address does not suit this channel. "
    "Send it smaller, in another format, or as a link.",
    "too_long": "The text is too long for this channel. Send it in shorter parts.",
    "content_rejected": "The provider refused the content of the message. Change the text and send it again.",
    "unsupported": "This channel cannot carry this kind of message. Send it as plain text.",
    AUTH_FAILED: "The provider does not accept this channel's credentials. "
    "An operator must renew them with `leadline channel change`, then test with `leadline channel test`.",
    "no_credit": "The provider account is out of credit or has a billing problem. An operator must fix it there.",
    "quota_exceeded": "The provider's message quota is used up. An operator must raise it with the provider, "
    "or wait until it is renewed.",
    "replies_used_up": "This channel allows no more replies to the customer's last message. "
    "Wait until the customer writes again.",
    "account_suspended": "The provider has suspended or restricted the account. An operator must contact the provider.",
    "expired": "The message was not delivered in time. Send it again if it still matters.",
    "canceled": "The provider canceled the message before it was sent. Send it again if it still matters.",
    TAKEN_BACK: "It was deleted in Intercom before it could go out.",
    "provider_error": "The provider did not deliver the message, for a reason that Leadline does not know. "
    "Its own words are below, if it gave any: they tell whether sending again can help.",
    "provider_unreachable": "The provider's server accepted no connections. Send it again later.",
    "no_answer": "The provider did not answer, so Leadline does not know whether the message was sent. "
    "Ask the customer before you send it again.",
    "outcome_unknown": "Leadline stopped while it was sending this, so it does not know whether the message was sent. "
    "Ask the customer before you send it again.",
}


WAITING = {
    "rate_limited": "Too many messages in a short time. Leadline waits and tries again.",
    "provider_unreachable": "The provider's server accepts no connections. Leadline tries again.",
}


def meanwhile(code: str) -> str:
    """Why a message waits for its next try."""
    return WAITING.get(code, sentence(code))


def sentence(code: str) -> str:
    """What happened and what to do next, for a reason code; unknown codes read as `provider_error`."""
    return REASONS.get(code, REASONS["provider_error"])
