"""The settings as things one can list, read and show: for `book.py`, the command line, the console and the docs.

Pure: texts and values in, values and texts out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import msgspec

from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.spaces import durations, hours
from leadline.spaces.settings import FIELDS, WorkspaceSettings

Plain = bool | int | str
Kind = Literal["switch", "number", "span", "choice", "text"]
KINDS: Mapping[type, Kind] = {bool: "switch", int: "number", str: "text"}
ON, OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0")


class Setting(Struct, frozen=True, kw_only=True):
    """One setting. least, most: bounds of a number, or of the length of a text. choices: what a choice may be.

    for_channel: whether a channel may have a value of its own.
    """

    name: str
    kind: Kind
    default: Plain
    meaning: str
    for_channel: bool = False
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
            raise SettingError(f"{self.name} takes {self.takes}")
        if self.choices and value not in self.choices:
            raise SettingError(f"{self.name} takes {self.takes}. {meant(str(value), self.choices)}".rstrip())
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
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"{setting.name} takes {setting.takes}, not '{text}'") from None


def _span(setting: Setting, text: str) -> int:
    seconds = durations.read(text)
    if seconds is None:
        raise SettingError(f"{setting.name} takes {setting.takes}, not '{text}'")
    return seconds


def _choice(setting: Setting, text: str) -> str:
    return text.lower().replace("-", "_")


def _text(setting: Setting, text: str) -> str:
    return text


def _region(code: str) -> str:
    if not code:
        return ""
    from phonenumbers import SUPPORTED_REGIONS  # slow to import, and most commands need no phones

    if code.upper() not in SUPPORTED_REGIONS:
        raise SettingError(f"default_region takes a country code of two letters, like IE, GB or BR, not '{code}'")
    return code.upper()


def _hours(text: str) -> str:
    return hours.shown(hours.read(text))


def _dates(text: str) -> str:
    return ", ".join(each.isoformat() for each in sorted(hours.dates(text)))


def _attribute(text: str) -> str:
    if not re.fullmatch(r"\w[\w -]{0,99}", text, re.ASCII):
        raise SettingError(f"channel_attribute takes letters, digits, spaces, _ and -, not '{text}'")
    return text


def _assignee(text: str) -> str:
    if text and not re.fullmatch(r"(teammate|team) \d{1,18}", text):
        raise SettingError(f"assign_new_to takes teammate or team and an id, like team 5, not '{text}'")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise SettingError(f"'{text}' is no time zone. {meant(text, available_timezones())[:200]}")
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
