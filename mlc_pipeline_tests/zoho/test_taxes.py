"""What taxes add to a net amount is read from Zoho Books, also where they are charged together."""

from __future__ import annotations

from decimal import Decimal

from mlc_pipeline.sandbox.zoho.records import add_tax, add_tax_group
from mlc_pipeline.steps.zoho_taxes import read_taxes
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline_tests.zoho.conftest import Zoho


def percentages(client: ZohoBooksClient) -> dict[str, str | None]:
    frame = read_taxes(client).astype("object")
    return dict(zip(frame["name"], frame["percentage"].where(frame["percentage"].notna(), None), strict=True))


def test_a_group_with_a_tax_on_the_others_adds_more_than_its_parts(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.organization.edition = "ca"
    simple = add_tax(zoho.books, zoho.organization, "Federal", 5)
    compound = add_tax(zoho.books, zoho.organization, "Province", 10, tax_type="compound_tax")
    add_tax_group(zoho.books, zoho.organization, "Both", [simple, compound])
    found = percentages(client)
    assert (found["Federal"], found["Province"]) == ("5", "10")
    assert Decimal(found["Both"] or 0) == Decimal("15.5")


def test_without_one_groups_are_not_read_one_by_one(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.organization.edition = "in"
    parts = [add_tax(zoho.books, zoho.organization, name, 9) for name in ("CGST9", "SGST9")]
    group = add_tax_group(zoho.books, zoho.organization, "GST18", parts)
    assert percentages(client)["GST18"] == "18"
    assert zoho.requests(f"/books/v3/settings/taxgroups/{group['tax_id']}") == 0


def test_a_group_that_cannot_be_read_has_no_percentage(zoho: Zoho, client: ZohoBooksClient) -> None:
    zoho.organization.edition = "ca"
    compound = add_tax(zoho.books, zoho.organization, "Province", 10, tax_type="compound_tax")
    add_tax_group(zoho.books, zoho.organization, "Both", [compound])
    zoho.organization.taxes[compound["tax_id"]]["tax_percentage"] = None
    assert percentages(client)["Both"] is None
