"""Taxes: their lists, how a tax of a line divides, and what India's edition refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from mlc_pipeline.sandbox.zoho import errors, listing
from mlc_pipeline.sandbox.zoho.amounts import decimal
from mlc_pipeline.sandbox.zoho.call import Call
from mlc_pipeline.sandbox.zoho.organization import Organization, Record

#: What only the sandbox knows of a tax.
HIDDEN = ("member_ids",)

TAX_TYPES = ("tax", "compound_tax")


def list_taxes(call: Call) -> Record:
    """GET /settings/taxes: with the groups, as seen live."""
    return listing.one_page(call, "taxes", [_shown(tax) for tax in call.organization.taxes.values()])


def get_tax(call: Call) -> Record:
    """GET /settings/taxes/{tax_id}: the file makes a list of it."""
    tax = call.organization.taxes.get(call.path["tax_id"])
    if tax is None or tax.get("tax_type") == "tax_group":
        raise errors.does_not_exist("Tax")
    return {"tax": [_detail(tax)]}


def get_tax_group(call: Call) -> Record:
    """GET /settings/taxgroups/{tax_group_id}: with its members."""
    group = call.organization.taxes.get(call.path["tax_group_id"])
    if group is None or group.get("tax_type") != "tax_group":
        raise errors.does_not_exist("Tax Group")
    names = ("tax_id", "tax_name", "tax_percentage", "tax_type")
    members = [{name: tax[name] for name in names} for tax in members_of(call.organization, group)]
    return {
        "tax_group": {
            "tax_group_id": group["tax_id"],
            "tax_group_name": group["tax_name"],
            "tax_group_percentage": group["tax_percentage"],
            "taxes": members,
        }
    }


def create_tax(call: Call) -> Record:
    """POST /settings/taxes: only once taxes were enabled in the web application."""
    if not call.organization.tax_enabled:
        raise errors.tax_not_enabled()
    body = call.body
    if not body.get("tax_name"):
        raise errors.invalid_value("tax_name")
    if body.get("tax_type", "tax") not in TAX_TYPES:
        raise errors.invalid_value("tax_type")
    names = ("tax_name", "tax_percentage", "tax_type", "tax_specific_type", "is_value_added")
    tax: Record = {"tax_id": call.books.new_id(), "tax_percentage": 0, "tax_type": "tax"}
    tax |= {name: body[name] for name in names if name in body}
    call.organization.taxes[tax["tax_id"]] = tax
    return {"message": "The tax has been added.", "tax": [_detail(tax)]}


def members_of(organization: Organization, tax: Record) -> list[Record]:
    """Return the taxes of a group, or the tax itself."""
    return [organization.taxes[tax_id] for tax_id in tax.get("member_ids", [tax["tax_id"]])]


def shares(organization: Organization, tax: Record) -> list[tuple[Record, Decimal]]:
    """Return each member of a tax with its part of the net amount; a compound tax also taxes the others."""
    parts: list[tuple[Record, Decimal]] = []
    simple = Decimal(0)
    for member in sorted(members_of(organization, tax), key=lambda each: each.get("tax_type") == "compound_tax"):
        rate = decimal(member.get("tax_percentage", 0)) / 100
        if member.get("tax_type") == "compound_tax":
            rate *= 1 + simple
        else:
            simple += rate
        parts.append((member, rate))
    return parts


def check_gst(call: Call, vendor: Record, lines: Sequence[Record]) -> None:
    """Refuse what India's edition refuses of a bill or vendor credit: supply and reverse charge."""
    if call.organization.edition != "in":
        return
    source = call.body.get("source_of_supply") or vendor.get("place_of_contact", "")
    destination = call.body.get("destination_of_supply") or call.organization.state_code
    for line in lines:
        _check_reverse_charge(call, vendor, line)
        tax_id = line.get("tax_id") or line.get("reverse_charge_tax_id")
        if tax_id and tax_id not in call.organization.taxes:
            raise errors.invalid_value("tax_id" if line.get("tax_id") else "reverse_charge_tax_id")
        if tax_id and source and destination:
            _check_supply(call.organization, call.organization.taxes[tax_id], interstate=source != destination)


def _check_supply(organization: Organization, tax: Record, *, interstate: bool) -> None:
    kinds = {member.get("tax_specific_type") for member in members_of(organization, tax)}
    if interstate and kinds & {"cgst", "sgst"}:
        raise errors.interstate_needs_igst()
    if not interstate and "igst" in kinds:
        raise errors.intrastate_takes_no_igst()


def _check_reverse_charge(call: Call, vendor: Record, line: Record) -> None:
    if not _is_unregistered(call, vendor):
        return
    if line.get("tax_id") and line.get("reverse_charge_tax_id"):
        raise errors.tax_and_reverse_charge()
    is_exempt = line.get("tax_exemption_id") or line.get("tax_exemption_code")
    if is_exempt and not call.books.settings.exempt_lines_need_reverse_charge:
        return
    if not line.get("reverse_charge_tax_id"):
        raise errors.reverse_charge_missing()


def _is_unregistered(call: Call, vendor: Record) -> bool:
    settings = call.books.settings
    needs: Mapping[str, bool] = {
        "business_none": True,
        "consumer": settings.consumers_need_reverse_charge,
        "": settings.vendors_without_gst_treatment_are_unregistered,
    }
    treatment = call.body.get("gst_treatment") or vendor.get("gst_treatment", "")
    return needs.get(treatment, False)


def _shown(tax: Record) -> Record:
    return {name: value for name, value in tax.items() if name not in HIDDEN}


def _detail(tax: Record) -> Record:
    names = ("tax_id", "tax_name", "tax_percentage", "tax_type", "tax_specific_type", "is_value_added")
    return {name: tax[name] for name in names if name in tax}
