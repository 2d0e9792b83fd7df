from measures.models import Ballot, RankingRound
from tests.measures import rankings

State = RankingRound.State


def test_opening_freezes_measures_and_electors_and_gives_everybody_an_empty_ballot(cast):
    ranking = rankings.planned(cast)

    ranking.open(by=cast.actor("project_group"))

    ranking.refresh_from_db()
    assert ranking.state == State.OPEN
    assert [row.text_version.title for row in ranking.measures.all()] == [row.title for row in ranking.measures.all()]
    assert {(elector.user, elector.group) for elector in ranking.electors.all()} == {
        (cast.department_head, "department_heads"),
        (cast.other_head, "department_heads"),
        (cast.administrative_head, "administrative_heads"),
        (cast.project_group, "project_group"),
    }
    assert list(ranking.ballots.values_list("state", "order")) == [("draft", [])] * 4


def test_a_ballot_is_arranged_submitted_and_withdrawn(cast):
    ranking = rankings.open_(cast)

    ballot = rankings.vote(ranking, cast.department_head)

    assert ballot.state == Ballot.State.SUBMITTED
    assert len(ballot.receipt) == 20
    ballot.withdraw(by=cast.actor("department_head"))
    assert (ballot.state, ballot.receipt, ballot.nonce) == (Ballot.State.DRAFT, "", "")
