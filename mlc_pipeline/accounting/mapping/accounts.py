"""Accounts: what a category is spent on, what a card was paid from, what employees are owed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlc_pipeline.accounting.mapping.answers import Resolution, refused
from mlc_pipeline.accounting.mapping.reference import Account, ChartOfAccounts
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.wording import exact_key, name_key

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
        "stock",
    }
)
"""Zoho account types that an expense reaches only by an override (types: Zoho OpenAPI, chart of accounts).

`stock`, which the list there ends before ("and more"), holds inventory and takes no plain lines.
"""

NOT_FOR_PAYABLES = frozenset(
    {
        "expense",
        "cost_of_goods_sold",
        "other_expense",
        "income",
        "other_income",
        "fixed_asset",
        "accounts_receivable",
        "stock",
    }
)
"""Zoho account types on which nobody is owed anything: a credit there takes an expense back, or is income."""

NOT_FOR_CARDS = NOT_FOR_PAYABLES | {"accounts_payable"}
"""Zoho account types that nothing is paid from. A line on accounts payable names a contact, and a card is none."""


@dataclass(frozen=True, slots=True)
class CategoryRules:
    """`mapping` of mlc.yaml: overrides by exact category, and the account code of the unmapped, if any."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    unmapped_code: str | None = None

    def __post_init__(self) -> None:
        composed = {exact_key(category): code for category, code in self.overrides.items()}
        object.__setattr__(self, "overrides", composed)


def resolve_category(category: str, gl_code: str, chart: ChartOfAccounts, rules: CategoryRules) -> Resolution:
    """Override, then the category's GL code against the account code, then the exact name."""
    override = rules.overrides.get(exact_key(category))
    if override is not None:
        return account_with_code(_named(category), override, chart, how="override")
    found = _by_gl_code(category, gl_code, chart) or _by_name(category, gl_code, chart)
    if found is not None:
        return found
    if rules.unmapped_code is not None:
        what = "mapping.unmapped_category"
        answer = account_with_code(what, rules.unmapped_code, chart, how="unmapped_category")
        # Whoever wrote it chose one for whatever comes, and not for a certain category on purpose.
        return _of_another_type(answer, what, NOT_FOR_EXPENSES, "name an expense account there.")
    if not category.strip():
        return refused(
            Reason.UNMAPPED_CATEGORY,
            f"{_named(category)}{_with_code(gl_code)} has no account: give it a category in Expensify, or name an "
            "account for all of them under mapping.unmapped_category in mlc.yaml.",
        )
    return refused(
        Reason.UNMAPPED_CATEGORY,
        f"{_named(category)}{_with_code(gl_code)} has no account in Zoho Books: add an account with that code "
        "or name, or an entry under mapping.categories in mlc.yaml.",
    )


def resolve_card(card_name: str, bank: str, accounts: Mapping[str, str], chart: ChartOfAccounts) -> Resolution:
    """The account that company-paid expenses are credited to: by card, else by bank, else the default.

    `accounts` is `posting.company_card_accounts` of mlc.yaml: card or bank, or `default`, to account code.
    """
    known = {name_key(name): code for name, code in accounts.items()}
    for name in (card_name, bank, "default"):
        code = known.get(name_key(name)) if name else None
        if code is not None:
            what = f"posting.company_card_accounts: {name}"
            answer = account_with_code(what, code, chart, how="card", unknown=Reason.UNMAPPED_CARD)
            way_out = "name the account of the card or bank there, or another that is owed."
            if answer.detail == "accounts_payable":
                way_out = f"{way_out[:-1]}, or set posting.company_paid: bill to owe it to a vendor."
            return _of_another_type(answer, what, NOT_FOR_CARDS, way_out)
    return refused(
        Reason.UNMAPPED_CARD,
        f"The card “{card_name or bank or 'without a name'}” has no account: add it, or default, to "
        "posting.company_card_accounts in mlc.yaml.",
    )


def resolve_payable(code: str, chart: ChartOfAccounts) -> Resolution:
    """The account that a journal for an employee credits: `posting.employee_payable_account` of mlc.yaml."""
    what = "posting.employee_payable_account"
    answer = account_with_code(what, code, chart, how="override", unknown=Reason.UNMAPPED_PAYABLE)
    return _of_another_type(answer, what, NOT_FOR_PAYABLES, "name the account that employees are owed on there.")


def account_with_code(
    what: str, code: str, chart: ChartOfAccounts, *, how: str, unknown: Reason = Reason.UNMAPPED_CATEGORY
) -> Resolution:
    """The one active account with the code that mlc.yaml names for something, whatever its type."""
    found = chart.with_code(code)
    if not found:
        return refused(
            unknown, f"{what} is mapped in mlc.yaml to account code {code}, which Zoho Books does not have."
        )
    return _one_account(found, f"account code {code}", how=how)


def _by_gl_code(category: str, gl_code: str, chart: ChartOfAccounts) -> Resolution | None:
    found = chart.with_code(gl_code) if gl_code else ()
    if not found:
        return None
    return _of_expense_type(_one_account(found, f"account code {gl_code}", how="gl_code"), category)


def _by_name(category: str, gl_code: str, chart: ChartOfAccounts) -> Resolution | None:
    """An account of that name, unless its own code contradicts the category's GL code."""
    found = [
        account for account in chart.with_name(category) if not (gl_code and account.code not in ("", gl_code))
    ]
    if not category or not found:
        return None
    return _of_expense_type(_one_account(found, f"the name “{category}”", how="name"), category)


def _one_account(found: Sequence[Account], by: str, *, how: str) -> Resolution:
    active = [account for account in found if account.is_active]
    if len(active) == 1:
        [account] = active
        return Resolution(how, account.account_id, account.code, account.name, detail=account.type)
    if not active:
        return refused(
            Reason.INACTIVE_ACCOUNT,
            f"The account with {by} ({found[0].name}) is inactive in Zoho Books: activate it, or name another "
            "account in mlc.yaml.",
        )
    names = ", ".join(sorted(account.name for account in active))
    return refused(
        Reason.AMBIGUOUS_ACCOUNT,
        f"{len(active)} accounts in Zoho Books have {by} ({names}): make it unique there, or name a unique "
        "account code in mlc.yaml.",
    )


def _of_another_type(answer: Resolution, what: str, wrong: frozenset[str], way_out: str) -> Resolution:
    if answer.problem is not None or answer.detail not in wrong:
        return answer
    return refused(
        Reason.ACCOUNT_TYPE, f"{what} is {answer.target_name}, an account of type {answer.detail}: {way_out}"
    )


def _of_expense_type(answer: Resolution, category: str) -> Resolution:
    if answer.detail not in NOT_FOR_EXPENSES:
        return answer
    return refused(
        Reason.ACCOUNT_TYPE,
        f"{_named(category)} would land on {answer.target_name}, an account of type {answer.detail}: map it to an "
        "expense account, or to this one on purpose under mapping.categories.",
    )


def _named(category: str) -> str:
    return f"Category “{category}”" if category.strip() else "An expense without a category"


def _with_code(gl_code: str) -> str:
    return f" (GL code {gl_code})" if gl_code else ""
