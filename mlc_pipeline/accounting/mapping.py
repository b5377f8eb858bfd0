"""Mapping: which Zoho account, vendor and currency an Expensify category, employee and currency stand for.

A `Resolution` is either an answer with how it was found, or the reason why there is none. Nothing is guessed:
two candidates are a reason, not a choice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.wording import one_line

NOT_FOR_EXPENSES = frozenset(
    {
        "bank",
        "cash",
        "credit_card",
        "accounts_receivable",
        "accounts_payable",
        "income",
        "other_income",
        "equity",
    }
)
"""Zoho account types that an expense reaches only by an override (types: Zoho OpenAPI, chart of accounts)."""


@dataclass(frozen=True, slots=True)
class Account:
    """A row of Zoho's chart of accounts; `code` may be empty and need not be unique."""

    account_id: str
    name: str
    code: str
    type: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Vendor:
    """A Zoho contact of type vendor; `email` is the one of its primary contact person."""

    vendor_id: str
    name: str
    email: str
    currency: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency that the Zoho organization keeps, with the decimals it has there."""

    currency_id: str
    code: str
    precision: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was found and how, or why not. `target_id` is empty for a vendor that is still to be created.

    A tag or report field has a `dimension` (reporting_tag, project, customer or location) and, in `group_id`, the
    reporting tag that its option belongs to or the customer that its project belongs to. `detail` is the decimals
    of a currency, the percentage of a tax, the type of an account.
    """

    how: str = ""
    target_id: str = ""
    target_code: str = ""
    target_name: str = ""
    problem: Problem | None = None
    detail: str = ""
    dimension: str = ""
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class CategoryRules:
    """`mapping` of mlc.yaml: overrides by category, and the account code of the unmapped, if any."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    unmapped_code: str | None = None


class ChartOfAccounts:
    """The chart of accounts, looked up by code and by exact name."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        rows = tuple(accounts)
        self._by_code = _index(rows, lambda account: account.code)
        self._by_name = _index(rows, lambda account: account.name)

    def with_code(self, code: str) -> Sequence[Account]:
        """All accounts with this account code."""
        return self._by_code.get(code.strip(), ())

    def with_name(self, name: str) -> Sequence[Account]:
        """All accounts with exactly this name."""
        return self._by_name.get(name.strip(), ())


def resolve_category(category: str, gl_code: str, chart: ChartOfAccounts, rules: CategoryRules) -> Resolution:
    """Override, then the category's GL code against the account code, then the exact name."""
    if category in rules.overrides:
        return _overridden(f"Category “{category}”", rules.overrides[category], chart)
    found = _by_gl_code(category, gl_code, chart) or _by_name(category, gl_code, chart)
    if found is not None:
        return found
    if rules.unmapped_code is not None:
        return _overridden("mapping.unmapped_category", rules.unmapped_code, chart, how="unmapped_category")
    return _refused(
        Reason.UNMAPPED_CATEGORY,
        f"Category “{category}”{_with_code(gl_code)} has no account in Zoho Books: add an account with that code "
        "or name, or an entry under mapping.categories in mlc.yaml.",
    )


def resolve_employee(
    email: str, name: str, currency: str, vendors: Iterable[Vendor], *, create: bool
) -> Resolution:
    """The vendor with the employee's primary e-mail address, else with the name, else one to be created."""
    if not email:
        return _refused(Reason.VENDOR_MISSING, "The report names no employee: it cannot become a bill.")
    rows = tuple(vendors)
    known = [vendor for vendor in rows if _same(vendor.email, email)]
    if known:
        return _one_vendor(known, f"the e-mail address {email}", currency, how="email")
    named = [vendor for vendor in rows if name and _same(vendor.name, name)]
    if any(vendor.email for vendor in named):
        return _refused(
            Reason.VENDOR_AMBIGUOUS,
            f"Zoho Books has a vendor named “{name}” with another e-mail address than {email}: if it is the same "
            "person give that vendor this address, else create a vendor with this address.",
        )
    if named:
        return _one_vendor(named, f"the name “{name}”", currency, how="name")
    if create:
        return Resolution(how="to_create", target_name=one_line(name) or one_line(email))
    return _refused(
        Reason.VENDOR_MISSING,
        f"Zoho Books has no vendor with the e-mail address {email}: create one, or set posting.create_vendors.",
    )


def resolve_card(card_name: str, bank: str, accounts: Mapping[str, str], chart: ChartOfAccounts) -> Resolution:
    """The account that company-paid expenses are credited to: by card, else by bank, else the default.

    `accounts` is `posting.company_card_accounts` of mlc.yaml: card or bank, or `default`, to account code.
    """
    known = {name.casefold(): code for name, code in accounts.items()}
    for name in (card_name, bank, "default"):
        if name and name.casefold() in known:
            return _overridden(f"posting.company_card_accounts: {name}", known[name.casefold()], chart, how="card")
    return _refused(
        Reason.UNMAPPED_CARD,
        f"The card “{card_name or bank or 'without a name'}” has no account: add it, or default, to "
        "posting.company_card_accounts in mlc.yaml.",
    )


def resolve_currency(code: str, currencies: Iterable[Currency]) -> Resolution:
    """The currency of the same ISO code."""
    for currency in currencies:
        if currency.code == code:
            return Resolution(
                how="code", target_id=currency.currency_id, target_code=code, detail=str(currency.precision)
            )
    return _refused(
        Reason.UNKNOWN_CURRENCY,
        f"The currency {code or 'of the report'} is not among the currencies of the Zoho organization: add it in "
        "Zoho Books under Settings, Currencies.",
    )


def mapping_version(*parts: object) -> str:
    """A short hash over the configuration and the reference data that decided a mapping."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _overridden(what: str, code: str, chart: ChartOfAccounts, *, how: str = "override") -> Resolution:
    found = chart.with_code(code)
    if not found:
        return _refused(
            Reason.UNMAPPED_CATEGORY,
            f"{what} is mapped in mlc.yaml to account code {code}, which Zoho Books does not have.",
        )
    return _one_account(found, f"account code {code}", how=how)


def _by_gl_code(category: str, gl_code: str, chart: ChartOfAccounts) -> Resolution | None:
    found = chart.with_code(gl_code) if gl_code else ()
    if not found:
        return None
    return _of_expense_type(_one_account(found, f"account code {gl_code}", how="gl_code"), category, found)


def _by_name(category: str, gl_code: str, chart: ChartOfAccounts) -> Resolution | None:
    """An account of that name, unless its own code contradicts the category's GL code."""
    found = [
        account for account in chart.with_name(category) if not (gl_code and account.code not in ("", gl_code))
    ]
    if not category or not found:
        return None
    return _of_expense_type(_one_account(found, f"the name “{category}”", how="name"), category, found)


def _one_account(found: Sequence[Account], by: str, *, how: str) -> Resolution:
    active = [account for account in found if account.is_active]
    if len(active) == 1:
        account = active[0]
        return Resolution(
            how=how, target_id=account.account_id, target_code=account.code, target_name=account.name
        )
    if not active:
        return _refused(
            Reason.INACTIVE_ACCOUNT,
            f"The account with {by} ({found[0].name}) is inactive in Zoho Books: activate it, or name another "
            "account in mlc.yaml.",
        )
    names = ", ".join(sorted(account.name for account in active))
    return _refused(
        Reason.AMBIGUOUS_ACCOUNT,
        f"{len(active)} accounts in Zoho Books have {by} ({names}): make it unique there, or name a unique "
        "account code in mlc.yaml.",
    )


def _of_expense_type(answer: Resolution, category: str, found: Sequence[Account]) -> Resolution:
    kinds = {account.account_id: account.type for account in found}
    kind = kinds.get(answer.target_id, "")
    if kind not in NOT_FOR_EXPENSES:
        return answer
    return _refused(
        Reason.ACCOUNT_TYPE,
        f"Category “{category}” would land on {answer.target_name}, an account of type {kind}: map it to an "
        "expense account, or to this one on purpose under mapping.categories.",
    )


def _one_vendor(found: Sequence[Vendor], by: str, currency: str, *, how: str) -> Resolution:
    active = [vendor for vendor in found if vendor.is_active]
    if not active:
        return _refused(Reason.VENDOR_AMBIGUOUS, f"The vendor with {by} is inactive in Zoho Books: activate it.")
    fitting = [vendor for vendor in active if vendor.currency in ("", currency)]
    if not fitting:
        return _refused(
            Reason.CURRENCY_MISMATCH,
            f"The vendor with {by} is kept in {active[0].currency}, the report is in {currency}: add a vendor "
            f"for this employee in {currency}.",
        )
    if len(fitting) > 1:
        return _refused(
            Reason.VENDOR_AMBIGUOUS,
            f"{len(fitting)} vendors in Zoho Books have {by}: merge them, or mark all but one as inactive.",
        )
    return Resolution(how=how, target_id=fitting[0].vendor_id, target_name=fitting[0].name)


def _refused(code: Reason, message: str) -> Resolution:
    return Resolution(problem=Problem(code, one_line(message)))


def _with_code(gl_code: str) -> str:
    return f" (GL code {gl_code})" if gl_code else ""


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


_Row = TypeVar("_Row")


def _index(rows: Iterable[_Row], key: Callable[[_Row], str]) -> dict[str, tuple[_Row, ...]]:
    index: dict[str, tuple[_Row, ...]] = {}
    for row in rows:
        text = key(row).strip()
        if text:
            index[text] = (*index.get(text, ()), row)
    return index
