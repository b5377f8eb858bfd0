"""Trials: what the first documents with taxes have shown of how Zoho Books computes these.

Until one of its kind stands as it was meant, they go one after the other; once Zoho has left the taxes of one out
or added them, and nothing mends that, no further ones are made that people would have to correct.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.posting.books import Found
from mlc_pipeline.posting.payloads import has_tax


class TaxTrials:
    """Those of one run. Safe between threads."""

    def __init__(self) -> None:
        self._turns = {kind: threading.Lock() for kind in ("bill", "journal", "vendor_credit")}
        self._stand: set[str] = set()
        self._failed: dict[str, str] = {}

    @contextmanager
    def turn(self, document: Document) -> Iterator[str]:
        """The document's turn; gives what has happened to another one that keeps it back, or nothing."""
        if not has_tax(document):
            yield ""
        elif document.kind in self._stand:
            yield self._failed.get(document.kind, "")
        else:
            with self._turns[document.kind]:
                yield self._failed.get(document.kind, "")

    def note(self, document: Document, found: Found) -> None:
        """Note what Zoho Books holds under a document of ours in the end."""
        if not has_tax(document):
            return
        if not found.differences:
            self._stand.add(document.kind)
        elif found.are_taxes_misunderstood:
            self._failed.setdefault(document.kind, f"of {document.number} {'; '.join(found.differences)}")
