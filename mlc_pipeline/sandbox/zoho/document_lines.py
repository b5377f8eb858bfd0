"""The lines that bills and vendor credits share: what they refer to and how they are shown."""

from __future__ import annotations

from mlc_pipeline.sandbox.zoho import lookups
from mlc_pipeline.sandbox.zoho.amounts import line_amount, line_tax
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Record

#: What a line may set and the answer repeats as it was given.
REPEATED = (
    "account_id", "customer_id", "hsn_or_sac", "is_billable", "item_custom_fields", "name", "product_type",
    "project_id", "reverse_charge_tax_id", "tags", "tax_exemption_code", "tax_exemption_id", "tax_id",
    "tax_treatment_code", "unit",
)  # fmt: skip


def shown_line(call: Call, line: Record, price_precision: int) -> Record:
    """Return a given line as Zoho shows it, with names, total and an id."""
    organization = call.organization
    tax = line_tax(organization, line)
    project = lookups.known(organization.projects, line, "project_id")
    location = lookups.known(organization.locations, line, "location_id")
    return {
        **{name: line[name] for name in REPEATED if name in line},
        "line_item_id": line.get("line_item_id") or call.books.new_id(),
        "account_name": organization.accounts[line["account_id"]]["account_name"],
        "project_name": project.get("project_name", ""),
        "location_id": location.get("location_id", ""),
        "location_name": location.get("location_name", ""),
        "description": line.get("description", ""),
        "rate": line.get("rate", 0),
        "quantity": line.get("quantity", 1),
        "item_total": line_amount(line, price_precision),
        "tax_name": tax.get("tax_name", ""),
        "tax_percentage": tax.get("tax_percentage", 0),
    }


def check_line_tags(call: Call) -> None:
    """Refuse unknown reporting tags, and a document without a mandatory one."""
    tag_lists = [call.body.get("tags", ()), *(line.get("tags", ()) for line in call.body["line_items"])]
    for tags in tag_lists:
        lookups.check_tags(call.organization, tags)
    lookups.check_mandatory_tags(call.organization, *tag_lists)
