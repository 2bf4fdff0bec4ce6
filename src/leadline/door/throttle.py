"""Whoever is refused again and again is answered slower, and a flood of unsigned messages is sent away.

Signatures are checked first, so no signed message is ever slower for it. `webhooks.py` and `gate.py` ask.
"""

from __future__ import annotations

import asyncio

from leadline.door.allowance import Allowance, network
from leadline.errors import LeadlineError

FREE = 100  # refusals of one address in a WINDOW that are answered at once
FREE_CHANNEL = 1000  # the same for one channel, from whatever addresses
UNSIGNED = 600  # unsigned messages in a WINDOW that are taken from one address
UNSIGNED_CHANNEL = 3000  # the same for one channel
WINDOW = 60.0  # seconds
LONGEST = 2.0  # seconds
WAITING = 200  # refusals that wait at a time; beyond that they are answered at once, for waiting costs memory


class TooMany(LeadlineError):
    """More unsigned messages than any provider sends. `seconds`: when the next one is taken."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"More unsigned messages than are taken at a time; the next one in {seconds:.0f} seconds")
        self.seconds = seconds


class Throttle:
    """Counts refusals and unsigned messages, by address and by channel."""

    def __init__(self) -> None:
        self._addresses = Allowance("refused_address", most=FREE, seconds=WINDOW)
        self._channels = Allowance("refused_channel", most=FREE_CHANNEL, seconds=WINDOW)
        self._senders = Allowance("unsigned_address", most=UNSIGNED, seconds=WINDOW)
        self._unsigned = Allowance("unsigned_channel", most=UNSIGNED_CHANNEL, seconds=WINDOW)
        self._waiting = 0

    def delay(self, client: str, channel: str = "") -> float:
        """Count one more refusal; returns the seconds its answer is to wait."""
        address = network(client)
        seconds = max(self._addresses.wait(address), self._channels.wait(channel) if channel else 0.0)
        self._addresses.count(address)
        if channel:
            self._channels.count(channel)
        return min(LONGEST, seconds)

    async def slow(self, client: str, channel: str = "") -> None:
        """Wait as long as this refusal has to."""
        seconds = self.delay(client, channel)
        if not seconds or self._waiting >= WAITING:
            return
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting -= 1

    def unsigned(self, client: str, channel: str) -> None:
        """Count a message that nothing but the secret address speaks for; raises TooMany where it is not taken."""
        if seconds := self._senders.take(network(client)) or self._unsigned.take(channel):
            raise TooMany(seconds)
