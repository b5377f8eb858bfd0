"""The workspaces the credentials see, and their settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from starlette.responses import JSONResponse

from mlc_pipeline.expensify import (
    Category,
    Employee,
    ExpensifyClient,
    InvalidRequest,
    ReportField,
    Tag,
    TagList,
    TaxRate,
    UnexpectedAnswer,
    Workspace,
)
from mlc_pipeline_tests.expensify.server import ExpensifyServer


def answer(**content: Any) -> JSONResponse:
    return JSONResponse({"responseCode": 200, **content}, media_type="text/plain;charset=utf-8")


def test_the_policy_list_is_read(client: ExpensifyClient, server: ExpensifyServer) -> None:
    policy = {"id": "0810E551A5F2A9C2", "name": "A &amp; B", "owner": "ada@acme.example", "role": "admin"}
    server.will_answer("get", answer(policyList=[policy | {"outputCurrency": "EUR", "type": "control"}]))
    workspace = Workspace("0810E551A5F2A9C2", "A & B", "ada@acme.example", "admin", "EUR", "control")
    assert client.policy_list() == (workspace,)
    (job,) = server.jobs("get")
    assert job["inputSettings"] == {"type": "policyList"}


def test_the_settings_of_a_policy_are_read(client: ExpensifyClient, server: ExpensifyServer) -> None:
    info = {
        "categories": [{"name": "Meals", "enabled": True}, {"name": "Rent", "enabled": False, "glCode": "6000"}],
        "tags": [{"name": "Department", "tags": [{"name": "Sales", "enabled": True, "glCode": "S10"}]}],
        "reportFields": [{"name": "Cost Center", "type": "dropdown", "values": ["4200", "4300"]}],
        "tax": {"name": "VAT", "default": "id_1", "rates": [{"rateID": "id_1", "name": "Standard", "rate": 19.6}]},
        "employees": [
            {"email": "ada@acme.example", "role": "user", "submitsTo": "boss@acme.example", "employeeID": "E-1"}
        ],
    }
    server.will_answer("get", answer(policyInfo={"0810E551A5F2A9C2": info}))
    settings = client.policies(["0810E551A5F2A9C2"])["0810E551A5F2A9C2"]
    assert settings.categories == (Category("Meals", True, "", ""), Category("Rent", False, "6000", ""))
    assert settings.tag_lists == (TagList("Department", (Tag("Sales", True, "S10"),)),)
    assert settings.report_fields == (ReportField("Cost Center", "dropdown", ("4200", "4300")),)
    assert (settings.tax_name, settings.default_tax_rate_id) == ("VAT", "id_1")
    assert settings.tax_rates == (TaxRate("id_1", "Standard", Decimal("19.6")),)
    assert settings.employees == (Employee("ada@acme.example", "user", "boss@acme.example", "E-1", ""),)
    (job,) = server.jobs("get")
    assert job["inputSettings"] == {
        "type": "policy",
        "policyIDList": ["0810E551A5F2A9C2"],
        "fields": ["categories", "tags", "reportFields", "tax", "employees"],
    }


def test_flat_tags_are_one_unnamed_level(client: ExpensifyClient, server: ExpensifyServer) -> None:
    tags = [{"name": "Enterprise:Jean-Luc Picard", "enabled": True, "glCode": "1"}]
    server.will_answer("get", answer(policyInfo={"P": {"tags": tags, "tax": {}}}))
    settings = client.policies(["P"], ["tags", "tax"])["P"]
    assert settings.tag_lists == (TagList("", (Tag("Enterprise:Jean-Luc Picard", True, "1"),)),)
    assert (settings.categories, settings.tax_rates) == ((), ())


def test_a_workspace_that_does_not_exist_is_an_invalid_request(
    client: ExpensifyClient, server: ExpensifyServer
) -> None:
    with pytest.raises(InvalidRequest, match="410"):
        client.policies(["no-such-policy"])


@pytest.mark.parametrize("content", [{}, {"policyList": [{"name": "no id"}]}, {"policyList": 7}])
def test_an_answer_that_is_not_as_documented_is_said_so(
    client: ExpensifyClient, server: ExpensifyServer, content: dict[str, Any]
) -> None:
    server.will_answer("get", answer(**content))
    with pytest.raises(UnexpectedAnswer, match="policyList"):
        client.policy_list()
