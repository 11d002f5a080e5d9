"""One example of every kind of message, as the golden vectors hold them."""

import json
from pathlib import Path

import msgspec
import numpy as np

from windsock.protocol.columns import decode_column, encode_column
from windsock.protocol.envelope import Header, decode, encode
from windsock.protocol.messages import (
    Counters,
    Damage,
    Event,
    Firmware,
    Flight,
    FlightRecord,
    Log,
    LogRecord,
    Ping,
    Samples,
    Series,
    Sighting,
    Station,
    Tombstone,
    Utc,
    Window,
)
from windsock.protocol.series import encode_columns

LOG_ID = "000102030405060708090a0b0c0d0e0f"
UID = "px4:0002000000003432383138510032002e"
START = Utc(quality="gps", us=1_795_467_600_000_000, earliest_us=1_795_467_599_900_000,
            latest_us=1_795_467_600_100_000)  # fmt: skip
HEADER = Header("station-7", 0x123456789ABC, 1, 42, 1_795_467_700_000_000, 5_000_000,
                "5d2b5ae4-9f0a-4b39-a3c7-1f7d0e8d2c11", "0.1.0")  # fmt: skip
FIRMWARE = Firmware(
    autopilot="px4",
    vehicle="multicopter",
    version="1.16.0",
    version_code=0x011000FF,
    git_hash="6ea3539157d3f0a3",
    hardware="PX4_FMU_V5",
)
FLIGHT = FlightRecord(
    flight=1,
    armed_boot_us=10_260_000,
    end_boot_us=73_250_000,
    disarmed_boot_us=73_250_000,
    start=START,
    lat_deg=47.4,
    lon_deg=8.5,
    facts={"airborne_s": 59.2, "peak_force_m_s2": 21.4, "tilt_max_deg": 12.5},
    events=[Event(boot_s=11.46, what="message", text="Takeoff detected", level=6)],
)
RECORD = LogRecord(
    log_id=LOG_ID,
    drone_uid=UID,
    facts_version=1,
    format="ulog",
    size_bytes=8_578_014,
    bytes_seen=8_578_014,
    firmware=FIRMWARE,
    counters=Counters(flight_time_s=5400.5, flight_uuid=71),
    parameters_hash="00112233445566ff",
    parameters_changed={"MPC_XY_VEL_MAX": (12.0, 8.0), "NEW": (None, 1.0)},
    flights=[FLIGHT],
)
SERIES = Series(
    drone_uid=UID,
    log_id=LOG_ID,
    armed_boot_us=10_260_000,
    start_boot_us=10_000_000,
    start=START,
    interval_us=1_000_000,
    rows=9,
    columns=encode_columns(
        {
            "height_m": np.array([0.0, 0.1, 1.5, 9.9, 20, 20.1, 10, 0.2, -0.1]),
            "voltage_v": np.array([16.8, np.nan, np.nan, 16.21, 16.2, np.nan, 16, 16, 16]),
            "lat_deg": np.linspace(47.397742, 47.398, 9),
            "current_a": np.full(9, np.nan),
        }
    ),
)
PAIR = encode_column(np.array([100, 50]), np.ones(2, bool))
WINDOW = Window(
    drone_uid=UID,
    log_id=LOG_ID,
    armed_boot_us=10_260_000,
    event_boot_us=69_000_000,
    start_boot_us=59_000_000,
    start=START,
    interval_us=20_000,
    rows=2,
    low={"height_m": PAIR},
    high={"height_m": PAIR},
    full={"force_m_s2": Samples(rows=2, times=PAIR, values=PAIR)},
)
MESSAGES = {
    "log": Log(log_id=LOG_ID, name="x.ulg", size_bytes=7, error="encrypted ULog"),
    "flight": Flight(logs=[RECORD]),
    "series": SERIES,
    "window": WINDOW,
    "sighting": Sighting(
        drone_uid=UID, seen=START, source="serial", firmware=FIRMWARE, armed=False,
        counters=Counters(boot_count=12),
    ),
    "station": Station(
        boot_id="b", wall_us=1, monotonic_us=2, agent_version="0.1.0", disk_free_bytes=3
    ),
    "tombstone": Tombstone(epoch=5, lane=3, first_seq=1, last_seq=9, reason="disk cap"),
    "damage": Damage(what="spool", detail="file is not a database", lost_batches=3),
    "ping": Ping(),
}  # fmt: skip


RICED = msgspec.structs.replace(
    SERIES,
    columns={
        name: encode_column(*decode_column(column, SERIES.rows), alone=True)
        for name, column in SERIES.columns.items()
    },
)
"""The same series as agents of wire version 1.1 send it."""


def write_golden(version: str) -> None:
    """Golden vectors of a new version: ``python -c`` it once, then never change them."""
    folder = Path(__file__).parent / "golden"
    for name, message in (MESSAGES | {"series": RICED}).items():
        payload = encode(HEADER, message)
        said = json.loads(msgspec.json.encode(decode(payload)._asdict()))
        (folder / f"{version}-{name}.bin").write_bytes(payload)
        (folder / f"{version}-{name}.json").write_text(json.dumps(said, indent=1) + "\n")
