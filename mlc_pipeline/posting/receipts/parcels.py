"""What is to be attached: posted documents with their receipts, and the files that go to each, by name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from mlc_pipeline.accounting.documents import COMPANY_PAID_SUFFIX, PREFIX
from mlc_pipeline.posting.postings import Posting

REPORT = "report"
"""The key of the report's PDF; the keys of receipts are transaction ids."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of one expense; `url` is empty where Expensify gives no link."""

    transaction_id: str
    url: str


@dataclass(frozen=True, slots=True)
class PostedDocument:
    """A posting that stands in Zoho Books, and the receipts of its expenses.

    `is_new`: this very run made it, so that no file can be on it.
    """

    posting: Posting
    receipts: tuple[Receipt, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file for one document. `key` tells it from others of the document, `source` is where it comes from."""

    posting: Posting
    key: str
    source: str

    @property
    def id(self) -> tuple[int, str]:
        """What the file is known by in our database."""
        return self.posting.id, self.key

    @property
    def stem(self) -> str:
        """The name of the file without its extension, the same in every run."""
        return f"{self.posting.number}-{_safe(self.key)}"

    @property
    def origin(self) -> str:
        """A digest of the source: a link may open to whoever knows it, so it is not kept."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def is_named(self, file_name: str) -> bool:
        """Whether a file on the document is this one.

        A receipt is, also under the number of an earlier revision of the same document; a report's PDF shows one
        revision only.
        """
        stem = file_name.rpartition(".")[0].strip()
        if self.key.startswith(REPORT):
            return stem.casefold() == self.stem.casefold()
        number = rf"{PREFIX}{re.escape(self.posting.report_id)}({COMPANY_PAID_SUFFIX})?(-[0-9]+)?"
        return re.fullmatch(rf"{number}-{re.escape(_safe(self.key))}", stem, re.IGNORECASE) is not None


def receipt_parcel(document: PostedDocument, receipt: Receipt) -> Parcel:
    """The receipt as a file for the document."""
    return Parcel(document.posting, receipt.transaction_id, receipt.url)


def report_parcel(document: PostedDocument, position: int = 0) -> Parcel:
    """The report's PDF as a file for the document; Expensify may make several, counted from 0."""
    posting = document.posting
    key = REPORT if position == 0 else f"{REPORT}-{position + 1}"
    return Parcel(posting, key, f"{posting.report_id} {posting.content_hash}")


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)
