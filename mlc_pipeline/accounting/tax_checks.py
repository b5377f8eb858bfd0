"""What keeps a report back for its taxes: amounts that do not fit the rate, and what the edition does not take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlc_pipeline.accounting.check import Check, about, money_of
from mlc_pipeline.accounting.organization import edition_of
from mlc_pipeline.accounting.problems import Problem, Reason
from mlc_pipeline.accounting.sheets import Sheet
from mlc_pipeline.accounting.taxes import is_off, mismatch

_NO_EMPLOYEE_BILLS = (
    "Zoho Books ({}) takes a bill to a vendor without a registration, as employees are, only with a reverse "
    "charge, which is not posted: set posting.reimbursable: journal and posting.employee_payable_account in "
    "mlc.yaml."
)
_NO_CARD_TAXES = (
    "Zoho Books ({}) checks the taxes of a bill against the registration of its vendor, and that of a card is not "
    "the seller's: set posting.company_paid: journal in mlc.yaml."
)


def edition_check(sheet: Sheet) -> Check:
    """What the edition of the organization is known to refuse: bills to employees, and so vendor credits."""
    edition = edition_of(sheet.organization)
    is_refused = not sheet.is_journal and not edition.takes_employee_bills
    if sheet.part.name == "reimbursable":
        wrong, text = sheet.has_lines(), _NO_EMPLOYEE_BILLS
    else:
        wrong, text = sheet.by_report(sheet.by_coding(lambda coding: coding.tax is not None)), _NO_CARD_TAXES
    problem = Problem(Reason.TAX_NOT_SUPPORTED, text.format(edition.name))
    return Check(np.asarray(wrong & is_refused, dtype=np.bool_), lambda _: [problem])


def tax_check(sheet: Sheet) -> Check:
    """The tax of an expense is what the rate of Zoho's tax makes of its amount."""

    def problems(place: int) -> Iterator[Problem]:
        tax = sheet.codings[sheet.coding[place]].tax
        if tax is not None:
            told = (money_of(sheet, place, amounts) for amounts in (sheet.tax, sheet.cents, sheet.expected_tax))
            stated, gross, expected = told
            yield about(sheet, place, mismatch(stated, gross, tax, expected))

    return Check(is_off(sheet.tax, sheet.expected_tax, sheet.units[sheet.reports]), problems)
