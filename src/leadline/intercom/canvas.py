"""Canvas Kit: what an app may show in Intercom's Inbox, as values that cannot be built wrong.

The `inbox_*` modules build canvases of these. Source: Canvas Kit reference and schemas (API 2.11), read November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from leadline.errors import LeadlineError
from leadline.model import Struct

MAX_BYTES = 64 * 1024
"""Largest content, and largest stored data, of one canvas."""
MIN_OPTIONS, MAX_OPTIONS = 2, 10
SaveState = Literal["unsaved", "saved", "failed"]
BottomMargin = Literal["", "none"]
_JOINER = "\u2060"  # zero width: what it separates is no markup any more, and looks as before
_LOOKALIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_CONTROLS = dict.fromkeys(
    {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {9, 10, 13}
)
"""Control characters, and those that turn the direction of writing: they could show a text as another one."""
_MARKUP = re.compile(r"[\[\]()<>&!\\_#]|(?<=:)(?=//)|(?<=www)(?=\.)|@", re.IGNORECASE)


class BadCanvas(LeadlineError, ValueError):
    """A component or canvas that Intercom would not show."""


class Submit(Struct, frozen=True, tag_field="type", tag="submit"):
    """Sends what was typed to the submit address."""


class OpenUrl(Struct, frozen=True, tag_field="type", tag="url"):
    """Opens a page in a new tab."""

    url: str

    def __post_init__(self) -> None:
        _need(self.url.startswith(("https://", "http://")), f"'{self.url}' is no web address")


Action = Submit | OpenUrl


class Component(Struct, frozen=True, tag_field="type"):
    """Base of all components. An empty field is left out."""


class Text(Component, frozen=True, kw_only=True, tag="text"):
    """A paragraph. Links and bold are Markdown: whatever a customer wrote goes through `literal` first."""

    text: str
    id: str = ""
    style: Literal["header", "paragraph", "muted", "error"] = "paragraph"
    align: Literal["left", "center", "right"] = "left"
    bottom_margin: BottomMargin = ""

    def __post_init__(self) -> None:
        _need(bool(self.text.strip()), "a text component needs a text")


class Input(Component, frozen=True, kw_only=True, tag="input"):
    """One line to type; with an action it has a button of its own."""

    id: str
    label: str = ""
    placeholder: str = ""
    value: str = ""
    action: Action | None = None
    save_state: SaveState = "unsaved"
    disabled: bool = False

    def __post_init__(self) -> None:
        _named(self.id)


class TextArea(Component, frozen=True, kw_only=True, tag="textarea"):
    """Several lines to type."""

    id: str
    label: str = ""
    placeholder: str = ""
    value: str = ""
    error: bool = False
    disabled: bool = False

    def __post_init__(self) -> None:
        _named(self.id)


class Button(Component, frozen=True, kw_only=True, tag="button"):
    """A button; its id comes back as `component_id`."""

    id: str
    label: str
    action: Action
    style: Literal["primary", "secondary", "link"] = "primary"
    disabled: bool = False

    def __post_init__(self) -> None:
        _named(self.id)
        _need(bool(self.label.strip()), f"button {self.id} needs a label")


class Option(Struct, frozen=True, kw_only=True, tag_field="type", tag="option"):
    """One choice of a dropdown, single select or checkbox."""

    id: str
    text: str
    disabled: bool = False

    def __post_init__(self) -> None:
        _named(self.id)
        _need(bool(self.text.strip()), f"option {self.id} needs a text")


class Dropdown(Component, frozen=True, kw_only=True, tag="dropdown"):
    """One of 2 to 10 choices, folded away."""

    id: str
    options: tuple[Option, ...]
    label: str = ""
    value: str = ""
    save_state: SaveState = "unsaved"
    disabled: bool = False

    def __post_init__(self) -> None:
        _choices(self.id, self.options, (self.value,) if self.value else ())


class SingleSelect(Component, frozen=True, kw_only=True, tag="single-select"):
    """One of 2 to 10 choices, all visible; with an action a choice is submitted at once."""

    id: str
    options: tuple[Option, ...]
    label: str = ""
    value: str = ""
    action: Action | None = None
    save_state: SaveState = "unsaved"
    disabled: bool = False

    def __post_init__(self) -> None:
        _choices(self.id, self.options, (self.value,) if self.value else ())


class Checkbox(Component, frozen=True, kw_only=True, tag="checkbox"):
    """Any of at least one choice. Intercom spells the field `option`."""

    id: str
    option: tuple[Option, ...]
    label: str
    value: tuple[str, ...] = ()
    save_state: SaveState = "unsaved"
    disabled: bool = False

    def __post_init__(self) -> None:
        _choices(self.id, self.option, self.value, least=1, most=None)


class Item(Struct, frozen=True, kw_only=True, tag_field="type", tag="item"):
    """A row of a list; its id comes back as `component_id`. An image needs its size in pixels."""

    id: str
    title: str
    subtitle: str = ""
    tertiary_text: str = ""
    action: Action | None = None
    disabled: bool = False
    image: str = ""
    image_width: int = 0
    image_height: int = 0
    rounded_image: bool = False

    def __post_init__(self) -> None:
        _named(self.id)
        _need(bool(self.title.strip()), f"item {self.id} needs a title")
        if self.image:
            _picture(self.image, self.image_width, self.image_height)


class ItemList(Component, frozen=True, kw_only=True, tag="list"):
    """Rows that may each have an action. Plain text: no Markdown is read in them."""

    items: tuple[Item, ...]
    disabled: bool = False

    def __post_init__(self) -> None:
        _need(bool(self.items), "a list needs an item")


class Field(Struct, frozen=True, kw_only=True, tag_field="type", tag="field-value"):
    """One row of a data table."""

    field: str
    value: str


class Table(Component, frozen=True, kw_only=True, tag="data-table"):
    """Names and values. Plain text; the Inbox cuts what is too long and shows it under the pointer."""

    items: tuple[Field, ...]

    def __post_init__(self) -> None:
        _need(bool(self.items), "a table needs a row")


class Image(Component, frozen=True, kw_only=True, tag="image"):
    """A picture from an https address, sizes in pixels."""

    url: str
    width: int
    height: int
    id: str = ""
    align: Literal["left", "center", "right", "full_width"] = "left"
    rounded: bool = False
    bottom_margin: BottomMargin = ""
    action: OpenUrl | None = None

    def __post_init__(self) -> None:
        _picture(self.url, self.width, self.height)


class Divider(Component, frozen=True, kw_only=True, tag="divider"):
    """A line."""

    id: str = ""
    bottom_margin: BottomMargin = ""


class Spacer(Component, frozen=True, kw_only=True, tag="spacer"):
    """Empty space."""

    id: str = ""
    size: Literal["xs", "s", "m", "l", "xl"] = "s"


class Canvas(Struct, frozen=True):
    """Everything the panel shows at one time. `stored` comes back with the next submit."""

    components: tuple[Component, ...]
    stored: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        _need(bool(self.components), "a canvas needs a component")
        ids = list(_ids(self.components))
        doubled = {name for name in ids if ids.count(name) > 1}
        _need(not doubled, f"ids stand twice: {', '.join(sorted(doubled))}")
        _fits("content", {"components": self.components})
        _fits("stored data", self.stored)

    def encode(self) -> bytes:
        """The body of an initialize or submit answer."""
        return msgspec.json.encode({"canvas": {"content": {"components": self.components}, "stored_data": self.stored}})


def literal(text: str) -> str:
    """A text on one line that no Markdown reader takes for markup: nothing in it becomes bold, a link or a picture."""
    line = " ".join(printable(text).split()).translate(_LOOKALIKES)
    start = "" if line[:1].isalpha() else _JOINER  # a list or a line begins with such a character
    return (
        start + _MARKUP.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}" if found[0] else _JOINER, line)
        if line
        else ""
    )


def printable(text: str) -> str:
    """The text without characters that are no writing, or turn its direction; spaces and line ends stay."""
    return text.translate(_CONTROLS)


def _ids(components: tuple[Component, ...]) -> Iterator[str]:
    for component in components:
        if name := getattr(component, "id", ""):
            yield name
        if isinstance(component, ItemList):
            yield from (item.id for item in component.items)


def _choices(
    name: str,
    options: tuple[Option, ...],
    chosen: tuple[str, ...],
    *,
    least: int = MIN_OPTIONS,
    most: int | None = MAX_OPTIONS,
) -> None:
    _named(name)
    ids = [option.id for option in options]
    _need(len(ids) >= least, f"{name} has {len(ids)} options and needs {least}")
    _need(most is None or len(ids) <= most, f"{name} has {len(ids)} options; {most} are allowed")
    _need(len(set(ids)) == len(ids), f"{name} has an option twice")
    _need(set(chosen) <= set(ids), f"{name} has a value that is no option of it")


def _picture(url: str, width: int, height: int) -> None:
    _need(url.startswith("https://"), "the Inbox shows pictures from https addresses only")
    _need(width > 0 and height > 0, "a picture needs its width and height")


def _named(name: str) -> None:
    _need(bool(name.strip()), "a component that can be used needs an id")


def _fits(what: str, value: object) -> None:
    size = len(msgspec.json.encode(value))
    _need(size <= MAX_BYTES, f"the {what} has {size} bytes; {MAX_BYTES} are allowed")


def _need(holds: bool, complaint: str) -> None:
    if not holds:
        raise BadCanvas(f"Canvas cannot be shown: {complaint}")
