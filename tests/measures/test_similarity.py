"""How alike texts are: by rare words more than by common ones, whatever their endings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.models import Measure, Need
from measures.similarity import SMALLEST_SHARE, similar, stem
from strategy.models import Role
from tests.factories import Cast, MembershipFactory

# What the published stemmer makes of words, upper and lower case alike.
STEMS = {
    "Ruheräume": "ruheraum",
    "Ruheraum": "ruheraum",
    "Schulungen": "schulung",
    "mobiles": "mobil",
    "gearbeitet": "arbei",
    "Arbeiten": "arbei",
    "Straße": "strass",
    "Menschen": "mensch",
    "geht": "geh",
    "Tee": "tee",
}


@pytest.mark.parametrize(("word", "expected"), STEMS.items())
def test_words_are_led_back_to_their_stems(word, expected):
    assert stem(word) == expected


def test_the_same_words_are_wholly_alike_whatever_their_order_and_endings():
    found = similar("Ruheräume im Schichtdienst", [(1, "Schichtdienste und ein Ruheraum"), (2, "Fahrräder leasen")])

    assert found == [(1, 1.0)]


def test_a_rare_word_weighs_more_than_a_common_one():
    common = [(number, f"Homeoffice {word}") for number, word in enumerate(["Regal", "Lampe", "Stuhl", "Tisch"])]

    found = dict(similar("Stillzimmer Homeoffice", [("rare", "Stillzimmer Fahrrad"), *common]))

    assert found["rare"] > found[0] == found[1]


def test_stop_words_make_nothing_alike():
    assert similar("Die Stadt und die Beschäftigten", [(1, "Für die Beschäftigten der Stadt")]) == []


def test_at_most_so_many_are_found_and_equal_ones_keep_their_order():
    candidates = [(number, "Ruheräume im Schichtdienst") for number in range(9)]

    assert [key for key, _share in similar("Ruheräume", candidates, most=3)] == [0, 1, 2]


@pytest.mark.parametrize("text", ["", "  ", "42 \x00 ---", "und oder aber"])
def test_a_text_without_words_resembles_nothing(text):
    assert similar(text, [(1, "Ruheräume"), (2, text)]) == []


TEXTS = st.text(max_size=60)


@given(TEXTS, st.lists(TEXTS, max_size=8), st.integers(1, 5))
def test_shares_lie_between_the_least_and_one_and_fall(text, texts, most):
    found = similar(text, list(enumerate(texts)), most)

    shares = [share for _key, share in found]
    assert all(SMALLEST_SHARE <= share <= 1 for share in shares)
    assert shares == sorted(shares, reverse=True)
    assert len(found) <= most


@given(TEXTS, TEXTS)
def test_likeness_is_mutual(one, other):
    there, back = (dict(similar(text, [(0, candidate)])) for text, candidate in ((one, other), (other, one)))

    assert there == back


# On needs and measures


def test_a_need_finds_only_what_the_person_sees(cast, django_assert_num_queries):
    words = {"title": "Ruheräume für den Schichtdienst"}
    need, draft, other = cast.need(**words), cast.need(**words), cast.need(Need.State.SUBMITTED, **words)
    hidden, shown = cast.measure(**words), cast.measure(Measure.State.RUNNING, **words)
    dropped = cast.measure(Measure.State.DROPPED, **words)
    people = {name: cast.actor(name) for name in ("project_group", "staff_council", "reader")}

    with django_assert_num_queries(10):
        measures = {name: {row for row, _share in need.similar_measures(actor)} for name, actor in people.items()}
        needs = {name: {row for row, _share in need.similar_needs(actor)} for name, actor in people.items()}

    assert measures == {"project_group": {hidden, shown}, "staff_council": {shown}, "reader": {shown}}
    assert needs == {"project_group": {other}, "staff_council": {draft, other}, "reader": set()}
    assert dropped.state == Measure.State.DROPPED


def test_nothing_of_another_strategy_is_found_even_by_its_member(cast):
    need, elsewhere = cast.need(title="Ruheräume"), Cast()
    elsewhere.measure(Measure.State.RUNNING, title="Ruheräume")
    elsewhere.need(Need.State.SUBMITTED, title="Ruheräume")
    MembershipFactory(user=cast.staff_council, strategy=elsewhere.strategy, role=Role.STAFF_COUNCIL)

    actor = cast.actor("staff_council")

    assert (need.similar_measures(actor), need.similar_needs(actor)) == ([], [])
    assert Need.objects.visible_to(actor).count() == 2
