"""Every expected text here was also given by FreeMarker 2.3.31 itself."""

from decimal import Decimal
from typing import Any

import pytest

from mlc_pipeline.sandbox.freemarker import TemplateFailure, render

MODEL: dict[str, Any] = {
    "s": "héllo",
    "empty": "",
    "n": 1234567,
    "d": Decimal("1234.5678"),
    "yes": True,
    "no": False,
    "emoji": "a😀b",
    "null": None,
    "h": {"a": 1, "b": "two", "null": None},
    "l": ["x", "y", "z"],
    "gaps": [1, None, 3],
    "nobody": [],
}


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("n", "1,234,567"),
        ("n?c", "1234567"),
        ("d", "1,234.568"),
        ("d?c", "1234.5678"),
        ("1234567890123456789012?c", "1234567890123456789012"),
        ("1/3", "0.333"),
        ("(1/3)?c", "0.333333333333"),
        ("-7%3", "-1"),
        ("0.1+0.2", "0.3"),
        ('2.5?string("0")', "2"),
        ('2.675?string("0.00")', "2.68"),
        ('n?string("#,##0.0#")', "1,234,567.0"),
        ('"1.50"?number', "1.5"),
    ],
)
def test_numbers_print_as_in_en_us_and_count_exactly(expression: str, printed: str) -> None:
    assert render("${" + expression + "}", MODEL) == printed


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ('missing!"d"', "d"),
        ("missing!", ""),
        ("missing!1+2", "3"),
        ("(missing!1)+2", "3"),
        ('(missing.a.b)!"d"', "d"),
        ('h.null!"d"', "d"),
        ('h.nothing!"d"', "d"),
        ("(missing.a)??c", "false"),
        ("missing?has_content?c", "false"),
        ("empty?has_content?c", "false"),
        ("nobody?has_content?c", "false"),
        ("no?has_content?c", "true"),
        ("0?has_content?c", "true"),
        ("(missing!)?size", "0"),
        ('missing?default(null, "c")', "c"),
    ],
)
def test_a_missing_value_can_be_defaulted_and_asked_about(expression: str, printed: str) -> None:
    assert render("${" + expression.replace("??c", "???c") + "}", MODEL) == printed


@pytest.mark.parametrize(
    "expression", ["missing", "missing.a", "h.null", "h.nothing", 'missing.a!"d"', '"a" + missing', "missing == 1"]
)
def test_a_missing_value_that_is_needed_fails(expression: str) -> None:
    with pytest.raises(TemplateFailure, match="has no value"):
        render("${" + expression + "}", MODEL)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ('yes?string("y", "n")', "y"),
        ("yes?string", "true"),
        ("no?c", "false"),
        ("(yes && !no)?c", "true"),
        ("yes?then(1, missing)", "1"),
        ("(no && missing)?c", "false"),
        ("(1 lt 2)?c", "true"),
        ("(2 > 1)?c", "true"),
        ('("1" == "1")?c', "true"),
    ],
)
def test_booleans_compare_and_choose(expression: str, printed: str) -> None:
    assert render("${" + expression + "}", MODEL) == printed


@pytest.mark.parametrize("expression", ["yes", '"a" + yes', '"1" == 1', '"a" < "b"', "!s", "1 && yes", "1/0"])
def test_what_has_the_wrong_type_fails(expression: str) -> None:
    with pytest.raises(TemplateFailure):
        render("${" + expression + "}", MODEL)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("s?length", "5"),
        ("emoji?length", "4"),
        ("emoji?substring(1, 3)", "😀"),
        ("s?upper_case", "HÉLLO"),
        ('s?replace("l", "L")', "héLLo"),
        ('s?contains("ll")?c', "true"),
        ('s?index_of("l")', "2"),
        ('"a,b,,"?split(",")?size', "4"),
        ('" a "?trim', "a"),
        ("s[1..]", "éllo"),
        ("s[0..*99]", "héllo"),
        ('"a${1+1}b"', "a2b"),
        (r"'\x41\n\"'", 'A\n"'),
        (r'r"a\n${x}"', r"a\n${x}"),
        ("""'<&>"'?html""", "&lt;&amp;&gt;&quot;"),
    ],
)
def test_strings_are_cut_changed_and_escaped(expression: str, printed: str) -> None:
    assert render("${" + expression + "}", MODEL) == printed


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ('say "hi"\\', r"say \"hi\"\\"),
        ("a\nb\tc\x00\x7f\u2028", r"a\nb\tc\u0000\u007F\u2028"),
        ("</script>", r"<\/script>"),
        ("<!-- x -->", r"\u003C!-- x --\u003E"),
        ("]]>", r"]]\u003E"),
        ("ends with <", r"ends with \u003C"),
        ("it's ünï 😀", "it's ünï 😀"),
    ],
)
def test_json_string_escapes_as_the_engine_does(text: str, escaped: str) -> None:
    assert render("${text?json_string}", {"text": text}) == escaped


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ('l?join(", ")', "x, y, z"),
        ('gaps?join(",")', "1,3"),
        ('nobody?join(",", "none")', "none"),
        ("l?first + l?last", "xz"),
        ("l[1]", "y"),
        ('l[0..1]?join("")', "xy"),
        ('(l + ["q"])?size', "4"),
        ('({"a": 1} + {"b": 2}).b', "2"),
        ('h["b"]', "two"),
        ('h?keys?join(",")', "a,b,null"),
        ('(3..1)?join("")', "321"),
        ('l?seq_contains("y")?c', "true"),
    ],
)
def test_sequences_and_hashes_are_read(expression: str, printed: str) -> None:
    assert render("${" + expression + "}", MODEL) == printed


def test_a_date_is_read_and_written_in_a_pattern() -> None:
    template = '${"2026-01-02 15:04:05"?date("yyyy-MM-dd")?string("dd.MM.yyyy")}'
    assert render(template, {}) == "02.01.2026"
