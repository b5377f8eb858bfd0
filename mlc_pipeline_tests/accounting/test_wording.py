"""Text of other people: printable, one line, in every script."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mlc_pipeline.accounting.wording import exact_key, name_key, one_line, shortened

every_character = st.text(st.characters(exclude_categories=[]))


@given(every_character)
def test_nothing_unprintable_is_left(text: str) -> None:
    clean = one_line(text)
    assert not [character for character in clean if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")]
    assert clean.encode().decode() == clean
    assert clean.splitlines() in ([], [clean])
    assert clean == clean.strip()


@given(every_character)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Co"], exclude_characters="\uffff\ufffe")))
def test_letters_marks_numbers_and_symbols_of_every_script_stay(text: str) -> None:
    assert one_line(text) == text


@given(every_character)
def test_a_name_is_the_same_composed_or_not_and_with_more_blanks_around(text: str) -> None:
    for key in (exact_key, name_key):
        assert {key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} == {key(text)}
        assert key(f" {text} ") == key(text)
        assert key(key(text)) == key(text)


def test_only_names_that_are_not_exact_are_the_same_in_another_case() -> None:
    assert name_key("JOSE\u0301  N.") == name_key("jos\u00e9 n.")
    assert exact_key("Caf\u00e9") == exact_key("Cafe\u0301 ")
    assert len({exact_key("Travel"), exact_key("travel"), exact_key("Tra  vel")}) == 3


@given(every_character, st.integers(1, 50))
def test_a_shortened_text_is_no_longer_and_says_so(text: str, longest: int) -> None:
    cut = shortened(text, longest)
    assert len(cut) <= longest
    assert cut == text or (len(text) > longest and text.startswith(cut[:-1]) and cut.endswith("…"))
