"""From rows of the ledger to cases and notices."""

import msgspec
import pytest

from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.cases.judge import judge_fleet, judge_new
from windsock.collector.ledger import transaction
from windsock.collector.settings import Judge, Notify, Settings, Smtp

SETTINGS = Settings(
    judge=Judge(required=()),  # what is missing is asked for in test_missing
    notify=Notify(support="support@maker", smtp=Smtp(host="mail", sender="windsock@maker")),
)
CRASH = {
    "contact_force_m_s2": 138.0,
    "tilt_at_contact_deg": 97.0,
    "contact_boot_s": 600.0,
    "attitude_hz": 50.0,
    "force_hz": 50.0,
    "height_hz": 10.0,
}
FINE = {"attitude_hz": 50.0, "force_hz": 50.0, "height_hz": 10.0}
CUT = FINE | {"ends_in_air": 1.0, "end_height_m": 20.0, "end_boot_s": 600.0}
HARD = FINE | {"contact_force_m_s2": 40.0, "sink_at_contact_m_s": 3.2, "contact_boot_s": 600.0}


def new(world, now_us=T0 + HOUR, settings=SETTINGS):
    return judge_new(world.ledger, now_us, settings)


def fleet(world, now_us, settings=SETTINGS):
    return judge_fleet(world.ledger, now_us, settings)


def cases(world, rule=None):
    return world.rows("SELECT * FROM cases WHERE ?1 IS NULL OR rule = ?1 ORDER BY id", rule)


def events(world, rule=None):
    rows = world.rows(
        "SELECT transition, decision FROM case_events JOIN cases ON cases.id = case_id"
        " WHERE ?1 IS NULL OR rule = ?1 ORDER BY case_events.id",
        rule,
    )
    return [f"{row['transition']}: {row['decision']}" for row in rows]


def headlines(world):
    rows = world.rows("SELECT recipient, notice FROM outbox ORDER BY id")
    return [
        (row["recipient"], msgspec.json.decode(row["notice"])["headline"].partition(":")[0])
        for row in rows
    ]


@pytest.fixture
def drone(world):
    """D1 is Acme's and Anna's."""
    world.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker")
    return world


class TestVerdicts:
    def test_each_flight_gets_one_verdict(self, drone):
        drone.flight(T0, facts=CRASH)
        drone.flight(T0 - DAY, facts=FINE)
        drone.flight(T0 - 2 * DAY)

        assert new(drone).verdicts == {"crash": 1, "none": 1, "unknown": 1}
        assert new(drone).flights == 0

    def test_a_measurement_that_changed_is_judged_again(self, drone):
        flight = drone.flight(T0, facts=FINE)
        new(drone)
        with transaction(drone.ledger) as ledger:
            ledger.execute("UPDATE flights SET received_us = received_us + 1")
        assert new(drone).flights == 0

        drone.measure(flight, CRASH)
        new(drone)
        verdicts = drone.rows("SELECT verdict FROM verdicts WHERE flight_id = ?", flight)
        assert [row["verdict"] for row in verdicts] == ["none", "crash"]

    def test_facts_that_an_older_agent_did_not_know_are_missing(self, drone):
        flight = drone.flight(T0, facts=CRASH)
        with transaction(drone.ledger) as ledger:
            ledger.execute(
                "UPDATE flights SET facts = substr(facts, 1, 8) WHERE id = ?", (flight,)
            )

        assert new(drone).verdicts == {"unknown": 1}

    def test_new_rules_judge_everything_again(self, drone, monkeypatch):
        drone.flight(T0, facts=CRASH)
        new(drone)
        monkeypatch.setattr("windsock.collector.cases.verdicts.RULES_VERSION", "other")

        assert new(drone).flights == 1
        assert new(drone).flights == 0
        assert headlines(drone) == [("anna@maker", "Possible crash")]


class TestCrash:
    def test_a_crash_opens_a_case_and_tells_the_csm_once(self, drone):
        drone.flight(T0, facts=CRASH)
        new(drone)
        new(drone)
        fleet(drone, T0 + 2 * HOUR)

        (case,) = cases(drone)
        assert (case["rule"], case["subject"], case["csm"]) == ("X1", "D1", "anna@maker")
        assert case["playbook"] == "CS: Trouble Call End User; CS: Trouble Call Distributor"
        assert case["due_us"] == T0 + HOUR + 2 * DAY
        assert headlines(drone) == [("anna@maker", "Possible crash")]

    def test_an_unclaimed_autopilot_opens_none_until_it_is_claimed(self, world):
        world.flight(T0, facts=CRASH)
        new(world)
        fleet(world, T0 + HOUR)
        assert not cases(world)

        world.roster("D1,px4:01,Acme,,,anna@maker")
        fleet(world, T0 + 2 * HOUR)
        assert headlines(world) == [("anna@maker", "Possible crash")]

    def test_it_is_the_case_of_the_owner_of_then(self, world):
        world.roster("D1,px4:01,Acme,,,anna@maker", "D1,,Beta,,,bob@maker,,2026-01-01")
        world.flight(T0 - HOUR, facts=CRASH)
        new(world)

        assert headlines(world) == [("anna@maker", "Possible crash")]

    def test_without_a_csm_support_hears(self, world):
        world.roster("D1,px4:01,Acme")
        world.flight(T0, facts=CRASH)
        new(world)
        assert events(world) == ["open: no-csm"]
        assert headlines(world) == [("support@maker", "Possible crash")]

        world.roster("D1,px4:01,Acme,,,anna@maker")
        fleet(world, T0 + HOUR)
        assert headlines(world)[1:] == [("anna@maker", "Possible crash")]

    def test_with_nobody_to_tell_the_case_says_so(self, world):
        world.roster("D1,px4:01,Acme")
        world.flight(T0, facts=CRASH)
        new(world, settings=Settings())

        assert events(world) == ["open: nobody-to-tell"]

    def test_simulated_flights_open_none_unless_asked_for(self, drone):
        drone.flight(T0, facts=CRASH, simulated=1)
        new(drone)
        assert not cases(drone)

        drone.flight(T0 + HOUR, facts=CRASH, simulated=1)
        new(drone, settings=Settings(judge=Judge(simulated=True)))
        assert len(cases(drone)) == 1

    @pytest.mark.parametrize(("late_us", "expected"), [(0, "notify"), (1, "too-old")])
    def test_an_old_incident_is_recorded_and_not_told(self, drone, late_us, expected):
        event_us = T0 + 590 * S  # armed at 10 s since boot, struck at 600 s
        drone.flight(T0, facts=CRASH)
        new(drone, now_us=event_us + 30 * DAY + late_us)

        assert events(drone) == [f"open: {expected}"]

    def test_a_second_crash_is_told_in_the_same_case(self, drone):
        drone.flight(T0, facts=CRASH)
        new(drone)
        drone.flight(T0 + DAY, facts=CRASH)
        new(drone, T0 + DAY + HOUR)

        assert len(cases(drone)) == 1
        assert events(drone) == ["open: notify", "update: notify"]

    def test_a_light_crash_like_event_is_recorded_and_not_told(self, drone):
        drone.flight(T0, facts=HARD)
        new(drone)

        assert events(drone) == ["open: digest"]

    def test_a_severe_crash_like_event_is_told_as_such(self, drone):
        drone.flight(T0, facts=HARD)
        new(drone, settings=SETTINGS_STRICT)

        assert headlines(drone) == [("anna@maker", "Crash-like event")]


SETTINGS_STRICT = msgspec.structs.replace(SETTINGS, judge=Judge(crash_like_notice_severity=1))


class TestWithdrawal:
    @pytest.mark.parametrize(
        ("after_us", "facts", "withdrawn"),
        [
            (-HOUR, FINE, False),
            (HOUR, FINE, True),
            (DAY, FINE, True),
            (DAY + 1, FINE, False),
            (HOUR, {}, False),  # unknown proves nothing
            (HOUR, HARD, False),
            (HOUR, FINE | {"airborne_s": 9.0}, False),
        ],
    )
    def test_a_normal_flight_within_a_day_after(self, drone, after_us, facts, withdrawn):
        event_us = T0 + 590 * S
        drone.flight(T0, facts=CRASH)
        new(drone)
        drone.flight(event_us + after_us, facts=facts)
        new(drone, T0 + 2 * DAY)

        (case,) = cases(drone)[:1]
        assert (case["state"] == "resolved") is withdrawn

    @pytest.mark.parametrize(
        ("facts", "before", "after", "withdrawn"),
        [
            (CUT, {"boot_count": 41, "flight_time_s": 900}, (42, 1500), True),
            (CUT, {"boot_count": 41, "flight_time_s": 900}, (42, 1499), False),  # lost its power
            (CUT, {"boot_count": 41, "flight_time_s": 900}, (43, 2500), False),  # flown since
            (CUT, {}, (42, 1500), False),
            (CRASH, {"boot_count": 41, "flight_time_s": 900}, (42, 1500), False),
        ],
    )
    def test_the_next_starts_counters_show_that_it_landed(
        self, drone, facts, before, after, withdrawn
    ):
        drone.flight(T0, facts=facts, log="a" * 32)
        drone.counters("a" * 32, **before)
        drone.flight(T0 + 9 * DAY, facts=FINE, log="b" * 32)
        drone.counters("b" * 32, boot_count=after[0], flight_time_s=after[1])
        new(drone, T0 + 10 * DAY)

        assert [row["state"] for row in drone.rows("SELECT state FROM incidents")] == [
            "withdrawn" if withdrawn else "possible"
        ]

    def test_px4_counts_its_flights(self, drone):
        for number, seen_s in ((17, 900.0), (18, 1500.0)):
            log = f"{number:032x}"
            facts = CUT if number == 17 else FINE
            drone.flight(T0 + (number - 17) * 9 * DAY, facts=facts, log=log)
            drone.counters(log, flight_uuid=number, flight_time_s=seen_s)
        new(drone, T0 + 10 * DAY)

        assert drone.rows("SELECT state FROM incidents") == [{"state": "withdrawn"}]

    def test_who_was_told_hears_of_it(self, drone):
        drone.flight(T0, facts=CRASH)
        new(drone)
        drone.flight(T0 + HOUR, facts=FINE)
        new(drone)

        assert headlines(drone)[-1] == ("anna@maker", "Withdrawn")

    def test_no_case_where_the_normal_flight_was_there_first(self, drone):
        drone.flight(T0 + HOUR, facts=FINE)
        new(drone)
        drone.flight(T0, facts=CRASH)
        new(drone)

        assert not cases(drone)

    def test_another_drones_flight_takes_nothing_back(self, drone):
        drone.flight(T0, facts=CRASH)
        drone.flight(T0 + HOUR, facts=FINE, uid="px4:02")
        new(drone)

        assert cases(drone)[0]["state"] == "open"

    def test_a_flight_that_may_have_been_before_takes_nothing_back(self, drone):
        drone.flight(T0, facts=CRASH)
        drone.flight(T0 + HOUR, facts=FINE, start_earliest_us=T0 - DAY)
        new(drone)

        assert cases(drone)[0]["state"] == "open"

    def test_in_one_log_the_boot_clock_decides(self, drone):
        drone.flight(None, facts=CRASH, log="ab" * 16)
        drone.flight(None, facts=FINE, log="ab" * 16, armed_boot_us=700 * S, flight=2)
        new(drone, T0)

        assert not cases(drone)

    def test_it_comes_back_silently_when_the_normal_flight_goes(self, drone):
        drone.flight(T0, facts=CRASH)
        new(drone)
        normal = drone.flight(T0 + HOUR, facts=FINE)
        new(drone)
        drone.retract(normal)
        new(drone)

        assert events(drone) == ["open: notify", "resolve: withdrawn", "reopen: already-told"]
        assert len(cases(drone)) == 1


class TestSupersession:
    def test_a_crash_measured_away_is_closed_silently(self, drone):
        flight = drone.flight(T0, facts=CRASH)
        new(drone)
        drone.measure(flight, FINE)
        new(drone)

        assert events(drone) == ["open: notify", "resolve: resolved"]

    def test_a_crash_that_only_a_better_measurement_shows_is_told(self, drone):
        flight = drone.flight(T0, facts=FINE)
        new(drone)
        drone.measure(flight, CRASH)
        new(drone)

        assert events(drone) == ["open: notify"]

    def test_a_crash_like_event_of_a_better_measurement_is_not(self, drone):
        flight = drone.flight(T0, facts=FINE)
        new(drone)
        drone.measure(flight, HARD)
        new(drone, settings=SETTINGS_STRICT)

        assert events(drone) == ["open: superseded"]

    def test_a_crash_measured_again_is_the_same_case(self, drone):
        flight = drone.flight(T0, facts=CRASH)
        new(drone)
        drone.measure(flight, CRASH | {"contact_force_m_s2": 140.0})
        new(drone)

        assert events(drone) == ["open: notify"]

    @pytest.mark.parametrize("together", [True, False])
    def test_another_flight_of_the_log_takes_the_incident_over(self, drone, together):
        old = drone.flight(T0, facts=CRASH, log="ab" * 16)
        new(drone)
        drone.retract(old)
        if not together:
            new(drone)
        drone.flight(T0 + S, facts=CRASH, log="ab" * 16, armed_boot_us=11 * S)
        new(drone)

        (case,) = cases(drone)
        assert case["state"] == "open"
        assert len(headlines(drone)) == 1

    def test_a_whole_copy_takes_the_incident_over(self, drone):
        damaged = drone.flight(T0, facts=CRASH)
        new(drone)
        whole = drone.flight(T0, facts=CRASH)
        drone.merge(damaged, whole)
        new(drone)

        assert [row["flight_id"] for row in drone.rows("SELECT * FROM incidents")] == [whole]
        assert len(headlines(drone)) == 1


def facts_of(case):
    return msgspec.json.decode(case["facts"])


class TestInactivity:
    @pytest.mark.parametrize(("extra_us", "expected"), [(-S, 0), (0, 0), (S, 1)])
    def test_thirty_days_and_a_second(self, drone, extra_us, expected):
        drone.flight(T0)
        drone.online(T0, T0 + 31 * DAY)
        fleet(drone, T0 + 30 * DAY + extra_us)

        assert len(cases(drone, "D1a")) == expected

    def test_proven(self, drone):
        drone.habit(T0)
        drone.flight(T0)
        drone.sighting(T0 - HOUR, 100.0)
        drone.sighting(T0 + 31 * DAY, 700.0)
        fleet(drone, T0 + 32 * DAY)

        assert [case["basis"] for case in cases(drone, "D1a")] == ["proven"]
        assert events(drone, "D1a") == ["open: digest"]

    def test_a_reading_of_the_day_after_proves_no_month(self, drone):
        drone.flight(T0)
        drone.sighting(T0 - HOUR, 100.0)
        drone.sighting(T0 + DAY, 700.0)
        fleet(drone, T0 + 32 * DAY)

        assert [case["rule"] for case in cases(drone)] == ["X2"]

    def test_unseen_goes_to_support_and_to_the_digest_after_45_days(self, drone):
        drone.flight(T0)
        fleet(drone, T0 + 32 * DAY)
        fleet(drone, T0 + 46 * DAY)

        assert headlines(drone) == [("support@maker", "Out of sight")]
        assert [(case["rule"], case["state"]) for case in cases(drone)] == [
            ("X2", "resolved"),
            ("D1a", "open"),
            ("C1", "open"),
        ]
        assert events(drone, "D1a") == events(drone, "C1") == ["open: digest"]

    def test_a_case_once_it_is_known(self, drone):
        drone.habit(T0)
        drone.flight(T0)
        drone.sighting(T0 - HOUR, 100.0)
        fleet(drone, T0 + 46 * DAY)
        drone.sighting(T0 + 47 * DAY, 700.0)
        fleet(drone, T0 + 48 * DAY)
        fleet(drone, T0 + 49 * DAY)

        assert events(drone, "D1a") == ["open: digest", "update: digest"]
        assert cases(drone, "D1a")[0]["basis"] == "proven"

    def test_a_flight_closes_it_even_a_late_upload(self, drone):
        drone.habit(T0)
        drone.flight(T0)
        drone.online(T0, T0 + 40 * DAY)
        fleet(drone, T0 + 31 * DAY)
        drone.flight(T0 + 20 * DAY, received_us=T0 + 32 * DAY)
        fleet(drone, T0 + 33 * DAY)

        (case,) = cases(drone, "D1a")
        assert (case["state"], case["closed_us"]) == ("resolved", T0 + 33 * DAY)
        assert not headlines(drone)

    def test_the_next_silence_is_another_case(self, drone):
        drone.online(T0, T0 + 99 * DAY)
        for start in (T0, T0 + 40 * DAY):
            drone.flight(start)
            fleet(drone, start + HOUR)
            fleet(drone, start + 31 * DAY)

        assert [case["state"] for case in cases(drone, "D1a")] == ["resolved", "open"]

    def test_a_retracted_upload_reopens_silently(self, drone):
        drone.online(T0, T0 + 99 * DAY)
        drone.habit(T0)
        drone.flight(T0)
        fleet(drone, T0 + 31 * DAY)
        late = drone.flight(T0 + 30 * DAY)
        fleet(drone, T0 + 32 * DAY)
        drone.retract(late)
        fleet(drone, T0 + 33 * DAY)

        assert events(drone, "D1a") == [
            "open: digest", "resolve: resolved", "reopen: digest",
        ]  # fmt: skip

    def test_a_hand_over_starts_anew(self, drone):
        drone.online(T0, T0 + 99 * DAY)
        drone.flight(T0)
        fleet(drone, T0 + 31 * DAY)
        drone.roster("D1,px4:01,Acme,,,anna@maker", "D1,,Beta,,,bob@maker,,2026-02-01")
        fleet(drone, T0 + 32 * DAY)

        assert [case["state"] for case in cases(drone, "D1a")] == ["resolved"]
        why = drone.rows("SELECT detail FROM case_events WHERE transition = 'resolve'")[0]
        assert "has not flown under this customer" in why["detail"]

    def test_only_in_service(self, drone):
        drone.online(T0, T0 + 99 * DAY)
        drone.flight(T0)
        drone.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker,repair")
        fleet(drone, T0 + 31 * DAY)

        assert not cases(drone)

    def test_support_gets_one_case_a_station(self, world):
        world.roster("D1,px4:01,Acme", "D2,px4:02,Beta", "D3,px4:03,Beta")
        world.flight(T0)
        world.flight(T0, uid="px4:02")
        world.flight(T0, uid="px4:03", agent="dock-2")
        fleet(world, T0 + 31 * DAY)

        found = {case["subject"]: facts_of(case)["drones"] for case in cases(world)}
        assert [drone["serial"] for drone in found["dock-1"]] == ["D1", "D2"]
        assert [drone["serial"] for drone in found["dock-2"]] == ["D3"]

    def test_two_hosts_on_one_agent_id_are_supports_business(self, world):
        with transaction(world.ledger) as ledger:
            ledger.execute(
                "INSERT INTO damage (agent, received_us, what, detail)"
                " VALUES ('dock-1', ?, 'shared agent id', '')",
                (T0,),
            )
        fleet(world, T0 + HOUR)
        assert headlines(world) == [("support@maker", "Two stations call themselves dock-1")]

        fleet(world, T0 + 31 * DAY)
        assert [case["state"] for case in cases(world)] == ["resolved"]

    def test_siblings_tell_the_drone_from_the_account(self, drone):
        drone.roster(
            "D1,px4:01,Acme,,,anna@maker", "D2,px4:02,Acme,,,anna@maker", "D3,px4:03,Acme"
        )
        drone.online(T0, T0 + 99 * DAY)
        drone.flight(T0)
        drone.flight(T0 + 30 * DAY, uid="px4:02")
        fleet(drone, T0 + 31 * DAY)

        (case,) = cases(drone)
        assert (facts_of(case)["siblings"], facts_of(case)["siblings_flying"]) == (2, 1)
