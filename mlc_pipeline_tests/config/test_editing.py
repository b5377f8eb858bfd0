"""Values are set in the text of mlc.yaml; whatever else stands there stays, to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlc_pipeline.config import example_configuration
from mlc_pipeline.config.editing import NotEditable, edited, wanted

PATH = ("connections", 0, "mapping", "categories")


def _set(text: str, *path: str | int, value: str = "6640") -> str:
    return edited(text, wanted({path: value}))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  b: 1 # one\nc: 2\n", 'a:\n  b: 1 # one\n  "X": "6640"\nc: 2\n'),
        ("a:\n  b: 1\n\n# about c\nc: 2", 'a:\n  b: 1\n  "X": "6640"\n\n# about c\nc: 2'),
        ("a: {}   # nothing\nc: 2\n", 'a:      # nothing\n  "X": "6640"\nc: 2\n'),
        ("a:\nc: 2\n", 'a:\n  "X": "6640"\nc: 2\n'),
        ("a: ~\n", 'a:\n  "X": "6640"\n'),
        ("a: {b: 1}\n", 'a: {b: 1, "X": "6640"}\n'),
        ("a: {b: 1,\n    c: 2,}\n", 'a: {b: 1,\n    c: 2, "X": "6640",}\n'),
        ("a: {X: 1} # one\n", 'a: {X: "6640"} # one\n'),
        ("a:\n  X: 'old' # old\n", 'a:\n  X: "6640" # old\n'),
        ("a:\n  X:\n", 'a:\n  X: "6640"\n'),
        ("a:\r\n  b: 1\r\n", 'a:\r\n  b: 1\r\n  "X": "6640"\r\n'),
        ("a:\n  b: |\n    text\n\nc: 1\n", 'a:\n  b: |\n    text\n  "X": "6640"\n\nc: 1\n'),
        ("b: 1", 'b: 1\na:\n  "X": "6640"'),
    ],
)
def test_a_value_is_set_and_the_rest_stays(before: str, after: str) -> None:
    assert _set(before, "a", "X") == after


@pytest.mark.parametrize("text", ["a: 1\n", "a: [1]\n", "- a\n", ""])
def test_a_value_in_the_place_of_a_section_is_refused(text: str) -> None:
    with pytest.raises(NotEditable):
        _set(text, "a", "x")


@pytest.mark.parametrize("as_json", [False, True])
@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12), min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_any_names_read_as_they_were_written(as_json: bool, entries: dict[str, str]) -> None:
    text = example_configuration()
    if as_json:
        text = json.dumps(yaml.load(text, Loader=yaml.BaseLoader))
    after = edited(text, wanted({(*PATH, name): value for name, value in entries.items()}))
    expected: Any = yaml.load(text, Loader=yaml.BaseLoader)
    expected["connections"][0]["mapping"]["categories"] = entries
    assert yaml.load(after, Loader=yaml.BaseLoader) == expected
