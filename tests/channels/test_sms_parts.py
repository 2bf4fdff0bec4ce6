"""A question with its numbered choices, as SMS: counted with the list, whatever alphabet that brings into the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels import CHANNELS
from leadline.channels.pieces import with_choices
from leadline.channels.text import segments
from leadline.model import Outbound

from .wire import settings_of

PARTS = {"textmagic": 6, "africastalking": 6, "messagebird_sms": 9, "telnyx": 10, "sinch": 10, "sms_gateway": 10}
CHARACTERS = {"twilio_sms": (1600, 1600), "vonage_sms": (3200, 3200), "plivo": (1600, 737)}
"""What one message takes: GSM units or characters, and characters of any other alphabet."""


def asked(key: str, text: str, choices: tuple[str, ...]) -> tuple[Outbound, ...]:
    """The pieces, as sending makes them."""
    can, settings = CHANNELS[key].abilities(settings_of(key)), settings_of(key)
    whole = with_choices(
        Outbound(id="0194a", to="+353861234567", text=text, choices=choices), most=can.choices, length=can.choice_length
    )
    return CHANNELS[key].pieces(whole, settings)


def fits(key: str, piece: Outbound) -> bool:
    counted = segments(piece.text)
    if key in PARTS:
        return counted.count <= PARTS[key]
    gsm, others = CHARACTERS[key]
    return counted.units <= gsm if counted.encoding == "gsm7" and key == "plivo" else len(piece.text) <= others


CHOICE = st.text(st.sampled_from("aZ9 €[~]^é’😀👍🏽ñ"), min_size=1, max_size=40).filter(str.strip)


@given(text=st.text(st.sampled_from("a €😀.\n"), max_size=2500), choices=st.lists(CHOICE, min_size=1, max_size=10))
def test_no_piece_takes_more_than_its_channel_does_and_no_choice_is_lost(text: str, choices: list[str]) -> None:
    words = "".join(text.split()) + "".join(f"{at}.{''.join(one.split())}" for at, one in enumerate(choices, 1))
    for key in (*PARTS, *CHARACTERS):
        pieces = asked(key, text, tuple(choices))
        assert "".join("".join(piece.text.split()) for piece in pieces) == words, key
        assert all(fits(key, piece) for piece in pieces), key


@pytest.mark.parametrize(
    ("text", "choices", "encoding", "units", "count"),
    [
        ("Which size?", ("Small", "Large"), "gsm7", 11 + 9 + 9, 1),
        ("x" * 151, ("Small",), "gsm7", 160, 1),
        ("x" * 152, ("Small",), "gsm7", 161, 2),
        ("x" * 150, ("5 € off",), "gsm7", 150 + 12, 2),
        ("Which size?", ("Small 👍",), "ucs2", 11 + 12, 1),
        ("x" * 60, ("Grüße", "Été"), "gsm7", 60 + 9 + 7, 1),
        ("x" * 60, ("Grüße", "Fête"), "ucs2", 60 + 9 + 8, 2),
    ],
)
def test_the_list_counts_as_it_is_sent(
    text: str, choices: tuple[str, ...], encoding: str, units: int, count: int
) -> None:
    (piece,) = asked("sms_gateway", text, choices)
    counted = segments(piece.text)
    assert (counted.encoding, counted.units, counted.count) == (encoding, units, count)
