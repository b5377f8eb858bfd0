"""The checked-in facts are those of Zoho's OpenAPI files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlc_pipeline.sandbox.zoho.facts import operation_for, operations
from mlc_pipeline_tests.contract.extract_operations import FACTS_FILE, as_text, extract_operations

BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[3] / "shared" / "reference" / "zoho-openapi"


@pytest.mark.contract
def test_the_checked_in_facts_equal_what_the_openapi_files_say() -> None:
    named = os.environ.get("ZOHO_OPENAPI_DIR")
    files = Path(named) if named else BESIDE_THE_REPOSITORY
    if not named and not files.is_dir():
        pytest.skip("Zoho's OpenAPI files are not part of the repository: name their folder in ZOHO_OPENAPI_DIR")
    assert FACTS_FILE.read_text(encoding="utf-8") == as_text(extract_operations(files))


def test_a_path_finds_its_operation_and_a_literal_path_goes_before_a_parameter() -> None:
    found = operation_for("GET", "/bills/982000000026003")
    assert found is not None
    assert (found[0].name, found[1]) == ("get_bill", {"bill_id": "982000000026003"})
    tags = operation_for("GET", "/reportingtags/982000000026003/options/all")
    assert tags is not None
    assert (tags[0].name, tags[1]) == ("all_tag_options", {"tag_id": "982000000026003"})
    assert operation_for("PATCH", "/bills") is None


def test_the_facts_know_required_fields_editions_and_search_variants() -> None:
    create_bill = operations()["create_bill"]
    assert create_bill.scope == "ZohoBooks.bills.CREATE"
    assert create_bill.request.children["vendor_id"].required
    line = create_bill.request.children["line_items"].item
    assert line is not None
    assert not line.children["tax_id"].is_in_edition("us")
    assert line.children["tax_id"].is_in_edition("in")
    assert "bill_number_startswith" in operations()["list_bills"].query
