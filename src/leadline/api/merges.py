"""Merges: previewed, made as previewed, looked at, undone. The work is `merging`'s."""

from __future__ import annotations

from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.shapes import FieldShape, Merge, MergeShape, OptionShape, Pair, PreviewShape, ReasonShape
from leadline.identity.merge import Option, Preview
from leadline.merging import MergeRecord, Merging
from leadline.merging.journal import Wishes

WAIT = 3.0  # seconds a request waits for Intercom; the merge goes on afterwards
LARGEST = 2**63 - 1


class MergeDesk:
    """Merges contacts of the workspace that asks."""

    def __init__(self, merging: Merging) -> None:
        self._merging = merging

    async def preview(self, call: Call) -> PreviewShape:
        """What a merge would do. Raises MergeRefused."""
        pair: Pair = call.body
        found = await self._merging.preview(call.workspace_id, pair.from_id, pair.into_id, pair.take)
        return _preview(found)

    async def merge(self, call: Call) -> MergeShape:
        """Merge as previewed, once however often it is asked for. Raises MergeRefused."""
        asked: Merge = call.body
        merged = await self._merging.merge(
            call.workspace_id,
            asked.from_id,
            asked.into_id,
            author=author(call),
            token=asked.fingerprint,
            way=asked.way,
            wishes=Wishes(take=asked.take),
            wait=WAIT,
        )
        return await self._shown(call.workspace_id, merged.merge_id)

    async def get(self, call: Call) -> MergeShape:
        """A merge and its state. Raises MergeRefused where there is none."""
        return await self._shown(call.workspace_id, _number(call))

    async def undo(self, call: Call) -> MergeShape:
        """Take a merge back as far as that goes. Raises MergeRefused."""
        number = _number(call)
        await self._merging.undo(call.workspace_id, number, author=author(call), wait=WAIT)
        return await self._shown(call.workspace_id, number)

    async def _shown(self, workspace_id: str, merge_id: int) -> MergeShape:
        return _merge(await self._merging.record(workspace_id, merge_id))


def author(call: Call) -> str:
    """In whose name it is done, for records that people read."""
    return f"API key {call.key.name}"


def _number(call: Call) -> int:
    text = call.path["merge_id"]
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST and len(text) < 20):
        raise Problem(404, "no_such_merge", f"There is no merge number {text}.")
    return int(text)


def _preview(found: Preview) -> PreviewShape:
    return PreviewShape(
        from_id=found.source.contact_id,
        into_id=found.target.contact_id,
        fingerprint=found.token,
        options=tuple(map(_option, found.options)),
        warnings=tuple(ReasonShape(code=each.code, sentence=each.detail) for each in found.warnings),
        final=found.final,
    )


def _option(option: Option) -> OptionShape:
    moves = option.moves
    return OptionShape(
        way=option.way,
        label=option.label,
        explanation=option.explanation,
        reversible=option.reversible,
        fields=tuple(
            FieldShape(
                key=each.key,
                label=each.label,
                from_value=each.from_value,
                into_value=each.into_value,
                outcome=each.outcome,
                result=each.result,
            )
            for each in option.changes
        ),
        conversations=len(moves.conversations),
        notes=moves.notes,
        tags=moves.tags,
        companies=moves.companies,
        addresses=moves.handles,
    )


def _merge(record: MergeRecord) -> MergeShape:
    same = {
        name: getattr(record, name) for name in MergeShape.__struct_fields__ if name != "undoable"
    }  # fmt: skip
    return MergeShape(**same, undoable=record.undoable)
