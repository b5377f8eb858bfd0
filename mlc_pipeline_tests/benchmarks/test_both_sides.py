"""The plain loop that the columns are measured against makes the same documents, else it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import workload
from benchmarks.documents import check_that_both_agree

EXPENSES = 2_000
LINES = "".join(workload.as_lines(EXPENSES)).encode()
OBJECTS = [*workload.as_json(EXPENSES)]


def test_both_sides_make_the_same_documents() -> None:
    check_that_both_agree(LINES, "".join(OBJECTS).encode())


def test_a_file_that_became_no_documents_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="nothing is measured"):
        check_that_both_agree(b"end\t0\t0\t.\n", b"")


def one_cent_more(report: dict[str, Any]) -> None:
    report["expenses"][3]["amount"] += 1
    report["total"] += 1


def another_category(report: dict[str, Any]) -> None:
    report["expenses"][3]["category"] = "Meals" if report["expenses"][3]["category"] != "Meals" else "Travel"


def paid_by_the_company(report: dict[str, Any]) -> None:
    for expense in report["expenses"]:
        expense["reimbursable"] = not expense["reimbursable"]


def another_title(report: dict[str, Any]) -> None:
    report["reportName"] += "!"


@pytest.mark.parametrize("change", [one_cent_more, another_category, paid_by_the_company, another_title])
def test_a_change_of_one_report_on_one_side_is_found(change: Callable[[dict[str, Any]], None]) -> None:
    report = json.loads(OBJECTS[7])
    change(report)
    objects = [*OBJECTS[:7], json.dumps(report) + "\n", *OBJECTS[8:]]
    with pytest.raises(RuntimeError, match="two sides"):
        check_that_both_agree(LINES, "".join(objects).encode())
