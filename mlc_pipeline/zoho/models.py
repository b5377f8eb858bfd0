"""All records of Zoho Books that we read, in one place to import from."""

from mlc_pipeline.zoho.documents import Bill, BillLine, BillSummary, Journal, JournalLine, JournalSummary
from mlc_pipeline.zoho.reference_data import Account, Currency, Organization, Tax, User, Vendor

__all__ = [
    "Account",
    "Bill",
    "BillLine",
    "BillSummary",
    "Currency",
    "Journal",
    "JournalLine",
    "JournalSummary",
    "Organization",
    "Tax",
    "User",
    "Vendor",
]
