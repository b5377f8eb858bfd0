"""The Zoho Books client: one method for each thing we ask or tell Zoho Books, typed values in and out."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from mlc_pipeline.transport.pacing import Rules
from mlc_pipeline.transport.traffic import RetryLog, Traffic
from mlc_pipeline.zoho.api import BooksApi, has_more
from mlc_pipeline.zoho.attachments import Attachments
from mlc_pipeline.zoho.contact_lists import ContactList
from mlc_pipeline.zoho.data_centers import web_host
from mlc_pipeline.zoho.dimension_data import read_option_list, read_option_tree
from mlc_pipeline.zoho.errors import NotFound
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.models import (
    Account,
    Bill,
    BillSummary,
    Currency,
    Customer,
    ExchangeRate,
    Journal,
    JournalSummary,
    Location,
    Organization,
    Project,
    ReportingTag,
    TagOption,
    Tax,
    TransactionLock,
    User,
    Vendor,
    VendorCredit,
    VendorCreditSummary,
)
from mlc_pipeline.zoho.oauth import utc_now
from mlc_pipeline.zoho.tokens import TokenStore, ZohoCredentials

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0, pool=60.0)

REQUIRED_SCOPES = (
    "ZohoBooks.settings.READ",
    "ZohoBooks.contacts.READ",
    "ZohoBooks.contacts.CREATE",
    "ZohoBooks.accountants.READ",
    "ZohoBooks.accountants.CREATE",
    "ZohoBooks.bills.READ",
    "ZohoBooks.bills.CREATE",
    "ZohoBooks.bills.UPDATE",
    "ZohoBooks.debitnotes.READ",
    "ZohoBooks.debitnotes.CREATE",
    "ZohoBooks.debitnotes.UPDATE",
)
"""What a connection's consent must cover (OpenAPI: `security` of the operations used here)."""

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
_VENDOR_CREDITS_IN_ORDER = {
    "sort_column": "vendor_credit_number"
}  # here, and below, no `sort_order` is documented
_JOURNALS_IN_ORDER = {"sort_column": "entry_number"}
_LONGEST_LAST_NAME = 100
_LONGEST_SEARCH = 100  # "Max-length [100]", GET /contacts


class ZohoBooksClient:
    """One organization of Zoho Books, as one connection sees it. Close it, or use it in a `with`.

    `rules` pace it by budgets that all processes share; without them nothing is paced. `transport` replaces the
    whole way to the network (`books_transport`); `traffic` knows nothing of it then. Errors are those of
    `mlc_pipeline.zoho.errors`, and UntrustedHost for an `accounts_url` or API host that is not Zoho Books'.
    """

    def __init__(
        self,
        *,
        connection: str,
        accounts_url: str,
        credentials: ZohoCredentials,
        token_store: TokenStore,
        organization: str | None = None,
        sandbox: bool = False,
        rules: Rules | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = DEFAULT_TIMEOUT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._log = RetryLog()
        self._api = BooksApi(
            connection=connection,
            accounts_url=accounts_url,
            credentials=credentials,
            organization=organization,
            token_store=token_store,
            sandbox=sandbox,
            transport=transport or books_transport(self._log, rules=rules),
            timeout=timeout,
            now=now,
        )
        self.attachments = Attachments(self._api)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    @property
    def traffic(self) -> Traffic:
        """What was sent, repeated and waited for until now; for the metadata of a run."""
        return self._log.traffic

    def organizations(self) -> tuple[Organization, ...]:
        """All organizations the login sees."""
        return self._api.organizations()

    def organization(self) -> Organization:
        """The organization of this connection, looked up once."""
        return self._api.organization()

    def me(self) -> User:
        """The user whose consent is used."""
        return self._api.get("/users/me", "user", User.read)

    def accounts(self) -> tuple[Account, ...]:
        """The whole chart of accounts, inactive accounts included."""
        params = {"filter_by": "AccountType.All"}
        return tuple(self._api.pages("/chartofaccounts", "chartofaccounts", "account_id", Account.read, params))

    def currencies(self) -> tuple[Currency, ...]:
        """The currencies the organization uses, its own included."""
        return tuple(self._api.pages("/settings/currencies", "currencies", "currency_id", Currency.read, {}))

    def taxes(self) -> tuple[Tax, ...]:
        """Taxes and tax groups."""
        return tuple(self._api.pages("/settings/taxes", "taxes", "tax_id", Tax.read, {}))

    def taxes_of_group(self, tax_group_id: str) -> tuple[Tax, ...]:
        """The taxes that a group charges together."""
        return self._api.get(f"/settings/taxgroups/{_path_id(tax_group_id)}", "tax_group", Tax.read_group)

    def reporting_tags(self) -> tuple[ReportingTag, ...]:
        """The reporting tags without their options, drafts and inactive ones included."""
        return self._api.rows("/reportingtags", "reporting_tags", ReportingTag.read)

    def tag_options(self, tag_id: str) -> tuple[TagOption, ...]:
        """The options of a reporting tag, inactive ones included.

        The details page, which alone marks inactive options, has at most 200; the others are taken from the list
        of all, which names no pages.
        """
        detailed = self._api.call("GET", "/reportingtags/options", {"tag_id": _path_id(tag_id)})
        options = self._api.read(read_option_tree, detailed, "options", "/reportingtags/options")
        if not has_more(detailed, len(options)):
            return options
        path = f"/reportingtags/{tag_id}/options/all"
        others = self._api.read(read_option_list, self._api.call("GET", path), "results", path)
        known = {option.option_id for option in options}
        return (*options, *(option for option in others if option.option_id not in known))

    def projects(self) -> tuple[Project, ...]:
        """All projects, inactive ones included."""
        params = {"filter_by": "Status.All"}
        return tuple(self._api.pages("/projects", "projects", "project_id", Project.read, params))

    def customers(self, status: Literal["All", "Inactive"] = "All") -> tuple[Customer, ...]:
        """All customers, inactive ones included, or only these."""
        params = {"contact_type": "customer", "filter_by": f"Status.{status}"}
        return tuple(self._api.pages("/contacts", "contacts", "contact_id", Customer.read, params))

    def customer_list(self) -> ContactList[Customer]:
        """The customers as a list that can be asked for what is new."""
        return ContactList(self._api, "customer", Customer.read)

    def vendor_list(self) -> ContactList[Vendor]:
        """The vendors as a list that can be asked for what is new."""
        return ContactList(self._api, "vendor", Vendor.read)

    def locations(self) -> tuple[Location, ...]:
        """The locations of the organization; the list knows no pages."""
        return self._api.rows("/locations", "locations", Location.read)

    def transaction_locks(self) -> tuple[TransactionLock, ...]:
        """The locks on transactions, enabled or not."""
        read = TransactionLock.read
        return tuple(self._api.pages("/transactionlocks", "transaction_locks", "transaction_lock_id", read, {}))

    def exchange_rate(self, currency_id: str, on: date) -> ExchangeRate | None:
        """The organization's own rate of a currency on a day: the last that was effective by then, if any."""
        known = (
            rate for rate in self._exchange_rates(currency_id, from_date=on.isoformat()) if rate.effective <= on
        )
        return max(known, key=lambda rate: rate.effective, default=None)

    def has_dated_rates(self, currency_id: str) -> bool:
        """Whether the organization keeps rates of a currency by day, and not its present one alone."""
        return any(True for _ in self._exchange_rates(currency_id))

    def vendors(self) -> Iterator[Vendor]:
        """All vendors, inactive ones included; customers are not among them."""
        return self._vendors({})

    def find_vendors(self, *, email: str = "", name: str = "") -> tuple[Vendor, ...]:
        """The vendors with this primary email and this name, compared without case and outer spaces.

        Zoho's filters are not exact everywhere, so what it returns is compared again here.
        """
        if not email.strip() and not name.strip():
            raise ValueError("find_vendors needs an email or a name.")
        params = {**_search("email", email), **_search("contact_name", name)}
        return tuple(
            vendor
            for vendor in self._vendors(params)
            if (not email or _same(vendor.email, email)) and (not name or _same(vendor.name, name))
        )

    def create_vendor(self, name: str, *, email: str, currency_id: str = "", contact_number: str = "") -> Vendor:
        """Make a vendor named `name` with one primary contact person, in the organization's currency by default.

        `contact_number` is the employee's number, where there is one.

        Raises DuplicateContact when a customer or vendor already has the name.
        """
        numbered = {"contact_number": contact_number, "ignore_auto_number_generation": True}
        payload = {
            "contact_name": name,
            "contact_type": "vendor",
            **({"currency_id": currency_id} if currency_id else {}),
            **(numbered if contact_number else {}),
            "contact_persons": [
                {"last_name": name[:_LONGEST_LAST_NAME], "email": email, "is_primary_contact": True}
            ],
        }
        return self._api.write("POST", "/contacts", "contact", Vendor.read, payload)

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
        return self._api.write("PUT", f"/bills/{_path_id(bill_id)}", "bill", Bill.read, payload)

    def void_bill(self, bill_id: str) -> None:
        """Make a bill void; raises OutcomeUnknown when it may or may not have been."""
        self._api.call("POST", f"/bills/{_path_id(bill_id)}/status/void")

    def bill(self, bill_id: str) -> Bill:
        """One bill with its lines; raises NotFound."""
        return self._api.get(f"/bills/{_path_id(bill_id)}", "bill", Bill.read)

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
        path = f"/vendorcredits/{_path_id(credit_id)}"
        return self._api.write("PUT", path, "vendor_credit", VendorCredit.read, payload)

    def void_vendor_credit(self, credit_id: str) -> None:
        """Make a vendor credit void; raises OutcomeUnknown when it may or may not have been."""
        self._api.call("POST", f"/vendorcredits/{_path_id(credit_id)}/status/void")

    def vendor_credit(self, credit_id: str) -> VendorCredit:
        """One vendor credit with its lines; raises NotFound."""
        return self._api.get(f"/vendorcredits/{_path_id(credit_id)}", "vendor_credit", VendorCredit.read)

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
        return self._api.get(f"/journals/{_path_id(journal_id)}", "journal", Journal.read)

    def journals(self, **filters: str) -> Iterator[JournalSummary]:
        """Journals by the filters of `JOURNAL_FILTERS`. Compare again, as with `bills`."""
        params = _JOURNALS_IN_ORDER | _documented(filters, JOURNAL_FILTERS)
        return self._api.pages("/journals", "journals", "journal_id", JournalSummary.read, params)

    def bill_url(self, bill_id: str) -> str | None:
        """Where a person opens the bill in Zoho Books; None for the sandbox."""
        host = web_host(self._api.api_host())
        organization_id = self.organization().organization_id
        return f"{host}/app/{organization_id}#/bills/{bill_id}" if host else None

    def _exchange_rates(self, currency_id: str, **params: str) -> Iterator[ExchangeRate]:
        path = f"/settings/currencies/{_path_id(currency_id)}/exchangerates"
        try:
            rows = self._api.rows(path, "exchange_rates", ExchangeRate.read, params)
        except NotFound:
            rows = ()
        return (rate for rate in rows if rate is not None)

    def _vendors(self, params: Mapping[str, str]) -> Iterator[Vendor]:
        wanted = {"contact_type": "vendor", "filter_by": "Status.All", **params}
        found = self._api.pages("/contacts", "contacts", "contact_id", Vendor.read, wanted)
        return (contact for contact in found if contact.contact_type in ("", "vendor"))


def _search(field: str, value: str) -> dict[str, str]:
    """A contact filter; a longer value than Zoho takes is searched by its beginning."""
    value = value.strip()
    if not value:
        return {}
    return {field: value} if len(value) <= _LONGEST_SEARCH else {f"{field}_startswith": value[:_LONGEST_SEARCH]}


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _documented(filters: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    """Zoho ignores a filter it does not know and then returns everything, so unknown ones are refused here."""
    unknown = set(filters) - known
    if unknown:
        raise ValueError(f"Zoho has no filter {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}.")
    return dict(filters)


def _path_id(record_id: str) -> str:
    if not record_id.isascii() or not record_id.isalnum():
        raise ValueError(f"{record_id!r} is not an id of Zoho Books.")
    return record_id
