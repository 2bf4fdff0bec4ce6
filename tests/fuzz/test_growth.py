"""Ten times as much takes about ten times as long, whoever wrote it: no text of a stranger holds a worker up.

Each reader gets a few shapes of the corpus at two lengths. The long run tries all of them and those that hypothesis
invents, and puts them into every place of every payload and into replies on every channel.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leadline.channels import CHANNELS
from leadline.channels.exchange import Request, Response
from leadline.errors import LeadlineError
from leadline.intercom import plaintext
from leadline.model import Outbound
from leadline.sandbox.providers import accounts
from tests.channels.wire import ADDRESS, NOW, folder_of, request_of, settings_of

from .growth import LONG, MOST, Reader, grown, growth, shapes
from .readers import READERS

KEYS = sorted(CHANNELS)
FEW = ["letters", "escapes", "fields", "backslashes", "open_tags", "phones", "half_attributes", "emphasis"]
CUTTING = ["telnyx", "whatsapp_cloud", "telegram", "slack", "line"]
"""One channel of each way to mark and cut a text; the others share one of them."""


@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_ten_times_as_long_for_ten_times_as_much(name: str) -> None:
    assert too_slow(iter([(name, READERS[name])]), FEW) == {}


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_no_shape_of_the_corpus_makes_a_reader_slow(name: str) -> None:
    assert too_slow(iter([(name, READERS[name])]), [*shapes()]) == {}


PIECE = st.text(
    st.sampled_from(" \n\t\\/<>&;#\"'=()[]{}*_~`+-.,:@%0123456789abp\u0301\u0327\u200d\U0001f1ee"),
    min_size=1,
    max_size=6,
)
TAGS = st.sampled_from(["", "<p>", "<p ", '<a href="', "<!--", "<pre>", "&#", "+", "(", "{{", "["])


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_no_shape_that_is_invented_makes_a_reader_slow(name: str) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(before=TAGS, piece=PIECE, after=st.sampled_from(["", "</p>", ">", '"', "@", "x"]))
    @example(before="<p>", piece="<b>x", after="</p>")
    def invented(before: str, piece: str, after: str) -> None:
        assert growth(READERS[name], before, piece, after) <= MOST

    invented()


# -- channels ---------------------------------------------------------------------------------------------------------


def samples(key: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder_of(key).glob("*.request.*"))]


def asked(key: str, request: Request) -> None:
    """Everything an adapter does with a request before anything of it is kept."""
    adapter, known = CHANNELS[key], settings_of(key)
    for ask in (adapter.handshake, adapter.verify, adapter.parse):
        try:
            ask(request, known)
        except LeadlineError:
            continue


def whole(key: str) -> Iterator[tuple[str, Reader]]:
    """The text as the body, as the query, and as each header that is signed."""
    signing = request_of(key, samples(key)[0])

    def body(text: str) -> None:
        asked(key, Request(method="POST", url=ADDRESS, headers=signing.headers, body=text.encode(), now=NOW))

    def address(text: str) -> None:
        asked(key, Request(method="GET", url=f"{ADDRESS}?{text}", headers=signing.headers, body=b"", now=NOW))

    yield "body", body
    yield "query", address
    for name in signing.headers:

        def header(text: str, name: str = name) -> None:
            headers = dict(signing.headers) | {name: text}
            asked(key, Request(method="POST", url=ADDRESS, headers=headers, body=signing.body, now=NOW))

        yield name, header


def places(key: str, most: int) -> Iterator[tuple[str, Reader]]:
    """The text in place of each text of its payloads, and in a provider's answer."""
    for body in samples(key)[:most]:
        for path in texts(json_of(body)):

            def place(text: str, body: bytes = body, path: tuple[Any, ...] = path) -> None:
                filled = json.dumps(put(json.loads(body), path, text), ensure_ascii=False).encode()
                asked(key, Request(method="POST", url=ADDRESS, headers={}, body=filled, now=NOW))

            yield ".".join(map(str, path)), place

    def answer(text: str) -> None:
        CHANNELS[key].read(Response(status=400, body=json.dumps({"error": text}).encode()), settings_of(key))
        CHANNELS[key].read(Response(status=400, body=text.encode()), settings_of(key))

    yield "answer", answer


def json_of(body: bytes) -> Any:
    """Nothing where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each text of a JSON value stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, str):
        yield path
    for name, each in inner:
        yield from texts(each, (*path, name))


def put(value: Any, path: tuple[Any, ...], text: str) -> Any:
    holder = value
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = text
    return value


def reply(key: str) -> Reader:
    """A teammate's reply on its way to the customer."""
    settings_ = accounts("http://127.0.0.1:9", key)[key]

    def send(text: str) -> None:
        # Five times, so that the short text, too, is longer than any channel takes at once: cutting has its own price.
        plain = plaintext.read(f"<p>{text * 5}</p>")
        message = Outbound(id="abc", to="+353888888999", text=plain.text, marks=plain.marks)
        for piece in CHANNELS[key].pieces(message, settings_):
            CHANNELS[key].build(piece, settings_)

    return send


def too_slow(readers: Iterator[tuple[str, Reader]], names_: list[str]) -> dict[str, int]:
    grew = {f"{where}: {shape}": growth(reader, *shapes()[shape]) for where, reader in readers for shape in names_}
    return {what: round(times) for what, times in grew.items() if times > MOST}


@pytest.mark.parametrize("key", KEYS)
def test_no_request_to_a_channel_grows_faster_than_its_length(key: str) -> None:
    assert too_slow(whole(key), FEW) == {}
    assert too_slow(places(key, 1), FEW[:3]) == {}


@pytest.mark.parametrize("key", CUTTING)
def test_no_reply_on_a_channel_grows_faster_than_its_length(key: str) -> None:
    assert too_slow(iter([("reply", reply(key))]), ["letters", "phones", "emphasis"]) == {}


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_no_shape_anywhere_in_a_request_makes_a_channel_slow(key: str) -> None:
    assert too_slow(whole(key), [*shapes()]) == {}
    assert too_slow(places(key, 40), FEW) == {}
    # Nothing but accents is one letter, longer than any channel takes: above 100,000 it costs a step more, then grows
    # with its length again (1.3 µs a character at 250,000, 1.1 at 500,000), which a ratio of two lengths cannot tell.
    assert too_slow(iter([("reply", reply(key))]), [name for name in shapes() if name != "accents"]) == {}


@pytest.mark.long
def test_the_measure_tells_what_is_quadratic_from_what_is_not() -> None:
    def quadratic(text: str) -> int:
        return sum(text.count("x", 0, at) for at in range(0, len(text), 20))

    assert growth(quadratic, "", "a", "") > MOST
    assert growth(lambda text: [ord(char) for char in text * 20], "", "a", "") <= MOST
    assert abs(len(grown("<p>", "<b>", "</p>", LONG)) - LONG) < 10
