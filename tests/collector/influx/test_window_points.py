"""Windows in InfluxDB: every number at its own microsecond, hostile ones in quarantine."""

import msgspec
import numpy as np
import pytest

from tests.collector.arrivals import arrived
from tests.protocol.examples import START, WINDOW
from windsock.collector.influx.lines import render
from windsock.collector.influx.points import of_message
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.ingest import Ingest
from windsock.protocol.acks import QUARANTINED, STORED
from windsock.protocol.envelope import digest
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Utc
from windsock.protocol.series import encode_columns, encode_samples
from windsock.protocol.signals import WINDOW_BY_NAME

TIMES = np.array([0, 19_999, 20_000, 20_000, 59_999])
FORCE = np.array([9.8, 30.0, 356.2, 80.0, 9.8])


def columns(*values):
    return encode_columns({"tilt_deg": np.array(values)}, WINDOW_BY_NAME)


def window(**changes):
    whole = {
        "rows": 3,
        "low": columns(1.0, np.nan, 2.5),
        "high": columns(1.5, np.nan, 90.0),
        "full": {"force_m_s2": encode_samples(TIMES, FORCE, 10)},
    }
    return msgspec.structs.replace(WINDOW, **(whole | changes))


def lines(message):
    tables = of_message(message, "station-7", 0)
    return [line for table in tables for line in render(table).body.decode().splitlines()]


def test_each_number_is_written_at_its_time():
    head, start_ns = f"window,drone={WINDOW.drone_uid}", START.us * 1000

    assert lines(window()) == [
        f"{head} force_m_s2=09.8,tilt_deg_min=1.0,tilt_deg_max=01.5 {start_ns}",
        f"{head} force_m_s2=30.0 {start_ns + 19_999_000}",
        f"{head} force_m_s2=80.0 {start_ns + 20_000_000}",
        f"{head} tilt_deg_min=2.5,tilt_deg_max=90.0 {start_ns + 40_000_000}",
        f"{head} force_m_s2=09.8 {start_ns + 59_999_000}",
    ]


@pytest.mark.parametrize("quality", ["mtime", "list_date", "station", "none"])
def test_without_a_trusted_time_nothing_is_written(quality):
    assert lines(window(start=started(quality))) == []


def started(quality):
    return Utc(quality=quality, us=None if quality == "none" else START.us)


def ingest_into(ledger):
    return Ingest(ledger, Telemetry(ledger, None))


BAD = {
    "a column of another length": {"low": columns(1.0)},
    "garbage": {"high": {"tilt_deg": b"\x09"}},
    "a sample after the end": {
        "full": {"tilt_deg": encode_samples(np.array([60_000]), np.ones(1), 10)}
    },
    "a sample before the start": {
        "full": {"tilt_deg": encode_samples(np.array([-1]), np.ones(1), 10)}
    },
}


@pytest.mark.parametrize("quality", ["gps", "none"])
@pytest.mark.parametrize("why", BAD)
def test_bad_columns_are_quarantined_whatever_the_time(why, quality, tmp_path):
    bad = window(**BAD[why], start=started(quality))
    ingest = ingest_into(open_ledger(tmp_path / "ledger"))

    with pytest.raises(WireError):
        of_message(bad, "station-7", 0)
    (ack,) = ingest.take([arrived(bad)], 0)["station-7"]
    assert ack.status == QUARANTINED
    assert not ingest.ledger.execute("SELECT 1 FROM windows").fetchall()


def test_a_bad_window_harms_none_that_came_with_it(tmp_path):
    bad = window(**BAD["garbage"])
    ingest = ingest_into(open_ledger(tmp_path / "ledger"))

    came = [arrived(one, seq=seq) for seq, one in enumerate((window(), bad, window()), 1)]
    acks = ingest.take(came, 0)["station-7"]

    status = {ack.digest: ack.status for ack in acks}
    expected = [STORED, QUARANTINED, STORED]
    assert [status[digest(one.payload)] for one in came] == expected


def test_a_signal_of_a_newer_agent_is_left_out_and_the_message_kept(tmp_path):
    newer = window(high={"magic": b"\x63"})
    ingest = ingest_into(open_ledger(tmp_path / "ledger"))
    (ack,) = ingest.take([arrived(newer)], 0)["station-7"]

    assert ack.status == STORED
    assert not [line for line in lines(newer) if "magic" in line]
    assert ingest.ledger.execute("SELECT event_boot_us FROM windows").fetchone()[0] == 69_000_000
