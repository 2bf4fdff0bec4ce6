"""Who wrote? A pure, total function from evidence and policy to a decision with reasons.

`people/whose.py` acts on it.

Order: known link, attested phone, contact made for exactly this sender, phone, channel-id attribute, new lead. The
result does not depend on the order of anything in the evidence. A conflict between known links is decided for nobody:
code `handle_conflict`, which the caller must not act on; `enforce` turns it into Park.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from leadline.errors import Park
from leadline.identity import phone_fields, reasons
from leadline.identity.evidence import Evidence, Link
from leadline.identity.handles import external_id, name
from leadline.identity.names import differ, folded, unlike
from leadline.identity.policy import Policy
from leadline.identity.resemblance import likeness
from leadline.model import Candidate, Decision, Handle, Reason, Role

EVIDENCE_KINDS = {
    "known_link": "known_link",
    "changed_number": "attested",
    "attested_phone": "attested",
    "exact_handle": "exact",
    "unique_phone": "phone",
    "tie_latest_updated": "phone",
    "tie_name": "phone",
    "tie_prefer_user": "phone",
    "tie_prefer_lead": "phone",
    "attribute_match": "attribute",
}
DOUBTS = {
    "tie_latest_updated", "tie_prefer_user", "tie_prefer_lead", "ask_agent", "shared_number", "recycled_number",
    "handle_conflict", "long_silence", "name_differs", "name_changed", "account_changed", "points_elsewhere",
    "unconfirmed_link", "phone_left",
}  # fmt: skip
"""Reasons that a person should look at. A decision that has one is doubtful."""


def decide(evidence: Evidence, policy: Policy) -> Decision:
    """Choose the contact of a message. `contact_id` None means a new lead, or nothing at all for handle_conflict."""
    case = _Case(evidence, policy)
    for rule in _RULES:
        decision = rule(case)
        if decision is not None:
            return decision
    return case.nobody("new_lead")


def enforce(decision: Decision) -> Decision:
    """The decision, if a machine may act on it; raises Park('handle_conflict') if a person must."""
    if decision.code == "handle_conflict":
        raise Park(
            "handle_conflict",
            " ".join(explain(decision))
            + " Say whose it is with `leadline link attach <address> <contact>`, then retry the message.",
        )
    return decision


def explain(decision: Decision) -> list[str]:
    """The reasons as sentences for people, the one that settled it first."""
    names = {one.contact_id: one.name for one in decision.candidates}
    return [reasons.sentence(reason, names) for reason in decision.reasons]


def link_evidence(decision: Decision) -> str:
    """The `Link.evidence` to record for handles this decision links; `created` for a new lead."""
    return EVIDENCE_KINDS.get(decision.code, "created")


def doubt(decision: Decision) -> str:
    """The doubt that links of this decision keep until somebody confirms them, as `Link.doubt`."""
    codes = [reason.detail if reason.code == "unconfirmed_link" else reason.code for reason in decision.reasons]
    kept = (code for text in codes for code in text.split(",") if code in DOUBTS)
    return ",".join(dict.fromkeys(kept)) if decision.doubtful else ""


class _Case:
    """The evidence of one message, sorted and filtered once for all rules."""

    def __init__(self, evidence: Evidence, policy: Policy) -> None:
        self.evidence, self.policy = evidence, policy
        claimed = (*evidence.handles, *evidence.former, *evidence.attested)
        self.excluded = evidence.excluded | evidence.departed
        self.phones = sorted({handle.value for handle in claimed if handle.is_phone})
        self.blocked = sorted(filter(self._is_blocked, self.phones))
        held = sorted(filter(self._holds, evidence.links), key=lambda link: (str(link.handle), link.contact_id))
        proven = {*evidence.attested, *evidence.shown} - {*evidence.handles, *evidence.former}
        self.links = [link for link in held if link.handle not in proven]
        self.attested = [link for link in held if link.handle in proven]
        self.everybody = _ranked((*evidence.candidates, *evidence.attribute_hits))
        self.by_phone = () if self.blocked else self._allowed(evidence.candidates)
        self.by_attribute = self._allowed(evidence.attribute_hits)
        self.doubts = self._left_out()

    def _is_blocked(self, phone: str) -> bool:
        return name(Handle("tel", phone)).removeprefix("tel:") in self.policy.blocked

    def _holds(self, link: Link) -> bool:
        """Whether a link still counts: not denied by people, and not made from a number that identifies nobody."""
        from_blocked = link.evidence == "phone" and link.handle.is_phone and link.handle.value in self.blocked
        return link.contact_id not in self.excluded and not from_blocked

    def _allowed(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        return _ranked(one for one in candidates if one.contact_id not in self.excluded)

    def _left_out(self) -> tuple[Reason, ...]:
        gone = {one.contact_id for one in self.everybody} | {link.contact_id for link in self.evidence.links}
        denied = [Reason("not_this_person", contact_id) for contact_id in sorted(gone & self.evidence.excluded)]
        former = sorted((gone & self.evidence.departed) - self.evidence.excluded)
        return (*denied, *(Reason("former_owner", contact_id) for contact_id in former))

    def chosen(self, contact_id: str | None, *codes: Reason, doubtful: bool = False) -> Decision:
        first = tuple(one for one in self.everybody if one.contact_id == contact_id)
        rest = tuple(one for one in self.everybody if one.contact_id != contact_id)
        return Decision(
            contact_id=contact_id,
            reasons=(*codes, *self.doubts),
            policy=self.policy.tie,
            candidates=first + rest,
            doubtful=doubtful,
        )

    def nobody(self, code: str, detail: str = "", *, doubtful: bool = False) -> Decision:
        return self.chosen(None, Reason(code, detail), doubtful=doubtful)

    def silent_since(self, seen: float) -> bool:
        """Whether the line was silent for longer than the policy trusts a phone number."""
        limit = self.policy.recycled_after
        return limit is not None and seen > 0 and self.evidence.now - seen > limit


def _moved_phone(case: _Case) -> Decision | None:
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


def _known_link(case: _Case) -> Decision | None:
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
    return case.chosen(contacts[0], reason, *forms, *doubts, doubtful=bool(doubts))


def _line_doubts(case: _Case, chosen: str) -> list[Reason]:
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


def _own_lead(case: _Case) -> Decision | None:
    return case.nobody("own_lead") if case.evidence.own_lead else None


def _attested(case: _Case) -> Decision | None:
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


def _conflict(case: _Case, links: Iterable[Link]) -> Decision:
    detail = ", ".join(f"{link.handle} is {link.contact_id}" for link in links)
    return case.nobody("handle_conflict", detail, doubtful=True)


def _exact_handle(case: _Case) -> Decision | None:
    ids = {external_id(handle) for handle in case.evidence.handles}
    made = [one for one in _ranked((*case.by_phone, *case.by_attribute)) if one.external_id in ids]
    if not made:
        return None
    doubts = [Reason("points_elsewhere", one.contact_id) for one in made[1:]]
    return case.chosen(made[0].contact_id, Reason("exact_handle", made[0].external_id), *doubts, doubtful=bool(doubts))


def _phone(case: _Case) -> Decision | None:
    found = case.by_phone
    if not found:
        return None
    if case.evidence.shared_flag or len(found) > case.policy.shared_limit:
        return case.nobody("shared_number", f"{len(found)} contacts have it", doubtful=True)
    name = case.evidence.profile_name
    best, reason = _settled(found, case.policy, "unique_phone", ", ".join(case.phones), name)
    if best is None:
        return case.chosen(None, reason, doubtful=True)
    doubts = _phone_doubts(case, best)
    if any(doubt.code == "recycled_number" for doubt in doubts):
        return case.nobody("recycled_number", best.contact_id, doubtful=True)
    doubts += _elsewhere(case.by_attribute, best.contact_id)
    several = [Reason("several_numbers", best.phone)] if len(phone_fields.read(best.phone)) > 1 else []
    tied = len(found) > 1 and reason.code != "tie_name"
    return case.chosen(best.contact_id, reason, *several, *doubts, doubtful=bool(doubts) or tied)


def _phone_doubts(case: _Case, best: Candidate) -> list[Reason]:
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


def _attribute(case: _Case) -> Decision | None:
    found = case.by_attribute
    if not found:
        return None
    best, reason = _settled(found, case.policy, "attribute_match", "", case.evidence.profile_name)
    if best is None:
        return case.chosen(None, reason, doubtful=True)
    tie = (reason,) if len(found) > 1 else ()
    blocked = (Reason("blocked_number", ", ".join(case.blocked)),) if case.blocked else ()
    return case.chosen(best.contact_id, Reason("attribute_match"), *tie, *blocked, doubtful=bool(tie))


def _blocked(case: _Case) -> Decision | None:
    return case.nobody("blocked_number", ", ".join(case.blocked)) if case.blocked else None


def _elsewhere(others: Iterable[Candidate], chosen: str, attested: Iterable[Link] = ()) -> list[Reason]:
    """Doubts for contacts that other addresses of this sender point to."""
    found = [one.contact_id for one in _ranked(others)] + sorted(link.contact_id for link in attested)
    return [Reason("points_elsewhere", contact_id) for contact_id in dict.fromkeys(found) if contact_id != chosen]


def _settled(
    found: tuple[Candidate, ...], policy: Policy, single: str, detail: str, name: str
) -> tuple[Candidate | None, Reason]:
    """The winner among contacts that all fit, and why; no winner where an agent is to be asked.

    name: of the sender's profile; empty where the channel tells none.
    """
    if len(found) == 1:
        return found[0], Reason(single, detail)
    count = f"{len(found)} contacts"
    match policy.tie:
        case "name_then_latest":
            namesakes = [one for one in found if likeness(one.name, name) == "same_name"]
            if len(namesakes) == 1:
                return namesakes[0], Reason("tie_name", name)
            return (namesakes or found)[0], Reason("tie_latest_updated", count)
        case "prefer_user":
            return _first(found, Role.USER), Reason("tie_prefer_user", count)
        case "prefer_lead":
            return _first(found, Role.LEAD), Reason("tie_prefer_lead", count)
        case "ask":
            return None, Reason("ask_agent", count)
        case "latest_updated":
            return found[0], Reason("tie_latest_updated", count)


def _first(found: tuple[Candidate, ...], role: Role) -> Candidate:
    return next((one for one in found if one.role is role), found[0])


def _ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each contact once, updated last first, then the smaller id; of two copies of one contact the newer counts."""
    newest: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.updated_at, repr(one))):
        newest[one.contact_id] = one
    return tuple(sorted(newest.values(), key=lambda one: (-one.updated_at, one.contact_id)))


_RULES: tuple[Callable[[_Case], Decision | None], ...] = (
    _moved_phone, _known_link, _own_lead, _attested, _exact_handle, _phone, _attribute, _blocked,
)  # fmt: skip
