"""Whose digest cases and tasks come in, where nobody is named or somebody else is by now."""

import msgspec
import pytest

from tests.collector.calls.test_day import ANNA, BOB, DIGEST_ONLY, MONDAY, digests, given, hit
from tests.collector.judged import SETTINGS
from tests.collector.world import DAY, HOUR
from windsock.collector.calls.day import make_day
from windsock.collector.settings import Cadence

CADENCE = Cadence(kind="health-check", of="direct", every_days=7, playbook="Check")
CHECKS = msgspec.structs.replace(SETTINGS, cadence=(CADENCE,))
COVER = f"csm,from,until,substitute\n{BOB},2026-11-23,2026-11-25,{ANNA}"


def supported_by(person):
    notify = msgspec.structs.replace(SETTINGS.notify, support=person)
    return msgspec.structs.replace(SETTINGS, notify=notify)


@pytest.mark.parametrize("csm", [ANNA, BOB])
def test_support_has_what_is_nobodys_though_it_is_a_csm_or_stands_in(world, csm):
    world.roster("D3,px4:03,Acme", f"D4,px4:04,Beta,,,{csm}")
    given(world, "cover", COVER)
    for n in (3, 4):
        hit(world, n, MONDAY, settings=DIGEST_ONLY)
    make_day(world.ledger, MONDAY + 8 * HOUR, supported_by(ANNA))

    ((who, notice),) = digests(world)
    assert who == ANNA
    assert sorted(section.headline[:4] for section in notice.sections) == ["Acme", "Beta"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("", "", "support@maker"), (ANNA, BOB, BOB), (ANNA, "", "support@maker")],
)
def test_a_task_is_of_who_has_the_account_when_it_is_due(world, before, after, told):
    world.roster(f"D3,px4:03,Acme,,,{before}", "D4,px4:04,Beta")
    make_day(world.ledger, MONDAY + 8 * HOUR, CHECKS)
    make_day(world.ledger, MONDAY + 2 * DAY + 8 * HOUR, CHECKS)
    world.roster(f"D3,px4:03,Acme,,,{after}", "D4,px4:04,Beta")
    old = len(digests(world))
    for day in range(14, 17):
        make_day(world.ledger, MONDAY + day * DAY + 8 * HOUR, CHECKS)

    of_acme = [who for who, one in digests(world)[old:] if "Acme: Health check" in str(one)]
    assert set(of_acme) == {told}
