"""What the parts of the engine share in one process. `app.py` opens it."""

from __future__ import annotations

from leadline.engine.bell import Bell
from leadline.engine.breaker import Breakers
from leadline.engine.ledger import Ledger
from leadline.store.database import Database


class Engine:
    """The bell that wakes workers, the ledger they write to, and the breakers of everything that may be away."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bell = Bell(database)
        self.ledger = Ledger(database.url)
        self.breakers = Breakers()

    async def close(self) -> None:
        """After what is being written. Whatever is held is free for others."""
        await self.bell.close()
        await self.ledger.close()
