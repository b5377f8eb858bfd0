"""Files on documents in Zoho Books: adding one, and which ones are there.

Zoho appends: a file that is sent twice stands there twice. Bills and journals take files; for vendor credits no
such call is published (OpenAPI: `add_bill_attachment`, `add_journal_attachment`).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from mlc_pipeline.zoho.api import BooksApi
from mlc_pipeline.zoho.fields import Row, rows, text

LARGEST_FILE = 5 * 1024 * 1024
"""The least of the limits that are told of bills (5, 7 and 10 MB)."""

_FORM_FIELD = "attachment"


@dataclass(frozen=True, slots=True)
class File:
    """What is attached: a name with the extension that fits its content, and the content."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """What a document says of its files: their names, None where it says nothing of files; and its status."""

    names: frozenset[str] | None
    status: str

    @classmethod
    def read(cls, row: Row) -> AttachedFiles:
        """From the `bill` or `journal` of a GET."""
        named = [text(one, "file_name") for one in rows(row, "documents")] if "documents" in row else None
        if named is None and "attachment_name" not in row:
            return cls(None, text(row, "status"))
        names = (*(named or ()), text(row, "attachment_name"))
        return cls(frozenset(filter(None, names)), text(row, "status"))


class Attachments:
    """The files on the bills and journals of one organization."""

    def __init__(self, api: BooksApi) -> None:
        self._api = api

    def add(self, kind: str, zoho_id: str, file: File) -> None:
        """Attach a file to a bill or journal.

        Raises:
            OutcomeUnknown: it may or may not have been attached.
            Refused: by its type or size, or because the bill is paid.
        """
        path = f"{_path(kind, zoho_id)}/attachment"
        self._api.upload(path, _FORM_FIELD, (file.name, file.content, file.media_type))

    def of_document(self, kind: str, zoho_id: str) -> AttachedFiles:
        """The files on a bill or journal; raises NotFound."""
        return self._api.get(_path(kind, zoho_id), kind, AttachedFiles.read)


def _path(kind: str, zoho_id: str) -> str:
    return f"/{kind}s/{quote(zoho_id, safe='')}"
