"""So many of something in a time, for each key: an address, an account, a token. The door, sign-in and an API use it.

A sign-in (whoever guesses waits, before a password is looked at; the right one clears the account):

    signins = Allowance("sign_in", most=10, seconds=900)
    if wait := signins.wait(email) or signins.wait(network(client)): refuse with `Retry-After: ceil(wait)`
    signins.count(email); signins.count(network(client))   # a wrong password
    signins.forget(email)                                   # the right one

Requests of an API token: `if wait := requests.take(token_id)`: answer 429 with `Retry-After: ceil(wait)`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

from prometheus_client import Counter

KEYS = 10_000  # that are remembered; the one not counted for longest is forgotten
AHEAD = 2.0  # times the span: whoever goes on and on is allowed again after no more than that
TINY = 1e-6  # seconds: sums of floats are no clockwork
HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a network gets: all addresses below are theirs
THROTTLED = Counter("leadline_throttled_total", "Times somebody had to wait or was sent away", ["what"])


class Allowance:
    """`most` in `seconds` for each key: all of them at once, or spread. In memory, so each process has its own.

    what: the name in the metric, such as `sign_in`.
    """

    def __init__(self, what: str, *, most: int, seconds: float, keys: int = KEYS) -> None:
        self._what = what
        self._step, self._seconds, self._keys = seconds / most, seconds, keys
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until one more is allowed; 0 where it is allowed now. Nothing is counted for the key."""
        over = self._free_at.get(key, 0.0) + self._step - self._seconds - time.monotonic()
        if over <= TINY:
            return 0.0
        THROTTLED.labels(self._what).inc()
        return over

    def count(self, key: str) -> None:
        """One more of this key, allowed or not."""
        now = time.monotonic()
        free_at = max(self._free_at.pop(key, now), now) + self._step
        self._free_at[key] = min(free_at, now + AHEAD * self._seconds)
        if len(self._free_at) > self._keys:
            self._free_at.popitem(last=False)

    def take(self, key: str) -> float:
        """`wait`, and where that is 0 also `count`: what is sent away costs nothing."""
        seconds = self.wait(key)
        if not seconds:
            self.count(key)
        return seconds

    def forget(self, key: str) -> None:
        """As if there had been none of this key."""
        self._free_at.pop(key, None)


def network(client: str) -> str:
    """The key of an address: an IPv4 address, or the network an IPv6 address shares with all others of its owner."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return client
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), HOUSEHOLD), strict=False))
