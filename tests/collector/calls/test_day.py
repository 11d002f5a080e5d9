"""From cases in the ledger to one call an account and day, and one digest a CSM and day."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.collector.judged import CRASH, HARD, SETTINGS, events, fleet, new
from tests.collector.world import DAY, HOUR, S
from windsock.collector.answers.answer import Answer, apply_answer
from windsock.collector.calls.day import make_day
from windsock.collector.ledger import transaction
from windsock.collector.notify.notice import Notice
from windsock.collector.outside.take import take
from windsock.collector.settings import Day, Judge

MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * S
ANNA, BOB = "anna@maker", "bob@maker"
LOUD = msgspec.structs.replace(SETTINGS, judge=Judge(crash_like_notice_severity=0))
DIGEST_ONLY = msgspec.structs.replace(SETTINGS, judge=Judge(crash_like_notice_severity=101))


def given(world, kind, text):
    taken = take(world.ledger, kind, text.encode(), "test", 0)
    assert not taken.errors, taken.errors


def notices(world, kind=None):
    rows = world.rows("SELECT recipient, notice FROM outbox ORDER BY id")
    told = [(row["recipient"], msgspec.json.decode(row["notice"], type=Notice)) for row in rows]
    return [(who, notice) for who, notice in told if kind in (None, notice.kind)]


def digests(world):
    return notices(world, "digest")


def texts(notice):
    return " ".join(line.text for section in notice.sections for line in section.lines)


def answered(world, case, kind, at_us):
    until_us = at_us + 10 * DAY if kind == "snooze" else None
    with transaction(world.ledger) as ledger:
        apply_answer(ledger, case, Answer(kind, until_us, "", ANNA, "command"), at_us)


@pytest.fixture
def drones(world):
    """Ten drones of ten customers, D1 and D2 of one; D0's is Bob's, the others are Anna's."""
    rows = [f"D{n},px4:0{n},C{max(n, 2)},,Anna,{ANNA}" for n in range(1, 10)]
    world.roster(*rows, f"D0,px4:00,C0,,Bob,{BOB}")
    return world


def hit(world, n, at_us, facts=HARD, settings=LOUD):
    """A rough landing of drone n, which is told at once where there is room."""
    world.flight(at_us - HOUR, uid=f"px4:0{n}", facts=facts)
    new(world, at_us, settings)


class TestInterrupts:
    def test_three_a_day_then_they_wait_for_the_digest(self, drones):
        for n in range(3, 8):
            hit(drones, n, MONDAY + n * HOUR)
        hit(drones, 0, MONDAY + 8 * HOUR)

        assert events(drones) == ["open: notify"] * 3 + ["open: rationed"] * 2 + ["open: notify"]
        make_day(drones.ledger, MONDAY + DAY + 8 * HOUR, SETTINGS)
        anna = dict(digests(drones))[ANNA]
        assert [section.headline[:2] for section in anna.sections][:2] == ["C6", "C7"]
        assert "2 had to wait" in anna.lines[1].text

    def test_a_new_day_has_room_again(self, drones):
        for n in range(3, 6):
            hit(drones, n, MONDAY + n * HOUR)
        hit(drones, 6, MONDAY + 24 * HOUR - 1)
        hit(drones, 7, MONDAY + 24 * HOUR)

        assert events(drones)[3:] == ["open: rationed", "open: notify"]

    def test_the_day_is_the_csms(self, drones):
        given(drones, "people", f"email,role,zone\n{ANNA},csm,Asia/Tokyo")
        for n in range(3, 6):
            hit(drones, n, MONDAY + n * HOUR)
        hit(drones, 6, MONDAY + 15 * HOUR - 1)
        hit(drones, 7, MONDAY + 15 * HOUR)

        assert events(drones)[3:] == ["open: rationed", "open: notify"]

    def test_a_crash_is_never_rationed_and_safety_gets_a_copy(self, drones):
        notify = msgspec.structs.replace(SETTINGS.notify, safety="safety@maker")
        settings = msgspec.structs.replace(LOUD, notify=notify)
        for n in range(3, 7):
            hit(drones, n, MONDAY + n * HOUR, settings=settings)
        hit(drones, 7, MONDAY + 9 * HOUR, CRASH, settings)

        assert events(drones)[3:] == ["open: rationed", "open: notify"]
        assert [who for who, _ in notices(drones)] == [ANNA] * 4 + ["safety@maker"]

    def test_what_comes_later_joins_the_call_and_a_crash_is_told_in_its_thread(self, drones):
        hit(drones, 1, MONDAY + 3 * HOUR)
        hit(drones, 2, MONDAY + 4 * HOUR)
        assert events(drones) == ["open: notify", "open: same-call"]
        hit(drones, 2, MONDAY + 5 * HOUR, CRASH)

        first, crash = (notice for _, notice in notices(drones))
        assert crash.thread == first.identity
        assert crash.lines[-1].text.endswith("one call today, with case 1")
        assert drones.rows("SELECT account, day, interrupts FROM calls") == [
            {"account": "C2", "day": "2026-11-23", "interrupts": 1}
        ]

    def test_the_substitute_is_told_and_has_a_ration_of_their_own(self, drones):
        given(drones, "cover", f"csm,from,until,substitute\n{ANNA},2026-11-23,2026-11-25,{BOB}")
        for n in range(3, 7):
            hit(drones, n, MONDAY + n * HOUR)
        hit(drones, 7, MONDAY + 2 * DAY)

        assert [who for who, _ in notices(drones)] == [BOB] * 3 + [ANNA]
        assert {row["csm"] for row in drones.rows("SELECT csm FROM cases")} == {ANNA}


class TestDigest:
    def test_once_a_day_at_the_hour(self, drones):
        hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
        for us in (8 * HOUR - 1, 8 * HOUR, 9 * HOUR, 30 * HOUR):
            make_day(drones.ledger, MONDAY + us, SETTINGS)
        assert len(digests(drones)) == 1
        make_day(drones.ledger, MONDAY + DAY + 8 * HOUR, SETTINGS)

        (who, first), (_, second) = digests(drones)
        assert (who, first.identity) == (ANNA, f"digest.{ANNA}.2026-11-23")
        assert first.headline == "Monday 23 November 2026: 1 call"
        assert "new" in texts(first)
        assert "new" not in texts(second)
        assert events(drones) == ["open: digest", "digest: in-digest"]

    def test_at_the_hour_of_their_wall_across_daylight_saving(self, drones):
        given(drones, "people", f"email,role,zone\n{ANNA},csm,Europe/Berlin")
        hit(drones, 3, MONDAY - 30 * DAY, settings=DIGEST_ONLY)  # Saturday 24 October, summer
        sunday = MONDAY - 29 * DAY
        everyday = msgspec.structs.replace(
            SETTINGS, day=Day(working_days=("sat", "sun", "mon"), hour=2)
        )
        made = []
        for minute in range(-30 * 60, 30 * 60, 10):
            before = len(digests(drones))
            make_day(drones.ledger, sunday + minute * 60 * S, everyday)
            made += [minute / 60] * (len(digests(drones)) - before)

        assert made == [-24, 0, 25]  # 2 o'clock comes twice on Sunday: the first counts

    def test_no_digest_on_days_off_and_none_when_empty(self, drones):
        off = msgspec.structs.replace(SETTINGS, day=Day(holidays=(datetime(2026, 11, 23).date(),)))  # noqa: DTZ001 - only its date is used
        hit(drones, 3, MONDAY - 2 * DAY, settings=DIGEST_ONLY)
        for day in (-2, -1, 0):
            make_day(drones.ledger, MONDAY + day * DAY + 9 * HOUR, off)
        assert not digests(drones)
        make_day(drones.ledger, MONDAY + DAY + 9 * HOUR, off)
        assert [who for who, _ in digests(drones)] == [ANNA]

    @pytest.mark.parametrize("kind", ["snooze", "acknowledge", "done"])
    def test_what_is_answered_leaves_the_next_one(self, drones, kind):
        hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
        hit(drones, 4, MONDAY, settings=DIGEST_ONLY)
        answered(drones, 1, kind, MONDAY + HOUR)
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)

        ((_, notice),) = digests(drones)
        assert [section.headline[:2] for section in notice.sections] == ["C4"]

    def test_news_of_what_was_acknowledged_come_once(self, drones):
        hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
        answered(drones, 1, "acknowledge", MONDAY + HOUR)
        hit(drones, 3, MONDAY + 7 * HOUR, settings=DIGEST_ONLY)
        for day in (0, 1):
            make_day(drones.ledger, MONDAY + day * DAY + 8 * HOUR, SETTINGS)

        ((_, notice),) = digests(drones)
        assert [section.cases for section in notice.sections] == [[1]]
        assert events(drones)[2:] == ["update: digest", "digest: in-digest"]

    def test_an_account_comes_once_with_all_its_cases(self, drones):
        for n in (1, 2, 3):
            hit(drones, n, MONDAY, settings=DIGEST_ONLY)
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)

        ((_, notice),) = digests(drones)
        assert [section.cases for section in notice.sections] == [[1, 2], [3]]
        rows = drones.rows("SELECT account, count(*) AS n FROM calls JOIN call_cases"
                           " ON call_id = id GROUP BY account")  # fmt: skip
        assert [tuple(row.values()) for row in rows] == [("C2", 2), ("C3", 1)]

    def test_an_interrupt_and_the_digest_are_one_call(self, drones):
        hit(drones, 3, MONDAY + 7 * HOUR)
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)

        assert len(drones.rows("SELECT * FROM calls")) == 1
        assert len(digests(drones)) == 1

    def test_it_spells_out_few_and_names_the_rest(self, drones):
        for n in range(3, 10):
            hit(drones, n, MONDAY, settings=DIGEST_ONLY)
        few = msgspec.structs.replace(SETTINGS, day=Day(digest_calls=2))
        make_day(drones.ledger, MONDAY + 8 * HOUR, few)

        ((_, notice),) = digests(drones)
        assert len(notice.sections) == 2
        assert "C5 (1), C6 (1), C7 (1), C8 (1), C9 (1)." in notice.lines[2].text
        assert events(drones).count("digest: in-digest") == 7

    def test_a_substitute_has_one_digest_for_both(self, drones):
        hit(drones, 0, MONDAY, settings=DIGEST_ONLY)
        hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
        given(drones, "cover", f"csm,from,until,substitute\n{ANNA},2026-11-23,2026-11-25,{BOB}")
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)

        ((who, notice),) = digests(drones)
        assert (who, len(notice.sections)) == (BOB, 2)
        assert texts(notice).count("you stand in for Anna") == 1

    def test_cover_that_begins_after_the_hour_brings_no_second_call(self, drones):
        hit(drones, 3, MONDAY, settings=DIGEST_ONLY)
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)
        given(drones, "people", f"email,role,zone\n{BOB},csm,America/New_York")
        given(drones, "cover",
              f"csm,from,until,substitute\n{ANNA},2026-11-23T09:00Z,2026-11-25,{BOB}")  # fmt: skip
        make_day(drones.ledger, MONDAY + 14 * HOUR, SETTINGS)

        assert [who for who, _ in digests(drones)] == [ANNA]

    def test_cases_without_a_csm_are_supports(self, world):
        world.roster("D3,px4:03,Acme")
        hit(world, 3, MONDAY, settings=DIGEST_ONLY)
        make_day(world.ledger, MONDAY + 8 * HOUR, SETTINGS)

        assert [who for who, _ in digests(world)] == ["support@maker"]

    def test_what_was_recorded_without_a_notice_stays_out(self, drones):
        hit(drones, 3, MONDAY)
        drones.flight(MONDAY - 40 * DAY, uid="px4:04", facts=CRASH)
        new(drones, MONDAY)
        make_day(drones.ledger, MONDAY + 8 * HOUR, SETTINGS)

        ((_, notice),) = digests(drones)
        assert [section.headline[:2] for section in notice.sections] == ["C3"]

    def test_something_to_fill_in_is_told_once_and_then_comes_with_calls(self, drones):
        fleet(drones, MONDAY, msgspec.structs.replace(SETTINGS, judge=Judge(required=("e-mail",))))
        for day in (0, 1):
            make_day(drones.ledger, MONDAY + day * DAY + 8 * HOUR, SETTINGS)
        assert [who for who, _ in digests(drones)] == [ANNA, BOB]
        hit(drones, 3, MONDAY + 2 * DAY, settings=DIGEST_ONLY)
        make_day(drones.ledger, MONDAY + 2 * DAY + 8 * HOUR, SETTINGS)

        (who, notice) = digests(drones)[-1]
        assert (who, [section.headline[:2] for section in notice.sections]) == (ANNA, ["C3", "To"])

    def test_names_from_outside_stay_on_their_line(self, world):
        world.roster(f"D3,px4:03,<b>Acme</b>,,Anna,{ANNA}")
        hit(world, 3, MONDAY, settings=DIGEST_ONLY)
        make_day(world.ledger, MONDAY + 8 * HOUR, SETTINGS)

        ((_, notice),) = digests(world)
        assert all("\n" not in line.text for line in notice.sections[0].lines)


class TestQuiet:
    def test_once_a_week_when_nothing_was_told_and_nothing_is_open(self, drones):
        drones.flight(MONDAY - DAY, uid="px4:03")
        for day in range(8):
            make_day(drones.ledger, MONDAY + day * DAY + 9 * HOUR, SETTINGS)

        told = [(who, notice.identity) for who, notice in notices(drones, "quiet")]
        assert told == [(ANNA, f"quiet.{ANNA}.2026-11-23"), (BOB, f"quiet.{BOB}.2026-11-23"),
                        (ANNA, f"quiet.{ANNA}.2026-11-30"), (BOB, f"quiet.{BOB}.2026-11-30"),
                        ]  # fmt: skip
        words = notices(drones, "quiet")[0][1]
        assert words.headline == "All quiet: 9 drones of 8 accounts"
        assert "1 flight " in " ".join(line.text for line in words.lines)

    @pytest.mark.parametrize(("told_days", "expected"), [(6, [BOB]), (8, [ANNA, BOB])])
    def test_not_in_the_week_after_a_notice(self, drones, told_days, expected):
        hit(drones, 3, MONDAY - told_days * DAY)
        with transaction(drones.ledger) as ledger:
            ledger.execute("UPDATE cases SET state = 'resolved'")
        make_day(drones.ledger, MONDAY + 9 * HOUR, SETTINGS)

        assert [who for who, _ in notices(drones, "quiet")] == expected

    def test_not_while_a_case_is_open_though_answered(self, drones):
        hit(drones, 3, MONDAY - 9 * DAY)
        with transaction(drones.ledger) as ledger:
            ledger.execute("UPDATE cases SET state = 'acknowledged'")
        make_day(drones.ledger, MONDAY + 9 * HOUR, SETTINGS)

        assert [who for who, _ in notices(drones, "quiet")] == [BOB]
