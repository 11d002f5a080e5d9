"""A station without network for 72 hours at a flight an hour, with 200 old flights found on cards.

The flights are real logs' under other names (`traffic`), 20 minutes each with all ten signals, put
into the agent's own spool; an hourly report of the station is among them. Then the network is back
and all of it leaves as the agent sends it.
"""

import tempfile
from collections import Counter
from pathlib import Path

from figure import Figure
from large_logs import missing
from rich.table import Table
from rows import AGENT, NAMES, VERSION
from traffic import DAY_US, NOW_US, of_log, renamed

from windsock.agent.clock import Clock
from windsock.agent.outgoing import Outgoing
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.spool_file import SPOOL
from windsock.agent.stores import open_stores
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import FLIGHTS, decode, digest
from windsock.protocol.messages import Station, Utc

AIM_MB = 25
HOURS, BACKLOG_FLIGHTS, MINUTES = 72, 200, 20
HOUR_US = 3_600_000_000
WINDOW = 32
MB = 1e6
LANES = (
    "urgent: flights with a sign of a crash", "flights, logs, sightings, the station's hours",
    "series and windows", "backlog",
)  # fmt: skip


class Days:
    """The station's clock."""

    def __init__(self):
        self.us = NOW_US
        self.clock = Clock(lambda: self.us, lambda: self.us - NOW_US + HOUR_US, "5d2b5ae4")


def figures():
    if missing():
        print(missing())
        return
    with tempfile.TemporaryDirectory() as folder:
        station = filled(Path(folder))
        batches, size = station.spool.depth()
        files = sum(file.stat().st_size for file in Path(folder).glob(f"{SPOOL}*"))
        station.spool.close()
        yield Figure(f"{HOURS} h offline and {BACKLOG_FLIGHTS} old flights: batches' bytes",
                     size / MB, "MB", AIM_MB, "MB, the aim", size / MB / AIM_MB)  # fmt: skip
        yield Figure(f"{HOURS} h offline and {BACKLOG_FLIGHTS} old flights: {batches} batches,"
                     " the spool's files", files / MB, "MB", AIM_MB, "MB, the aim",
                     files / MB / AIM_MB)  # fmt: skip


def tables():
    if missing():
        return
    with tempfile.TemporaryDirectory() as folder:
        station = filled(Path(folder))
        yield drain_table(drained(station.spool))
        station.spool.close()


class Offline:
    """A spool as the hours pass."""

    def __init__(self, state):
        self.days = Days()
        settings = Settings(agent=AGENT, state=state)
        self.spool, catalogue = open_stores(settings, Identity(AGENT, VERSION), self.days.clock)
        catalogue.close()
        self.flown = 0

    def fly(self, original, start_us):
        self.flown += 1
        start = Utc(quality="gps", us=start_us, earliest_us=start_us, latest_us=start_us)
        drone, log_id = f"px4:{self.flown % 12:024x}", f"{self.flown:032x}"
        self.spool.add([(lane, renamed(one, drone, log_id, start)) for lane, one in original])

    def hour(self):
        """What the station says of itself, as a batch."""
        self.days.us += HOUR_US
        clock = self.days.clock
        batches, size = self.spool.depth()
        self.spool.add([(FLIGHTS, Station(
            boot_id=clock.boot_id, wall_us=clock.wall_us(), monotonic_us=clock.monotonic_us(),
            agent_version=VERSION, clock_synchronised=True, disk_free_bytes=10**10,
            spool_batches=batches, spool_bytes=size,
        ))])  # fmt: skip


def filled(state):
    """The backlog comes in the first hour, from a box of cards; then a flight an hour."""
    station = Offline(state)
    old = [of_log(name, MINUTES, age_us=60 * DAY_US) for name in NAMES]
    for number in range(BACKLOG_FLIGHTS):
        station.fly(old[number % len(old)], NOW_US - 60 * DAY_US + number * HOUR_US)
    new = [of_log(name, MINUTES) for name in NAMES]
    for number in range(HOURS):
        station.fly(new[number % len(new)], station.days.us)
        station.hour()
    return station


def drained(spool):
    """(lane, kind, bytes) in the order in which the agent hands them over, a window at a time."""
    outgoing, order, now_us = Outgoing(WINDOW, 30_000_000), [], 0
    while head := spool.head(2 * WINDOW):
        now_us += 1_000_000
        payloads = {batch: spool.payload(batch) for batch in outgoing.choose(head, now_us)}
        for payload in payloads.values():
            header, message = decode(payload)
            order.append((header.lane, str(message.__struct_config__.tag), len(payload)))
        acks = [Ack(digest(payload), STORED) for payload in payloads.values()]
        outgoing.stored(spool.remove(acks))
    return order


def drain_table(order):
    table = Table(title="back on the network: what leaves when")
    for name in ("what", "batches", "MB", "leaves as", "done after"):
        table.add_column(name, justify="left" if name == "what" else "right")
    total = 0.0
    for lane, words in enumerate(LANES):
        places = [place for place, one in enumerate(order) if one[0] == lane]
        if not places:
            continue
        size = sum(order[place][2] for place in places) / MB
        total += size
        kinds = Counter(order[place][1] for place in places)
        what = f"{words} ({', '.join(f'{n} {kind}' for kind, n in kinds.most_common())})"
        table.add_row(what, str(len(places)), f"{size:.2f}",
                      f"{places[0] + 1} to {places[-1] + 1}", f"{total:.2f} MB")  # fmt: skip
    return table
