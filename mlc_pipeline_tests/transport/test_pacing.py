"""Of those who stand in a queue for a place, none looks for one when its errand was called off meanwhile."""

from __future__ import annotations

import threading

import httpx
import pytest
import sqlalchemy as sa

from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport import errands
from mlc_pipeline.transport.pacing import PacedTransport
from mlc_pipeline_tests.zoho.paced import ORGANIZATION, paced_rules

REQUEST = httpx.Request("GET", f"http://127.0.0.1/books/v3/bills?organization_id={ORGANIZATION}")


class CalledOff(Exception):
    """Nothing may be sent any more."""


def test_who_was_called_off_in_the_queue_does_not_ask_the_database_for_a_place(database: sa.Engine) -> None:
    rules = paced_rules(database)
    budget = rules.budget(REQUEST)
    assert budget is not None
    transport = PacedTransport(httpx.MockTransport(lambda _: httpx.Response(200)), rules)
    assert transport.handle_request(REQUEST).status_code == 200
    called_off = threading.Event()
    errors: list[Exception] = []

    def confirm() -> None:
        if called_off.is_set():
            raise CalledOff

    def stand_in_the_queue() -> None:
        try:
            with errands.provided(confirm):
                transport.handle_request(REQUEST)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    with budget.queue:
        behind = threading.Thread(target=stand_in_the_queue)
        behind.start()
        rate_budgets.drop(database)  # who stands in front finds it away, and stops all of them
        called_off.set()
    behind.join()
    with pytest.raises(CalledOff):
        raise errors[0]
