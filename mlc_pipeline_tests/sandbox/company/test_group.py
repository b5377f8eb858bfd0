"""The group of three entities: what it holds, and that its expectations agree with its raw reports."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.config.models import Connection
from mlc_pipeline.sandbox.company.group import Group, GroupEntity, generate_group
from mlc_pipeline.sandbox.company.group.scenarios import SCENARIOS
from mlc_pipeline.sandbox.expensify import ExpensifyAccount
from mlc_pipeline.sandbox.server import sandbox_for_group
from mlc_pipeline.sandbox.zoho import ZohoBooks

ENTITIES = ("us", "germany", "india")


@pytest.fixture(scope="module")
def group() -> Group:
    return generate_group(1)


@pytest.fixture(params=ENTITIES)
def entity(group: Group, request: pytest.FixtureRequest) -> GroupEntity:
    found = getattr(group, request.param)
    assert isinstance(found, GroupEntity)
    return found


def effective(expense: dict[str, Any]) -> int:
    return int(expense.get("convertedAmount") or expense["amount"])


def test_the_same_seed_gives_the_same_group(group: Group) -> None:
    assert generate_group(1) == group
    assert generate_group(2).us.reports != group.us.reports


def test_each_entity_shows_all_of_its_scenarios_and_some_wait(entity: GroupEntity) -> None:
    expected = entity.expected.values()
    assert {one.scenario for one in expected} == {scenario.name for scenario in SCENARIOS[entity.facts.name]}
    waiting = [one for one in expected if one.review]
    assert 0 < len(waiting) < len(entity.reports) / 2
    assert not any(one.documents for one in waiting)


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=10)
def test_expected_documents_stand_for_the_raw_expenses(seed: int) -> None:
    for entity in generate_group(seed).entities:
        for report in entity.reports:
            expectation = entity.expected[report["reportID"]]
            expenses = report["transactionList"]
            assert sum(map(effective, expenses)) == expectation.total_cents
            adds_up = report["total"] == expectation.total_cents
            assert adds_up == (expectation.review != "total_mismatch")
            if expectation.review is None:
                assert sum(document.cents for document in expectation.documents) == expectation.total_cents
                taxed = [expense for expense in expenses if expense.get("taxAmount")]
                most = sum(abs(expense["taxAmount"]) for expense in taxed)
                assert sum(sum(each.taxes.values()) for each in expectation.documents) <= most


def test_journals_balance_and_bills_sum_to_their_total(entity: GroupEntity) -> None:
    for expectation in entity.expected.values():
        for document in expectation.documents:
            balance = 0 if document.kind == "journal" else document.cents
            assert sum(document.accounts.values()) == balance
            assert document.kind != "vendor_credit" or document.cents < 0


def test_every_approval_lies_in_its_period(entity: GroupEntity) -> None:
    starts = [*entity.facts.period_starts, entity.facts.end]
    for report in entity.reports:
        approved = datetime.fromisoformat(report["approved"]).replace(tzinfo=UTC)
        day = approved.astimezone(ZoneInfo(entity.facts.zone)).date()
        start = date.fromisoformat(entity.expected[report["reportID"]].period)
        assert start <= day < starts[starts.index(start) + 1]


def test_the_three_show_what_makes_them_different(group: Group) -> None:
    kinds = {
        entity.facts.name: Counter(doc.kind for one in entity.expected.values() for doc in one.documents)
        for entity in group.entities
    }
    assert kinds["us"].keys() == kinds["germany"].keys() == {"bill", "journal", "vendor_credit"}
    assert kinds["india"].keys() == {"journal"}
    assert any(doc.billable_cents for one in group.us.expected.values() for doc in one.documents)
    assert not any(doc.taxes for one in group.us.expected.values() for doc in one.documents)
    taxes = {name for one in group.germany.expected.values() for doc in one.documents for name in doc.taxes}
    assert taxes == {"USt 19", "USt 7"}
    currencies = {expense["currency"] for report in group.us.reports for expense in report["transactionList"]}
    assert {"JPY", "KWD"} <= currencies
    tags = [expense.get("tag") or "" for report in group.us.reports for expense in report["transactionList"]]
    assert any(unescape(tag).startswith(r"Research\: Apps:") for tag in tags)


def test_the_configuration_of_each_entity_is_one_that_mlc_yaml_takes(entity: GroupEntity) -> None:
    addresses = {
        "expensify_url": "http://127.0.0.1:9/Integration-Server/ExpensifyIntegrations",
        "accounts_url": "http://127.0.0.1:9",
    }
    connection = Connection.model_validate(entity.connection(**addresses))
    assert connection.name == entity.facts.name
    codes = Counter(code for _, code, _, _ in entity.facts.accounts if code)
    assert set(codes.values()) == {1}


def test_both_sides_can_be_kept_and_read_again(group: Group) -> None:
    account, books = sandbox_for_group(group)
    saved = json.loads(json.dumps(account.to_dict()))
    assert ExpensifyAccount.from_dict(saved).reports == account.reports
    again = ZohoBooks.from_dict(books.to_dict())
    assert [each.edition for each in again.organizations.values()] == ["us", "eu", "in"]


def test_ids_are_unique_over_all_entities(group: Group) -> None:
    reports = [report for entity in group.entities for report in entity.reports]
    ids = [expense["transactionID"] for report in reports for expense in report["transactionList"]]
    assert len(set(ids)) == len(ids)
    assert len({report["reportID"] for report in reports}) == len(reports)
