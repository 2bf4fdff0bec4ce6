"""Which passwords are taken, and how one is kept."""

from __future__ import annotations

import pytest

from leadline.console.signin.passwords import fits, hashed, weakness


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "at least 12"),
        ("x" * 129, "at most 128"),
        ("abababababababab", "repeats"),
        ("my Password 2026!", "tried first"),
        ("annabel and the sea", "tried first"),
        ("leadline-console-7", "tried first"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password: str, word: str) -> None:
    assert word in weakness(password, "annabel@example.com")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Käse mit Öl und Brot", "日本語の長い長い長い合言葉です", "a" * 6 + "bcdefg"]
)
def test_a_long_password_is_taken_whatever_its_letters(password: str) -> None:
    assert weakness(password, "bo@example.com") == ""


async def test_a_password_is_kept_as_argon2id_and_fits_only_itself() -> None:
    kept = await hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert await fits("correct horse battery", kept)
    assert not await fits("correct horse batterY", kept)
    assert not await fits("correct horse battery", None)
    assert not await fits("correct horse battery", "no hash")
