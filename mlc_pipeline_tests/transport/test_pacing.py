"""Who waits long for a place says so, and none looks for one when its errand was called off meanwhile."""

from __future__ import annotations

import logging
import threading

import httpx
import pytest
import sqlalchemy as sa

from mlc_pipeline.tables import rate_budgets
from mlc_pipeline.transport import errands
from mlc_pipeline.transport.pacing import FULL, Heard, PacedTransport, Wait, place
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


class Crowded:
    """A budget that has these waits before its place."""

    def __init__(self, *waits: Wait) -> None:
        self.queue = threading.Lock()
        self._answers = iter([*waits, "ticket"])

    def take(self) -> str | Wait:
        return next(self._answers)

    def give_back(self, ticket: str) -> None:
        raise NotImplementedError

    def end(self, ticket: str, heard: Heard) -> None:
        raise NotImplementedError


GLANCE = Wait(0.03, FULL, "all places are taken", 0)
LONG = Wait(50.0, FULL, "the window is full", 0)


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ([GLANCE] * 150, []),
        ([GLANCE] * 4000, ["all places are taken, 5 s so far"]),
        ([LONG] * 2, ["the window is full, for 50 s more"]),
        ([GLANCE, LONG, GLANCE], ["the window is full, for 50 s more", "all places are taken, 50 s so far"]),
    ],
)
def test_a_long_wait_is_told_once_for_each_reason_however_small_its_steps(
    waits: list[Wait], told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mlc_pipeline")
    budget, slept = Crowded(*waits), list[float]()
    ticket = place(budget, host="books", longest_wait=300.0, sleep=lambda _: None, waited=slept.append)
    assert (ticket, len(slept)) == ("ticket", len(waits))
    assert caplog.messages == [f"Waiting for a place for a request to books: {each}" for each in told]
