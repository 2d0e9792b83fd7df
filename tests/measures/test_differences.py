"""Differences of texts: nothing is lost, nothing is taken for markup."""

from hypothesis import given
from hypothesis import strategies as st

from measures.differences import GONE, LONGEST, NEW, SAME, difference
from measures.templatetags.differences import changed_text, only_new

texts = st.text(alphabet="ab <&\n", max_size=40)


def test_words_that_came_and_went_are_told_apart():
    assert difference("Alle wissen bald Bescheid.", "Alle wissen früh Bescheid.") == [
        (SAME, "Alle wissen "),
        (GONE, "bald "),
        (NEW, "früh "),
        (SAME, "Bescheid."),
    ]


def test_marks_hold_no_space_and_do_not_stick_together():
    assert changed_text("Bis 2026.", "Bis Ende 2028") == "Bis <del>2026.</del> <ins>Ende 2028</ins>"
    assert only_new("Bis 2026", "Bis 2028 spätestens") == "Bis <ins>2028 spätestens</ins>"


def test_lines_and_markup_stay_what_they_are():
    assert changed_text("Erstens", "Erstens\n<b>Zweitens</b>") == "Erstens<br><ins>&lt;b&gt;Zweitens&lt;/b&gt;</ins>"
    assert changed_text("", None) == ""


def test_a_very_long_text_is_compared_as_a_whole():
    text = "Wort " * LONGEST

    assert difference(text, "kurz") == [(GONE, text), (NEW, "kurz")]


@given(texts, texts)
def test_both_texts_can_be_read_from_their_difference(before, after):
    pieces = difference(before, after)

    def read(kinds):
        return "".join("".join(text for kind, text in pieces if kind in kinds).split())

    assert read({SAME, GONE}) == "".join(before.split())
    assert read({SAME, NEW}) == "".join(after.split())
