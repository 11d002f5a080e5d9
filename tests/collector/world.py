"""A ledger with drones and flights in it, written straight into its tables."""

import json

import numpy as np

from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.roster.enrolment import apply_roster
from windsock.collector.roster.file import parse_roster
from windsock.collector.sql import insert
from windsock.protocol.facts import FACTS_VERSION, matrix

S = 1_000_000
HOUR = 3600 * S
DAY = 24 * HOUR
T0 = 1_767_225_600 * S  # 2026-01-01
HEADER = "serial,uid,customer,distributor,csm,csm_email,service_state,valid_from,valid_until"
NORMAL = {"airborne_s": 600.0, "armed_s": 620.0, "peak_force_m_s2": 20.0}


def blob(facts):
    return np.asarray(matrix([facts]), "<f4").tobytes()


class World:
    """Adds rows; times are microseconds UTC."""

    def __init__(self, path):
        self.path = path
        self.ledger = open_ledger(path)
        self._logs = 0

    def roster(self, *lines, header=HEADER):
        """Apply lines of a roster; empty cells at the end may be left out."""
        width = header.count(",")
        text = "\n".join([header, *(line + "," * (width - line.count(",")) for line in lines)])
        roster = parse_roster(text, "roster.csv")
        assert not roster.errors, list(map(str, roster.errors))
        return apply_roster(self.ledger, roster)

    def flight(self, start_us=None, uid="px4:01", log=None, **columns):
        """A flight that begins at *start_us*, in a log of its own; its id."""
        self._logs += 1
        facts = NORMAL | columns.pop("facts", {})
        row = {
            "drone_uid": uid,
            "log_id": log or f"{self._logs:032x}",
            "armed_boot_us": 10 * S,
            "flight": 1,
            "end_boot_us": 700 * S,
            "start_us": start_us,
            "start_quality": "none" if start_us is None else "gps",
            "start_earliest_us": start_us,
            "start_latest_us": start_us,
            "simulated": 0,
            "facts_version": FACTS_VERSION,
            "facts": blob(facts),
            "airborne_s": facts["airborne_s"],
            "events": "[]",
            "agent": "dock-1",
            "received_us": 2**60 if start_us is None else start_us + HOUR,
        } | columns
        with transaction(self.ledger) as ledger:
            return insert(ledger, "flights", row)

    def habit(self, until_us, days=20, **columns):
        """Flights on each of the *days* before *until_us*: unusual is what then is silent."""
        for day in range(days, 0, -1):
            self.flight(until_us - day * DAY, **columns)

    def flights(self, rows):
        """Many flights at once: autopilot, start and station of each."""
        facts = blob(NORMAL)
        with transaction(self.ledger) as ledger:
            ledger.executemany(
                "INSERT INTO flights (drone_uid, log_id, armed_boot_us, flight, end_boot_us,"
                " start_us, start_quality, start_earliest_us, start_latest_us, simulated,"
                " facts_version, facts, airborne_s, events, agent, received_us) VALUES"
                " (?1, ?2, 0, 1, 0, ?3, 'gps', ?3, ?3, 0, ?4, ?5, 600.0, '[]', ?6, ?3)",
                [(uid, f"{n:032x}", start_us, FACTS_VERSION, facts, agent)
                 for n, (uid, start_us, agent) in enumerate(rows, self._logs + 1)],
            )  # fmt: skip
        self._logs += len(rows)

    def counters(self, log, **counters):
        """The log of a flight, with what the autopilot had counted when it began."""
        row = {"log_id": log, "agent": "dock-1", "received_us": T0}
        with transaction(self.ledger) as ledger:
            insert(ledger, "logs", row | {"counters": json.dumps(counters)})

    def measure(self, flight, facts):
        """Measure a flight again."""
        self._set(flight, facts=blob(NORMAL | facts))

    def retract(self, flight):
        """A better measurement of its log has none such."""
        self._set(flight, retracted=1)

    def merge(self, flight, stands):
        """Another file holds the same flight."""
        self._set(flight, merged_into=stands)

    def _set(self, flight, **columns):
        places = ", ".join(f"{name} = ?" for name in columns)
        with transaction(self.ledger) as ledger:
            ledger.execute(
                f"UPDATE flights SET {places} WHERE id = ?", (*columns.values(), flight)
            )

    def sighting(self, seen_us, flight_time_s, uid="px4:01", **columns):
        """The autopilot's counter, read at *seen_us*."""
        row = {
            "drone_uid": uid,
            "seen_us": seen_us,
            "source": "serial",
            "quality": "station",
            "flight_time_s": flight_time_s,
            "agent": "dock-1",
            "received_us": seen_us,
        } | columns
        with transaction(self.ledger) as ledger:
            insert(ledger, "sightings", row)

    def online(self, first_us, until_us, agent="dock-1"):
        """The station was up."""
        hours = range(first_us // HOUR, until_us // HOUR)
        with transaction(self.ledger) as ledger:
            ledger.executemany(
                "INSERT OR IGNORE INTO presence VALUES (?, ?)", [(agent, hour) for hour in hours]
            )

    def rows(self, query, *values):
        """What the ledger says, as dicts."""
        return [dict(row) for row in self.ledger.execute(query, values)]
