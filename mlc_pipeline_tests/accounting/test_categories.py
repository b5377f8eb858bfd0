"""Each rule by which a category finds its account, and each reason why it does not."""

from dataclasses import replace

import pytest

from mlc_pipeline.accounting.mapping import (
    NOT_FOR_EXPENSES,
    Account,
    CategoryRules,
    ChartOfAccounts,
    Resolution,
    mapping_version,
    resolve_category,
)
from mlc_pipeline.accounting.problems import Reason
from mlc_pipeline_tests.accounting.books import BANK, MEALS, OTHER, TRAVEL

TWIN = Account("A-6640b", "Meals, other", "6640", "expense", is_active=True)
NO_CODE = Account("A-meals", "Meals", "", "expense", is_active=True)


def resolve(
    category: str, gl_code: str = "", *accounts: Account, rules: CategoryRules | None = None
) -> Resolution:
    chart = ChartOfAccounts(accounts or (MEALS, TRAVEL, BANK, OTHER))
    return resolve_category(category, gl_code, chart, rules or CategoryRules())


def reason(answer: Resolution) -> str:
    assert answer.problem is not None
    assert answer.target_id == ""
    return answer.problem.code


def sentence(answer: Resolution) -> str:
    assert answer.problem is not None
    return answer.problem.message


def test_a_gl_code_finds_the_account_with_that_code() -> None:
    answer = resolve("Lunch", "6640")
    assert answer == Resolution("gl_code", "A-6640", "6640", "Meals & Entertainment", detail="expense")


def test_blanks_around_codes_and_names_do_not_matter() -> None:
    spaced = replace(MEALS, code=" 6640 ", name=" Meals ")
    assert resolve("Lunch", " 6640", spaced).how == "gl_code"
    assert resolve("Meals ", "", spaced).how == "name"


def test_without_a_gl_code_the_exact_name_finds_the_account() -> None:
    answer = resolve("Travel")
    assert (answer.how, answer.target_id) == ("name", "A-6650")


@pytest.mark.parametrize("category", ["travel", "TRAVEL", "Travels", "Trave"])
def test_a_name_that_is_only_similar_is_not_taken(category: str) -> None:
    assert reason(resolve(category)) == Reason.UNMAPPED_CATEGORY


def test_a_gl_code_goes_before_the_name_of_another_account() -> None:
    answer = resolve("Travel", "6640")
    assert (answer.how, answer.target_id) == ("gl_code", "A-6640")


def test_an_unknown_gl_code_still_finds_an_account_of_that_name_without_a_code() -> None:
    answer = resolve("Meals", "7777", NO_CODE)
    assert (answer.how, answer.target_id) == ("name", "A-meals")


def test_an_account_of_that_name_with_another_code_is_not_taken() -> None:
    answer = resolve("Travel", "7777")
    assert reason(answer) == Reason.UNMAPPED_CATEGORY
    assert sentence(answer) == (
        "Category “Travel” (GL code 7777) has no account in Zoho Books: add an account with that code or name, "
        "or an entry under mapping.categories in mlc.yaml."
    )


def test_an_override_goes_before_everything_else() -> None:
    answer = resolve("Travel", "6650", rules=CategoryRules({"Travel": "6640"}))
    assert (answer.how, answer.target_id) == ("override", "A-6640")


def test_an_override_is_for_the_exact_category() -> None:
    assert resolve("Travel", rules=CategoryRules({"travel": "6640"})).how == "name"


def test_an_override_may_name_a_bank_account_on_purpose() -> None:
    answer = resolve("Cash withdrawal", rules=CategoryRules({"Cash withdrawal": "1000"}))
    assert (answer.how, answer.target_id) == ("override", "A-1000")


def test_an_override_to_an_unknown_code_does_not_fall_back_to_the_gl_code() -> None:
    answer = resolve("Travel", "6650", rules=CategoryRules({"Travel": "1234"}, unmapped_code="6999"))
    assert reason(answer) == Reason.UNMAPPED_CATEGORY
    assert sentence(answer) == (
        "Category “Travel” is mapped in mlc.yaml to account code 1234, which Zoho Books does not have."
    )


def test_two_active_accounts_with_the_code_are_not_chosen_from() -> None:
    answer = resolve("Lunch", "6640", MEALS, TWIN)
    assert reason(answer) == Reason.AMBIGUOUS_ACCOUNT
    assert "2 accounts in Zoho Books have account code 6640 (Meals & Entertainment, Meals, other)" in sentence(
        answer
    )


def test_two_active_accounts_with_the_name_are_not_chosen_from() -> None:
    assert reason(resolve("Meals", "", NO_CODE, replace(NO_CODE, account_id="A-2"))) == Reason.AMBIGUOUS_ACCOUNT


def test_an_ambiguous_code_is_not_settled_by_the_name_or_by_the_fallback() -> None:
    rules = CategoryRules(unmapped_code="6999")
    answer = resolve("Meals & Entertainment", "6640", MEALS, TWIN, OTHER, rules=rules)
    assert reason(answer) == Reason.AMBIGUOUS_ACCOUNT


def test_of_two_accounts_with_the_code_the_only_active_one_is_taken() -> None:
    assert resolve("Lunch", "6640", replace(MEALS, is_active=False), TWIN).target_id == "A-6640b"


def test_an_inactive_account_is_not_posted_to() -> None:
    answer = resolve("Lunch", "6640", replace(MEALS, is_active=False))
    assert reason(answer) == Reason.INACTIVE_ACCOUNT
    assert "The account with account code 6640 (Meals & Entertainment) is inactive" in sentence(answer)


def test_an_inactive_account_is_not_posted_to_by_an_override_either() -> None:
    rules = CategoryRules({"Lunch": "6640"})
    assert reason(resolve("Lunch", "", replace(MEALS, is_active=False), rules=rules)) == Reason.INACTIVE_ACCOUNT


@pytest.mark.parametrize("kind", sorted(NOT_FOR_EXPENSES))
def test_an_account_of_a_type_that_is_not_for_expenses_is_refused(kind: str) -> None:
    account = replace(MEALS, type=kind)
    for answer in (resolve("Lunch", "6640", account), resolve("Meals & Entertainment", "", account)):
        assert reason(answer) == Reason.ACCOUNT_TYPE
        assert f"would land on Meals & Entertainment, an account of type {kind}" in sentence(answer)


@pytest.mark.parametrize(
    "kind", ["expense", "other_expense", "cost_of_goods_sold", "fixed_asset", "other_current_asset", "new_type"]
)
def test_an_account_of_any_other_type_is_taken(kind: str) -> None:
    assert resolve("Lunch", "6640", replace(MEALS, type=kind)).target_id == "A-6640"


def test_an_unmapped_category_goes_to_the_account_for_them() -> None:
    answer = resolve("Parking", "7777", rules=CategoryRules(unmapped_code="6999"))
    assert answer == Resolution("unmapped_category", "A-6999", "6999", "Other", detail="other_expense")


@pytest.mark.parametrize("kind", sorted(NOT_FOR_EXPENSES))
def test_an_account_for_the_unmapped_is_one_for_expenses(kind: str) -> None:
    answer = resolve("Parking", "", replace(OTHER, type=kind), rules=CategoryRules(unmapped_code="6999"))
    assert reason(answer) == Reason.ACCOUNT_TYPE
    assert sentence(answer) == (
        f"mapping.unmapped_category is Other, an account of type {kind}: name an expense account there."
    )


@pytest.mark.parametrize("category", ["Caf\u00e9", "Cafe\u0301", " Caf\u00e9 "])
def test_a_name_and_an_override_are_the_same_however_unicode_writes_them(category: str) -> None:
    for written in ("Caf\u00e9", "Cafe\u0301"):
        assert resolve(category, "6650", rules=CategoryRules({written: "6640"})).how == "override"
        assert resolve(category, "", replace(MEALS, name=written)).how == "name"


def test_an_account_for_the_unmapped_that_is_not_there_is_said() -> None:
    answer = resolve("Parking", rules=CategoryRules(unmapped_code="1234"))
    assert reason(answer) == Reason.UNMAPPED_CATEGORY
    assert "mapping.unmapped_category is mapped in mlc.yaml to account code 1234" in sentence(answer)


def test_no_category_is_a_category_without_an_account() -> None:
    nameless = replace(NO_CODE, name="")
    answer = resolve("", "", nameless)
    assert reason(answer) == Reason.UNMAPPED_CATEGORY
    assert sentence(answer) == (
        "An expense without a category has no account: give it a category in Expensify, or name an account for "
        "all of them under mapping.unmapped_category in mlc.yaml."
    )
    assert resolve("", "6640").how == "gl_code"
    assert resolve("", rules=CategoryRules(unmapped_code="6999")).how == "unmapped_category"


def test_accounts_without_a_code_are_not_found_by_an_empty_one() -> None:
    assert reason(resolve("Lunch", "", NO_CODE)) == Reason.UNMAPPED_CATEGORY
    assert reason(resolve("Lunch", "  ", NO_CODE)) == Reason.UNMAPPED_CATEGORY


def test_an_entirely_empty_chart_maps_nothing() -> None:
    assert resolve_category("Travel", "6650", ChartOfAccounts(()), CategoryRules()).problem is not None


def test_the_mapping_version_changes_with_what_decides() -> None:
    one = mapping_version({"categories": {"Travel": "6640"}}, True, (MEALS, TRAVEL))
    assert one == mapping_version({"categories": {"Travel": "6640"}}, True, (MEALS, TRAVEL))
    assert one != mapping_version({"categories": {"Travel": "6650"}}, True, (MEALS, TRAVEL))
    assert one != mapping_version({"categories": {"Travel": "6640"}}, False, (MEALS, TRAVEL))
    assert one != mapping_version({"categories": {"Travel": "6640"}}, True, (MEALS,))
