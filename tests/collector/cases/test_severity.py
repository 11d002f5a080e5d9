"""How much a silence weighs, at its steps."""

import pytest

from windsock.collector.cases.inactivity_findings import unusual
from windsock.collector.settings import Judge


@pytest.mark.parametrize(
    ("score", "more"),
    [(1.89, 0), (1.9, 5), (1.91, 5), (3.79, 5), (3.8, 10), (3.81, 10), (5.7, 15), (7.59, 15),
     (7.6, 20), (7.61, 20), (99.0, 20)],
)  # fmt: skip
def test_each_half_of_an_unusual_score_makes_a_case_weigh_more(score, more):
    assert unusual(score, Judge(unusual_score=3.8)) == more
