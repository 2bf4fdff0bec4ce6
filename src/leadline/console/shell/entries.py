"""Fields whose value a button's work reads: the browser tells it when the field is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments

from leadline.console.drawing import box, text

FIRST = "^value"  # only what stands there first: with `value` every drawing of the page would take away what is typed


class Entry:
    """A labelled field to type in. kind: of input, such as `email` or `password`.

    pattern: what fits; while something else stands there the field is marked. named: beside it stands what it is, so
    that the label is only read out.
    """

    def __init__(
        self,
        label: str,
        *,
        testid: str,
        kind: str = "text",
        value: str = "",
        hint: str = "",
        pattern: str = "",
        named: bool = False,
    ) -> None:
        self.value = value
        with box("ll-filter", "label"):
            text(label, "ll-unseen" if named else "ll-label")
            self._drawn = box("ll-input", "input", testid=testid)
            self._drawn.props.update({"type": kind, FIRST: value, "placeholder": hint, "autocomplete": "off"})
            if pattern:
                self._drawn.props["pattern"] = pattern
        _tell(self._drawn, self._changed)

    def clear(self) -> None:
        """Empty it, also for the eye."""
        self.value = ""
        self._drawn.client.run_javascript(f"getHtmlElement({self._drawn.id}).value = ''")

    def _changed(self, event: GenericEventArguments) -> None:
        self.value = str(event.args)


class Pick:
    """A labelled choice among values, each with its words. named: as of an entry."""

    def __init__(
        self, label: str, values: Mapping[str, str], *, testid: str, value: str = "", named: bool = False
    ) -> None:
        self.value = value or next(iter(values))
        with box("ll-filter", "label"):
            text(label, "ll-unseen" if named else "ll-label")
            with box("ll-input", "select", testid=testid) as drawn:
                for code, words in values.items():
                    with box("", "option") as option:
                        option.props.update({"value": code} | ({"selected": True} if code == self.value else {}))
                        text(words)
        self._values = values
        _tell(drawn, self._changed)

    def _changed(self, event: GenericEventArguments) -> None:
        if event.args in self._values:
            self.value = str(event.args)


class Tick:
    """A labelled box to tick."""

    def __init__(self, label: str, *, testid: str, ticked: bool = False) -> None:
        self.ticked = ticked
        with box("ll-tick", "label"):
            drawn = box("", "input", testid=testid)
            drawn.props.update({"type": "checkbox"} | ({"checked": True} if ticked else {}))
            text(label)
        drawn.on("change", self._changed, js_handler="(event) => emit(event.target.checked)")

    def _changed(self, event: GenericEventArguments) -> None:
        self.ticked = event.args is True


def _tell(element: ui.element, changed: Callable[[GenericEventArguments], None]) -> None:
    element.on("change", changed, js_handler="(event) => emit(event.target.value)")
