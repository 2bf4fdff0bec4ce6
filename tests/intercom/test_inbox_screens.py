"""Every state of the panel: a canvas that Intercom shows, small enough, in which a customer's words stay words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leadline.intercom import inbox_app, inbox_compare, inbox_merge, inbox_send
from leadline.intercom.canvas import Canvas, Text
from leadline.intercom.inbox_compare import TITLES
from leadline.intercom.inbox_views import Compared, Form, Hit, Home, Line, Merging, Outcome, Record, SentLine
from tests.intercom.kit_spec import complaints, unknown_fields

NOW = 1_790_000_000.0
EVERYTHING = frozenset({"merge", "detach", "attach", "templates", "write", "sent", "history"})
NASTY = (
    "[Pay here](https://evil.example) **now** <img src=x onerror=alert(1)> ![x](https://evil.example/x.png)",
    "",
    "   ",
    "\x00\x1b",
    "\u202egnp.exe",
    "ﷺ" * 6000,
    "\\" * 5000 + "\n" * 5000,
    "_" * 3000 + "*" * 3000 + "`" * 3000,
)


def hit(text: str, key: int = 0) -> Hit:
    return Hit(
        contact_id=f"65a0{key:020x}", role="user", name=text, email=text, phone=text, external_id=text, why=(text, text)
    )


def line(text: str, key: int = 0) -> Line:
    return Line(key=f"{key}:{key}", handle="tel:+353", channel=text, address=text, window=3700.0, templates=True)


def sent(text: str, key: int = 0) -> SentLine:
    return SentLine(
        outbound_id=f"o{key}",
        text=text,
        state="not delivered",
        at=NOW,
        author=text,
        trouble=text,
        code=text,
        detail=text,
    )


def record(text: str, key: int = 0) -> Record:
    return Record(key=f"undo:{key}", title=f"Merged {text}", author=text, at=NOW - 90, undo=True)


def home(text: str) -> Canvas:
    view = Home(
        name=text,
        role="lead",
        can=EVERYTHING,
        line=line(text),
        sentences=(text,) * 6,
        doubtful=True,
        sent=tuple(sent(text, key) for key in range(2)),
        suggestions=tuple(hit(text, key) for key in range(5)),
        others=3,
        last=record(text),
        late=("suggestions",),
        failed=("sent", "reach"),
        news=(text or "news",),
    )
    return inbox_app.home(view, now=NOW)


def merging(text: str, way: str = "merge") -> Merging:
    fields = tuple(
        Compared(
            field=text or "Name",
            source=text,
            target=text,
            kept=text,
            outcome=outcome,
            key=f"{outcome}{number}",
            takeable=True,
        )
        for outcome in TITLES
        for number in range(20)
    )
    return Merging(
        way=way, source=hit(text), target=hit(text, 1), fields=fields, moves=(text,) * 100, warnings=(text,) * 20
    )


SCREENS: dict[str, Callable[[str], Canvas]] = {
    "home": home,
    "home of others": lambda text: inbox_app.home(Home(name=text, role="user", can=frozenset({"merge"}))),
    "home of nobody": lambda text: inbox_app.home(Home(name="", role="nobody", late=("reach", "decision"))),
    "trouble": lambda text: inbox_app.trouble(text, again="merge"),
    "working": lambda text: inbox_app.working("confirm", {"text": (text,)}, {"from": "1"}, text),
    "outcome": lambda text: inbox_app.outcome(Outcome(title="Done", sentences=(text,) * 9, undo="undo:1", more="sent")),
    "choose": lambda text: inbox_merge.choose(
        "merge", [hit(text, key) for key in range(5)], typed=text, complaint=text, late=True
    ),
    "several": lambda text: inbox_merge.several("attach", [hit(text, key) for key in range(10)], text, cut=True),
    "ways": lambda text: inbox_merge.ways(hit(text), hit(text, 1), {"from": "1", "into": "2"}),
    "preview": lambda text: inbox_merge.preview(merging(text), {"token": "t"}, notice=text or "notice"),
    "more fields": lambda text: inbox_compare.page(merging(text), {"token": "t"}, 15),
    "preview of a promotion": lambda text: inbox_merge.preview(merging(text, "promote"), {}),
    "preview of a re-route": lambda text: inbox_merge.preview(merging(text, "reroute"), {}),
    "detach": lambda text: inbox_merge.confirm_detach(text, text, {"handle": "tel:+353"}),
    "attach": lambda text: inbox_merge.confirm_attach(text, hit(text), {"handle": "tel:+353"}),
    "history": lambda text: inbox_merge.history([record(text, key) for key in range(200)], now=NOW),
    "empty history": lambda text: inbox_merge.history([]),
    "undo": lambda text: inbox_merge.confirm_undo(record(text), (text,) * 5, {"undo": "undo:1"}),
    "addresses": lambda text: inbox_send.addresses([line(text, key) for key in range(60)]),
    "compose": lambda text: inbox_send.compose(line(text), {"to": "1"}, typed=text, complaint=text),
    "templates": lambda text: inbox_send.templates(
        [(text or "name", text, text)] * 100, {"to": "1"}, wanted=text, total=100
    ),
    "no template": lambda text: inbox_send.templates([], {"to": "1"}),
    "fill": lambda text: inbox_send.fill(
        Form(name=text, language=text, body=text, labels=(text,) * 20, values=(text,) * 20), {}, complaint=text
    ),
    "sent": lambda text: inbox_send.sent([sent(text, key) for key in range(90)], now=NOW),
    "nothing sent": lambda text: inbox_send.sent([]),
    "one message": lambda text: inbox_send.sent_one(sent(text)),
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_state_is_a_canvas_of_canvas_kit(name: str, shared: Path) -> None:
    for text in ("Aoife Byrne", *NASTY):
        body = SCREENS[name](text).encode()
        answer = json.loads(body)
        assert complaints(shared, "submit_response", answer) == []
        assert unknown_fields(shared, answer) == []
        assert len(json.dumps(answer["canvas"]["content"], ensure_ascii=False).encode()) <= 64 * 1024


@pytest.mark.parametrize("name", SCREENS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.sampled_from(NASTY), st.text(max_size=80)))
def test_words_of_a_customer_stay_words_in_every_state(name: str, text: str) -> None:
    own = _markup(SCREENS[name]("Aoife"))
    assert _markup(SCREENS[name](text)) <= own


def _markup(canvas: Canvas) -> set[str]:
    """The kinds of markup that a reader of Markdown finds in a canvas; the panel itself only writes bold names."""
    reader = MarkdownIt("commonmark").enable("strikethrough")
    found: set[str] = set()
    for one in canvas.components:
        if isinstance(one, Text):
            for block in reader.parse(one.text):
                found |= {block.type} - {"paragraph_open", "paragraph_close", "inline"}
                found |= {inner.type for inner in block.children or []} - {"text", "text_special"}
    return found
