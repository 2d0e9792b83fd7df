"""The last ranking round in the report: suppressed as it was at closing, and never a ballot."""

import json

import pytest
from django.urls import reverse

from measures.models import Measure, RankingRound
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.print.checker import check
from reporting.print.render import render
from reporting.projection import Contents
from strategy.models import Role
from tests.factories import Cast
from tests.measures import rankings

from . import reports
from .print.reading import text_of
from .print.test_render import opened

S, G = Measure.State, RankingRound.Group
UPWARDS, DOWNWARDS = slice(None), slice(None, None, -1)


@pytest.fixture
def people(cast):
    """Six heads of departments and five of administration; the project group is one person."""
    heads = [cast.department_head, cast.other_head, *rankings.heads(cast, 4)]
    administrative = [cast.member(Role.ADMINISTRATIVE_HEAD, cast.unit, f"administration-{n}") for n in range(5)]
    return {G.DEPARTMENT_HEADS: heads, G.ADMINISTRATIVE_HEADS: administrative, G.PROJECT_GROUP: [cast.project_group]}


def voted(cast, people, measures, orders, **values):
    """A published round in which each group orders all measures as ``orders`` slices them."""
    opened_round = rankings.open_(cast, measures=measures, **values)
    items = rankings.items(opened_round)
    for group, order in orders.items():
        for user in people[group]:
            if opened_round.electors.filter(user=user).exists():
                rankings.vote(opened_round, user, items[order])
    return rankings.published(cast, opened_round)


def projected(cast, variant=Variant.NONPUBLIC, **values):
    return Contents.read(reports.draft(cast, **values)).project(variant)


def test_groups_are_shown_with_their_agreement_and_small_ones_by_name_alone(cast, people):
    measures = [cast.measure(S.DECIDED) for _ in range(4)]
    voted(cast, people, measures, dict.fromkeys(people, UPWARDS), title="Runde 2023")

    shown = projected(cast).ranking

    assert (shown.title, shown.measures, shown.top, shown.smallest) == ("Runde 2023", 4, None, 5)
    assert [(group.code, group.is_shown, group.ballots, group.w, group.word) for group in shown.groups] == [
        ("department_heads", True, 6, "1.00", "hoch"),
        ("administrative_heads", True, 5, "1.00", "hoch"),
        ("project_group", False, None, "", ""),
    ]
    assert (shown.overall.ballots, shown.electors, shown.of_shown_groups_only) == (11, 12, True)
    assert [(level.word, level.least) for level in shown.levels] == [
        ("hoch", "0.7"),
        ("mittel", "0.5"),
        ("gering", "0"),
    ]
    assert [(row.code, row.place, row.medians) for row in shown.proposed] == [(measures[0].code, 1, ("1", "1"))]
    assert shown.contrasts == ()


def test_contrasts_come_with_the_widest_first(cast, people):
    measures = [cast.measure(S.DECIDED) for _ in range(7)]
    orders = {G.DEPARTMENT_HEADS: UPWARDS, G.ADMINISTRATIVE_HEADS: DOWNWARDS}
    voted(cast, people, measures, orders)

    shown = projected(cast).ranking

    apart = [abs(float(first) - float(second)) for first, second in (row.medians for row in shown.contrasts)]
    assert apart == [6, 6, 4, 4, 2]
    assert shown.proposed == ()


def test_a_measure_not_decided_is_not_in_the_public_variant(cast, people):
    first, *others = [
        cast.measure(S.IN_REVIEW, title="Kanarienvogel"),
        cast.measure(S.DECIDED),
        cast.measure(S.DECIDED),
    ]
    orders = {G.DEPARTMENT_HEADS: UPWARDS, G.ADMINISTRATIVE_HEADS: DOWNWARDS}
    voted(cast, people, [first, *others], orders)

    public, nonpublic = (projected(cast, variant) for variant in Variant)

    assert "Kanarienvogel" not in printed.canonical(public).decode()
    assert (public.ranking.leaves_out, nonpublic.ranking.leaves_out) == (True, False)
    assert {row.code for row in nonpublic.ranking.contrasts} - {row.code for row in public.ranking.contrasts} == {
        first.code
    }


@pytest.mark.parametrize("variant", Variant)
def test_no_variant_holds_a_ballot_or_its_receipt(cast, people, variant):
    measures = [cast.measure(S.DECIDED) for _ in range(6)]
    last = voted(cast, people, measures, dict.fromkeys(people, UPWARDS))
    order = rankings.items(last)

    shown = projected(cast, variant)
    text = printed.canonical(shown).decode()
    pdf_bytes = render(shown)

    receipts = last.results["receipts"]
    assert len(receipts) == 11  # the single ballot of the project group is not counted
    with opened(pdf_bytes) as pdf:
        pages = text_of(pdf)
    assert [receipt for receipt in receipts if receipt in text or receipt in pages] == []
    assert json.dumps(order, separators=(",", ":")) not in text
    assert [name for name in ("receipt", "nonce", "order", "histogram", "seed") if f'"{name}' in text] == []
    assert [user.username for users in people.values() for user in users if user.username in text] == []
    assert check(pdf_bytes) == []


def test_the_last_published_round_counts_and_no_trial(cast, people):
    measures = [cast.measure(S.DECIDED) for _ in range(4)]
    orders = {G.DEPARTMENT_HEADS: UPWARDS}
    assert projected(cast).ranking is None
    voted(cast, people, measures, orders, title="Erste")
    voted(cast, people, measures, orders, title="Zweite")
    voted(cast, people, measures, orders, title="Probe", is_trial=True)
    rankings.closed(cast, title="Noch nicht veröffentlicht", measures=measures)
    rankings.open_(cast, title="Offen", measures=measures)

    assert projected(cast).ranking.title == "Zweite"
    assert projected(cast, paper_only=True).ranking is None


def test_the_preview_names_the_groups_and_what_they_put_first(client, cast, people):
    measures = [cast.measure(S.DECIDED, title=f"Vorhaben {n}") for n in range(4)]
    voted(cast, people, measures, dict.fromkeys(people, UPWARDS))
    report = reports.draft(cast)
    client.force_login(cast.project_group)

    html = client.get(reverse("reporting:report-preview", args=[cast.strategy.slug, report.pk])).content.decode()

    assert '<td class="n num">6</td><td class="n num">1,00</td><td class="n">hoch</td>' in html
    assert html.count("weniger als fünf Ranglisten, nicht gezeigt") == 1
    assert f"Sehr hohe Priorität nach übereinstimmender Einschätzung: {measures[0].code} Vorhaben 0." in html


def test_too_few_ballots_leave_nothing_but_the_round(cast):
    measures = [cast.measure(S.DECIDED) for _ in range(4)]
    voted(cast, {G.PROJECT_GROUP: [cast.project_group]}, measures, {G.PROJECT_GROUP: UPWARDS})

    shown = projected(cast).ranking

    assert {group.is_shown for group in (*shown.groups, shown.overall)} == {False}
    assert (shown.proposed, shown.contrasts) == ((), ())


def test_a_round_of_another_strategy_stays_there(cast):
    rankings.published(Cast())

    assert projected(cast).ranking is None
