"""Whole runs, Dagster and all, killed at random moments while Zoho Books loses answers; then one quiet run."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path

from mlc_pipeline.posting import audit
from mlc_pipeline.resources import Database, ZohoAccess
from mlc_pipeline_tests.faults.mishaps import AT_ONCE, Mishaps
from mlc_pipeline_tests.faults.whole_runs import materialise
from mlc_pipeline_tests.forking import processes
from mlc_pipeline_tests.front_door import ACME, House, open_house, small_company

SEED = 20260105


def test_periods_whose_runs_are_killed_are_posted_once_and_reconcile(tmp_path: Path) -> None:
    with open_house(tmp_path / "home", small_company(SEED, weeks=4, reports_per_week=8)) as house:
        _log_in(house)
        rng = random.Random(SEED)
        mishaps = Mishaps(house.sandbox.zoho_books, rng, AT_ONCE)
        for period in house.periods:
            mishaps.order(3)
            with _run(house, period) as process:
                # Six requests read and compare, from the seventh on it is posted.
                _wait_for_requests(house, rng.randint(6, 14), process)
                process.kill()
                process.join()
            assert process.exitcode == -signal.SIGKILL
        mishaps.clear()
        for period in house.periods:
            with _run(house, period) as process:
                process.join()
            assert process.exitcode == 0
        _assert_posted_once(house)
        again = house.run(house.periods[0])
        assert (again.writes, again.failure, again.reconciliation.balanced) == (0, None, True)


@contextmanager
def _run(house: House, period: str) -> Iterator[BaseProcess]:
    process = processes.Process(target=materialise, args=(house.environment, ACME, period), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _wait_for_requests(house: House, number: int, process: BaseProcess) -> None:
    """Until Zoho Books has seen so many from the run: on a busy machine that says more than seconds."""
    log = house.sandbox.zoho_books.request_log
    seen = len(log)
    while len(log) - seen < number and process.is_alive():
        process.join(0.005)


def _log_in(house: House) -> None:
    """A token for all runs, as the first of them would leave it behind."""
    with closing(ZohoAccess(Database(house.settings))) as access:
        access.client(house.connection).organization()


def _assert_posted_once(house: House) -> None:
    expected = {name: one for name, one in house.company.expected.items() if one.posted_cents > 0 and one.period}
    bills = [bill for bill in house.organization.bills.values() if bill["status"] != "void"]
    assert Counter(bill["reference_number"] for bill in bills) == dict.fromkeys(expected, 1)
    for bill in bills:
        assert bill["total"] == Decimal(expected[bill["reference_number"]].posted_cents) / 100
    assert audit.verify(Database(house.settings).engine)[1] is None
