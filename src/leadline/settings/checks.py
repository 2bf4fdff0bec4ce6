"""What may be wrong with the values of settings, in sentences. `reading.py` and whoever takes a secret ask here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import get_args, get_type_hints
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec.structs import fields, replace

from leadline.errors import SettingError
from leadline.settings.known import PREFIX, SECRETS, Settings

ADDRESSES = ("public_url", "intercom_url", "intercom_oauth_url", "otel_endpoint")
CHOICES = {"log_format": ("console", "json"), "log_level": ("debug", "info", "warning", "error")}
KINDS: Mapping[type, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
# Seconds. A worker holds a sender's messages for 30 at a time (`engine/holds.py`), and may begin a write to Intercom
# only while they are surely its own until the answer has come.
LONGEST_TIMEOUT = 20.0
DISTINCT = 8  # letters; 32 random hexadecimal digits have fewer about once in four million
PUBLIC = ("only-for-playing", "changeme", "made-up", "password", "0123456789abcdef")


def checked(settings: Settings) -> Settings:
    """The same, with its country code in capitals; raises SettingError."""
    for name in ADDRESSES:
        _check_url(name, getattr(settings, name))
    if settings.secret_key and (weak := weakness(settings.secret_key, length=32)):
        raise SettingError(f"LEADLINE_SECRET_KEY {weak}. Make one with: openssl rand -hex 32")
    _check_mail(settings.smtp_url)
    for name, known in CHOICES.items():
        if (value := getattr(settings, name)) not in known:
            raise SettingError(f"{PREFIX}{name.upper()} must be {' or '.join(known)}, not '{value}'")
    if settings.intercom_timeout > LONGEST_TIMEOUT:
        raise SettingError(
            f"LEADLINE_INTERCOM_TIMEOUT must be {LONGEST_TIMEOUT:.0f} seconds or less, not "
            f"{settings.intercom_timeout:g}. A worker holds a sender's messages for 30 seconds, so with a longer wait "
            "it could not write anything to Intercom."
        )
    return replace(settings, default_region=_region(settings.default_region))


def _region(code: str) -> str:
    if not code:
        return ""
    from phonenumbers import SUPPORTED_REGIONS  # slow to import, and most commands need no phones

    if code.upper() not in SUPPORTED_REGIONS:
        raise SettingError(
            f"LEADLINE_DEFAULT_REGION: '{code}' is not a country code. Write two letters, like IE, GB or BR."
        )
    return code.upper()


def in_words(complaint: str, values: Mapping[str, object]) -> str:
    """What msgspec says of one of these values, for people: "Expected `int` <= 65535 - at `$.port`"."""
    found = re.fullmatch(r".* - at `\$\.(\w+)`", complaint)
    if found is None:
        return f"A setting is wrong: {complaint}"
    name = found[1]
    given = "" if name in SECRETS else f", not '{values[name]}'"
    return f"{PREFIX}{name.upper()} must be {_takes(name)}{given}."


def limits(meta: Meta) -> str:
    """Within which bounds a number must be: `at least 1, at most 5`; empty where there are none."""
    words = (("more than", meta.gt), ("at least", meta.ge), ("at most", meta.le))
    return ", ".join(f"{word} {limit:g}" for word, limit in words if limit is not None)


def _takes(name: str) -> str:
    """What may be set, with its bounds and, where it is not plain from that, an example: the default."""
    kind, meta = get_args(get_type_hints(Settings, include_extras=True)[name])[:2]
    words = ", ".join(filter(None, (KINDS[kind], limits(meta))))
    default = next(each.default for each in fields(Settings) if each.name == name)
    if meta.pattern:
        return f"written like {default}"
    return f"{words}, like {default:g}" if kind in (int, float) else words


def _check_mail(url: str) -> None:
    """Without showing the address, which holds a password."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if url and not fits:
        raise SettingError(
            f"{PREFIX}SMTP_URL is not the address of a mail server. Write it like smtp://user:password@host:587, or "
            "smtps:// for a server that wants TLS from the start."
        )


def _check_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise SettingError(f"{PREFIX}{name.upper()} must not hold a user or a password: write https://your.host")
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise SettingError(
            f"{PREFIX}{name.upper()} is not a web address. Write it like https://your.host, not '{url}'."
        )


def weakness(secret: str, *, length: int) -> str:
    """What is wrong with a secret, as the end of a sentence that begins with its name; empty for a good one."""
    if len(secret) < length:
        return f"is too short: it takes {length} random characters or more"
    if any(word in secret.lower() for word in PUBLIC):
        return "is known to everybody"
    if len(set(secret)) < min(DISTINCT, length // 2) or _repeats(secret):
        return "can be guessed: it repeats itself"
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    return "can be guessed: it only counts" if steps.most_common(1)[0][1] > len(secret) * 0.8 else ""


def _repeats(secret: str) -> bool:
    """Whether it is one short text again and again."""
    return secret in (secret + secret)[1:-1]
