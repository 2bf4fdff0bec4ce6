"""What a storm does, from a seed: how much is written, and how often which thing is broken."""

from __future__ import annotations

from leadline.model import Struct


class Plan(Struct, frozen=True, kw_only=True):
    """breaks: how many things are broken, of which `kills` are `kill -9`. pause: seconds between two of them."""

    seed: int
    senders: int
    messages: int
    replies: int
    merges: int
    kills: int
    breaks: int
    pause: float
    quiet: float = 480.0


QUICK = Plan(seed=7, senders=8, messages=160, replies=40, merges=2, kills=8, breaks=16, pause=0.9)
LONG = Plan(
    seed=11, senders=400, messages=10_000, replies=1_000, merges=40, kills=200, breaks=420, pause=0.8, quiet=1200.0
)
