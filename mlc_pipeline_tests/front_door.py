"""The front door for tests: an invented company's Expensify and Zoho Books on a free loopback port, a home
whose mlc.yaml points to them, and the ways in: `mlc` as a process or in this one, one period, and Dagster itself.

Nothing in here stands in for our own code.
"""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from mlc_pipeline.build import build_defs
from mlc_pipeline.cli import main
from mlc_pipeline.commands.connect import connect_expensify, connect_zoho
from mlc_pipeline.commands.run import PeriodRun, run_period
from mlc_pipeline.commands.sandbox import credentials
from mlc_pipeline.config import Connection, load_configuration
from mlc_pipeline.jobs import period_job_name
from mlc_pipeline.resources import Database
from mlc_pipeline.sandbox.company import Company, Expectation, generate_company
from mlc_pipeline.sandbox.server import Sandbox, sandbox_for, serve_sandbox
from mlc_pipeline.sandbox.zoho.books import LoggedRequest
from mlc_pipeline.sandbox.zoho.organization import Organization
from mlc_pipeline.settings import Settings, prepare_dagster_home

ACME = "acme"
"""The name of the connection in a house's mlc.yaml."""

ZONE = "Europe/Berlin"
FIRST_PERIOD = date(2025, 1, 6)
SECONDS_FOR_A_COMMAND = 120


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind: its exit code and all that it printed."""

    exit_code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        """Both streams."""
        return self.out + self.err

    @property
    def json(self) -> Any:
        """The one JSON object on standard output; anything else there is an error."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def last_line(self) -> str:
        """The last thing a person reads on standard error."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""


@dataclass(frozen=True, slots=True)
class House:
    """A home of ml-connector, the sandbox its configuration points to, and the environment of its commands."""

    home: Path
    sandbox: Sandbox
    company: Company
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings that the environment gives."""
        return Settings.from_environment(self.environment)

    @property
    def connection(self) -> Connection:
        """The connection `acme`."""
        return load_configuration(self.settings.config_path).connection(ACME)

    @property
    def organization(self) -> Organization:
        """The books that the connection posts to."""
        return next(iter(self.sandbox.zoho_books.organizations.values()))

    @property
    def periods(self) -> list[str]:
        """The keys of the periods in which the company's reports were approved."""
        return sorted({one.period for one in self.company.expected.values() if one.period})

    def keep_reports(self, wanted: Callable[[Expectation], bool]) -> list[Expectation]:
        """Take all reports out of Expensify but those of which this was expected; tells which are left."""
        left = [one for one in self.company.expected.values() if wanted(one)]
        ids = {one.report_id for one in left}
        account = self.sandbox.expensify_account
        account.reports = [report for report in self.company.reports if report["reportID"] in ids]
        return left

    def configure(self, text: str | None = None, **keys: Any) -> None:
        """Write mlc.yaml anew: a text as it is, or the usual connection with some keys of it set."""
        entry = connection_entry(self.sandbox)
        for key, value in keys.items():
            entry[key] = {**entry.get(key, {}), **value} if isinstance(value, dict) else value
        written = json.dumps({"connections": [entry]}) if text is None else text
        self.settings.config_path.write_text(written, encoding="utf-8")

    def connect(self, **secrets: str) -> None:
        """Store the sandbox's credentials, or others in their place, by the names of `mlc connect`'s variables."""
        store_credentials(self.environment, ACME, credentials(self.sandbox) | secrets)

    def mlc(self, *arguments: str, **variables: str) -> Said:
        """`mlc ...` in a process of its own, with a clean environment and no terminal."""
        return run_command([str(Path(sys.executable).with_name("mlc")), *arguments], self.environment | variables)

    def mlc_here(self, *arguments: str, **variables: str) -> Said:
        """The same in this process, which spares the imports."""
        out, err = io.StringIO(), io.StringIO()
        with (
            _environment(self.environment | variables),
            _as_started(["mlc", *arguments]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
                code: object = 0
            except SystemExit as leaving:
                code = leaving.code
        assert isinstance(code, int)
        return Said(code, out.getvalue(), err.getvalue())

    def run(self, period: str) -> PeriodRun:
        """One period, as `mlc run` runs it."""
        return run_as(self.environment, ACME, period)

    def materialise(
        self, period: str, *assets: str, resources: Mapping[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialise the period's partition of the named assets, or of all, through Dagster itself."""
        with self.dagster_instance() as instance:
            defs = build_defs(settings=self.settings, resource_overrides=resources)
            job = defs.resolve_job_def(period_job_name(ACME))
            return job.execute_in_process(
                instance=instance,
                partition_key=period,
                raise_on_error=False,
                asset_selection=[dg.AssetKey([ACME, name]) for name in assets] or None,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )

    @contextmanager
    def dagster_instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance of the home."""
        with _environment(self.environment), _quiet_log():
            prepare_dagster_home(self.settings)
            with dg.DagsterInstance.get() as instance:
                yield instance

    def writes(self) -> list[LoggedRequest]:
        """The requests so far that could have written to Zoho Books; asking for a token is none."""
        return [
            request
            for request in self.sandbox.zoho_books.request_log
            if request.method != "GET" and request.path.startswith("/books/v3/")
        ]

    def forget_the_ledger(self) -> None:
        """Delete our own database, as somebody might, and store the credentials again."""
        for path in self.home.glob("mlc.db*"):
            path.unlink()
        self.connect()

    def database_dump(self, *, without: Iterable[str] = ()) -> list[str]:
        """Our own database as SQL text, without the rows of some tables."""
        left_out = tuple(f'INSERT INTO "{table}"' for table in without)
        with closing(sqlite3.connect(f"file:{self.home / 'mlc.db'}?mode=ro", uri=True)) as database:
            return [line for line in database.iterdump() if not line.startswith(left_out)]


@contextmanager
def open_house(home: Path, company: Company | None = None, *, dagster_home: Path | None = None) -> Iterator[House]:
    """A house for a company, connected and ready to run; its limits are off, so that nothing waits.

    Args:
        home: an empty folder.
        company: who lives there; by default one with two weeks of four reports.
        dagster_home: a Dagster home to begin with, which spares making its databases.
    """
    company = company or small_company()
    account, books = sandbox_for(company)
    account.limit = None
    books.limits.enforced = False
    home.mkdir(parents=True, exist_ok=True)
    if dagster_home is not None:
        shutil.copytree(dagster_home, home / "dagster")
    with serve_sandbox(account, books) as sandbox:
        house = House(home, sandbox, company, clean_environment(home))
        house.configure()
        house.connect()
        yield house


def store_credentials(environment: Mapping[str, str], name: str, answers: Mapping[str, str]) -> None:
    """Store the credentials of a connection by the names of `mlc connect`'s variables."""
    settings = Settings.from_environment(environment)
    connection = load_configuration(settings.config_path).connection(name)
    with _environment(environment), _quiet_log():
        database = Database(settings)
        connect_expensify(database, connection, lambda variable, _: answers[variable])
        connect_zoho(database, connection, lambda variable, _: answers[variable])
        database.engine.dispose()


def run_as(environment: Mapping[str, str], name: str, period: str) -> PeriodRun:
    """One period of a connection, as `mlc run` runs it with this environment."""
    settings = Settings.from_environment(environment)
    with _environment(environment), _quiet_log():
        return run_period(settings, load_configuration(settings.config_path).connection(name), period)


def small_company(seed: int = 1, *, weeks: int = 2, reports_per_week: int = 4, **more: Any) -> Company:
    """A company whose periods begin with `FIRST_PERIOD`."""
    return generate_company(
        seed,
        zone=ZONE,
        first_period_start=FIRST_PERIOD,
        weeks=weeks,
        reports_per_week=reports_per_week,
        **more,
    )


def connection_entry(sandbox: Sandbox, name: str = ACME) -> dict[str, Any]:
    """One entry of mlc.yaml that points to the sandbox."""
    return {
        "name": name,
        "sandbox": True,
        "period": {"cadence": "weekly", "start": FIRST_PERIOD.isoformat(), "timezone": ZONE},
        "schedule": {"enabled": False},
        "expensify": {"url": sandbox.expensify_url},
        "zoho": {"accounts_url": sandbox.accounts_url},
    }


def clean_environment(home: Path) -> dict[str, str]:
    """What a process needs to live, and where the home is; nothing that the tests' own environment says."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "MLC_CONFIG": str(home / "mlc.yaml"),
        "MLC_HOME": str(home),
        "MLC_SANDBOX_TIME_SCALE": "0.0001",
    }


def run_command(arguments: list[str], environment: Mapping[str, str]) -> Said:
    """Run a program without a terminal and take down what it says."""
    done = subprocess.run(
        arguments,
        env=dict(environment),
        cwd=environment["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS_FOR_A_COMMAND,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def run_python(code: str, environment: Mapping[str, str]) -> Said:
    """Run Python code in a fresh interpreter."""
    return run_command([sys.executable, "-c", code], environment)


def week(number: int) -> str:
    """The key of a weekly period, counted from 0."""
    return (FIRST_PERIOD + timedelta(weeks=number)).isoformat()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def _as_started(arguments: list[str]) -> Iterator[None]:
    """The arguments of a process without a terminal, and its log handlers gone when it ends."""
    logger = logging.getLogger("mlc_pipeline")
    kept_arguments, kept_input, kept_handlers, kept_level = sys.argv, sys.stdin, logger.handlers[:], logger.level
    sys.argv, sys.stdin = arguments, io.StringIO()
    try:
        yield
    finally:
        sys.argv, sys.stdin = kept_arguments, kept_input
        logger.handlers[:] = kept_handlers
        logger.setLevel(kept_level)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Without a handler Python prints warnings to the tests' own output."""
    logger, handler = logging.getLogger("mlc_pipeline"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
