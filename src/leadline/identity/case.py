"""The evidence of one message, sorted and filtered once for all rules of `decide.py`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from leadline.identity.evidence import FROM_PHONE, Evidence, Link
from leadline.identity.handles import name
from leadline.identity.policy import Policy
from leadline.model import Candidate, Decision, Handle, Reason


class Case:
    """What a rule may look at, and how it words what it found."""

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
        self.everybody = ranked((*evidence.candidates, *evidence.attribute_hits))
        self.by_phone = () if self.blocked else self._allowed(evidence.candidates)
        self.by_attribute = self._allowed(evidence.attribute_hits)
        self.doubts = self._left_out()

    def _is_blocked(self, phone: str) -> bool:
        return name(Handle("tel", phone)).removeprefix("tel:") in self.policy.blocked

    def _holds(self, link: Link) -> bool:
        """Whether a link still counts: not denied by people, and not made from a number that identifies nobody."""
        from_blocked = link.evidence in FROM_PHONE and link.handle.is_phone and link.handle.value in self.blocked
        return link.contact_id not in self.excluded and not from_blocked

    def _allowed(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        return ranked(one for one in candidates if one.contact_id not in self.excluded)

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


def ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each contact once, updated last first, then the smaller id; of two copies of one contact the newer counts."""
    newest: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (one.updated_at, repr(one))):
        newest[one.contact_id] = one
    return tuple(sorted(newest.values(), key=lambda one: (-one.updated_at, one.contact_id)))
