"""Who a WhatsApp message is from: addresses, names, groups, and ids that changed. Used by `batch.py`.

Source: pages on business-scoped user ids and on groups, WhatsApp Business Platform, November 2026.
"""

from __future__ import annotations

import re
from typing import Any

from leadline.channels.http import phone_or_sender
from leadline.channels.meta import PORTFOLIOS
from leadline.channels.whatsapp import wire
from leadline.channels.whatsapp.content import GROUP
from leadline.model import Handle, Profile

_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+", re.ASCII)


def who_of(head: wire.Head, person: wire.Contact, business: str) -> dict[str, Any]:
    """Fields of Inbound: sender, handles and profile; of a group, and then who of it wrote."""
    phone, user_id = head.sender or person.wa_id, head.from_user_id or person.user_id
    sender, handles = addresses(phone, user_id, business, head.from_parent_user_id or person.parent_user_id)
    name, username = person.profile.name or "", person.profile.username or ""
    if not head.group_id:
        return {"sender": sender, "handles": handles, "profile": Profile(name=name, username=username)}
    group = f"{GROUP}{head.group_id}"
    called_it = Profile(name=f"WhatsApp group …{head.group_id[-6:]}")
    written_by = " ".join(filter(None, (name or username, f"(+{sender})" if sender.isdigit() else ""))) or sender
    return {
        "sender": group,
        "handles": (Handle("whatsapp", group, business),),
        "profile": called_it,
        "author": written_by,
    }


def only_one(people: dict[str, wire.Contact], head: wire.Head) -> wire.Contact:
    """The one contact of a webhook, for a message that does not say who sent it; else nobody."""
    different = {id(contact): contact for contact in people.values()}
    nameless = not (head.sender or head.from_user_id)
    return next(iter(different.values())) if nameless and len(different) == 1 else wire.Contact()


def addresses(phone: str, user_id: str, business: str, parent_id: str = "") -> tuple[str, tuple[Handle, ...]]:
    """Where replies go, and all handles: the phone first where there is one, then the user id, then its parent."""
    if _USER_ID.fullmatch(phone):
        phone, user_id = "", phone
    handles = [phone_or_sender(phone, digits_only=True)] if phone else []
    handles += [Handle("whatsapp", user_id, business)] if user_id else []
    handles += [Handle("whatsapp", parent_id, PORTFOLIOS)] if parent_id else []
    return phone or user_id or parent_id, tuple(handles)


def moved(head: wire.Message, system: wire.System, business: str) -> tuple[str, tuple[Handle, ...], tuple[Handle, ...]]:
    """Where replies go from now on, the handles there, and those that were this person's before.

    Where only the user id changed, the phone the webhook names stays theirs.
    """
    kept = head.sender if system.type == "user_changed_user_id" else ""
    now = system.wa_id or system.new_wa_id or kept
    sender, handles = addresses(now, system.user_id or "", business, system.parent_user_id or "")
    was = addresses(head.sender, head.from_user_id, business, head.from_parent_user_id)
    before = (*was[1], *_former_id(system, business))
    if not handles:
        return (*was, ())
    return sender, handles, tuple(dict.fromkeys(handle for handle in before if handle not in handles))


def _former_id(system: wire.System, business: str) -> tuple[Handle, ...]:
    return (Handle("whatsapp", system.previous_user_id, business),) if system.previous_user_id else ()


def attested(head: wire.Message) -> tuple[Handle, ...]:
    """Phones in the card a customer sends on request: WhatsApp vouches that they are their own."""
    if head.origin != "contact_request":
        return ()
    numbers = [phone.wa_id or phone.phone or "" for card in head.contacts or () for phone in card.phones or ()]
    handles = [phone_or_sender("".join(re.findall(r"[+0-9]", number)), digits_only=True) for number in numbers]
    return tuple(dict.fromkeys(handle for handle in handles if handle.is_phone))
