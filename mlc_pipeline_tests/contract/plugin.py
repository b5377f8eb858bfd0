"""Switches the contract checks on for a whole test suite: every exchange with every sandbox is checked.

In the suite's topmost conftest.py:

    pytest_plugins = ["mlc_pipeline_tests.contract.plugin"]

A test in whose course the client sent something, or the sandbox answered something, that Zoho's OpenAPI
files do not know fails in its teardown and names each place. Only sandboxes in the test's own process are
seen. A dead or missing token is no breach, a live one without the operation's scope is. A test that breaks
the contract on purpose says so:

    @pytest.mark.usefixtures("outside_the_contract")

A folder of such tests overrides the fixture `contract_with_zoho` in its own conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlc_pipeline.sandbox.zoho.exchanges import Exchange, observing
from mlc_pipeline_tests.contract.checker import check_exchange


@pytest.fixture(autouse=True)
def contract_with_zoho(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Collect what differs from the contract during a test, and fail the test if anything does."""
    problems: list[str] = []

    def observe(exchange: Exchange) -> None:
        problems.extend(check_exchange(exchange))

    with observing(observe):
        yield problems
    if problems and "outside_the_contract" not in request.fixturenames:
        listed = "\n".join(dict.fromkeys(problems))
        pytest.fail(f"Exchanges with the sandbox differ from Zoho's OpenAPI files:\n{listed}", pytrace=False)


@pytest.fixture
def outside_the_contract() -> None:
    """Mark a test that breaks the contract on purpose."""
