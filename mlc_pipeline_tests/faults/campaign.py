"""A campaign: runs of the real poster in processes that are killed at random moments (SIGKILL), under faults."""

from __future__ import annotations

import random
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from mlc_pipeline.database import open_database
from mlc_pipeline_tests.faults.company import RestlessCompany
from mlc_pipeline_tests.faults.mishaps import Mishaps
from mlc_pipeline_tests.faults.verdict import Verdict, verdict
from mlc_pipeline_tests.posting.room import Room, open_room
from mlc_pipeline_tests.posting.runs import STOPPED, OnAmendment, Run, process_of

FAULTS_IN_A_ROUND = 12
CLIENT_SECONDS = 0.4
GRACE_SECONDS = 0.3
PATIENT_CLIENT_SECONDS = 20.0
MOST_PEACEFUL_TRIES = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is to go wrong at least; everything random follows from the seed."""

    seed: int
    kills: int
    faulted: int
    on_amendment: OnAmendment = "update"
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Score:
    """What happened, and what was left at the end.

    `caught_sending`: how many documents the kills left of which nobody knew whether they had been sent.
    `restored`: how often a report was approved again as it had been before. `stopped`: what stopped a replay
    although nobody meant it to; the period was replayed again then.
    """

    plan: Plan
    kills: int
    caught_sending: int
    faulted: int
    lost_answers: int
    replays: int
    seconds: float
    verdict: Verdict
    restored: int = 0
    stopped: tuple[str, ...] = ()

    def __str__(self) -> str:
        end = self.verdict
        return (
            f"{self.kills} kills ({self.caught_sending} while sending), {self.faulted} faulted writes, "
            f"{self.lost_answers} lost answers, {self.replays} replays of {end.documents} documents, "
            f"{self.restored} times changed back: "
            f"duplicates {end.duplicates}, missing {end.missing}, cents off {end.cents_off}, "
            f"strangers {end.strangers}, unsettled {end.unsettled}, audit trail {end.broken_trail or 'holds'} "
            f"(seed {self.plan.seed}, {self.plan.on_amendment}, {self.plan.workers} workers, {self.seconds:.0f} s)"
            + "".join(f"\nstopped in peace: {one}" for one in self.stopped)
            + "".join(f"\nnot posted: {one}" for one in end.left)
        )


def fight(database_url: str, plan: Plan) -> Score:
    """Run a campaign on an empty database, end it with one quiet replay of every period, and judge."""
    engine = open_database(database_url)
    try:
        with open_room(engine, database_url) as room:
            return Campaign(plan, room).fight()
    finally:
        engine.dispose()


@dataclass(slots=True)
class Campaign:
    """One campaign under way."""

    plan: Plan
    room: Room
    kills: int = 0
    caught_sending: int = 0
    replays: int = 0
    longest: float = 0.3
    stopped: list[str] = field(default_factory=list)
    rng: random.Random = field(init=False)
    company: RestlessCompany = field(init=False)
    mishaps: Mishaps = field(init=False)

    def __post_init__(self) -> None:
        """Draw everything from one seed."""
        self.rng = random.Random(self.plan.seed)
        self.company = RestlessCompany(self.rng, amends=self.plan.on_amendment != "review")
        self.mishaps = Mishaps(self.room.books, self.rng)

    def fight(self) -> Score:
        """Kill and lose answers until there was enough of both; then replay in peace, to the end."""
        started = time.monotonic()
        while self.kills < self.plan.kills or self.mishaps.faulted < self.plan.faulted:
            self.company.goes_on()
            self.mishaps.order(FAULTS_IN_A_ROUND)
            at_once = 2 if self.rng.random() < 0.25 else 1
            if self.kills < self.plan.kills:
                self._start_and_kill(at_once)
            else:
                self._replay(self.company.period, at_once)
        self.mishaps.clear()
        self.room.wait_until_quiet()
        for period in self.company.periods:
            self._replay_in_peace(period)
        return Score(
            plan=self.plan,
            kills=self.kills,
            caught_sending=self.caught_sending,
            faulted=self.mishaps.faulted,
            lost_answers=self.mishaps.lost_answers,
            replays=self.replays,
            seconds=time.monotonic() - started,
            verdict=verdict(self.room, self.company.approved),
            restored=self.company.restored,
            stopped=tuple(self.stopped),
        )

    def _start_and_kill(self, runs: int) -> None:
        """One run or two at once, each killed at a moment of its own unless it has ended before."""
        with ExitStack() as alive:
            run = self._run(self.company.period)
            processes = [alive.enter_context(process_of(run)) for _ in range(runs)]
            for process in processes:
                process.join(self.rng.uniform(0, self.longest))
                process.kill()
                process.join()
                killed = process.exitcode == -signal.SIGKILL
                assert killed or process.exitcode in (0, STOPPED), f"A run ended by itself with {process.exitcode}"
                self.kills += killed
                self.replays += 1
                # Where runs end before they are killed the moments are too late, and the other way round.
                self.longest *= 1.1 if killed else 0.7
        in_flight = sum(1 for one in self.room.ledger().of_period(run.period) if one.state == "sending")
        self.caught_sending += min(in_flight, runs * self.plan.workers)

    def _replay(self, period: str, at_once: int) -> None:
        with ExitStack() as alive:
            run = self._run(period)
            for process in [alive.enter_context(process_of(run)) for _ in range(at_once)]:
                process.join()
                assert process.exitcode in (0, STOPPED), f"A run ended by itself with {process.exitcode}"
                self.replays += 1

    def _replay_in_peace(self, period: str) -> None:
        """One replay that comes to its end: on a busy machine a read may be late, and stop it before the rest."""
        for _ in range(MOST_PEACEFUL_TRIES):
            run = replace(self._run(period), timeout=PATIENT_CLIENT_SECONDS)
            failure = self.room.perform(run).progress.failure
            self.replays += 1
            if failure is None:
                return
            self.stopped.append(f"{period}: {failure}")

    def _run(self, period: str) -> Run:
        self.room.forgive_logins()
        return self.room.run_of(
            *self.company.of_period(period),
            period=period,
            on_amendment=self.plan.on_amendment,
            run_id=f"run {self.replays}",
            timeout=CLIENT_SECONDS,
            grace=GRACE_SECONDS,
            workers=self.plan.workers,
        )
