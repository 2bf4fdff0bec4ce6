"""Who wrote? A pure, total function from evidence and policy to a decision with reasons.

`people/whose.py` acts on it.

Order: known link, attested phone, contact made for exactly this sender, phone, channel-id attribute, new lead. The
result does not depend on the order of anything in the evidence. A conflict between known links is decided for nobody:
code `handle_conflict`, which the caller must not act on (`verdict.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from leadline.identity import phone_fields
from leadline.identity.case import Case, ranked
from leadline.identity.evidence import IMPORTED, Evidence, Link
from leadline.identity.handles import external_id
from leadline.identity.names import differ, folded, unlike
from leadline.identity.policy import Policy
from leadline.identity.ties import settled
from leadline.identity.words import counted
from leadline.model import Candidate, Decision, Reason


def decide(evidence: Evidence, policy: Policy) -> Decision:
    """Choose the contact of a message. `contact_id` None means a new lead, or nothing at all for handle_conflict."""
    case = Case(evidence, policy)
    for rule in _RULES:
        decision = rule(case)
        if decision is not None:
            return decision
    return case.nobody("new_lead")


def _moved_phone(case: Case) -> Decision | None:
    """The number that a link rests on has left its contact, and one other contact has it now."""
    contacts = {link.contact_id for link in case.links}
    moved = bool(case.links) and all("phone_left" in link.doubt.split(",") for link in case.links)
    if not moved or len(contacts) > 1 or len(case.by_phone) != 1 or case.by_phone[0].contact_id in contacts:
        return None
    new = case.by_phone[0]
    phones = Reason("unique_phone", ", ".join(case.phones))
    doubts = _phone_doubts(case, new)
    moved_from = Reason("phone_moved", ", ".join(contacts))
    return case.chosen(new.contact_id, phones, moved_from, *doubts, doubtful=bool(doubts))


def _known_link(case: Case) -> Decision | None:
    contacts = sorted({link.contact_id for link in case.links})
    if len(contacts) > 1:
        return _conflict(case, case.links)
    if not contacts:
        return None
    doubts = _line_doubts(case, contacts[0]) if all(link.handle.is_phone for link in case.links) else []
    if any(doubt.code == "recycled_number" for doubt in doubts):
        return case.nobody("recycled_number", contacts[0], doubtful=True)
    doubts += _unconfirmed(case.links, {one.contact_id for one in case.by_phone})
    doubts += _elsewhere((*case.by_phone, *case.by_attribute), contacts[0], case.attested)
    moved = all(link.handle in case.evidence.former for link in case.links)
    handles = _handles_of(case.links)
    reason = Reason("changed_number", handles) if moved else Reason("known_link", handles)
    forms = [Reason("other_form", under) for under in sorted({link.under for link in case.links if link.under})]
    imported = [Reason("imported_link")] if any(link.evidence in IMPORTED for link in case.links) else []
    return case.chosen(contacts[0], reason, *imported, *forms, *doubts, doubtful=bool(doubts))


def _line_doubts(case: Case, chosen: str) -> list[Reason]:
    """Doubts about a link that rests on a phone number alone: a new owner, or several of them."""
    evidence = case.evidence
    known = evidence.previous_name or next((one.name for one in case.everybody if one.contact_id == chosen), "")
    doubts = [Reason("shared_number")] if evidence.shared_flag else []
    silent = case.silent_since(max(evidence.last_seen_at or 0.0, *(link.at for link in case.links)))
    renamed = differ(evidence.profile_name, known)
    if renamed and (silent or evidence.account_changed):
        return [Reason("recycled_number", chosen)]
    if unlike(evidence.profile_name, known):
        doubts.append(Reason("name_changed", f"{evidence.profile_name} and {known}"))
    if not folded(evidence.profile_name) or folded(evidence.profile_name) != folded(known):
        doubts += [Reason("long_silence")] if silent else []
        doubts += [Reason("account_changed")] if evidence.account_changed else []
    return doubts


def _unconfirmed(links: Iterable[Link], owners: Iterable[str] = ()) -> list[Reason]:
    """The doubt that links were made with stays, until somebody says that they are right.

    That the number left the contact is none where the contact has it again, nor for a lead made for this number, as
    long as nobody else has it.
    """
    links, owners = [*links], {*owners}
    codes = {code for link in links for code in link.doubt.split(",") if code}
    made = all(link.evidence == "created" for link in links) and not owners
    left = "phone_left" in codes and not made and not owners & {link.contact_id for link in links}
    told = ",".join(sorted(codes - {"phone_left"}))
    return [*([Reason("phone_left")] if left else []), *([Reason("unconfirmed_link", told)] if told else [])]


def _handles_of(links: Iterable[Link]) -> str:
    return ", ".join(sorted({str(link.handle) for link in links}))


def _own_lead(case: Case) -> Decision | None:
    return case.nobody("own_lead") if case.evidence.own_lead else None


def _attested(case: Case) -> Decision | None:
    """The sender is unknown on this channel, but proved a phone whose owner is known."""
    contacts = sorted({link.contact_id for link in case.attested})
    if len(contacts) > 1:
        return _conflict(case, case.attested)
    if not contacts:
        return None
    doubts = _unconfirmed(case.attested) + _elsewhere((*case.by_phone, *case.by_attribute), contacts[0])
    doubts += [Reason("shared_number")] if case.evidence.shared_flag else []
    reason = Reason("attested_phone", _handles_of(case.attested))
    return case.chosen(contacts[0], reason, *doubts, doubtful=bool(doubts))


def _conflict(case: Case, links: Iterable[Link]) -> Decision:
    detail = ", ".join(f"{link.handle} is {link.contact_id}" for link in links)
    return case.nobody("handle_conflict", detail, doubtful=True)


def _exact_handle(case: Case) -> Decision | None:
    ids = {external_id(handle) for handle in case.evidence.handles}
    made = [one for one in ranked((*case.by_phone, *case.by_attribute)) if one.external_id in ids]
    if not made:
        return None
    doubts = [Reason("points_elsewhere", one.contact_id) for one in made[1:]]
    return case.chosen(made[0].contact_id, Reason("exact_handle", made[0].external_id), *doubts, doubtful=bool(doubts))


def _phone(case: Case) -> Decision | None:
    found = case.by_phone
    if not found:
        return None
    if case.evidence.shared_flag or len(found) > case.policy.shared_limit:
        return case.nobody("shared_number", f"on {counted(len(found), 'contact')}", doubtful=True)
    name = case.evidence.profile_name
    best, reason = settled(found, case.policy, "unique_phone", ", ".join(case.phones), name)
    if best is None:
        return case.chosen(None, reason, doubtful=True)
    doubts = _phone_doubts(case, best)
    if any(doubt.code == "recycled_number" for doubt in doubts):
        return case.nobody("recycled_number", best.contact_id, doubtful=True)
    doubts += _elsewhere(case.by_attribute, best.contact_id)
    several = [Reason("several_numbers", best.phone)] if len(phone_fields.read(best.phone)) > 1 else []
    tied = len(found) > 1 and reason.code != "tie_name"
    return case.chosen(best.contact_id, reason, *several, *doubts, doubtful=bool(doubts) or tied)


def _phone_doubts(case: Case, best: Candidate) -> list[Reason]:
    """Doubts about a contact found by phone whose name is not the sender's.

    Only silence on the line itself tells of a new owner: that a contact was not seen on a website tells nothing.
    """
    evidence = case.evidence
    renamed = differ(evidence.profile_name, best.name) or differ(evidence.profile_name, evidence.previous_name)
    if renamed and case.silent_since(evidence.last_seen_at or 0.0):
        return [Reason("recycled_number", best.contact_id)]
    if unlike(evidence.profile_name, best.name):
        return [Reason("name_differs", f"{evidence.profile_name} and {best.name}")]
    return []


def _attribute(case: Case) -> Decision | None:
    found = case.by_attribute
    if not found:
        return None
    best, reason = settled(found, case.policy, "attribute_match", "", case.evidence.profile_name)
    if best is None:
        return case.chosen(None, reason, doubtful=True)
    tie = (reason,) if len(found) > 1 else ()
    blocked = (Reason("blocked_number", ", ".join(case.blocked)),) if case.blocked else ()
    return case.chosen(best.contact_id, Reason("attribute_match"), *tie, *blocked, doubtful=bool(tie))


def _blocked(case: Case) -> Decision | None:
    return case.nobody("blocked_number", ", ".join(case.blocked)) if case.blocked else None


def _elsewhere(others: Iterable[Candidate], chosen: str, attested: Iterable[Link] = ()) -> list[Reason]:
    """Doubts for contacts that other addresses of this sender point to."""
    found = [one.contact_id for one in ranked(others)] + sorted(link.contact_id for link in attested)
    return [Reason("points_elsewhere", contact_id) for contact_id in dict.fromkeys(found) if contact_id != chosen]


_RULES: tuple[Callable[[Case], Decision | None], ...] = (
    _moved_phone, _known_link, _own_lead, _attested, _exact_handle, _phone, _attribute, _blocked,
)  # fmt: skip
