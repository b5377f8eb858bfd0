"""Exchange rates of mlc.yaml that can hardly be meant: told before anything is posted, and not booked inverted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline_tests.front_door import ACME, House, Said, week

PERIOD = week(1)


@pytest.fixture
def dollars(house: House) -> House:
    """A house in EUR with nothing but reports in dollars, of which one is 0.85 EUR in Zoho Books."""
    assert house.keep_reports(lambda one: one.period == PERIOD and one.currency == "USD" and one.posted_cents > 0)
    in_zoho(house, Decimal("0.85"))
    return house


def in_zoho(house: House, rate: Any) -> None:
    (currency,) = [one for one in house.organization.currencies.values() if one["currency_code"] == "USD"]
    currency["exchange_rate"] = rate


def preview(house: House, *more: str) -> Said:
    return house.mlc_here("preview", "--connection", ACME, "--period", PERIOD, *more)


def metadata_of_bills(house: House) -> tuple[dict[str, Any], list[str]]:
    """What a run through Dagster leaves with `zoho_bills`, and the warnings in its log."""
    result = house.materialise(PERIOD)
    (bills,) = [
        event.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key and event.asset_key.path[-1] == "zoho_bills"
    ]
    with house.dagster_instance() as instance:
        log = [entry.user_message for entry in instance.all_logs(result.run_id) if entry.level == 30]
    return {name: value.value for name, value in bills.metadata.items()}, log


def test_a_rate_the_wrong_way_round_holds_its_documents_back(dollars: House) -> None:
    dollars.configure(posting={"exchange_rates": {"USD": "1.18"}})
    said = preview(dollars, "--json").json
    (warning,) = said["warnings"]
    assert "1 USD = 1.18 EUR, but Zoho Books now has 1 USD = 0.85 EUR" in warning
    run = dollars.run(PERIOD)
    for document in (*said["documents"], *run.documents):
        assert document["reason_code"] == "inverted_exchange_rate"
        assert "wrong way round" in document["reason"]
    assert run.exit_code == 1
    assert dollars.writes() == []

    dollars.configure(posting={"exchange_rates": {"USD": "0.86"}})
    assert preview(dollars, "--json").json["warnings"] == []
    assert {document["state"] for document in dollars.run(PERIOD).documents} == {"posted"}
    assert {bill["exchange_rate"] for bill in dollars.organization.bills.values()} == {Decimal("0.86")}


def test_a_rate_that_is_far_off_is_told_everywhere_and_taken(dollars: House) -> None:
    dollars.configure(posting={"exchange_rates": {"USD": "0.1"}})
    assert "1 USD = 0.1 EUR" in " ".join(preview(dollars).out.split())
    (warning,) = preview(dollars, "--json").json["warnings"]
    assert "8.5 times apart" in warning
    assert dollars.writes() == []
    metadata, log = metadata_of_bills(dollars)
    assert metadata["doubtful_exchange_rates"] == warning
    assert warning in log
    assert {bill["exchange_rate"] for bill in dollars.organization.bills.values()} == {Decimal("0.1")}


@pytest.mark.parametrize(
    ("rate", "in_books"),
    [
        pytest.param("1.18", 1, id="a rate that nobody has set"),
        pytest.param("1.18", None, id="no rate"),
        pytest.param("1.05", "0.97", id="beside parity"),
        pytest.param("0.6", "0.85", id="moved"),
    ],
)
def test_a_rate_that_may_well_be_meant_is_taken_in_silence(dollars: House, rate: str, in_books: Any) -> None:
    in_zoho(dollars, in_books if in_books in (1, None) else Decimal(in_books))
    dollars.configure(posting={"exchange_rates": {"USD": rate}})
    assert preview(dollars, "--json").json["warnings"] == []
    metadata, log = metadata_of_bills(dollars)
    assert "doubtful_exchange_rates" not in metadata
    assert not [line for line in log if "exchange_rates" in line]
    assert {bill["exchange_rate"] for bill in dollars.organization.bills.values()} == {Decimal(rate)}


def test_a_rate_of_a_currency_that_the_period_has_not_is_not_told(dollars: House) -> None:
    dollars.configure(posting={"exchange_rates": {"GBP": "0.01"}})
    assert preview(dollars, "--json").json["warnings"] == []
