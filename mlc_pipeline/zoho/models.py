"""All records of Zoho Books that we read, in one place to import from."""

from mlc_pipeline.zoho.dimension_data import (
    Customer,
    ExchangeRate,
    Location,
    Project,
    ReportingTag,
    TagOption,
    TagPlace,
    TransactionLock,
)
from mlc_pipeline.zoho.documents import (
    Bill,
    BillLine,
    BillSummary,
    Journal,
    JournalLine,
    JournalSummary,
    VendorCredit,
    VendorCreditSummary,
)
from mlc_pipeline.zoho.reference_data import Account, Currency, Organization, Tax, User, Vendor

__all__ = [
    "Account",
    "Bill",
    "BillLine",
    "BillSummary",
    "Currency",
    "Customer",
    "ExchangeRate",
    "Journal",
    "JournalLine",
    "JournalSummary",
    "Location",
    "Organization",
    "Project",
    "ReportingTag",
    "TagOption",
    "TagPlace",
    "Tax",
    "TransactionLock",
    "User",
    "Vendor",
    "VendorCredit",
    "VendorCreditSummary",
]
