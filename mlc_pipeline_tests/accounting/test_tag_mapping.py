"""Each rule by which a tag or report field finds its option, project, customer or location, or why it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlc_pipeline.accounting.mapping import (
    NOTHING,
    DimensionRule,
    Dimensions,
    DimensionValue,
    ReportingTagHead,
    Resolution,
    Term,
    resolve_dimension,
)
from mlc_pipeline.accounting.problems import Reason

COST_CENTER = ReportingTagHead("T-cc", "Cost Center", is_active=True)


def option(option_id: str, *path: str, active: bool = True, tag_id: str = "T-cc") -> DimensionValue:
    return DimensionValue("reporting_tag", option_id, path[-1], path, is_active=active, group_id=tag_id)


SALES, EMEA = option("O-sales", "Sales"), option("O-emea", "Sales", "EMEA")
BOOK = (SALES, EMEA)
APOLLO = DimensionValue("project", "P-1", "Apollo", ("Apollo",), is_active=True, group_id="C-1")
TO_COST_CENTER = DimensionRule("reporting_tag", "Cost Center")


def resolve(
    name: str,
    gl_code: str = "",
    *values: DimensionValue,
    rule: DimensionRule = TO_COST_CENTER,
    tags: tuple[ReportingTagHead, ...] = (COST_CENTER,),
) -> Resolution:
    return resolve_dimension(Term("tag level 1", name, gl_code), rule, Dimensions(tags, values or BOOK))


def refusal(answer: Resolution) -> tuple[str, str]:
    assert answer.problem is not None
    assert answer.target_id == ""
    return answer.problem.code, answer.problem.message


def test_a_tag_is_the_option_of_its_name_and_knows_its_reporting_tag() -> None:
    assert resolve("Sales") == Resolution(
        "name", "O-sales", "", "Sales", dimension="reporting_tag", group_id="T-cc"
    )


@pytest.mark.parametrize("name", ["sales", " SALES ", "Sa les", "Sale"])
def test_case_and_outer_blanks_do_not_matter_and_anything_else_does(name: str) -> None:
    assert resolve(name).target_id == ("O-sales" if name.strip().casefold() == "sales" else "")


def test_an_expense_without_the_tag_has_none() -> None:
    assert resolve("") == resolve("  ") == NOTHING


def test_an_option_may_be_named_by_its_path_or_by_its_last_part_alone() -> None:
    assert resolve("Sales:EMEA").target_id == "O-emea"
    assert resolve("EMEA").target_id == "O-emea"
    assert resolve("Sales:EMEA").target_name == "Sales:EMEA"


@pytest.mark.parametrize("name", ["Marketing:EMEA", "World:Sales:EMEA", "Marketing\\: EU:EMEA"])
def test_an_option_of_the_same_last_name_under_another_parent_is_another_one(name: str) -> None:
    code, message = refusal(resolve(name))
    assert code == Reason.UNMAPPED_TAG
    assert f"“{name}” of tag level 1 is no option of Cost Center in Zoho Books" in message


def test_the_end_of_a_path_is_enough_where_only_one_has_it() -> None:
    berlin = option("O-berlin", "Sales", "EMEA", "Berlin")
    assert resolve("EMEA:Berlin", "", *BOOK, berlin).target_id == "O-berlin"
    other = option("O-other", "Support", "EMEA", "Berlin")
    assert refusal(resolve("EMEA:Berlin", "", *BOOK, berlin, other))[0] == Reason.AMBIGUOUS_TAG


def test_a_name_that_is_the_path_of_another_option_is_not_chosen_from() -> None:
    named = option("O-named", "Sales:EMEA")
    code, message = refusal(resolve("Sales:EMEA", "", *BOOK, named))
    assert code == Reason.AMBIGUOUS_TAG
    assert r"fits 2 options of Cost Center in Zoho Books (Sales:EMEA, Sales\:EMEA): name one" in message
    assert resolve("Sales\\:EMEA", "", *BOOK, named).target_id == "O-named"


def test_of_values_with_the_same_path_the_ids_are_said() -> None:
    message = refusal(resolve("EMEA", "", *BOOK, option("O-2", "Sales", "EMEA")))[1]
    assert "in Zoho Books (all named Sales:EMEA, with the ids O-2, O-emea): rename all but one there." in message


def test_the_path_decides_between_options_of_the_same_name() -> None:
    other = option("O-other", "Support", "EMEA")
    assert resolve("Support:EMEA", "", *BOOK, other).target_id == "O-other"
    code, message = refusal(resolve("EMEA", "", *BOOK, other))
    assert code == Reason.AMBIGUOUS_TAG
    assert "fits 2 options of Cost Center in Zoho Books (Sales:EMEA, Support:EMEA)" in message


def test_an_escaped_colon_belongs_to_the_name() -> None:
    ratio = option("O-ratio", "Ratio 1:2")
    assert resolve("Ratio 1\\:2", "", *BOOK, ratio).target_id == "O-ratio"
    assert resolve("Ratio 1:2", "", *BOOK, ratio).target_id == "O-ratio"


def test_a_gl_code_goes_before_the_name_and_may_be_an_options_name() -> None:
    coded = option("O-100", "100")
    answer = resolve("Sales", "100", *BOOK, coded)
    assert (answer.how, answer.target_id) == ("gl_code", "O-100")
    assert resolve("Sales", "999", *BOOK, coded).how == "name"


def test_a_customer_is_found_by_its_number() -> None:
    customer = DimensionValue("customer", "C-9", "Acme Example", ("Acme Example",), is_active=True, code="K-9")
    answer = resolve("Acme", "K-9", customer, rule=DimensionRule("customer"))
    assert (answer.how, answer.target_id, answer.target_code) == ("gl_code", "C-9", "K-9")


def test_a_project_comes_with_its_customer() -> None:
    answer = resolve("apollo", "", APOLLO, rule=DimensionRule("project"))
    assert (answer.dimension, answer.target_id, answer.group_id) == ("project", "P-1", "C-1")


def test_a_project_of_an_inactive_customer_is_not_used() -> None:
    for is_active, found in ((True, "P-1"), (False, "")):
        customer = DimensionValue("customer", "C-1", "NASA", ("NASA",), is_active=is_active)
        assert resolve("apollo", "", APOLLO, customer, rule=DimensionRule("project")).target_id == found


def test_an_override_goes_before_the_code_and_the_name() -> None:
    rule = replace(TO_COST_CENTER, values={"Sales": "Sales:EMEA"})
    answer = resolve("sales", "Sales", rule=rule)
    assert (answer.how, answer.target_id) == ("override", "O-emea")


def test_an_override_to_nothing_that_exists_does_not_fall_back_to_the_name() -> None:
    code, message = refusal(resolve("Sales", rule=replace(TO_COST_CENTER, values={"Sales": "Nowhere"})))
    assert code == Reason.UNMAPPED_TAG
    assert "Nowhere" in message


def test_an_override_to_a_path_that_is_gone_is_not_taken_from_another_parent() -> None:
    code, message = refusal(resolve("S", rule=replace(TO_COST_CENTER, values={"S": "Finance:EMEA"})))
    assert code == Reason.UNMAPPED_TAG
    assert "“S” of tag level 1 (mlc.yaml says “Finance:EMEA”) is no option" in message


def test_an_override_to_a_topmost_option_is_not_confused_with_others_of_its_name() -> None:
    topmost = option("O-top", "EMEA")
    assert refusal(resolve("EMEA", "", *BOOK, topmost))[0] == Reason.AMBIGUOUS_TAG
    rule = replace(TO_COST_CENTER, values={"EMEA": "EMEA"})
    assert resolve("EMEA", "", *BOOK, topmost, rule=rule).target_id == "O-top"


def test_an_unknown_tag_says_where_to_add_it() -> None:
    code, message = refusal(resolve("Legal", "77"))
    assert code == Reason.UNMAPPED_TAG
    assert "“Legal” (GL code 77) of tag level 1" in message
    assert "mlc.yaml" in message


def test_an_inactive_option_is_not_used_unless_an_active_one_has_the_name() -> None:
    closed = option("O-closed", "Sales", active=False)
    assert refusal(resolve("Sales", "", closed))[0] == Reason.INACTIVE_TAG
    assert resolve("Sales", "", closed, SALES).target_id == "O-sales"


def test_an_option_of_another_reporting_tag_is_not_taken() -> None:
    region = ReportingTagHead("T-region", "Region", is_active=True)
    other = option("O-region", "Legal", tag_id="T-region")
    answer = resolve("Legal", "", *BOOK, other, tags=(COST_CENTER, region))
    assert refusal(answer)[0] == Reason.UNMAPPED_TAG


@pytest.mark.parametrize(
    ("tags", "reason", "state"),
    [
        ((), Reason.UNMAPPED_TAG, "which Zoho Books does not have"),
        ((replace(COST_CENTER, is_active=False),), Reason.INACTIVE_TAG, "inactive or a draft"),
        ((COST_CENTER, replace(COST_CENTER, tag_id="T-2")), Reason.UNMAPPED_TAG, "of which Zoho Books has 2"),
    ],
)
def test_a_reporting_tag_that_is_not_exactly_one_active_is_said(
    tags: tuple[ReportingTagHead, ...], reason: Reason, state: str
) -> None:
    code, message = refusal(resolve("Sales", tags=tags))
    assert code == reason
    assert state in message
