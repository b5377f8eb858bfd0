"""What every test has: each exchange with the sandbox's Zoho Books is checked against Zoho's own OpenAPI facts."""

from __future__ import annotations

import pytest

pytest_plugins = ["mlc_pipeline_tests.contract.plugin", "mlc_pipeline_tests.databases"]

_LONGEST = (
    "test_cancelled_backfill",
    "test_backfill_going_on",
    "test_dead_runs",
    "test_campaigns",
    "test_three_entities",
    "test_whole_runs",
    "test_dev",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for minutes, mostly for Dagster's daemon, begins first: nobody waits for it at the end."""
    order = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))
