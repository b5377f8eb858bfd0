"""Copies of a posted bill that people make in Zoho Books: the period does not balance, and says which they are."""

from __future__ import annotations

from mlc_pipeline.frames import records
from mlc_pipeline_tests.front_door import ACME, House, week


def test_a_copied_bill_is_a_difference_with_a_remark_until_it_is_deleted(house: House) -> None:
    house.keep_reports(lambda one: one.review is None)
    assert house.run(week(0)).reconciliation.balanced
    bill = next(iter(house.organization.bills.values()))
    house.organization.bills["1"] = {**bill, "bill_id": "1", "bill_number": f"{bill['bill_number']}-copy"}
    result = house.materialise(week(0))
    rows = records(result.asset_value([ACME, "reconciliation"]))
    (off,) = [row for row in rows if row["remark"]]
    assert off["report_id"] == bill["reference_number"]
    assert off["zoho_cents"] - off["zoho_expected_cents"] == bill["total"] * 100
    assert f"There beside what was posted: {bill['bill_number']}-copy (1)." in off["remark"]
    told = house.run(week(0))
    assert (told.exit_code, told.reconciliation.balanced) == (2, False)
    for word in (str(off["remark"]), str(off["report_id"]), "run the period again"):
        assert word in str(told.failure)
    del house.organization.bills["1"]
    assert house.run(week(0)).reconciliation.balanced
