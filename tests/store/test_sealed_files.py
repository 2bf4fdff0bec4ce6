"""A sealed file opens with its passphrase, as it was written or not at all."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from leadline.errors import SettingError
from leadline.store import sealed_files
from leadline.store.sealed_files import CHUNK, is_sealed, seal, unseal

WORDS = "correct horse battery"


@pytest.fixture(autouse=True, scope="module")
def cheap_keys() -> object:
    """Deriving a key takes half a second on purpose; these tests make hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_files, "COST", {"n": 2, "r": 1, "p": 1})
        yield


def sealed(content: bytes) -> bytes:
    return b"".join(seal([content], WORDS))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_every_size_comes_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    file = BytesIO(sealed(content))
    assert is_sealed(file)
    assert b"".join(unseal(file, WORDS)) == content


@given(st.lists(st.binary(max_size=50)), st.data())
@examples(max_examples=60)
def test_no_changed_byte_goes_through(chunks: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(seal(chunks, WORDS)))
    at = data.draw(st.integers(len(sealed_files.MAGIC), len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SettingError):
        list(unseal(BytesIO(bytes(whole)), WORDS))


@pytest.mark.parametrize("cut", [1, CHUNK + 16, 2 * (CHUNK + 16)], ids=["a byte", "a chunk", "all but one"])
def test_a_missing_end_is_noticed(cut: int) -> None:
    whole = sealed(bytes(2 * CHUNK + 5))
    with pytest.raises(SettingError):
        list(unseal(BytesIO(whole[:-cut]), WORDS))


def test_chunks_in_another_order_do_not_open() -> None:
    whole = sealed(bytes(3 * CHUNK))
    head, size = len(sealed_files.MAGIC) + 23, CHUNK + 16
    swapped = whole[:head] + whole[head + size : head + 2 * size] + whole[head : head + size] + whole[head + 2 * size :]
    with pytest.raises(SettingError, match="passphrase"):
        list(unseal(BytesIO(swapped), WORDS))


def test_another_passphrase_is_told_from_a_damaged_file() -> None:
    with pytest.raises(SettingError, match="does not open with this passphrase"):
        list(unseal(BytesIO(sealed(b"x")), "wrong"))
    damaged = sealed(bytes(2 * CHUNK))[:-1]
    with pytest.raises(SettingError, match="changed, or its end is missing"):
        list(unseal(BytesIO(damaged), WORDS))


def test_two_sealed_files_of_the_same_content_have_nothing_in_common() -> None:
    first, second = sealed(b"same"), sealed(b"same")
    head = len(sealed_files.MAGIC)
    assert first[head:] != second[head:]
    assert not is_sealed(BytesIO(b"PGDMP"))
