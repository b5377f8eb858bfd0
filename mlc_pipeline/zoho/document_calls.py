"""Bills, vendor credits and journals: making, changing, voiding, reading and listing them."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlc_pipeline.zoho.api import BooksApi, path_id
from mlc_pipeline.zoho.models import Bill, BillSummary, Journal, JournalSummary, VendorCredit, VendorCreditSummary

_SHARED_FILTERS = ("status", "filter_by", "search_text", "last_modified_time", "reference_number")
_DATE_FILTERS = ("date", "date_start", "date_end", "date_before", "date_after")

BILL_FILTERS = frozenset(
    {
        *_SHARED_FILTERS,
        *_DATE_FILTERS,
        "bill_number",
        "bill_number_startswith",
        "reference_number_startswith",
        "vendor_id",
    }
)
JOURNAL_FILTERS = frozenset(
    {*_SHARED_FILTERS, *_DATE_FILTERS, "entry_number", "reference_number_startswith", "vendor_id"}
)
VENDOR_CREDIT_FILTERS = frozenset(
    {
        *_SHARED_FILTERS,
        *_DATE_FILTERS,
        "vendor_credit_number",
        "vendor_credit_number_startswith",
        "customer_id",
    }
)
# A number stays where it is while records are added and changed, so no page hides what another was about to show.
_BILLS_IN_ORDER = {"sort_column": "bill_number", "sort_order": "A"}
# For these no `sort_order` is documented.
_VENDOR_CREDITS_IN_ORDER = {"sort_column": "vendor_credit_number"}
_JOURNALS_IN_ORDER = {"sort_column": "entry_number"}


class DocumentCalls:
    """What is asked and told of documents; amounts are Decimals."""

    _api: BooksApi

    def create_bill(self, payload: Mapping[str, Any]) -> Bill:
        """Make a bill (`POST /bills`, amounts as Decimals); the answer is the proof.

        Raises DuplicateBillNumber when the vendor already has a bill with the number, OutcomeUnknown when
        the bill may or may not have been made.
        """
        return self._api.write("POST", "/bills", "bill", Bill.read, payload)

    def update_bill(self, bill_id: str, payload: Mapping[str, Any]) -> Bill:
        """Give a bill this content (`PUT /bills/{bill_id}`; lines that are left out are deleted).

        Raises OutcomeUnknown when the bill may or may not have been changed.
        """
        return self._api.write("PUT", f"/bills/{path_id(bill_id)}", "bill", Bill.read, payload)

    def void_bill(self, bill_id: str) -> None:
        """Make a bill void; raises OutcomeUnknown when it may or may not have been."""
        self._api.call("POST", f"/bills/{path_id(bill_id)}/status/void")

    def bill(self, bill_id: str) -> Bill:
        """One bill with its lines; raises NotFound."""
        return self._api.get(f"/bills/{path_id(bill_id)}", "bill", Bill.read)

    def bills(self, **filters: str) -> Iterator[BillSummary]:
        """Bills by the filters of `BILL_FILTERS`. Zoho's filters are not exact everywhere: compare again."""
        params = _BILLS_IN_ORDER | _documented(filters, BILL_FILTERS)
        return self._api.pages("/bills", "bills", "bill_id", BillSummary.read, params)

    def create_vendor_credit(self, payload: Mapping[str, Any]) -> VendorCredit:
        """Make a vendor credit under the number that the payload gives it (`POST /vendorcredits`).

        Raises DuplicateVendorCreditNumber when there is one with the number, OutcomeUnknown when the vendor credit
        may or may not have been made.
        """
        ours = {"ignore_auto_number_generation": "true"}
        return self._api.write("POST", "/vendorcredits", "vendor_credit", VendorCredit.read, payload, ours)

    def update_vendor_credit(self, credit_id: str, payload: Mapping[str, Any]) -> VendorCredit:
        """Give a vendor credit this content (`PUT /vendorcredits/{vendor_credit_id}`).

        Raises OutcomeUnknown when it may or may not have been changed.
        """
        path = f"/vendorcredits/{path_id(credit_id)}"
        return self._api.write("PUT", path, "vendor_credit", VendorCredit.read, payload)

    def void_vendor_credit(self, credit_id: str) -> None:
        """Make a vendor credit void; raises OutcomeUnknown when it may or may not have been."""
        self._api.call("POST", f"/vendorcredits/{path_id(credit_id)}/status/void")

    def vendor_credit(self, credit_id: str) -> VendorCredit:
        """One vendor credit with its lines; raises NotFound."""
        return self._api.get(f"/vendorcredits/{path_id(credit_id)}", "vendor_credit", VendorCredit.read)

    def vendor_credits(self, **filters: str) -> Iterator[VendorCreditSummary]:
        """Vendor credits by the filters of `VENDOR_CREDIT_FILTERS`. Compare again, as with `bills`."""
        params = _VENDOR_CREDITS_IN_ORDER | _documented(filters, VENDOR_CREDIT_FILTERS)
        read = VendorCreditSummary.read
        return self._api.pages("/vendorcredits", "vendorcredits", "vendor_credit_id", read, params)

    def create_journal(self, payload: Mapping[str, Any]) -> Journal:
        """Make a journal (`POST /journals`, amounts as Decimals, `status` said explicitly).

        Raises OutcomeUnknown when the journal may or may not have been made: Zoho knows no duplicates here.
        """
        return self._api.write("POST", "/journals", "journal", Journal.read, payload)

    def journal(self, journal_id: str) -> Journal:
        """One journal with its lines; raises NotFound."""
        return self._api.get(f"/journals/{path_id(journal_id)}", "journal", Journal.read)

    def journals(self, **filters: str) -> Iterator[JournalSummary]:
        """Journals by the filters of `JOURNAL_FILTERS`. Compare again, as with `bills`."""
        params = _JOURNALS_IN_ORDER | _documented(filters, JOURNAL_FILTERS)
        return self._api.pages("/journals", "journals", "journal_id", JournalSummary.read, params)


def _documented(filters: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    """Zoho ignores a filter it does not know and then returns everything, so unknown ones are refused here."""
    unknown = set(filters) - known
    if unknown:
        raise ValueError(f"Zoho has no filter {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}.")
    return dict(filters)
