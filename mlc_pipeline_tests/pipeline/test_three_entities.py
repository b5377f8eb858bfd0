"""A quarter of a group: a US firm by week, a German one with tax and an Indian one with journals by month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlc_pipeline.commands.run import PeriodRun
from mlc_pipeline.commands.sandbox import credentials
from mlc_pipeline.sandbox.company.group import Group, GroupEntity, generate_group
from mlc_pipeline.sandbox.server import Sandbox, sandbox_for_group, serve_sandbox
from mlc_pipeline_tests.front_door import clean_environment, run_as, store_credentials
from mlc_pipeline_tests.sandbox.company.posted import differences

ENTITIES = ("us", "germany", "india")


@dataclass(frozen=True, slots=True)
class Quarter:
    """The group, its sandbox, and the runs of each entity's periods."""

    group: Group
    sandbox: Sandbox
    runs: Mapping[str, Mapping[str, PeriodRun]]

    def entity(self, name: str) -> GroupEntity:
        entity: GroupEntity = getattr(self.group, name)
        return entity


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory, new_dagster_home: Path) -> Iterator[Quarter]:
    home = tmp_path_factory.mktemp("group")
    group = generate_group(seed=1)
    account, books = sandbox_for_group(group)
    account.limit, books.limits.enforced = None, False
    with serve_sandbox(account, books) as sandbox:
        entities = {name: getattr(group, name) for name in ENTITIES}
        entries = [
            one.connection(expensify_url=sandbox.expensify_url, accounts_url=sandbox.accounts_url)
            for one in entities.values()
        ]
        (home / "mlc.yaml").write_text(json.dumps({"connections": entries}), encoding="utf-8")
        environment = clean_environment(home)
        names = [entry["name"] for entry in entries]
        for name in names:
            store_credentials(environment, name, credentials(sandbox))
        runs = {
            entity: {period: run_as(environment, name, period) for period in one.periods}
            for (entity, one), name in zip(entities.items(), names, strict=True)
        }
        yield Quarter(group, sandbox, runs)


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_document_has_the_accounts_dimensions_and_taxes_that_were_worked_out_beforehand(
    quarter: Quarter, entity: str
) -> None:
    one = quarter.entity(entity)
    organization = quarter.sandbox.zoho_books.organizations[one.facts.organization_id]
    assert differences(one, organization) == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_waits_waits_for_the_reason_that_was_expected(quarter: Quarter, entity: str) -> None:
    waits = {
        document["report_id"]: document["reason_code"]
        for run in quarter.runs[entity].values()
        for document in run.documents
        if document["state"] == "review"
    }
    one = quarter.entity(entity)
    assert waits == {report_id: report.review for report_id, report in one.expected.items() if report.review}


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_period_reconciles_without_a_difference(quarter: Quarter, entity: str) -> None:
    for run in quarter.runs[entity].values():
        assert run.failure is None
        assert run.reconciliation.balanced
        assert not any(run.reconciliation.difference_cents.values())
