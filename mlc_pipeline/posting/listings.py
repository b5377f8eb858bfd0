"""Listings: what Zoho Books has already of a period, by one request for each kind before anything is sent.

Bills need no more: Zoho refuses a second one of the same number and vendor. Of journals it takes any number, so
somebody must have looked before each is sent. The ledger remembers everything that was ever sent through it, and
claims keep two runs from sending the same journal. So a journal that was never sent can only be in Zoho Books if
it came there around the ledger: with a ledger that was lost or is older than it should be, or by hand. Such a
journal shows in a listing of our numbers from two months before the period until today, or, if its date was moved
farther away, leaves others of its kind there that the ledger does not know either. While the ledger knows every
journal in that listing, and the journal itself was never sent, it is sent without a search of its own. In doubt,
which is also when Zoho refuses the listing or it would take more requests than the searches, each journal is
searched for first, under its claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.posting.books import Listed, folded
from mlc_pipeline.posting.journals import by_number
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.shelves import Shelves, sent

KINDS = ("bill", "vendor_credit", "journal")

Rows = Mapping[str, Listed] | None
"""Rows of a list by folded number; None where Zoho refused to list."""


class Listings:
    """The lists of each kind over the days of the postings."""

    def __init__(self, shelves: Shelves, ledger: Ledger, postings: Sequence[Posting]) -> None:
        self._shelves = shelves
        self._ledger = ledger
        self._journals_in_doubt = True
        self._rows = {kind: self._list([one for one in postings if one.kind == kind]) for kind in KINDS}

    def of(self, kind: str) -> Rows:
        """What the list of a kind shows."""
        return self._rows[kind]

    def must_be_looked_for(self, posting: Posting) -> bool:
        """Whether a document must be searched for before it is sent, though the list did not show it."""
        if posting.kind == "bill":
            return False
        # Vendor credits are few, and the code with which Zoho refuses a second one is not documented.
        return posting.kind == "vendor_credit" or self._journals_in_doubt or posting.sent_ms is not None

    def _list(self, postings: Sequence[Posting]) -> Rows:
        documents = [sent(one)[0] for one in postings if one.document]
        if not documents:
            return {}
        fresh = sum(1 for one in postings if one.state == "planned" and one.sent_ms is None)
        if documents[0].kind == "journal" and fresh:
            rows = self._shelves.journals.around(documents, searches=fresh)
            if rows is not None:
                numbers = {row.reference_number.strip() for row in rows}
                self._journals_in_doubt = bool(numbers - self._ledger.sent_numbers("journal", numbers))
                return by_number(rows)
        return self._shelves.of(documents[0]).listed(documents)


def row_of(rows: Rows, document: Document) -> Listed | None:
    """The row of a document, if the list has it."""
    return rows.get(folded(document.number)) if rows is not None else None
