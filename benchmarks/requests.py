"""How many requests a period costs: of Zoho Books for bills and many vendors, of Expensify for many periods."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from benchmarks.measuring import Row
from mlc_pipeline.build import build_defs
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.periods import approval_periods
from mlc_pipeline_tests.front_door import ACME, FIRST_PERIOD, House, open_house, small_company, week

REPORTS = 500
VENDORS = 3000
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def measure() -> Iterator[Row]:
    """A period of many reports, the same period again, and backfills of a year of weeks and three of months."""
    yield from _of_zoho()
    yield _of_vendors()
    yield _of_expensify("52 weeks", {"cadence": "weekly"}, 52, at_most=6)
    yield _of_expensify("36 months", {"cadence": "monthly", "start": "2023-01-01"}, 36, at_most=12)


def _of_zoho() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        company = small_company(weeks=1, reports_per_week=REPORTS)
        with open_house(Path(folder) / "home", company) as house:
            bills, asked = _run(house)
            posted = f"{bills} posted documents"
            yield Row(f"requests to Zoho Books, {REPORTS} reports", posted, asked / bills, at_most=1.05)
            _, again = _run(house)
            yield Row("requests to Zoho Books, the same period again", posted, again / bills)


def _of_vendors() -> Row:
    """Of employees who all have a vendor with their address; else the whole list is read before one is made."""
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "home") as house:
        employees = {one.employee_email for one in house.keep_reports(lambda one: one.review is None)}
        books, contacts = house.sandbox.zoho_books, house.organization.contacts
        contacts.clear()
        first = datetime(2025, 1, 1, tzinfo=UTC)
        for number in range(VENDORS):
            changed = f"{first + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S%z}"
            books.add_contact(house.organization, f"Vendor {number}", last_modified_time=changed)
        for email in sorted(employees):
            books.add_contact(house.organization, email, email=email)
        whole, new = _lists_of_contacts(house), _lists_of_contacts(house)
        what = f"requests for {VENDORS:,} vendors, a run after the first: {new}"
        return Row(what, f"the first, which reads all: {whole}", new / whole)


def _lists_of_contacts(house: House) -> int:
    log = house.sandbox.zoho_books.request_log
    before = len(log)
    house.run(week(0))
    return sum(call.method == "GET" and call.path.endswith("/contacts") for call in log[before:])


def _run(house: House) -> tuple[int, int]:
    log = house.sandbox.zoho_books.request_log
    before = len(log)
    run = house.run(week(0))
    asked = sum(call.path.startswith("/books/") for call in log[before:])
    return sum(one["state"] == "posted" for one in run.documents), asked


def _of_expensify(what: str, period: dict[str, str], count: int, at_most: int) -> Row:
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "home") as house:
        house.configure(period=period)
        periods = approval_periods(house.connection.period)
        first = periods.period(period.get("start", FIRST_PERIOD.isoformat()))
        keys = [first.key]
        while len(keys) < count:
            keys.append(periods.period(keys[-1]).end.date().isoformat())
        job = build_defs(settings=house.settings).resolve_job_def(period_job_name(ACME))
        with house.dagster_instance() as instance:
            result = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey([ACME, "expensify_reports"])],
                tags={
                    "dagster/asset_partition_range_start": keys[0],
                    "dagster/asset_partition_range_end": keys[-1],
                },
                run_config=_QUIET,
            )
        assert result.success
        received = len(house.sandbox.expensify_account.received)
        return Row(f"requests to Expensify, {what} at once", "one request", received, at_most)
