"""What can be decided about a doubt. Where somebody else decided meanwhile, the engine notices and changes nothing."""

from __future__ import annotations

from leadline.console.doubts.doubt import Doubt
from leadline.console.retold import retold
from leadline.console.shell import Visit
from leadline.people.wording import outcome_of, title_of


class Deciding:
    """The acts of one page. decided: the links it decided about itself."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.decided: set[int] = set()
        self._corrections = visit.leadline.corrections

    async def confirm(self, one: Doubt) -> str:
        """It is the contact that was chosen."""
        return await self.attach(one, one.contact_id)

    async def attach(self, one: Doubt, contact_id: str) -> str:
        """It is this contact."""
        self.decided.add(one.link_id)
        author = self.visit.seat.email
        made = await self._corrections.attach(
            self.visit.workspace_id, one.handle, contact_id, author=author, doubted=one.link_id
        )
        return retold(f"{title_of(made)}." if made.from_id == made.into_id else outcome_of(made))

    async def detach(self, one: Doubt) -> str:
        """It is nobody of those."""
        self.decided.add(one.link_id)
        author = self.visit.seat.email
        made = await self._corrections.detach(self.visit.workspace_id, one.handle, author=author, doubted=one.link_id)
        return retold(outcome_of(made))
