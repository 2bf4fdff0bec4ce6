"""Names of files: the right ending for every type that channels carry, whatever the machine's own table says."""

from __future__ import annotations

import mimetypes

import pytest

from leadline import media
from leadline.model.seen import as_name


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("audio/amr", "file-1.amr"),
        ("video/3gpp", "file-1.3gp"),
        ("audio/ogg; codecs=opus", "file-1.ogg"),
        ("audio/opus", "file-1.ogg"),
        ("image/webp", "file-1.webp"),
        ("audio/mp4", "file-1.m4a"),
        ("IMAGE/HEIC", "file-1.heic"),
        ("text/x-vcard", "file-1.vcf"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "file-1.docx"),
        ("application/x-what-is-this", "file-1"),
        ("", "file-1"),
    ],
)
def test_a_file_without_a_name_gets_the_ending_of_its_type(
    content_type: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mimetypes, "guess_extension", lambda *_: None)
    assert media.file_name("", content_type, "file-1") == name


def test_a_name_is_kept_and_gets_an_ending_where_it_has_none() -> None:
    assert media.file_name("offer.pdf", "image/png", "file-1") == "offer.pdf"
    assert media.file_name("offer", "application/pdf", "file-1") == "offer.pdf"
    assert media.file_name("v1.2", "application/pdf", "file-1") == "v1.2.pdf"


@pytest.mark.parametrize(("name", "kind"), [("a.JPEG", "image/jpeg"), ("voice.oga", "audio/ogg"), ("x", media.UNTYPED)])
def test_a_name_tells_its_type(name: str, kind: str) -> None:
    assert media.type_of(name) == kind


def test_every_ending_leads_back_to_its_type() -> None:
    for kind in ("audio/amr", "video/3gpp", "image/webp", "audio/mp4", "text/vcard", "application/pdf"):
        assert media.type_of(f"x{media.ending(kind)}") == kind


STRANGE = {
    "../../etc/passwd.txt": "passwd.txt",
    "C:\\Users\\ana\\bill.pdf": "bill.pdf",
    "a\u202egpj.exe": "agpj.exe.pdf",
    "bill\n\x00.pdf": "bill .pdf",
    "x" * 300 + ".pdf": "x" * 116 + ".pdf",
    "bill.": "bill.pdf",
    " \u200b": "file-1.pdf",
    "..": "file-1.pdf",
    "Rechnung für März 📄.pdf": "Rechnung für März 📄.pdf",
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strangers_file_name_is_only_a_name(name: str) -> None:
    assert media.file_name(as_name(name), "application/pdf", "file-1") == STRANGE[name]
