"""Receipt files behind `receiptObject.url`: made up from their name and size, open or behind a login."""

import zlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from starlette.responses import Response

JsonObject = dict[str, Any]

#: Where receipts are served; the exporter puts the server's address before it.
RECEIPTS: Final = "/receipts/"

#: What a client without a browser session gets: sources disagree, so each of it can happen.
ReceiptLinks = Literal["open", "login_page", "unauthorized", "forbidden"]

_LOGIN_PAGE: Final = "<!DOCTYPE html><html><head><title>Expensify - Sign in</title></head><body></body></html>"
_CONTENT_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "heic": "image/heic",
}


def receipt_answer(receipts: Mapping[str, int], name: str, links: ReceiptLinks) -> Response:
    """The answer to a GET of a receipt; `receipts` has the size in bytes of each name."""
    if links == "login_page":
        return Response(_LOGIN_PAGE, media_type="text/html")
    if links != "open":
        return Response("", status_code=401 if links == "unauthorized" else 403)
    if name not in receipts:
        return Response("Not Found", status_code=404, media_type="text/plain")
    extension = name.rpartition(".")[2].casefold()
    media_type = _CONTENT_TYPES.get(extension, "application/octet-stream")
    return Response(receipt_content(extension, receipts[name]), media_type=media_type)


def receipt_content(extension: str, size: int) -> bytes:
    """A file that starts like one of its kind, padded to a size in bytes (never below the kind's own)."""
    start = _STARTS.get(extension, b"")
    return start + b"\0" * (size - len(start))


def with_links(report: JsonObject, server: str) -> JsonObject:
    """The report with the addresses of its receipts complete; `server` is like `http://127.0.0.1:8000`."""
    expenses = report.get("transactionList", [])
    linked = [_with_link(one, server) if isinstance(one, dict) else one for one in expenses]
    return {**report, "transactionList": linked}


def _with_link(expense: JsonObject, server: str) -> JsonObject:
    receipt = expense.get("receiptObject") or {}
    url = receipt.get("url", "")
    if not url.startswith(RECEIPTS):
        return expense
    return {**expense, "receiptObject": {**receipt, "url": server + url}}


def _png() -> bytes:
    """A picture of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


_STARTS: Final = {
    "png": _png(),
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
}
