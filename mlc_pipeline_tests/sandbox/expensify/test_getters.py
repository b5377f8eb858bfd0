from typing import Any

import pytest

from mlc_pipeline_tests.sandbox.expensify.conftest import Caller

SUMMARY = {
    "id": "P1",
    "name": "A",
    "owner": "a@x.example",
    "role": "admin",
    "outputCurrency": "EUR",
    "type": "team",
}
CATEGORIES = [{"name": "Meals", "enabled": True, "glCode": "6640"}]


@pytest.fixture(autouse=True)
def two_policies(caller: Caller) -> None:
    details = {"categories": CATEGORIES, "tags": [], "reportFields": [], "tax": {}}
    other = {**SUMMARY, "id": "P2", "role": "user"}
    caller.account.policies += [{**SUMMARY, **details}, {**other, **details}]
    caller.account.employees.append({"policyID": "P1", "email": "b@x.example", "role": "user"})


def test_the_policy_list_has_the_summary_of_each_policy(caller: Caller) -> None:
    assert caller.get(type="policyList")["policyList"][0] == SUMMARY
    assert [policy["id"] for policy in caller.get(type="policyList", adminOnly=True)["policyList"]] == ["P1"]


def test_a_policy_is_answered_by_id_with_the_fields_that_were_asked(caller: Caller) -> None:
    answer = caller.get(type="policy", policyIDList=["P1"], fields=["categories", "employees"])
    employees = [{"email": "b@x.example", "role": "user"}]
    assert answer["policyInfo"] == {"P1": {"categories": CATEGORIES, "employees": employees}}
    assert answer["responseCode"] == 200


def test_category_codes_can_be_absent_since_the_manual_does_not_show_them(caller: Caller) -> None:
    caller.account.shows_category_gl_codes = False
    answer = caller.get(type="policy", policyIDList=["P1"], fields=["categories"])
    assert answer["policyInfo"]["P1"]["categories"] == [{"name": "Meals", "enabled": True}]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"type": "policy", "fields": ["tax"]}, 410),
        ({"type": "policy", "policyIDList": "P1", "fields": ["tax"]}, 410),
        ({"type": "policy", "policyIDList": ["P9"], "fields": ["tax"]}, 410),
        ({"type": "policy", "policyIDList": ["P1"], "fields": ["taxes"]}, 410),
        ({"type": "domainCardList", "domain": "x.example"}, 410),
        ({"type": "policyList", "userEmail": "c@x.example"}, 500),
    ],
)
def test_wrong_questions_are_refused(caller: Caller, settings: dict[str, Any], code: int) -> None:
    assert caller.get(**settings)["responseCode"] == code
