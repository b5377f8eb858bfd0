"""Reporting tags: how they are read, and where a document may or must carry them."""

from __future__ import annotations

from typing import Any

import pytest

from mlc_pipeline.sandbox.zoho.records import add_reporting_tag
from mlc_pipeline_tests.sandbox.zoho.conftest import Zoho, refusal


def add_tag(zoho: Zoho, **facts: Any) -> dict[str, Any]:
    options = {"Sales": {"North": {"Coast": {}}, "South": {}}, "Research": {}}
    return add_reporting_tag(zoho.books, zoho.organization, "Cost Center", options, **facts)


def choice(tag: dict[str, Any], option: str = "Sales") -> list[dict[str, str]]:
    found = next(each for each in tag["options"] if each["option_name"] == option)
    return [{"tag_id": tag["tag_id"], "tag_option_id": found["option_id"]}]


def lines(zoho: Zoho, *tags: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{"account_id": zoho.meals["account_id"], "rate": 1, "tags": each} for each in tags]


def test_the_list_shows_what_the_file_says_and_no_more(zoho: Zoho) -> None:
    add_tag(zoho, is_mandatory=True)
    (row,) = zoho.call("GET", "/reportingtags").json()["reporting_tags"]
    assert row.keys() == {
        "tag_id", "tag_name", "tag_order", "description", "is_active", "is_mandatory", "is_class", "is_draft",
    }  # fmt: skip
    assert (row["tag_name"], row["is_mandatory"], row["is_draft"]) == ("Cost Center", True, False)


def test_the_list_shows_where_a_tag_is_enabled_where_the_settings_say_so(zoho: Zoho) -> None:
    zoho.books.settings.tags_show_preferences = True
    add_tag(zoho, preference="transaction", entities=["purchases"])
    (row,) = zoho.call("GET", "/reportingtags").json()["reporting_tags"]
    shown = row["multi_preference_entities"]
    enabled = [entity["entity_name"] for entity in shown["entities"] if entity["is_enabled"]]
    assert (shown["preference"], enabled) == ("transaction", ["purchases"])


def test_options_are_a_tree_with_their_status_or_a_flat_list_with_their_depth(zoho: Zoho) -> None:
    tag = add_tag(zoho)
    tag["options"][-1]["is_active"] = False
    tree = zoho.call("GET", "/reportingtags/options", tag_id=tag["tag_id"]).json()["options"]
    assert [(option["option_name"], option["is_active"]) for option in tree] == [
        ("Sales", True),
        ("Research", False),
    ]
    assert [child["option_name"] for child in tree[0]["children"]] == ["North", "South"]
    assert tree[0]["children"][0]["children"][0]["parent_name"] == "North"
    path = f"/reportingtags/{tag['tag_id']}/options/all"
    results = zoho.call("GET", path).json()["results"]
    assert [(each["option_name"], each["depth"]) for each in results] == [
        ("Sales", 0), ("North", 1), ("Coast", 2), ("South", 1), ("Research", 0),
    ]  # fmt: skip
    zoho.books.settings.all_tag_options_show_inactive = False
    results = zoho.call("GET", path, show_untagged="true").json()["results"]
    assert [each["option_name"] for each in results] == ["Sales", "North", "Coast", "South", "Untagged"]


def test_the_details_page_ends_after_200_options(zoho: Zoho) -> None:
    names = [f"Option {number:03}" for number in range(201)]
    tag = add_reporting_tag(zoho.books, zoho.organization, "Store", names)
    answer = zoho.call("GET", "/reportingtags/options", tag_id=tag["tag_id"]).json()
    assert (len(answer["options"]), answer["page_context"]["has_more_page"]) == (200, True)
    results = zoho.call("GET", f"/reportingtags/{tag['tag_id']}/options/all").json()["results"]
    assert [each["option_name"] for each in results] == names


def test_an_unknown_tag_has_no_options(zoho: Zoho) -> None:
    assert zoho.call("GET", "/reportingtags/options", tag_id="1").status_code == 404
    assert zoho.call("GET", "/reportingtags/1/options/all").status_code == 404


def test_a_tag_of_lines_stands_on_lines_only_and_one_of_transactions_in_the_header_only(zoho: Zoho) -> None:
    tag = add_tag(zoho)
    assert zoho.post_bill(line_items=lines(zoho, choice(tag, "Coast"))).status_code == 201
    wrong = (400, "The reporting tag Cost Center cannot be used in purchases on the transaction level.")
    assert refusal(zoho.post_bill("EXP-2", tags=choice(tag))) == wrong
    tag["multi_preference_entities"]["preference"] = "transaction"
    assert zoho.post_bill("EXP-2", tags=choice(tag)).status_code == 201
    wrong = (400, "The reporting tag Cost Center cannot be used in purchases on the line_item level.")
    assert refusal(zoho.post_bill("EXP-3", line_items=lines(zoho, choice(tag)))) == wrong


def test_a_tag_can_be_enabled_for_journals_or_purchases_only(zoho: Zoho, card: dict[str, Any]) -> None:
    tag = add_tag(zoho, entities=["journals"])
    wrong = "The reporting tag Cost Center cannot be used in purchases."
    assert refusal(zoho.post_bill(line_items=lines(zoho, choice(tag))))[1] == wrong
    credit = zoho.credit(line_items=lines(zoho, choice(tag)))
    assert refusal(zoho.call("POST", "/vendorcredits", json=credit))[1] == wrong
    body = zoho.journal(card)
    body["line_items"][0]["tags"] = choice(tag)
    journal = zoho.call("POST", "/journals", json=body).json()["journal"]
    assert journal["line_items"][0]["tags"] == choice(tag)


@pytest.mark.parametrize("facts", [{"is_active": False}, {"is_draft": True}])
def test_a_tag_that_is_not_in_use_is_refused(zoho: Zoho, facts: dict[str, bool]) -> None:
    tag = add_tag(zoho, **facts)
    answer = zoho.post_bill(line_items=lines(zoho, choice(tag)))
    assert refusal(answer) == (400, "The option selected for the reporting tag Cost Center is not active.")


def test_wrong_choices_are_refused(zoho: Zoho) -> None:
    tag = add_tag(zoho)
    tag["options"][0]["is_active"] = False
    inactive = "The option selected for the reporting tag Cost Center is not active."
    of_another = [{"tag_id": tag["tag_id"], "tag_option_id": tag["tag_id"]}]
    for given, message in (
        (choice(tag), inactive),
        (of_another, "Invalid value passed for tag_option_id"),
        ([{"tag_id": tag["tag_id"]}], "Invalid value passed for tag_option_id"),
        ([{"tag_option_id": "1"}], "Invalid value passed for tag_id"),
        (choice(tag, "Research") * 2, "Invalid value passed for tag_id"),
    ):
        assert refusal(zoho.post_bill(line_items=lines(zoho, given))) == (400, message)
    assert not zoho.organization.bills


@pytest.mark.parametrize("path", ["/bills", "/vendorcredits"])
def test_a_mandatory_tag_is_wanted_on_every_line(zoho: Zoho, path: str) -> None:
    tag = add_tag(zoho, is_mandatory=True)
    missing = (400, "Select an option for the reporting tag Cost Center.")
    body = zoho.bill() if path == "/bills" else zoho.credit()
    assert refusal(zoho.call("POST", path, json=body)) == missing
    body["line_items"] = lines(zoho, choice(tag), [])
    assert refusal(zoho.call("POST", path, json=body)) == missing
    body["line_items"] = lines(zoho, choice(tag), choice(tag, "Research"))
    assert zoho.call("POST", path, json=body).status_code == 201


def test_a_mandatory_tag_of_transactions_is_wanted_in_the_header(zoho: Zoho) -> None:
    tag = add_tag(zoho, is_mandatory=True, preference="transaction")
    assert zoho.post_bill().status_code == 400
    assert zoho.post_bill(tags=choice(tag)).status_code == 201


def test_a_mandatory_tag_is_wanted_on_all_lines_of_a_journal_or_on_its_costs(
    zoho: Zoho, card: dict[str, Any]
) -> None:
    tag = add_tag(zoho, is_mandatory=True)
    body = zoho.journal(card)
    body["line_items"][0]["tags"] = choice(tag)
    assert zoho.call("POST", "/journals", json=body).status_code == 400
    zoho.books.settings.mandatory_tags_on_every_journal_line = False
    assert zoho.call("POST", "/journals", json=body).status_code == 201
    del body["line_items"][0]["tags"]
    assert zoho.call("POST", "/journals", json=body).status_code == 400


def test_a_mandatory_tag_does_not_count_where_it_is_not_enabled(zoho: Zoho, card: dict[str, Any]) -> None:
    add_tag(zoho, is_mandatory=True, entities=["purchases"])
    assert zoho.call("POST", "/journals", json=zoho.journal(card)).status_code == 201


def test_one_code_may_stand_for_all_refusals_that_the_reference_does_not_know(zoho: Zoho) -> None:
    add_tag(zoho, is_mandatory=True)
    zoho.books.settings.code_of_unknown_refusals = 36
    answer = zoho.post_bill().json()
    assert answer == {"code": 36, "message": "Select an option for the reporting tag Cost Center."}
    assert zoho.post_bill(vendor_id="1").json()["code"] == 4
