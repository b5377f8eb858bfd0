"""One run of one period by the real poster, ledger and client: in this process, or in one that may be killed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

import httpx
import sqlalchemy as sa

from mlc_pipeline.accounting.documents import PARTS, Part, ReportPlan
from mlc_pipeline.database import open_database
from mlc_pipeline.posting.audit import Actor
from mlc_pipeline.posting.decisions import OnAmendment
from mlc_pipeline.posting.ledger import Ledger
from mlc_pipeline.posting.patience import Patience
from mlc_pipeline.posting.period import post_period
from mlc_pipeline.posting.poster import Poster
from mlc_pipeline.posting.postings import Posting
from mlc_pipeline.posting.progress import Progress
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import books_transport
from mlc_pipeline.zoho.tokens import InMemoryTokenStore, TokenStore, ZohoCredentials
from mlc_pipeline_tests.forking import processes

CONNECTION = "us"
ORGANIZATION_ID = "10234695"
PERIOD = "2026-01-05"
CREDENTIALS = ZohoCredentials("1000.CLIENT", "client-secret-of-the-tests", f"1000.{'a' * 32}.{'b' * 32}")
STOPPED = 75
"""The exit code of a run that something temporary has stopped (EX_TEMPFAIL): it is to be done again."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run is given; all of it can be sent to another process.

    `timeout` is how long the client waits for an answer, in seconds; `grace` how long a lost one may turn up,
    `unguarded` how long one may that no number guards; `workers` how many requests may be under way at once.
    """

    database_url: str
    zoho_url: str
    plans: tuple[ReportPlan, ...]
    period: str = PERIOD
    on_amendment: OnAmendment = "review"
    parts: tuple[Part, ...] = PARTS
    run_id: str = "run"
    connection: str = CONNECTION
    timeout: float = 5.0
    grace: float = 0.2
    unguarded: float | None = None
    lease: float = 60.0
    others: float = 20.0
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run told: the postings at its end, and what stopped it, if anything."""

    postings: tuple[Posting, ...]
    progress: Progress
    states: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Add the state of each report's newest revision."""
        object.__setattr__(self, "states", {one.report_id: one.state for one in self.postings})

    def of(self, report_id: str) -> list[Posting]:
        """The revisions of one report, oldest first."""
        found = [one for one in self.postings if one.report_id == report_id]
        return sorted(found, key=lambda one: (one.part, one.revision))

    def __getitem__(self, report_id: str) -> Posting:
        """The newest revision of one report."""
        return self.of(report_id)[-1]


def perform(run: Run, engine: sa.Engine, tokens: TokenStore) -> Outcome:
    """Do one run in this process."""
    actor = Actor(f"run of {run.connection}", run.connection, ORGANIZATION_ID, run.run_id)
    patience = Patience(
        grace_seconds=run.grace,
        unguarded_grace_seconds=run.grace if run.unguarded is None else run.unguarded,
        lease_seconds=run.lease,
        others_seconds=run.others,
    )
    ledger = Ledger(engine, actor)
    with zoho_client(run.zoho_url, tokens, run.timeout) as zoho:
        poster = Poster(ledger, zoho, patience, run.workers)
        postings, progress = post_period(ledger, poster, run.period, run.plans, run.on_amendment, run.parts)
    return Outcome(postings, progress)


def perform_alone(run: Run) -> None:
    """Do one run as the whole life of a process, which ends with STOPPED when something stopped the run."""
    logging.disable()
    engine = open_database(run.database_url)
    failure = perform(run, engine, InMemoryTokenStore()).progress.failure
    engine.dispose()
    if failure is not None:
        raise SystemExit(STOPPED)


@contextmanager
def process_of(run: Run) -> Iterator[BaseProcess]:
    """A run in a process of its own, which is killed if it outlives the block."""
    process = processes.Process(target=perform_alone, args=(run,), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def zoho_client(url: str, tokens: TokenStore, timeout: float) -> ZohoBooksClient:
    """A client as a connection with `sandbox: true` has it; it does not really sleep before a retry."""
    return ZohoBooksClient(
        connection=CONNECTION,
        accounts_url=url,
        credentials=CREDENTIALS,
        token_store=tokens,
        organization=ORGANIZATION_ID,
        sandbox=True,
        transport=books_transport(sleep=lambda seconds: None),
        timeout=httpx.Timeout(timeout),
    )
