"""Every case of the golden set comes out as it was checked by hand, and adds up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mlc_pipeline.accounting.documents import Document
from mlc_pipeline_tests.accounting.books import effect_cents
from mlc_pipeline_tests.accounting.golden.company import plans, told

FOLDER = Path(__file__).parent
CASES = {
    case["why"]: case
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_report_becomes(case: dict[str, Any]) -> None:
    assert told(case).strip() == case["becomes"].strip()
    shuffled = {**case, "expenses": case["expenses"][::-1]}
    assert told(shuffled) == told(case)
    for plan in plans(case):
        assert plan.total_cents == sum(plan.transactions.values())
        if plan.document is not None:
            _adds_up(plan.document, plan.total_cents)


def test_there_are_at_least_sixty_of_them() -> None:
    assert len(CASES) >= 60


def _adds_up(document: Document, cents: int) -> None:
    assert effect_cents(document) == cents
    assert Document.from_json(document.to_json()) == document
    if document.kind == "journal":
        debits = sum(line.amount_cents for line in document.lines)
        assert debits == sum(line.amount_cents for line in document.offsets)
