"""Why a message was not delivered: one small set of codes for all providers, and a sentence for people with each.

Adapters map provider errors to these codes; replies, the console and the docs show the sentences. They speak of a
message that is not tried again; `meanwhile` has the words for one that is.
"""

from __future__ import annotations

AUTH_FAILED = "auth_failed"

REASONS: dict[str, str] = {
    "opted_out": "The customer opted out of messages on this channel. "
    "They must write START, or agree again in the provider's own way, before you can reply.",
    "window_closed": "The customer has not written within the provider's reply window. "
    "Wait for their next message, or send an approved template.",
    "template_required": "Outside a conversation this channel only takes approved templates. Send one of them.",
    "template_rejected": "The provider refused the template. Check its name, language and variables there.",
    "not_a_mobile": "The number is a landline or cannot receive text messages. Call, or ask for a mobile number.",
    "unreachable": "The phone is switched off, out of reach or no longer in service. Try again later or call.",
    "not_on_channel": "The customer cannot be reached on this channel, or has not accepted its terms. Use another one.",
    "blocked_by_customer": "The customer has blocked this account. Use another channel.",
    "blocked_by_carrier": "The carrier filtered the message. "
    "Remove links or offers from the text, and check that your sender is registered for this country.",
    "invalid_recipient": "The provider does not take this address of the customer. Check it on the contact.",
    "sender_rejected": "The provider does not let your number or account send this. "
    "Check the sender, its registration and the permitted countries in the provider's console.",
    "rate_limited": "Too many messages in a short time, so the provider did not deliver this one. "
    "Wait a little, then send it again.",
    "media_rejected": "The file was refused: its type, size or address does not suit this channel. "
    "Send it smaller, in another format, or as a link.",
    "too_long": "The text is longer than this channel takes. Send it in shorter parts.",
    "content_rejected": "The provider refused the content of the message. Change the text and send it again.",
    "unsupported": "This channel cannot carry this kind of message. Send it as plain text.",
    AUTH_FAILED: "The provider does not accept this channel's credentials. "
    "An operator must renew them with `leadline channel change`, then test with `leadline channel test`.",
    "no_credit": "The provider account has no credit left or a billing problem. An operator must settle it there.",
    "quota_exceeded": "The messages that the provider allows are used up. An operator must raise the limit there, "
    "or wait until it starts anew.",
    "replies_used_up": "The customer got as many answers to their last message as this channel allows. "
    "Wait until they write again.",
    "account_suspended": "The provider has suspended or restricted the account. An operator must contact the provider.",
    "expired": "The message was not delivered in time. Send it again if it still matters.",
    "canceled": "The message was canceled at the provider before it was sent.",
    "provider_error": "The provider failed to deliver the message and gives no clear cause. "
    "Try once more, then look the code up in the provider's console.",
    "provider_unreachable": "The provider's server accepted no connections. Send it again later.",
    "no_answer": "The provider did not answer, so nobody can tell whether the message went out. "
    "Ask the customer before you send it again.",
    "outcome_unknown": "Leadline was stopped while it sent this, so nobody can tell whether it went out. "
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
