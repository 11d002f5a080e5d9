"""Which cases wait for an answer, and what is new of them."""

from tests.collector.calls.test_day import (
    DIGEST_ONLY,
    MONDAY,
    answered,
    digests,
    drones,
    hit,
    texts,
)
from tests.collector.judged import SETTINGS, fleet
from tests.collector.world import DAY, HOUR
from windsock.collector.calls.day import make_day

__all__ = ["drones"]


def test_what_a_snooze_was_about_is_new_when_it_ended(drones):
    hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
    make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)
    answered(drones, 1, "snooze", MONDAY + 9 * HOUR)
    fleet(drones, MONDAY + 11 * DAY, DIGEST_ONLY)
    for day in (11, 14):
        make_day(drones.ledger, MONDAY + day * DAY + 8 * HOUR, SETTINGS)

    told = ["(X1, case 1, new)" in texts(one) for _, one in digests(drones) if "C3" in str(one)]
    assert told == [True, True, False]
