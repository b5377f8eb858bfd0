"""What is stopped for a while (a limit, an outage, a held database) says when it goes on, and goes on there."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import dagster as dg
import pytest

from mlc_pipeline import failures, resuming
from mlc_pipeline.build import build_defs
from mlc_pipeline.database import DatabaseError
from mlc_pipeline.expensify import errors as expensify
from mlc_pipeline.failures import PAUSES_MINUTES, NotSettled, stopped
from mlc_pipeline.going_on import GOES_ON_AT
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.leases import LeaseUnavailable
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.resources import Database, PostingAccess
from mlc_pipeline.sandbox.zoho import Fault, FaultKind
from mlc_pipeline.zoho import errors as zoho
from mlc_pipeline_tests.databases import PostgresServer
from mlc_pipeline_tests.front_door import ACME, House, week


class Daemon:
    """Asks the connection's sensor at a moment and runs what it asks for, as Dagster's daemon does."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self._house = house
        self._patch = monkeypatch

    def asked_at(self, moment: float) -> list[dg.RunRequest]:
        defs = build_defs(settings=self._house.settings)
        with (
            self._patch.context() as patch,
            self._house.dagster_instance() as instance,
            dg.build_sensor_context(instance=instance, definitions=defs) as context,
        ):
            patch.setattr(resuming.time, "time", lambda: moment)
            asked = resuming.going_on(self._house.connection).evaluate_tick(context).run_requests or []
        return [one for one in asked if one.run_key not in self._run_keys()]

    def goes_on_after(
        self, before: dg.ExecuteInProcessResult, resources: Mapping[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Run what is asked for when the time has come that the failure of a run named."""
        moment = goes_on_at(before)
        assert self.asked_at(moment - 1) == []
        (asked,) = self.asked_at(moment + 1)
        assert asked.run_key == before.run_id
        with self._house.dagster_instance() as instance:
            defs = build_defs(settings=self._house.settings, resource_overrides=resources)
            return defs.resolve_job_def(period_job_name(ACME)).execute_in_process(
                instance=instance,
                partition_key=asked.partition_key,
                tags={**asked.tags, "dagster/run_key": str(asked.run_key)},
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )

    def _run_keys(self) -> set[str | None]:
        with self._house.dagster_instance() as instance:
            return {run.tags.get("dagster/run_key") for run in instance.get_runs()}


@pytest.fixture
def daemon(house: House, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    return Daemon(house, monkeypatch)


def failure(result: dg.ExecuteInProcessResult) -> Any:
    assert not result.success
    told = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert told is not None
    return told


def goes_on_at(result: dg.ExecuteInProcessResult) -> float:
    """The last moment that the steps of a run named."""
    told = [event.step_failure_data.user_failure_data for event in result.get_step_failure_events()]
    return max(float(str(one.metadata[GOES_ON_AT].value)) for one in told if one and GOES_ON_AT in one.metadata)


def assert_posted_once(house: House) -> None:
    told = house.run(week(0))
    assert (told.writes, told.failure) == (0, None)
    assert told.reconciliation.balanced
    numbers = [bill["bill_number"] for bill in house.organization.bills.values()]
    assert len(numbers) == len(set(numbers)) > 0


def test_a_period_that_the_limit_of_the_day_stopped_goes_on_when_the_limit_is_over(
    house: House, daemon: Daemon
) -> None:
    limits = house.sandbox.zoho_books.limits
    limits.enforced, limits.requests_per_minute, limits.calls_per_day = True, 10_000, 9
    first = house.materialise(week(0))
    assert "Run again" in str(failure(first).description)
    limits.enforced = False
    assert daemon.goes_on_after(first).success
    assert_posted_once(house)


def test_a_period_that_met_an_outage_goes_on_a_little_later(house: House, daemon: Daemon) -> None:
    house.sandbox.expensify_account.faults.add("http_502_html", job="file")
    first = house.materialise(week(0))
    assert "It goes on by itself after 20" in str(failure(first).description)
    assert daemon.goes_on_after(first).success
    assert_posted_once(house)


def test_an_outage_that_lasts_is_met_less_and_less_often_and_then_left_to_a_person(
    house: House, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "PAUSES_MINUTES", PAUSES_MINUTES[:2])
    house.sandbox.expensify_account.faults.add("http_502_html", times=9, job="file")
    first = house.materialise(week(0), "expensify_reports")
    second = daemon.goes_on_after(first)
    third = daemon.goes_on_after(second)
    ended = [house_time(house, result) for result in (first, second)]
    pauses = [round((goes_on_at(result) - end) / 60) for result, end in zip((first, second), ended, strict=True)]
    assert pauses == [5, 15]
    assert "It went on by itself 2 times" in str(failure(third).description)
    assert GOES_ON_AT not in failure(third).metadata
    assert daemon.asked_at(goes_on_at(second) + 7 * 86_400 / 4) == []


def house_time(house: House, result: dg.ExecuteInProcessResult) -> float:
    """When a run ended."""
    with house.dagster_instance() as instance:
        record = instance.get_run_record_by_id(result.run_id)
    assert record is not None
    assert record.end_time is not None
    return record.end_time


def test_a_period_that_found_the_database_held_goes_on(house: House, daemon: Daemon) -> None:
    assert house.materialise(week(0), "expensify_reports").success
    held = House(
        house.home,
        house.sandbox,
        house.company,
        house.environment | {"MLC_DATABASE_URL": f"sqlite:///{house.home}/mlc.db?timeout=0.2"},
    )
    with closing(sqlite3.connect(house.home / "mlc.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        first = held.materialise(week(0))
        somebody.execute("ROLLBACK")
    assert "Another process held it for too long" in str(failure(first).description)
    assert daemon.goes_on_after(first).success
    assert_posted_once(house)


def test_documents_whose_outcome_is_unknown_are_looked_for_by_a_run_that_comes_by_itself(
    house: House, daemon: Daemon
) -> None:
    house.sandbox.zoho_books.faults.append(Fault(FaultKind.CUT_BEFORE_COMMIT, path="/bills$"))
    in_vain = Patience(grace_seconds=3600, sleep=lambda _: None)
    first = house.materialise(week(0), resources={"posting": PostingAccess(Database(house.settings), in_vain)})
    assert "1 documents are not settled yet" in str(failure(first).description)
    patience = Patience(grace_seconds=0.1)
    second = daemon.goes_on_after(first, {"posting": PostingAccess(Database(house.settings), patience)})
    assert second.success
    assert_posted_once(house)


def test_a_period_that_failed_for_another_reason_waits_for_a_person(house: House, daemon: Daemon) -> None:
    house.connect(MLC_EXPENSIFY_PARTNER_USER_SECRET="wrong")
    first = house.materialise(week(0))
    assert GOES_ON_AT not in failure(first).metadata
    assert daemon.asked_at(4e9) == []


def test_a_period_whose_database_refuses_us_waits_for_a_person(
    house: House, postgresql_server: PostgresServer
) -> None:
    nowhere = house.environment | {"MLC_DATABASE_URL": postgresql_server.url("nowhere")}
    first = replace(house, environment=nowhere).materialise(week(0))
    assert "The server has no such database" in str(failure(first).description)
    assert GOES_ON_AT not in failure(first).metadata


PASSES = [
    zoho.Unavailable("x"),
    zoho.OutcomeUnknown("x"),
    zoho.TokenThrottled("x", retry_after=60),
    zoho.DailyLimitReached("x", retry_after=60),
    expensify.Unavailable("x"),
    expensify.RateLimited("x"),
    expensify.ExportIncomplete("x"),
    expensify.LimitsClosed("x", retry_after=60, what_to_do=""),
    DatabaseError("locked", temporary=True),
    LeaseUnavailable("x"),
    NotSettled("x"),
]
STAYS = [
    zoho.Refused("x"),
    zoho.ReconnectRequired("x"),
    zoho.UnexpectedAnswer("x"),
    expensify.CredentialsRefused("x"),
    expensify.TemplateError("x"),
    DatabaseError("The disk is full"),
]


@pytest.mark.parametrize("error", PASSES, ids=lambda error: f"{type(error).__module__}.{type(error).__name__}")
def test_what_passes_by_itself_names_a_time(error: Exception) -> None:
    assert GOES_ON_AT in stopped("It stopped.", error).metadata


@pytest.mark.parametrize("error", STAYS, ids=lambda error: f"{type(error).__module__}.{type(error).__name__}")
def test_what_a_person_has_to_mend_does_not(error: Exception) -> None:
    assert stopped("It stopped.", error).metadata == {}
