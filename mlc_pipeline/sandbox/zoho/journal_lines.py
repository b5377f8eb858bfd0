"""The lines of a manual journal: what they may refer to, the taxes on them, and whether both sides are equal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from mlc_pipeline.sandbox.zoho import errors, lookups, reporting_tags
from mlc_pipeline.sandbox.zoho.amounts import decimal, refuse_excess_decimals, rounded
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.sandbox.zoho.taxes import shares
from mlc_pipeline.sandbox.zoho.totals import line_tax

SIDES = ("debit", "credit")
PAYABLE_OR_RECEIVABLE = ("accounts_payable", "accounts_receivable")


def checked_lines(call: Call, currency: Record, exchange_rate: Decimal) -> tuple[list[Record], list[Record]]:
    """Return the lines of a call's body as Zoho shows them, and the taxes that come on top of them."""
    given = call.body.get("line_items", ())
    if not given:
        raise errors.line_items_missing()
    lines = [_line(call, line, currency, exchange_rate) for line in given]
    reporting_tags.check_tags(call, "journals", given)
    precision = currency["price_precision"]
    return lines, [tax for line in lines for tax in _taxes(call, line, precision)]


def balanced_total(lines: Iterable[Record], taxes: Iterable[Record]) -> Decimal:
    """Return the total of either side, taxes included; refuses sides that differ."""
    sides = dict.fromkeys(SIDES, Decimal(0))
    for line in lines:
        sides[line["debit_or_credit"]] += line["amount"]
    for tax in taxes:
        sides[tax["debit_or_credit"]] += tax["tax_amount"]
    if sides["debit"] != sides["credit"]:
        raise errors.unbalanced_journal()
    return sides["debit"]


def _line(call: Call, line: Record, currency: Record, exchange_rate: Decimal) -> Record:
    organization, precision = call.organization, currency["price_precision"]
    if line["debit_or_credit"] not in SIDES:
        raise errors.invalid_value("debit_or_credit")
    if decimal(line["amount"]) < 0:
        raise errors.invalid_value("amount")
    if call.books.settings.journals_refuse_excess_decimals:
        refuse_excess_decimals(line["amount"], currency)
    if line.get("tax_id") and (organization.edition == "in" or not call.books.settings.journals_take_taxes):
        raise errors.tax_not_supported()
    tax = line_tax(organization, line)
    account = lookups.active_account(organization, line.get("account_id"))
    lookups.bound_account(call, account, currency)
    contact = lookups.known(organization.contacts, line, "customer_id")
    needs_contact = account["account_type"] in PAYABLE_OR_RECEIVABLE
    if needs_contact and not contact and call.books.settings.payable_lines_need_contact:
        raise errors.contact_missing(account["account_name"])
    location = lookups.known(organization.locations, line, "location_id")
    amount = rounded(decimal(line["amount"]), precision)
    return {
        **line,
        "line_id": line.get("line_id") or call.books.new_id(),
        "account_name": account["account_name"],
        "customer_name": contact.get("contact_name", ""),
        "project_name": _project(call, line, contact).get("project_name", ""),
        "location_name": location.get("location_name", ""),
        "description": line.get("description", ""),
        "amount": amount,
        "bcy_amount": rounded(amount * exchange_rate, organization.base_currency["price_precision"]),
        **({"tax_name": tax["tax_name"], "tax_percentage": str(tax["tax_percentage"])} if tax else {}),
    }


def _project(call: Call, line: Record, contact: Record) -> Record:
    """The project of a line; a vendor in `customer_id` says nothing of whose project it is."""
    is_customer = contact.get("contact_type") == "customer"
    return lookups.project(call, line if is_customer else {**line, "customer_id": ""})


def _taxes(call: Call, line: Record, price_precision: int) -> list[Record]:
    tax = line_tax(call.organization, line)
    return [
        {
            "tax_name": member["tax_name"],
            "tax_amount": rounded(line["amount"] * rate, price_precision),
            "debit_or_credit": line["debit_or_credit"],
        }
        for member, rate in (shares(call.organization, tax) if tax else ())
    ]
