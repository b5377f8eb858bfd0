"""The lines that bills and vendor credits share: what they may refer to and how they are shown."""

from __future__ import annotations

from decimal import Decimal

from mlc_pipeline.sandbox.zoho import errors, lookups, reporting_tags, taxes
from mlc_pipeline.sandbox.zoho.amounts import decimal, line_amount, refuse_excess_decimals, rounded
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record
from mlc_pipeline.sandbox.zoho.totals import contains_tax, line_tax, tax_parts

#: What a line may set and the answer repeats as it was given.
REPEATED = (
    "account_id", "customer_id", "hsn_or_sac", "is_billable", "item_custom_fields", "name", "product_type",
    "project_id", "reverse_charge_tax_id", "tags", "tax_exemption_code", "tax_exemption_id", "tax_id",
    "tax_treatment_code", "unit",
)  # fmt: skip


def check_lines(call: Call, vendor: Record, currency: Record, where: str, *, negative: bool) -> None:
    """Refuse lines that are missing or refer to what does not exist, is not active or does not fit.

    `where` names the documents in the plural, `negative` says whether they take lines below zero.
    """
    lines = call.body.get("line_items") or []
    if not lines:
        raise errors.line_items_missing()
    for line in lines:
        account = lookups.line_account(call.organization, line.get("account_id"), where)
        lookups.bound_account(call, account, currency)
        if decimal(line.get("rate", 0)) < 0 and not negative:
            raise errors.negative_line()
        if call.books.settings.bills_refuse_excess_decimals:
            refuse_excess_decimals(line.get("rate", 0), currency)
        lookups.customer(call, line)
        if line.get("is_billable") and not line.get("customer_id"):
            raise errors.customer_missing()
        line_tax(call.organization, line)
    taxes.check_gst(call, vendor, lines)
    reporting_tags.check_tags(call, "purchases", lines)


def shown_line(call: Call, line: Record, currency: Record, exchange_rate: Decimal) -> Record:
    """Return a given line as Zoho shows it, with names, totals and an id."""
    organization, precision = call.organization, currency["price_precision"]
    tax = line_tax(organization, line)
    location = lookups.known(organization.locations, line, "location_id")
    amount = line_amount(line, precision)
    shows_net = contains_tax(call) and call.books.settings.inclusive_lines_show_net
    tax_amount = rounded(sum((part for _, part in tax_parts(call, line, precision)), Decimal(0)), precision)
    base_precision = organization.base_currency["price_precision"]
    return {
        **{name: line[name] for name in REPEATED if name in line},
        "line_item_id": line.get("line_item_id") or call.books.new_id(),
        "account_name": organization.accounts[line["account_id"]]["account_name"],
        "project_name": lookups.project(call, line).get("project_name", ""),
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "description": line.get("description", ""),
        "rate": line.get("rate", 0),
        "bcy_rate": rounded(decimal(line.get("rate", 0)) * exchange_rate, base_precision),
        "quantity": line.get("quantity", 1),
        "item_total": amount - tax_amount if shows_net else amount,
        "item_total_inclusive_of_tax": amount if contains_tax(call) else amount + tax_amount,
        "tax_name": tax.get("tax_name", ""),
        "tax_percentage": tax.get("tax_percentage", 0),
        "tax_type": tax.get("tax_type", "tax"),
    }
