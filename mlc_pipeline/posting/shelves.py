"""The shelves of Zoho Books that documents are put on and looked for: one for each kind."""

from __future__ import annotations

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline.posting.bills import Bills
from mlc_pipeline.posting.books import Books, Found
from mlc_pipeline.posting.journals import Journals
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.made_vendors import MadeVendors
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.vendor_credits import VendorCredits
from mlc_pipeline.posting.vendor_doubts import VendorDoubts
from mlc_pipeline.posting.vendors import Vendors
from mlc_pipeline.zoho.client import ZohoBooksClient


class Shelves:
    """All kinds of documents of one organization, and the vendors that they name."""

    def __init__(self, zoho: ZohoBooksClient, made: MadeVendors, doubts: VendorDoubts) -> None:
        self.bills = Bills(zoho)
        self.vendor_credits = VendorCredits(zoho)
        self.journals = Journals(zoho)
        self.vendors = Vendors(zoho, made, doubts)

    def of(self, document: Document) -> Books:
        """Where a document belongs."""
        if document.kind == "journal":
            return self.journals
        return self.vendor_credits if document.kind == "vendor_credit" else self.bills

    def find(self, posting: Posting, ledger: Ledger) -> Found | None:
        """What Zoho Books holds of a posting; a bill that was to be updated and was not, counts as not found."""
        document, vendor_id = sent(posting)
        twins = ledger.twins_of(document)
        if posting.zoho_id is not None:
            by_number = self.journals.find(document, vendor_id, twins) if document.kind == "journal" else None
            return by_number or self.of(document).read(posting.zoho_id, document, vendor_id)
        if posting.amendment != "update" or posting.replaces_id is None:
            return self.of(document).find(document, vendor_id, twins)
        replaced = ledger.get(posting.replaces_id)
        before, vendor_before = sent(replaced)
        return self.bills.updated(replaced.zoho_id or "", document, vendor_id, before, vendor_before)


def sent(posting: Posting) -> tuple[Document, str]:
    """The document of a posting, and the vendor that it is sent for."""
    assert posting.document is not None
    return posting.document, posting.vendor_id or ""
