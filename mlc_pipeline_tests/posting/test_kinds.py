"""The kind of a file is what its bytes say, not its name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.posting.receipts.kinds import Unfit, kind_of
from mlc_pipeline.zoho.attachments import LARGEST_FILE

BITMAP = b"BM" + (64).to_bytes(4, "little") + bytes(58)


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (b"GIF87a..", "gif"),
        (b"GIF89a..", "gif"),
        (b"\x89PNG\r\n\x1a\n...", "png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpg"),
        (BITMAP, "bmp"),
        (b"%PDF-1.7\n", "pdf"),
    ],
)
def test_what_zoho_books_takes_is_known_by_its_first_bytes(content: bytes, extension: str) -> None:
    assert kind_of(content).extension == extension


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "a HEIC photo"),
        (b"II*\x00....", "a TIFF image"),
        (b"MM\x00*....", "a TIFF image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"PK\x03\x04....", "a ZIP or Office file"),
        (b"BM is how this text begins", "of an unknown kind"),
        (b"", "of an unknown kind"),
    ],
)
def test_anything_else_is_named(content: bytes, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        kind_of(content)


def test_five_mebibytes_are_the_most() -> None:
    start = b"%PDF-1.7\n"
    assert kind_of(start + bytes(LARGEST_FILE - len(start))).extension == "pdf"
    with pytest.raises(Unfit, match="larger than 5 MiB"):
        kind_of(start + bytes(LARGEST_FILE - len(start) + 1))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_either_a_kind_or_unfit(content: bytes) -> None:
    try:
        kind = kind_of(content)
    except Unfit:
        return
    assert kind.extension in {"gif", "png", "jpg", "bmp", "pdf"}
