"""Drift: each value is compared with the newest answer that there was to it, however long ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mlc_pipeline.accounting.drift import drift, inactive
from mlc_pipeline.accounting.mapping import Account, CategoryRules, DimensionRule, TaxOverride, TaxRules
from mlc_pipeline.accounting.overrides import unmatched
from mlc_pipeline.accounting.period_mappings import MappingRules
from mlc_pipeline.frames import records
from mlc_pipeline_tests.accounting.books import ANN, BOOKS, MEALS, TRAVEL, Company, expense, frame

ACME = Company()
ELSEWHERE = Company(replace(BOOKS, accounts=(replace(MEALS, account_id="A-new"), TRAVEL)))
WITHOUT = Company(replace(BOOKS, accounts=(TRAVEL,)))
MEAL, OTHER = expense(), expense(category="Travel", category_gl_code="6650")


def told(now: pd.DataFrame, *earlier: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The drifted rows, of earlier periods "1", "2", ... the newest first: name, since, now."""
    found = drift(((str(number), frame) for number, frame in enumerate(earlier, start=1)), now)
    return [(row["name"], row["since"], row["now"]) for row in records(found)]


def test_what_is_resolved_to_another_record_is_drift() -> None:
    before, now = ACME.mapped(frame(MEAL)), ELSEWHERE.mapped(frame(MEAL))
    assert told(before, before) == []
    assert told(now, before) == [("Meals & Entertainment", "1", "Meals & Entertainment (A-new)")]


def test_a_period_without_the_value_does_not_hide_the_drift() -> None:
    now = ELSEWHERE.mapped(frame(MEAL, OTHER))
    assert [
        (name, since) for name, since, _ in told(now, ACME.mapped(frame(OTHER)), ACME.mapped(frame(MEAL)))
    ] == [("Meals & Entertainment", "2")]


def test_a_period_without_an_answer_does_not_hide_it_either() -> None:
    now = ELSEWHERE.mapped(frame(MEAL))
    assert told(now, WITHOUT.mapped(frame(MEAL)), ACME.mapped(frame(MEAL)))


def test_of_several_answers_the_newest_counts() -> None:
    now = ELSEWHERE.mapped(frame(MEAL))
    assert told(now, ELSEWHERE.mapped(frame(MEAL)), ACME.mapped(frame(MEAL))) == []


def test_no_more_frames_are_read_than_it_takes() -> None:
    def earlier() -> Iterator[tuple[str, pd.DataFrame]]:
        yield "2026-01-05", ACME.mapped(frame(MEAL))
        raise AssertionError("all that is asked has its answer")

    assert drift(earlier(), ACME.mapped(frame(MEAL))).empty


def test_without_earlier_periods_and_for_an_empty_period_there_is_none() -> None:
    assert told(ACME.mapped(frame(MEAL))) == []
    assert told(ACME.mapped(frame()), ACME.mapped(frame(MEAL))) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"accounts": (replace(MEALS, is_active=False), TRAVEL)}, "Meals & Entertainment"),
        ({"vendors": (replace(ANN, is_active=False),)}, "ann@example.com"),
    ],
)
def test_an_inactive_target_is_known_by_its_reason(changes: dict[str, Any], name: str) -> None:
    mapped = Company(replace(BOOKS, **changes)).mapped(frame(MEAL))
    assert [row["name"] for row in records(inactive(mapped))] == [name]


def test_a_name_that_says_inactive_makes_nothing_inactive() -> None:
    odd = expense(category="What is inactive in Zoho Books", category_gl_code="")
    assert inactive(ACME.mapped(frame(odd))).empty
    account = Account("A-1", "What is inactive in Zoho Books", "6640", "bank", is_active=True)
    assert inactive(Company(replace(BOOKS, accounts=(account,))).mapped(frame(MEAL))).empty


def test_an_override_that_nothing_asks_for_is_told() -> None:
    rules = MappingRules(
        categories=CategoryRules({"Meals & Entertainment": "6640", "Meels": "6640"}),
        employees=None,  # type: ignore[arg-type]
        version="",
        tags={"1": DimensionRule("project", values={"apolo": "Apollo", "APOLLO": "Apollo"})},
        report_fields={"Cost Center": DimensionRule("location", values={"Lab": "Lab"})},
        taxes=TaxRules({"V20": TaxOverride("none"), "V7": TaxOverride("none"), "7%": TaxOverride("none")}),
    )
    acme = Company(tags=rules.tags, report_fields=rules.report_fields, taxes=rules.taxes)
    named = {"tag_1": "Apollo", "tax_name": "VAT", "tax_code": "v20", "report_fields": '{"Cost_Center": "Hq"}'}
    by_rate = expense("T2", tax_name="", tax_rate="7%", tax_cents=7)
    mapped = acme.mapped(frame(expense(**named), by_rate))
    assert unmatched(mapped, rules) == (
        "mapping.categories: Meels",
        "mapping.tags.1.values: apolo",
        "mapping.report_fields.Cost Center.values: Lab",
        "mapping.taxes: V7",
    )
