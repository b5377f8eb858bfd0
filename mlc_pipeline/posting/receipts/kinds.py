"""What a receipt's content is, told by its first bytes, and whether Zoho Books takes it on a document."""

from __future__ import annotations

from dataclasses import dataclass

from mlc_pipeline.zoho.attachments import LARGEST_FILE


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that Zoho Books takes (OpenAPI: `add_bill_attachment`)."""

    extension: str
    media_type: str


class Unfit(Exception):
    """Zoho Books does not take this content; the text says why, as an end of a sentence."""


_GIF, _PNG, _JPEG = Kind("gif", "image/gif"), Kind("png", "image/png"), Kind("jpg", "image/jpeg")
_BMP, _PDF = Kind("bmp", "image/bmp"), Kind("pdf", "application/pdf")

_TAKEN = {b"GIF87a": _GIF, b"GIF89a": _GIF, b"\x89PNG\r\n\x1a\n": _PNG, b"\xff\xd8\xff": _JPEG, b"%PDF-": _PDF}
_REFUSED = {b"II*\0": "a TIFF image", b"MM\0*": "a TIFF image", b"PK\x03\x04": "a ZIP or Office file"}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})


def kind_of(content: bytes) -> Kind:
    """The kind of a file.

    Raises:
        Unfit: Zoho Books would not take it, by its kind or its size.
    """
    kind = _taken(content)
    if kind is None:
        raise Unfit(f"it is {_named(content)}, and Zoho Books takes gif, png, jpeg, bmp and pdf only")
    if len(content) > LARGEST_FILE:
        raise Unfit(f"it is larger than {LARGEST_FILE // 2**20} MiB")
    return kind


def _taken(content: bytes) -> Kind | None:
    found = next((kind for start, kind in _TAKEN.items() if content.startswith(start)), None)
    # Two letters alone might begin any text: a bitmap has its own size after them.
    is_bitmap = content[:2] == b"BM" and int.from_bytes(content[2:6], "little") == len(content)
    return _BMP if is_bitmap else found


def _named(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "a HEIC photo"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "a WebP image"
    return next((name for start, name in _REFUSED.items() if content.startswith(start)), "of an unknown kind")
