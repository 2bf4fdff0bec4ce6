"""CPU time of verify and parse, per request, for each channel with payload files; Twilio's own validator beside it.

Run: `python -m benchmarks.adapters.run`. Prints microseconds: the least of many short rounds, and their median.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

from leadline.channels import CHANNELS
from leadline.channels.base import Channel
from leadline.channels.exchange import Parsed, Request
from leadline.channels.settings import Settings
from tests.channels.wire import folder_of, request_of, settings_of

BATCH = 100  # different requests per round, so that nothing decoded is found again
ROUNDS = 200


def variants(key: str) -> list[Request]:
    """The channel's text payload, with a different message id each time, signed."""
    (path,) = folder_of(key).glob("text.request.*")
    body = path.read_bytes()
    number = b"0" * 31 + b"1" if b"0" * 31 + b"1" in body else b"0001"
    return [request_of(key, body.replace(number, f"{at:0{len(number)}d}".encode())) for at in range(BATCH)]


def admitted(adapter: Channel[Any], settings: Settings, request: Request) -> Parsed:
    """What the door does with a webhook before it is kept."""
    adapter.verify(request, settings)
    return adapter.parse(request, settings)


def measure(work: Callable[[Request], object], requests: list[Request]) -> tuple[float, float]:
    """Least and median CPU microseconds per request."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for request in requests:
            work(request)
        rounds.append((time.process_time() - started) / len(requests) * 1e6)
    return min(rounds), statistics.median(rounds)


def main() -> None:
    """Print one line per channel, then the SDK's line."""
    print(f"{'':32}{'least':>8}{'median':>8}  µs CPU per request, verify and parse")
    for key in sorted(CHANNELS):
        adapter, settings, requests = CHANNELS[key], settings_of(key), variants(key)
        print("{:32}{:8.1f}{:8.1f}".format(key, *measure(partial(admitted, adapter, settings), requests)))
    validator = RequestValidator(settings_of("twilio_sms").auth_token)

    def sdk(request: Request) -> object:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if not validator.validate(request.url, fields, request.headers["x-twilio-signature"]):
            raise AssertionError("The SDK refuses what it signed")
        return fields

    print("{:32}{:8.1f}{:8.1f}".format("twilio SDK (form, signature)", *measure(sdk, variants("twilio_sms"))))


if __name__ == "__main__":
    main()
