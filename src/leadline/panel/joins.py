"""Two open conversations of one contact become one, through the panel. `desk.py` calls it."""

from __future__ import annotations

from leadline.identity.merge_refusals import MergeRefused
from leadline.identity.words import address
from leadline.intercom import inbox_app, inbox_merge
from leadline.intercom.canvas import Canvas
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Outcome
from leadline.merging import OpenTwins


class Joins:
    """The screens of merging two conversations."""

    def __init__(self, open_twins: OpenTwins) -> None:
        self._open_twins = open_twins

    async def ask(self, request: PanelRequest) -> Canvas:
        """What merging two conversations would do."""
        _, going, staying = f"{request.component_id}::".split(":")[:3]
        contact_id = request.contact.contact_id if request.contact else ""
        for pair in await self._open_twins.of(request.workspace_id, contact_id):
            if (pair.from_id, pair.into_id) == (going, staying):
                stored = {"going": going, "staying": staying}
                addresses = (address(pair.from_handle), address(pair.into_handle))
                return inbox_merge.confirm_join(pair.sentence, *addresses, stored)
        return inbox_app.trouble("These two conversations are not both open any more.")

    async def join(self, request: PanelRequest) -> Canvas:
        """Merge two conversations of one contact."""
        try:
            pair = await self._open_twins.merge(
                request.workspace_id, request.kept("going"), request.kept("staying"), author=request.author
            )
        except MergeRefused as refusal:
            return inbox_app.trouble(str(refusal), title="Not merged")
        going, staying = address(pair.from_handle), address(pair.into_handle)
        told = f"New messages from {going} go on in the conversation with {staying}."
        return inbox_app.outcome(Outcome(title="Done", sentences=(told,)))
