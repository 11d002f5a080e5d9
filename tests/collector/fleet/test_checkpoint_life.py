"""Whatever happens to a ledger: what is read through the checkpoint is what its rows say."""

import json
import shutil
import tempfile
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.collector import oracle
from tests.collector.arrivals import flight, log_id, record
from tests.collector.checkpoints import loaded, packed_wrong, same, unpacked
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.fleet.arrays import MISSING_US, NOWHERE
from windsock.collector.fleet.checkpoint import renew
from windsock.collector.fleet.flown import load_flight_days
from windsock.collector.fleet.quiet import load_quiet
from windsock.collector.fleet.rows import load_fleet
from windsock.collector.fleet.seen import load_contacts, load_counted, load_powered
from windsock.collector.forget.command import erase
from windsock.collector.forget.scope import UnknownSubjectError, scope_of
from windsock.collector.ledger import transaction
from windsock.collector.outside.take import take
from windsock.collector.receive.flights import Arrival, store_record
from windsock.collector.receive.store import store_message
from windsock.collector.settings import Judge, Settings
from windsock.protocol.messages import Counters, Firmware, Sighting, Utc

UIDS = ("px4:01", "px4:02", "ap:03", "unidentified:x", "as:D2")
SERIALS = ("D1", "D2", "D3")
CUSTOMERS = ("Acme", "Beta")
STATES = ("in_service", "paused", "repair", "retired", "stock")
LAST = 200
"""Day of the last moment at which it is judged; things happen before it, and are told later."""
DAYS = (0, 1, 2, 40, 41, 100, LAST - 1)
"""Few, so that things come together."""
days = st.sampled_from(DAYS)
uids = st.sampled_from(UIDS)
serials = st.sampled_from(SERIALS)
logs = st.integers(1, 4).map(log_id)
measurements = st.fixed_dictionaries({
    "log_id": logs, "more": st.integers(0, 2), "bytes_seen": st.integers(1, 3),
    "airborne_s": st.sampled_from((None, 9.9, 10.0, 600.0)), "simulated": st.booleans(),
    "serial": st.none() | serials,
})  # fmt: skip
sightings = st.fixed_dictionaries({
    "source": st.sampled_from(("serial", "log")), "serial": st.none() | serials,
    "counters": (st.none() | st.integers(0, 9000)).map(lambda s: Counters(flight_time_s=s)),
    "firmware": st.sampled_from((Firmware(), Firmware(version="1.15"), Firmware(version="1.16"))),
})  # fmt: skip


def date(day):
    return str(np.datetime64(T0 // 1_000_000 + day * 86_400, "s").astype("datetime64[D]"))


class Life(RuleBasedStateMachine):
    """A ledger that all that the product does befalls, in any order."""

    MOMENTS = (T0 + LAST * DAY, False), (T0 + 90 * DAY, True)

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder / "ledger")
        self.world.roster("D1,px4:01,Acme", "D2,px4:02,Acme", "D3,ap:03,Beta")
        self.ledger = self.world.ledger
        self.ledger.execute("PRAGMA synchronous = OFF")
        self.steps = 0

    def teardown(self):
        self.ledger.close()
        shutil.rmtree(self.folder)

    @rule(uid=uids, day=days, late=st.sampled_from((0, 1, 60)), measured=measurements)
    def fly(self, uid, day, late, measured):
        """New, late, measured anew, a copy in another log (same day), of another autopilot."""
        start_us = T0 + day * DAY
        more = measured.pop("more")
        facts = {"airborne_s": measured.pop("airborne_s")}
        flights = [flight(10 + n * 50, start_us + n * HOUR, **facts) for n in range(more + 1)]
        said = record(*flights, drone_uid=uid, **measured)
        self._store(said, f"dock-{said.log_id[-1]}", start_us + late * DAY)

    @rule(uid=uids, log=logs, day=days, quality=st.sampled_from(("none", "mtime")))
    def fly_without_a_clock(self, uid, log, day, quality):
        us = None if quality == "none" else T0 + day * DAY
        start = Utc(quality=quality, us=us, latest_us=us and us + DAY)
        said = record(msgspec.structs.replace(flight(), start=start), drone_uid=uid,
                      log_id=log)  # fmt: skip
        self._store(said, "dock-1", T0 + day * DAY)

    def _store(self, said, agent, received_us):
        with transaction(self.ledger):
            store_record(self.ledger, said, Arrival(agent, received_us))

    @rule(uid=uids, day=days, late=st.sampled_from((0, 1, 60)), said=sightings)
    def see(self, uid, day, late, said):
        seen_us = T0 + day * DAY
        seen = Utc(quality="gps", us=seen_us)
        with transaction(self.ledger):
            store_message(self.ledger, Sighting(drone_uid=uid, seen=seen, **said),
                          Arrival("dock-1", seen_us + late * DAY))  # fmt: skip

    @rule(serial=serials, customer=st.sampled_from(CUSTOMERS), day=days)
    def hand_over(self, serial, customer, day):
        self.world.roster(f"{serial},{customer},{date(day)}", header="serial,customer,valid_from")

    @rule(serial=serials, uid=uids.filter(lambda uid: ":" in uid and uid[0] != "u"), day=days)
    def swap_autopilots(self, serial, uid, day):
        self.world.roster(f"{serial},{uid},{date(day)}", header="serial,uid,valid_from")

    @rule(
        serial=serials,
        state=st.sampled_from(STATES),
        day=days,
        length=st.sampled_from((1, 39, 60)),
    )
    def leave_service(self, serial, state, day, length):
        self.world.roster(f"{serial},{state},{date(day)},{date(day + length)}",
                          header="serial,service_state,valid_from,valid_until")  # fmt: skip

    @rule(
        about=serials | st.sampled_from(CUSTOMERS), day=days, length=st.sampled_from((1, 39, 60))
    )
    def pause(self, about, day, length):
        kind = "drone" if about in SERIALS else "customer"
        said = f"{kind},from,until\n{about},{date(day)},{date(day + length)}\n"
        assert not take(self.ledger, "pauses", said.encode(), "pauses", T0).errors

    @rule(name=serials | uids | st.sampled_from(CUSTOMERS))
    def forget(self, name):
        try:
            with transaction(self.ledger):
                erase(self.ledger, scope_of(self.ledger, name))
        except UnknownSubjectError:
            pass

    @precondition(lambda self: self.world.rows("SELECT 1 FROM packed"))
    @rule(data=st.data(), column=st.sampled_from(("rows", "words", "digest", "made_by")))
    def damage(self, data, column):
        """A disk's doing, or another program's."""
        rows = self.world.rows("SELECT rowid FROM packed")
        row = data.draw(st.sampled_from([one["rowid"] for one in rows]))
        with transaction(self.ledger):
            self.ledger.execute(
                f"UPDATE packed SET {column} = CASE typeof({column}) WHEN 'integer' THEN 1"
                f" WHEN 'text' THEN '[\"x\"]' ELSE zeroblob(length({column})) END"
                " WHERE rowid = ?", (row,),
            )  # fmt: skip

    @invariant()
    def it_reads_what_the_rows_say(self):
        assert packed_wrong(self.ledger) == []
        now_us, simulated = self.MOMENTS[self.steps % 2]
        said = Settings(judge=Judge(simulated=simulated))
        through = loaded(self.ledger, now_us, said)
        with unpacked(self.ledger):
            assert same(through, loaded(self.ledger, now_us, said))
        self._flown_otherwise(now_us, simulated)
        self._seen_otherwise(now_us, simulated)
        self.steps += 1
        if self.steps % 3:
            renew(self.ledger)
            assert packed_wrong(self.ledger) == []

    def _flown_otherwise(self, now_us, simulated):
        """The same, asked of the rows by SQL that knows no columns."""
        rows = load_fleet(self.ledger, now_us, simulated=simulated)
        fleet, told = rows.fleet, rows.told
        flown = oracle.flown(self.ledger, now_us, simulated=simulated)
        for row, serial in enumerate(fleet.serials):
            agents, _, flights, airborne_s, flight_id = flown.get(serial, ([], 0, 0, 0.0, 0))
            home = fleet.stations[fleet.home[row]] if fleet.home[row] != NOWHERE else None
            assert (home, fleet.flights[row], rows.flight_ids[row], told.airborne_s[row]) == (
                oracle.home(agents) if agents else None, flights, flight_id,
                np.float32(airborne_s),
            ), json.dumps([serial, agents])  # fmt: skip
        span_us = 0, now_us
        found = load_flight_days(
            self.ledger, fleet.serials, told.owned_from_us, span_us, simulated=simulated
        )
        flown_days = [(fleet.serials[n], int(day)) for n, day in zip(*found, strict=True)]
        assert flown_days == oracle.flight_days(self.ledger, now_us, simulated=simulated)

    def _seen_otherwise(self, now_us, simulated):
        rows, recent_us = load_fleet(self.ledger, now_us, simulated=simulated), now_us - 14 * DAY
        serials, owned_us = rows.fleet.serials, rows.told.owned_from_us
        sums = load_counted(self.ledger, serials, owned_us, now_us, recent_us)
        counted = oracle.counted(self.ledger, now_us, recent_us)
        wanted = [counted.get(serial, (0,) * 5) for serial in serials]
        np.testing.assert_allclose(sums, np.reshape(wanted, (-1, 5)), atol=1e-6)
        flown_us = rows.told.flown_us
        quiet = load_quiet(self.ledger, serials, flown_us, now_us)
        assert same(quiet, oracle.quiet(self.ledger, serials, flown_us, now_us))
        for load, asked in ((load_contacts, oracle.contacts), (load_powered, oracle.powered)):
            found = load(self.ledger, serials, now_us, simulated=simulated)
            wanted = asked(self.ledger, now_us, simulated=simulated)
            assert found.tolist() == [wanted.get(serial, MISSING_US) for serial in serials]


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(max_examples=12, stateful_step_count=20)
