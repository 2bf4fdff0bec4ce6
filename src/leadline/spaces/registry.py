"""The settings as things one can list, read and show: for `book.py`, the command line, the console and the docs.

Pure: texts and values in, values and texts out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import msgspec

from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.spaces import durations, hours
from leadline.spaces.settings import ACTS, FIELDS, WorkspaceSettings, listed

Plain = bool | int | str
Kind = Literal["switch", "number", "span", "choice", "text"]
KINDS: Mapping[type, Kind] = {bool: "switch", int: "number", str: "text"}
ON, OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
LINES = {"welcome", "out_of_office", "signature"}
"""Texts of several lines; all others are one."""
NOBODY = "nobody"
"""In place of people who may do something."""
OF_THIS_MACHINE = {"localtime", "posixrules", "Factory"}
"""Names in the time zone files that are no place: another machine reads another zone in them."""


class Setting(Struct, frozen=True, kw_only=True):
    """One setting. least, most: bounds of a number, or of the length of a text. choices: what a choice may be.

    for_channel: whether a channel may have a value of its own. for_schedule: whether a named schedule may.
    """

    name: str
    kind: Kind
    default: Plain
    meaning: str
    for_channel: bool = False
    for_schedule: bool = False
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Plain:
        """The value that a person typed; raises SettingError that says what would be taken."""
        return self.checked(_READERS[self.kind](self, text.strip()))

    def checked(self, value: object) -> Plain:
        """A value as it may be kept; raises SettingError."""
        if type(value) is not type(self.default):
            raise SettingError(f"{self.name} takes {self.takes}")
        assert isinstance(value, Plain)
        size = len(value) if isinstance(value, str) else value
        if (self.least is not None and size < self.least) or (self.most is not None and size > self.most):
            if isinstance(value, str):
                raise SettingError(f"{self.name} takes {self.takes}; yours has {size}")
            raise SettingError(f"{self.name} takes {self.takes}, not '{self.shown(value)}'")
        if self.choices and value not in self.choices:
            raise SettingError(f"{self.name} takes {self.takes}, not '{value}'")
        if isinstance(value, str):
            _printable(self.name, value)
        check = _CHECKS.get(self.name)
        return check(str(value)) if check else value

    @property
    def takes(self) -> str:
        """What may be set, in words."""
        if self.kind == "switch":
            return "on or off"
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        if self.kind == "span":
            return f"off, or a time like 36 hours or 2 weeks, up to {durations.shown(self.most or 0)}"
        if self.kind == "number":
            return f"a whole number from {self.least} to {self.most}"
        return f"a text of at most {self.most} characters" if self.most else "a text"

    def shown(self, value: Plain) -> str:
        """A value for people."""
        if isinstance(value, bool):
            return "on" if value else "off"
        return durations.shown(value) if self.kind == "span" and isinstance(value, int) else str(value)


def _switch(setting: Setting, text: str) -> bool:
    if text.lower() not in ON + OFF:
        raise SettingError(f"{setting.name} takes {setting.takes}, not '{text}'")
    return text.lower() in ON


def _number(setting: Setting, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        raise SettingError(f"{setting.name} takes {setting.takes}, not '{text}'")
    return int(text)


def _span(setting: Setting, text: str) -> int:
    seconds = durations.read(text)
    if seconds is None:
        raise SettingError(f"{setting.name} takes {setting.takes}, not '{text}'")
    return seconds


def _choice(setting: Setting, text: str) -> str:
    return text.lower().replace("-", "_")


def _text(setting: Setting, text: str) -> str:
    return text.replace("\r\n", "\n")


def _printable(name: str, text: str) -> None:
    """Raises SettingError for what no database keeps, or no line of a form shows."""
    allowed = "\n\t" if name in LINES else ""
    found = next((char for char in text if unicodedata.category(char) in ("Cc", "Cs") and char not in allowed), None)
    if found is not None:
        what = "a line break" if found in "\r\n" else f"the control character U+{ord(found):04X}"
        raise SettingError(f"{name} cannot hold {what}. Write it without.")


def _region(code: str) -> str:
    if not code:
        return ""
    from phonenumbers import SUPPORTED_REGIONS  # slow to import, and most commands need no phones

    if code.upper() not in SUPPORTED_REGIONS:
        raise SettingError(f"default_region takes a country code of two letters, like IE, GB or BR, not '{code}'")
    return code.upper()


def _hours(text: str) -> str:
    week = hours.read(text)
    if text and not any(week):
        raise SettingError(f"'{text}' names no opening hours. {hours.FORM}")
    return hours.shown(week)


def _dates(text: str) -> str:
    _several("closed_dates", text)
    return ", ".join(each.isoformat() for each in sorted(hours.dates(text)))


def _blocked(text: str) -> str:
    _several("blocked_numbers", text)
    return text


def _several(name: str, text: str) -> tuple[str, ...]:
    """What stands between commas; raises SettingError where only commas do, which would read like nothing set."""
    found = listed(text)
    if text and not found:
        raise SettingError(f"{name} has nothing between its commas. Leave it empty, or write what it is about.")
    return found


def _people(name: str, text: str) -> str:
    found = _several(name, text)
    if found == (NOBODY,):
        return NOBODY
    for each in found:
        if not re.fullmatch(r"(team:)?\d{1,18}", each, re.ASCII):
            raise SettingError(
                f"{name} takes ids of teammates or team:<id> with commas between them, like 991267001, team:5101; or "
                f"nobody. It does not take '{each}'"
            )
    return ", ".join(found)


def _teammate(text: str) -> str:
    if text and not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise SettingError(f"default_teammate takes the id of a teammate, like 991267001, not '{text}'")
    return text


def _attribute(text: str) -> str:
    if not re.fullmatch(r"\w[\w -]{0,99}", text, re.ASCII):
        raise SettingError(f"channel_attribute takes letters, digits, spaces, _ and -, not '{text}'")
    return text


def _assignee(text: str) -> str:
    if text and not re.fullmatch(r"(teammate|team) \d{1,18}", text, re.ASCII):
        raise SettingError(f"assign_new_to takes teammate or team and an id, like team 5, not '{text}'")
    return text


def _zone(text: str) -> str:
    known = sorted(available_timezones() - OF_THIS_MACHINE)
    if text not in known:
        like = get_close_matches(text, known, n=3)
        told = f"Did you mean {' or '.join(like)}?" if like else "Write a continent and a city, like Europe/Dublin."
        raise SettingError(f"'{text}' is not a time zone. {told}")
    return text


_READERS: Mapping[Kind, Callable[[Setting, str], Plain]] = {
    "switch": _switch,
    "number": _number,
    "span": _span,
    "choice": _choice,
    "text": _text,
}
_CHECKS: Mapping[str, Callable[[str], Plain]] = {
    "default_region": _region,
    "opening_hours": _hours,
    "closed_dates": _dates,
    "time_zone": _zone,
    "assign_new_to": _assignee,
    "channel_attribute": _attribute,
    "blocked_numbers": _blocked,
    "default_teammate": _teammate,
    **{f"may_{act}": partial(_people, f"may_{act}") for act in ACTS},
}


def _setting(field: Any, hint: Any) -> Setting:
    kind, *metas = get_args(hint)
    meta = next(each for each in metas if isinstance(each, msgspec.Meta))
    is_choice = get_origin(kind) is Literal
    return Setting(
        name=field.name,
        kind="choice" if is_choice else "span" if (meta.extra or {}).get("span") else KINDS[kind],
        default=field.default,
        meaning=meta.description or "",
        for_channel=bool((meta.extra or {}).get("channel")),
        for_schedule=bool((meta.extra or {}).get("schedule")),
        least=_whole(meta.ge),
        most=_whole(meta.le if meta.le is not None else meta.max_length),
        choices=get_args(kind) if is_choice else (),
    )


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


_HINTS = get_type_hints(WorkspaceSettings, include_extras=True)
REGISTRY: Mapping[str, Setting] = {field.name: _setting(field, _HINTS[field.name]) for field in FIELDS}


def setting(name: str) -> Setting:
    """The setting of that name; raises SettingError that names one like it."""
    found = REGISTRY.get(name.strip().lower().replace("-", "_"))
    if found is None:
        raise SettingError(f"There is no setting '{name}'. {meant(name, REGISTRY)}".rstrip())
    return found
