"""What documents refer to in an organization: accounts, currencies, taxes, tags, projects and the like."""

from collections.abc import Iterator
from datetime import date

from mlc_pipeline.zoho.api import BooksApi, has_more, path_id
from mlc_pipeline.zoho.dimension_data import read_option_list, read_option_tree
from mlc_pipeline.zoho.errors import NotFound
from mlc_pipeline.zoho.models import (
    Account,
    Currency,
    ExchangeRate,
    Location,
    Project,
    ReportingTag,
    TagOption,
    Tax,
    TransactionLock,
)


class ReferenceCalls:
    """What is read of an organization's reference data."""

    _api: BooksApi

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
        return self._api.get(f"/settings/taxgroups/{path_id(tax_group_id)}", "tax_group", Tax.read_group)

    def reporting_tags(self) -> tuple[ReportingTag, ...]:
        """The reporting tags without their options, drafts and inactive ones included."""
        return self._api.rows("/reportingtags", "reporting_tags", ReportingTag.read)

    def tag_options(self, tag_id: str) -> tuple[TagOption, ...]:
        """The options of a reporting tag, inactive ones included.

        The details page, which alone marks inactive options, has at most 200; the others are taken from the list
        of all, which names no pages.
        """
        detailed = self._api.call("GET", "/reportingtags/options", {"tag_id": path_id(tag_id)})
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

    def _exchange_rates(self, currency_id: str, **params: str) -> Iterator[ExchangeRate]:
        path = f"/settings/currencies/{path_id(currency_id)}/exchangerates"
        try:
            rows = self._api.rows(path, "exchange_rates", ExchangeRate.read, params)
        except NotFound:
            rows = ()
        return (rate for rate in rows if rate is not None)
