"""Draws every component of Canvas Kit. `panel_pane.py` shows canvases with it and handles presses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from leadline.console.drawing import box, mark, text
from leadline.intercom import canvas as kit
from leadline.sandbox.canvas_requests import Values
from leadline.stage.canvas_values import spans

Press = Callable[[str], Awaitable[None]]


class CanvasDrawing:
    """One canvas on the page. `values` holds what is typed and chosen, as a submit request carries it."""

    def __init__(self, values: Values, press: Press) -> None:
        self._values = values
        self._press = press
        self._draws: dict[type[kit.Component], Callable[..., None]] = {
            kit.Text: self._text,
            kit.Input: self._input,
            kit.TextArea: self._textarea,
            kit.Button: self._button,
            kit.Dropdown: self._dropdown,
            kit.SingleSelect: self._single_select,
            kit.Checkbox: self._checkbox,
            kit.ItemList: self._list,
            kit.Table: self._table,
            kit.Image: self._image,
            kit.Divider: self._divider,
            kit.Spacer: self._spacer,
        }

    def draw(self, canvas: kit.Canvas) -> None:
        """All components, one below the other."""
        for component in canvas.components:
            self._draws[type(component)](component)

    def _text(self, one: kit.Text) -> None:
        with box(f"ck-text {one.style} {one.align} {_tight(one.bottom_margin)}", testid=f"canvas-{one.style}"):
            for span in spans(one.text):
                if span.url:
                    ui.link(span.text, span.url, new_tab=True).props("rel='noopener noreferrer'")
                else:
                    text(span.text, "ck-bold" if span.bold else "")

    def _input(self, one: kit.Input) -> None:
        with box("ck-field"):
            _label(one.label)
            with box("ll-row"):
                field = ui.input(value=one.value, placeholder=one.placeholder, on_change=self._keep(one.id))
                self._typed(field, one.id, one.disabled or one.save_state == "saved", one.save_state == "failed")
                if one.action is not None:
                    self._acts(_plain_button("→", "primary", one.disabled, _tag(one.action)), one.id, one.action)
                    if isinstance(one.action, kit.Submit):
                        field.on("keydown.enter", lambda: self._press(one.id))

    def _textarea(self, one: kit.TextArea) -> None:
        with box("ck-field"):
            _label(one.label)
            field = ui.textarea(value=one.value, placeholder=one.placeholder, on_change=self._keep(one.id))
            self._typed(field, one.id, one.disabled, one.error)

    def _typed(self, field: ui.input | ui.textarea, name: str, disabled: bool, wrong: bool) -> None:
        field.props("dense outlined hide-bottom-space" + (" error" if wrong else ""))
        field.set_enabled(not disabled)
        mark(field.classes("ll-grow"), testid="canvas-input", component=name)

    def _button(self, one: kit.Button) -> None:
        button = _plain_button(one.label, one.style, one.disabled, _tag(one.action))
        if not one.disabled:
            self._acts(button, one.id, one.action)
        mark(button, testid="canvas-button", component=one.id)

    def _dropdown(self, one: kit.Dropdown) -> None:
        with box("ck-field"):
            _label(one.label)
            options = {option.id: option.text for option in one.options}
            field = ui.select(options, value=one.value or None, on_change=self._keep(one.id))
            field.props("dense outlined options-dense")
            field.set_enabled(not (one.disabled or one.save_state == "saved"))
            mark(field, testid="canvas-dropdown", component=one.id)

    def _single_select(self, one: kit.SingleSelect) -> None:
        disabled = one.disabled or one.save_state == "saved"
        with box("ck-field"):
            _label(one.label)
            with box("ck-choices"):
                buttons = {option.id: self._choice(one, option, disabled or option.disabled) for option in one.options}

        def choose(name: str) -> None:
            self._values[one.id] = name
            for key, button in buttons.items():
                button.classes(add="chosen" if key == name else None, remove=None if key == name else "chosen")

        for key, button in buttons.items():
            if not button.props.get("disabled"):
                button.on("click", lambda key=key: choose(key))
                if one.action is not None:
                    self._acts(button, one.id, one.action)

    def _choice(self, one: kit.SingleSelect, option: kit.Option, disabled: bool) -> ui.element:
        chosen = "chosen" if option.id == one.value else ""
        button = box(f"ck-choice {chosen}", "button", testid="canvas-choice", component=option.id)
        if disabled:
            button.props.update({"disabled": True})
        with button:
            text(option.text)
        return button

    def _checkbox(self, one: kit.Checkbox) -> None:
        disabled = one.disabled or one.save_state == "saved"
        with box("ck-field"):
            _label(one.label)
            for option in one.option:
                self._check(one, option, disabled or option.disabled)

    def _check(self, one: kit.Checkbox, option: kit.Option, disabled: bool) -> None:
        def tick(on: bool) -> None:
            chosen = {*self._values[one.id]} - {option.id} | ({option.id} if on else set())
            self._values[one.id] = [other.id for other in one.option if other.id in chosen]

        field = ui.checkbox(option.text, value=option.id in one.value, on_change=lambda event: tick(bool(event.value)))
        field.props("dense").set_enabled(not disabled)
        mark(field, testid="canvas-check", component=option.id)

    def _list(self, one: kit.ItemList) -> None:
        with box("ck-list"):
            for item in one.items:
                self._item(item, one.disabled or item.disabled)

    def _item(self, item: kit.Item, disabled: bool) -> None:
        acts = item.action is not None and not disabled
        row = box(
            f"ck-item {'acts' if acts else ''} {'off' if disabled else ''}",
            _tag(item.action) if acts else "div",
            testid="canvas-item",
            component=item.id,
        )
        with row:
            if item.image:
                picture = box("round" if item.rounded_image else "", "img")
                picture.props.update(
                    {"src": item.image, "alt": "", "width": item.image_width, "height": item.image_height}
                )
            with box("ll-stack ll-grow"):
                text(item.title, "ck-title")
                if item.subtitle:
                    text(item.subtitle, "ck-sub")
                if item.tertiary_text:
                    text(item.tertiary_text, "ck-third")
        if acts and item.action is not None:
            self._acts(row, item.id, item.action)

    def _table(self, one: kit.Table) -> None:
        with box("ck-table", testid="canvas-table"):
            for row in one.items:
                text(row.field, "ck-key")
                text(row.value, "ll-clip").props.update({"title": row.value})

    def _image(self, one: kit.Image) -> None:
        with box(f"ck-image {one.align} {_tight(one.bottom_margin)}"):
            holder = box("", "a" if one.action else "div")
            with holder:
                picture = box("round" if one.rounded else "", "img")
                picture.props.update({"src": one.url, "alt": "", "width": one.width, "height": one.height})
            if one.action:
                self._acts(holder, one.id, one.action)

    def _divider(self, one: kit.Divider) -> None:
        box(f"ck-divider {_tight(one.bottom_margin)}")

    def _spacer(self, one: kit.Spacer) -> None:
        box(f"ck-spacer {one.size}")

    def _keep(self, name: str) -> Callable[..., None]:
        def keep(event: object) -> None:
            self._values[name] = str(getattr(event, "value", "") or "")

        return keep

    def _acts(self, element: ui.element, name: str, action: kit.Action) -> None:
        """A submit goes to the app; an address opens in a new tab, which must not know this one."""
        if isinstance(action, kit.OpenUrl):
            element.props.update({"href": action.url, "target": "_blank", "rel": "noopener noreferrer"})
        else:
            element.on("click", lambda: self._press(name))


def _plain_button(label: str, style: str, disabled: bool, tag: str) -> ui.element:
    button = box(f"ck-button {style}", "button" if disabled else tag)
    if disabled:
        button.props.update({"disabled": True})
    with button:
        text(label)
    return button


def _label(label: str) -> None:
    if label:
        text(label, "ck-label")


def _tag(action: kit.Action | None) -> str:
    return "a" if isinstance(action, kit.OpenUrl) else "button"


def _tight(bottom_margin: str) -> str:
    return "tight" if bottom_margin == "none" else ""
