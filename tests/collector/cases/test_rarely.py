"""D1b, C1 and C5 from rows of the ledger to cases, and who is told of a silence."""

import msgspec
import pytest

from tests.collector.judged import SETTINGS, cases, events, facts_of, fleet, headlines, of
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.cases.rows import case_rows
from windsock.collector.ledger import transaction
from windsock.collector.settings import Judge

NOW = T0 + 200 * DAY
STAGES = "serial,uid,customer,stage,csm_email,delivered,service_state,valid_from,valid_until"


@pytest.fixture
def busy(world):
    """D1 of Acme flew daily until T0, its station always on."""
    world.roster("D1,px4:01,Acme,,,anna@maker")
    world.online(T0 - 100 * DAY, NOW)
    world.habit(T0 + DAY, days=60)
    return world


class TestWhoIsTold:
    def test_a_silence_waits_for_the_digest(self, busy):
        fleet(busy, T0 + 32 * DAY)

        assert events(busy, "D1a") == events(busy, "C1") == ["open: digest"]

    def test_an_unusual_one_weighs_more(self, world):
        world.roster("D1,px4:01,Acme,,,anna@maker")
        world.online(T0, T0 + 450 * DAY)
        for n in range(10):
            world.flight(T0 - 40 * n * DAY)
        fleet(world, T0 + 31 * DAY)
        (usual,) = (case["severity"] for case in cases(world, "D1a"))
        fleet(world, T0 + 170 * DAY)

        assert cases(world, "D1a")[0]["severity"] > usual
        assert events(world, "D1a") == ["open: digest", "update: digest"]

    def test_a_customer_all_of_whose_drones_are_silent_is_one_case(self, busy):
        busy.roster("D1,px4:01,Acme,,,anna@maker", "D2,px4:02,Acme,,,anna@maker")
        busy.habit(T0 + DAY, uid="px4:02")
        fleet(busy, T0 + 31 * DAY)

        assert (of(busy, "D1a"), of(busy, "C1")) == (["D1", "D2"], ["Acme"])
        assert not headlines(busy)
        assert cases(busy, "C1")[0]["playbook"] == "CS: Trouble Call End User"

    @pytest.mark.parametrize(("us", "found"), [(-1, "rarely"), (0, "rarely"), (1, "presumed")])
    def test_a_customer_is_silent_a_month_after_its_last_flight(self, busy, us, found):
        busy.roster("D1,px4:01,Acme", "D2,px4:02,Acme")
        busy.habit(T0 + DAY, uid="px4:02")
        fleet(busy, T0 + 30 * DAY + us)

        (case,) = cases(busy, "C1")
        assert facts_of(case)["variant"] == found

    @pytest.mark.parametrize(
        ("large_drones", "us", "told"),
        [(2, 1, [("anna@maker", "Not flown for 180 days")]), (2, 0, []), (3, 1, [])],
    )
    def test_the_first_drone_that_a_large_account_lost_interrupts(
        self, busy, large_drones, us, told
    ):
        busy.roster("D1,px4:01,Acme,,,anna@maker", "D2,px4:02,Acme,,,anna@maker")
        busy.habit(T0, uid="px4:02")
        settings = msgspec.structs.replace(
            SETTINGS, judge=Judge(large_drones=large_drones, required=())
        )
        fleet(busy, T0 + 32 * DAY, settings)
        fleet(busy, T0 + 179 * DAY + us, settings)
        assert headlines(busy) == told

        fleet(busy, T0 + 200 * DAY, settings)  # D1, too
        assert of(busy, "D1a") == ["D1", "D2"]
        assert len(headlines(busy)) == (large_drones == 2)

    def test_a_large_tier_is_large(self, busy):
        busy.roster("D1,px4:01,Acme,large,,anna@maker",
                    header="serial,uid,customer,tier,csm,csm_email")  # fmt: skip
        fleet(busy, T0 + 181 * DAY)

        assert headlines(busy) == [("anna@maker", "Not flown for 181 days")]

    def test_a_drone_that_has_not_recovered_is_in_the_same_case(self, busy):
        fleet(busy, T0 + 32 * DAY)
        busy.flight(T0 + 33 * DAY)
        fleet(busy, T0 + 34 * DAY)
        fleet(busy, T0 + 65 * DAY)

        assert events(busy, "D1a") == [
            "open: digest", "resolve: resolved", "reopen: digest",
        ]  # fmt: skip

    def test_after_two_usual_flights_it_has(self, busy):
        fleet(busy, T0 + 32 * DAY)
        for day in (33, 34, 35):
            busy.flight(T0 + day * DAY)
        fleet(busy, T0 + 36 * DAY)
        fleet(busy, T0 + 80 * DAY)

        assert events(busy, "D1a") == ["open: digest", "resolve: resolved", "open: digest"]

    @pytest.mark.parametrize(("late_us", "expected"), [(0, []), (S, ["D1"])])
    def test_a_planned_pause_stops_the_clock_and_the_month(self, busy, late_us, expected):
        """58 days of pause: the 30 days are over on day 88."""
        busy.roster(
            "D1,px4:01,Acme,,,anna@maker",
            "D1,,,,,,paused,2026-01-02,2026-03-01",
        )
        fleet(busy, T0 + 88 * DAY + late_us)
        assert of(busy, "D1a") == expected

        busy.roster("D1,px4:01,Acme,,,anna@maker")
        fleet(busy, T0 + 88 * DAY + late_us)
        assert of(busy, "D1a") == ["D1"]


class TestC1:
    @pytest.mark.parametrize(("extra_us", "expected"), [(-S, []), (0, []), (S, ["Acme"])])
    def test_thirty_days_over_all_drones(self, world, extra_us, expected):
        world.roster("D1,px4:01,Acme", "D2,px4:02,Acme")
        world.online(T0, NOW)
        world.flight(T0)
        world.flight(T0 + DAY, uid="px4:02")
        fleet(world, T0 + 31 * DAY + extra_us)

        assert of(world, "C1") == expected

    @pytest.mark.parametrize(("stage", "expected"), [("customer", 1), ("lead", 0), ("", 1)])
    def test_only_customers(self, world, stage, expected):
        world.roster(f"D1,px4:01,Acme,{stage},anna@maker", header=STAGES)
        world.online(T0, NOW)
        world.flight(T0)
        fleet(world, T0 + 31 * DAY)

        assert len(of(world, "C1")) == expected

    def test_rarely_and_then_not_for_a_month_is_one_case_though_unseen_in_between(self, world):
        world.roster("D1,px4:01,Acme,,,anna@maker")
        world.online(T0 - 60 * DAY, T0 + 25 * DAY)
        world.habit(T0 + DAY, days=60)
        world.sighting(T0 + HOUR, 36_000.0)
        for day in range(20, 36):
            if day == 34:
                world.sighting(T0 + 34 * DAY - HOUR, 36_000.0)
            fleet(world, T0 + day * DAY)

        assert len(cases(world, "C1")) == 1
        assert facts_of(cases(world, "C1")[0])["variant"] == "proven"
        assert cases(world, "C1")[0]["opened_us"] < T0 + 31 * DAY

    def test_it_tells_the_last_flight_of_drones_in_service(self, world):
        world.roster("D1,px4:01,Acme", "D2,px4:02,Acme,,,,repair")
        world.online(T0, NOW)
        world.flight(T0)
        world.flight(T0 + 20 * DAY, uid="px4:02")
        fleet(world, T0 + 31 * DAY)

        assert facts_of(cases(world, "C1")[0])["flown_us"] == T0

    def test_what_is_out_of_sight_is_supports_first(self, world):
        world.roster("D1,px4:01,Acme,,,anna@maker", "D2,px4:02,Acme,,,anna@maker")
        for uid in ("px4:01", "px4:02"):
            world.habit(T0, uid=uid)
        fleet(world, T0 + 40 * DAY)
        assert not of(world, "C1")

        fleet(world, T0 + 50 * DAY)
        assert events(world, "C1") == ["open: digest"]


class TestC5:
    @pytest.mark.parametrize(("extra_us", "expected"), [(-S, []), (0, []), (S, ["Acme"])])
    def test_sixty_days_after_delivery(self, world, extra_us, expected):
        world.roster("D1,px4:01,Acme,,anna@maker,2026-01-01", header=STAGES)
        fleet(world, T0 + 60 * DAY + extra_us)

        assert of(world, "C5") == expected
        assert events(world) == ["open: digest"] * len(expected)

    def test_its_first_flight_closes_it(self, world):
        world.roster("D1,px4:01,Acme,,anna@maker,2026-01-01", header=STAGES)
        fleet(world, T0 + 61 * DAY)
        world.flight(T0 + 61 * DAY)
        fleet(world, T0 + 62 * DAY)

        assert [case["state"] for case in cases(world, "C5")] == ["resolved"]

    def test_only_in_service_and_only_with_a_date(self, world):
        world.roster(
            "D1,px4:01,Acme,,anna@maker,2026-01-01,stock", "D2,px4:02,Beta", header=STAGES
        )
        fleet(world, T0 + 90 * DAY)

        assert not of(world, "C5")


class TestD1b:
    @pytest.mark.parametrize(
        ("delivered", "us", "found"),
        [("2026-01-01", -1, []), ("2026-01-01", 0, ["D1"]), ("2026-01-01", 1, ["D1"]),
         ("2025-12-31", -1, ["D1"])],
    )  # fmt: skip
    def test_no_habit_is_broken_within_sixty_days_of_delivery(self, world, delivered, us, found):
        """It flew daily for 36 days, and not for 24."""
        world.roster(f"D1,px4:01,Acme,,anna@maker,{delivered}", header=STAGES)
        world.online(T0, T0 + 61 * DAY)
        for day in range(36):
            world.flight(T0 + day * DAY)
        fleet(world, T0 + 60 * DAY + us)

        assert of(world, "D1b") == found

    def fly_less(self, world, days=42):
        """From daily to weekly."""
        for day in range(7, days + 1, 7):
            world.flight(T0 + day * DAY)
        return T0 + (days + 1) * DAY

    def test_a_rate_that_fell_is_for_the_digest(self, busy):
        now = self.fly_less(busy)
        fleet(busy, now)

        assert of(busy, "D1b") == ["D1"]
        assert events(busy, "D1b") == ["open: digest"]
        assert not headlines(busy)
        assert facts_of(cases(busy, "D1b")[0])["recent"] <= 7
        assert any("flies rarely: " in row.what for row in case_rows(busy.ledger, now))

    def test_nothing_is_said_while_its_station_is_silent(self, world):
        world.roster("D1,px4:01,Acme,,,anna@maker")
        world.online(T0 - 100 * DAY, T0 + 41 * DAY)
        world.habit(T0 + DAY, days=60)
        fleet(world, self.fly_less(world))

        assert not of(world, "D1b")

    def test_nor_is_taken_back_what_was_said_before(self, busy):
        now = self.fly_less(busy)
        fleet(busy, now)
        with transaction(busy.ledger) as ledger:
            ledger.execute("DELETE FROM presence WHERE hour >= ?", ((now - 2 * DAY) // HOUR,))
        fleet(busy, now + HOUR)

        assert of(busy, "D1b") == ["D1"]

    def test_late_uploads_take_it_back(self, busy):
        now = self.fly_less(busy)
        fleet(busy, now)
        for day in range(1, 43):
            busy.flight(T0 + day * DAY + HOUR, received_us=now + HOUR)
        fleet(busy, now + DAY)

        assert [case["state"] for case in cases(busy, "D1b")] == ["resolved"]

    def test_one_that_was_always_low(self, world):
        world.roster(*(f"D{n},px4:{n:02},Acme" for n in range(10, 40)))
        world.online(T0 - 280 * DAY, T0 + DAY)
        for n in range(10, 40):
            for day in range(0, 280, 90 if n == 10 else 9):
                world.flight(T0 - day * DAY, uid=f"px4:{n:02}")
        fleet(world, T0 + DAY)

        assert of(world, "D1b") == ["D10"]
        assert facts_of(cases(world, "D1b")[0])["variant"] == "cohort"
