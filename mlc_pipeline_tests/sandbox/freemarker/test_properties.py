import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.sandbox.freemarker import TemplateFailure, render

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"'\\</>!-]&${}#\n\r\t\u2028\x00"))


@given(TEXT)
@settings(deadline=None, max_examples=200)
def test_any_string_survives_json_string(text: str) -> None:
    assert json.loads(render('"${text?json_string}"', {"text": text})) == text


@given(TEXT)
@settings(deadline=None, max_examples=100)
def test_any_string_prints_as_it_is(text: str) -> None:
    assert render("${text}", {"text": text}) == text


@given(st.integers(-(10**30), 10**30))
@settings(deadline=None, max_examples=100)
def test_any_integer_survives_c(number: int) -> None:
    assert int(render("${number?c}", {"number": number})) == number


@given(st.decimals(-(10**12), 10**12, places=8), st.decimals(-(10**12), 10**12, places=8))
@settings(deadline=None, max_examples=100)
def test_sums_are_exact(left: Decimal, right: Decimal) -> None:
    assert Decimal(render("${(l + r)?c}", {"l": left, "r": right})) == left + right


@given(st.text("<#/@${}()[]\"'abiflst as?!.x1+=> \n-", max_size=40))
@settings(deadline=None, max_examples=300)
def test_any_text_either_renders_or_fails_with_a_place(template: str) -> None:
    try:
        render(template, {"a": 1, "x": [1, 2]})
    except TemplateFailure as failure:
        assert failure.line >= 1  # noqa: PT017 - either outcome is right
        assert failure.column >= 1  # noqa: PT017
