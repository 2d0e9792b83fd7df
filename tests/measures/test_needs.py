"""Needs of the staff council: every verb from every state, by everybody, and what each step leaves behind."""

import pytest

from measures.models import Need

STATES = list(Need.State)


@pytest.mark.parametrize("state", STATES)
def test_a_need_reaches_each_state_by_the_steps_of_people(cast, state):
    assert cast.need(state).state == state
