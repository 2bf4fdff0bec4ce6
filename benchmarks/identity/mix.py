"""A world of people to whom things happen: the scenarios mixed by weight. `run.py` plays it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.identity.population import Event, World
from benchmarks.identity.scenarios import SCENARIOS

IN_A_ROW = (1, 2, 3)
"""How many messages somebody sends one after the other, each as likely: an assumption, like the scenarios' shares."""


def build(seed: int, people: int, in_a_row: Sequence[int] = IN_A_ROW) -> World:
    """A world of about so many people."""
    world = World(random.Random(seed), random.Random(seed + 1))
    kinds, weights = [*SCENARIOS], [SCENARIOS[kind][0] for kind in SCENARIOS]
    for kind in kinds:  # each at least once
        _add(world, kind, SCENARIOS[kind][1](world), in_a_row)
    while world.people < people:
        kind = world.dice.choices(kinds, weights)[0]
        _add(world, kind, SCENARIOS[kind][1](world), in_a_row)
    world.events.sort(key=lambda event: event.at)
    for event in world.dice.sample(world.events, len(world.events) // 20):
        event.repeats = (event.kind == "message" and world.dice.randrange(1, 3)) or 0
    return world


def _add(world: World, kind: str, events: Iterator[Event], in_a_row: Sequence[int]) -> None:
    for event in events:
        event.scenario = kind
        world.events.append(event)
        if event.kind == "message":
            world.events += _more(world, event, world.rows.choice(in_a_row) - 1)


def _more(world: World, event: Event, count: int) -> Iterator[Event]:
    """What the same person adds within the minute; news of a number is told once."""
    at = event.at
    for _ in range(count):
        at += world.rows.uniform(5.0, 25.0)
        yield replace(event, at=at, former=(), attested=())
