"""Taxes: which tax of Zoho Books an Expensify tax is, if any, and on which account a journal books it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mlc_pipeline.accounting.editions import edition_named
from mlc_pipeline.accounting.mapping.accounts import account_with_code
from mlc_pipeline.accounting.mapping.answers import NOTHING, Resolution, refused
from mlc_pipeline.accounting.mapping.reference import ChartOfAccounts, Tax
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline.accounting.wording import name_key

NONE = "none"
"""What mlc.yaml says of a tax that is not sent."""


@dataclass(frozen=True, slots=True)
class ExpenseTax:
    """A tax as Expensify writes it on an expense; `rate` as printed there, for example `20%`."""

    name: str
    rate: str = ""
    code: str = ""

    @property
    def percentage(self) -> Decimal | None:
        """The rate as a number of percent; None where it cannot be read."""
        found = re.fullmatch(r"\s*(\d{1,3}(?:[.,]\d{1,6})?)\s*%?\s*", self.rate)
        return Decimal(found[1].replace(",", ".")) if found else None

    @property
    def keys(self) -> list[str]:
        """By what mapping.taxes may name it: its name, its code or, where it has no name, its rate."""
        rate = "" if self.name.strip() else self.rate
        return [text.strip() for text in (self.name, self.code, rate) if text.strip()]

    def __str__(self) -> str:
        named = f"Tax “{self.name}”" if self.name else "A tax without a name"
        facts = [f"rate {self.rate}"] if self.rate else []
        facts += [f"code {self.code}"] if self.code else []
        return f"{named} ({', '.join(facts)})" if facts else named


@dataclass(frozen=True, slots=True)
class TaxOverride:
    """An entry under mapping.taxes: name of Zoho's tax, `none` or empty; code of a journal's account or empty."""

    tax: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class TaxRules:
    """`mapping.taxes` of mlc.yaml by the keys of Expensify's taxes, and the edition of the organization."""

    overrides: Mapping[str, TaxOverride] = field(default_factory=dict)
    edition: str = ""


def resolve_tax(tax: ExpenseTax, taxes: Sequence[Tax], rules: TaxRules) -> Resolution:
    """Override, then the name, then the code as a name, then the only active tax of the same percentage.

    Nothing is sent where mlc.yaml says none, in the US edition, whose bills know no tax per line, and where the
    organization has no taxes.
    """
    override = _override(tax, rules)
    wanted = override.tax if override else ""
    if name_key(wanted) == NONE or not edition_named(rules.edition).takes_line_taxes:
        return NOTHING
    if wanted:
        return _overridden(tax, wanted, taxes)
    if not taxes:
        return NOTHING
    for name, how in ((tax.name, "name"), (tax.code, "code")):
        named = [one for one in taxes if name.strip() and name_key(one.name) == name_key(name)]
        if named:
            return _one_tax(tax, named, f"the name “{name}”", how=how)
    return _by_percentage(tax, taxes)


def resolve_tax_account(tax: ExpenseTax, chart: ChartOfAccounts, rules: TaxRules) -> Resolution | None:
    """The account on which a journal books the tax; None where mlc.yaml names none."""
    override = _override(tax, rules)
    if override is None or not override.account:
        return None
    return account_with_code(str(tax), override.account, chart, how="override", unknown=Reason.UNMAPPED_TAX)


def _override(tax: ExpenseTax, rules: TaxRules) -> TaxOverride | None:
    known = {name_key(name): override for name, override in rules.overrides.items()}
    return next((known[name_key(key)] for key in tax.keys if name_key(key) in known), None)


def _overridden(tax: ExpenseTax, name: str, taxes: Sequence[Tax]) -> Resolution:
    named = [one for one in taxes if name_key(one.name) == name_key(name)]
    if not named:
        return refused(
            Reason.UNMAPPED_TAX,
            f"{tax} is mapped in mlc.yaml to “{name}”, a tax that Zoho Books does not have: correct the name "
            "under mapping.taxes.",
        )
    return _one_tax(tax, named, f"the name “{name}”", how="override")


def _by_percentage(tax: ExpenseTax, taxes: Sequence[Tax]) -> Resolution:
    percentage = tax.percentage
    same = [one for one in taxes if one.is_active and percentage is not None and one.percentage == percentage]
    if len(same) == 1:
        return _found(same[0], "percentage")
    if percentage == 0:
        return NOTHING
    several = f" ({len(same)} have this rate)" if same else ""
    return refused(
        Reason.UNMAPPED_TAX,
        f"{tax} is none of the taxes in Zoho Books{several}: {_mend(tax)}",
    )


def _mend(tax: ExpenseTax) -> str:
    if not tax.keys:
        return "it has no name, code or rate by which mapping.taxes could name it; correct the tax in Expensify."
    named = "" if tax.name else f" “{tax.keys[0]}”"
    return f"add an entry{named} under mapping.taxes in mlc.yaml, the name of Zoho's tax or none."


def _one_tax(tax: ExpenseTax, found: Sequence[Tax], by: str, *, how: str) -> Resolution:
    active = [one for one in found if one.is_active]
    if len(active) == 1:
        return _found(active[0], how)
    what = "is inactive" if not active else f"is there {len(active)} times"
    return refused(
        Reason.UNMAPPED_TAX if active else Reason.INACTIVE_TAX,
        f"{tax}: the tax with {by} {what} in Zoho Books. Mend it there, or name another one under mapping.taxes "
        "in mlc.yaml.",
    )


def _found(tax: Tax, how: str) -> Resolution:
    percentage = "" if tax.percentage is None else f"{tax.percentage.normalize():f}"
    return Resolution(how, tax.tax_id, "", tax.name, detail=percentage)
