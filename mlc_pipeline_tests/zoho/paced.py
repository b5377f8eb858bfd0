"""Clients of the sandbox's Zoho Books that share a budget, also between processes; minutes last a second."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from mlc_pipeline.budgets import SharedBudget, secret_name
from mlc_pipeline.database import open_database
from mlc_pipeline.zoho.client import ZohoBooksClient
from mlc_pipeline.zoho.limits import TOKEN_GRANTS, BooksRules, organization_limits
from mlc_pipeline.zoho.tokens import InMemoryTokenStore, TokenStore, ZohoCredentials

ORGANIZATION = "10234695"
CREDENTIALS = ZohoCredentials("1000.PACED", "client-secret-of-pacing", f"1000.{'1' * 32}.{'2' * 32}")
TIME_SCALE = 1 / 60


def paced_rules(
    engine: sa.Engine,
    *,
    per_minute: int = 30,
    at_once: int = 4,
    per_day: int | None = None,
    reserve: int = 0,
    organization: str | None = ORGANIZATION,
) -> BooksRules:
    """Rules over budgets in this database, whose minutes last a second."""

    def open_budget(opened: str, plan: str | None) -> SharedBudget:
        limits = organization_limits(
            requests_per_minute=per_minute,
            concurrency=at_once,
            requests_per_day=per_day,
            daily_reserve_percent=reserve,
            plan=plan,
        )
        return SharedBudget(engine, f"zoho {opened}", limits.scaled(TIME_SCALE))

    grants = SharedBudget(engine, f"tokens {secret_name(CREDENTIALS.refresh_token)}", TOKEN_GRANTS)
    return BooksRules(open_budget, organization=organization, grants=grants, time_scale=TIME_SCALE)


def paced_client(
    url: str, rules: BooksRules, *, store: TokenStore | None = None, organization: str | None = ORGANIZATION
) -> ZohoBooksClient:
    """A client of the sandbox at `url`."""
    return ZohoBooksClient(
        connection="us",
        accounts_url=url,
        credentials=CREDENTIALS,
        token_store=store or InMemoryTokenStore(),
        organization=organization,
        sandbox=True,
        rules=rules,
    )


def in_threads(count: int, work: Callable[[], object]) -> None:
    """Do the same in so many threads at once; the first error is raised here."""
    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(work) for _ in range(count)]:
            future.result()


def ask_alone(database_url: str, url: str, threads: int, requests: int) -> None:
    """The whole life of a process: so many requests in each of its threads."""
    engine = open_database(database_url)
    with paced_client(url, paced_rules(engine)) as client:
        in_threads(threads, lambda: [client.me() for _ in range(requests)])
    engine.dispose()
