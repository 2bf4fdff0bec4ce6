"""Everything on record about one message. `leadline explain`, the demo and the console tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.errors import SettingError
from leadline.identity.evidence import Evidence
from leadline.identity.policy import Policy, parse
from leadline.identity.redecide import otherwise
from leadline.identity.verdict import explain as sentences
from leadline.inbound.joining import joined
from leadline.model import Decision, Inbound
from leadline.store.database import Database
from leadline.store.queries import queries


async def tell(database: Database, workspace_id: str, message: str, policy: Policy) -> dict[str, Any]:
    """Everything on record about one message; raises SettingError when there is none of that id.

    policy: the present one, for its limits and lists when other policies are asked what they would have chosen.
    """
    async with database.connection() as connection:
        row = await queries.find_message(connection, workspace_id=workspace_id, message_id=message)
        if row is None:
            raise SettingError(f"No message has the number or provider id '{message}'")
        # A part of a long message is delivered, decided and written with the part that leads it.
        leader = {"workspace_id": workspace_id, "arrival_id": row["joined_by"] or row["arrival_id"]}
        parts = [part async for part in queries.claimed_pieces(connection, **leader)]
        decision = await queries.decision_of(connection, **leader)
        owner = f"arrival:{leader['arrival_id']}"
        steps = [step async for step in queries.steps_of(connection, workspace_id=workspace_id, owner=owner)]
    inbound = msgspec.convert(row["content"], Inbound)
    whole = joined([msgspec.convert(part["content"], Inbound) for part in parts]) if parts else inbound
    return {
        "message": row["arrival_id"],
        "parts": [part["arrival_id"] for part in parts],
        "text": whole.text,
        "provider_id": inbound.provider_id,
        "sender": inbound.sender,
        "name": whole.profile.name,
        "handles": [str(handle) for handle in inbound.handles],
        "arrived_at": row["arrived_at"].isoformat(),
        "state": row["state"],
        "state_reason": row["reason"],
        "state_explanation": row["explanation"],
        "decision": _decision(decision, policy),
        "intercom": [
            {"kind": step["kind"], "conversation_id": step["conversation_id"], "part_id": step["part_id"]}
            for step in steps
            if step["done_at"]
        ],
    }


def _decision(row: dict[str, Any] | None, policy: Policy) -> dict[str, Any] | None:
    if row is None:
        return None
    decision = msgspec.convert(row["document"], Decision)
    evidence = msgspec.convert(row["evidence"], Evidence) if row["evidence"] else None
    return {
        "contact_id": row["contact_id"],
        "code": row["code"],
        "policy": row["policy"],
        "reasons": [reason.code for reason in decision.reasons],
        "sentences": sentences(decision),
        "doubtful": decision.doubtful,
        "candidates": [msgspec.to_builtins(candidate) for candidate in decision.candidates],
        "otherwise": _otherwise(evidence, decision, policy) if evidence else None,
    }


def _otherwise(evidence: Evidence, decision: Decision, policy: Policy) -> dict[str, Any]:
    """What every other policy would have chosen: contact (None: a new lead) and the reason that settles it."""
    used = msgspec.structs.replace(policy, tie=parse(decision.policy).tie)
    return {
        tie: {"contact_id": other.contact_id, "code": other.code} for tie, other in otherwise(evidence, used).items()
    }
