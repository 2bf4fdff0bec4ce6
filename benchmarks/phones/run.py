"""Phone numbers canonicalised per second on one core: Leadline's way, the library's as shipped, and with its cache.

Run: `python -m benchmarks.phones.run [rounds]`. Each way runs in a process of its own, because the library's pattern
cache cannot be switched off again. Prints numbers per CPU second, the median of the rounds and the best.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

COUNT = 20_000
SEED = 20261124


def numbers() -> list[tuple[str, str]]:
    """COUNT messy texts, each with the region they are to be read in: the mix that senders and Intercom hold.

    Of every country in turn: a fifth clean E.164, a fifth without plus, the rest spaced, dashed, with 00, with a
    scheme, national, with a zero in brackets or with an extension. The digits after the fourth-last are random.
    """
    chance = random.Random(SEED)
    kinds = [PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE]
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    examples = [(phonenumbers.example_number_for_type(r, kind), r) for r in regions for kind in kinds]
    known = [(number, region) for number, region in examples if number is not None]
    return [_messy(*chance.choice(known), chance) for _ in range(COUNT)]


def _messy(number: phonenumbers.PhoneNumber, region: str, chance: random.Random) -> tuple[str, str]:
    example = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    e164 = example[:-4] + f"{chance.randrange(10_000):04d}"
    number = phonenumbers.parse(e164)
    spaced = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    forms = [
        e164, e164, e164[1:], e164[1:], spaced, spaced.replace("-", " "), spaced.replace(" ", "-"),
        "00" + e164[1:], "whatsapp:" + e164, national, f"+{number.country_code} (0)" + spaced.partition(" ")[2],
        spaced + " ext. 12",
    ]  # fmt: skip
    return chance.choice(forms), region


def leadline_way() -> Callable[[str, str], str | None]:
    from leadline.identity.phone import canonical

    return lambda text, region: canonical(text, region=region)


def leadline_without_region() -> Callable[[str, str], str | None]:
    from leadline.identity.phone import canonical

    return lambda text, _: canonical(text)


def library_way() -> Callable[[str, str], str | None]:
    def parse(text: str, region: str) -> str | None:
        try:
            return phonenumbers.format_number(phonenumbers.parse(text, region), PhoneNumberFormat.E164)
        except NumberParseException:
            return None

    return parse


def library_and_check() -> Callable[[str, str], str | None]:
    def check(text: str, region: str) -> str | None:
        try:
            number = phonenumbers.parse(text, region)
        except NumberParseException:
            return None
        return phonenumbers.format_number(number, PhoneNumberFormat.E164) * phonenumbers.is_valid_number(number) or None

    return check


def check_with_cache() -> Callable[[str, str], str | None]:
    phonenumbers.enable_pattern_cache()
    return library_and_check()


WAYS = {
    "leadline": leadline_way,
    "leadline, no region": leadline_without_region,
    "library, parse only": library_way,
    "library, parse and check": library_and_check,
    "the same, patterns kept": check_with_cache,
}


def measure(way: str, rounds: int) -> tuple[float, float]:
    """Median and best numbers per CPU second of one way, after one round that fills every cache."""
    texts, work = numbers(), WAYS[way]()
    rates = []
    for _ in range(rounds + 1):
        started = time.process_time()
        for text, region in texts:
            work(text, region)
        rates.append(COUNT / (time.process_time() - started))
    return statistics.median(rates[1:]), max(rates[1:])


def main() -> None:
    """Measure every way, each in a process of its own; the last line is one JSON object: way → median rate."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    if len(sys.argv) > 2:
        print(json.dumps(measure(sys.argv[2], rounds)))
        return
    medians = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.phones.run", str(rounds), way]
        median, best = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        medians[way] = round(median)
        print(f"{way:26}{median:10,.0f}{best:10,.0f}  numbers per CPU second, median and best of {rounds}")
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
