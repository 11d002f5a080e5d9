"""Which files are flight logs, and what a technician is told of the others."""

import gzip

import numpy as np
import pytest

from tests.agent.logs.writers import row, small_dataflash, small_ulog
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log

TLOG = (1_700_000_000_000_000).to_bytes(8, "big") + b"\xfd\x09\x00\x00\x00" * 20

REFUSED = {
    "empty file": b"",
    "encrypted ULog (ULogEnc): the key stays with the maker": b"ULogEnc\x01" + bytes(100),
    "DataFlash text log: only binary .bin logs are read": b"FMT, 128, 89, FMT, BBnNZ, Type\n",
    "Telemetry log (.tlog): what a ground station received, not the autopilot's own log": TLOG,
    "compressed file (gzip): unpack it first": gzip.compress(small_ulog()),
    "compressed file (zip): unpack it first": b"PK\x03\x04" + bytes(30),
    "ULog cut off within its first 16 bytes": small_ulog()[:12],
    "not a flight log": b"GIF89a" + bytes(range(256)) * 4,
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_flight_log_is_refused_with_the_reason(reason):
    with pytest.raises(LogError) as refusal:
        read_flight_log(REFUSED[reason])
    assert str(refusal.value) == reason


def test_an_old_text_log_begins_with_blank_lines():
    old = b"1\n\nArduCopter V3.0.1\nFree RAM: 1331\nAPM 2\nFMT, 128, 89, FMT, BBnNZ, Type\n"
    with pytest.raises(LogError, match="text log"):
        read_flight_log(old)


def test_messages_without_any_definition_are_no_flight_log():
    with pytest.raises(LogError, match="not a flight log"):
        read_flight_log(row(130, "Qcc", 1, 2, 3) * 5)


@pytest.mark.parametrize("write", [small_ulog, small_dataflash])
@pytest.mark.parametrize(
    "as_buffer", [bytes, bytearray, memoryview, lambda b: np.array(list(b), "u1")]
)
def test_any_buffer_of_bytes_is_read(write, as_buffer):
    whole = read_flight_log(write())
    log = read_flight_log(as_buffer(write()))
    assert log.tables.keys() == whole.tables.keys()
    assert log.damaged_bytes == 0
    assert log.size_bytes == len(write())


@pytest.mark.parametrize(("write", "name"), [(small_ulog, "accel"), (small_dataflash, "ATT")])
def test_only_wanted_tables_are_materialised_but_all_that_is_said_is_kept(write, name):
    log = read_flight_log(write(), wanted={name, "not_in_this_log"})
    whole = read_flight_log(write())
    assert log.tables.keys() == {name}
    assert log.parameters == whole.parameters == {"GAIN": 0.5}
    assert [change.value for change in log.parameter_changes] == [0.75]
    assert log.messages == whole.messages
    assert (log.first_boot_us, log.last_boot_us) == (whole.first_boot_us, whole.last_boot_us)


def test_the_table_of_an_instance():
    log = read_flight_log(small_ulog())
    table = log.table("accel", 1)
    assert len(table) == 15
    assert "a[2]" in table
    assert table["a[0]"].tolist() == list(range(1, 30, 2))
    assert not table["a[0]"].flags.writeable
    assert log.table("accel", 2) is None
    assert log.table("gyro") is None


def test_a_ulog_whose_first_sector_is_lost_is_still_recognised():
    log = read_flight_log(bytes(60) + small_ulog()[60:])
    assert len(log.table("accel", 1)) == 15


def test_every_real_log_is_read_or_refused_in_one_line(shared_logs):
    paths = [path for path in sorted(shared_logs.glob("*/*")) if path.suffix != ".json"]
    refused = {}
    for path in paths:
        try:
            log = read_flight_log(path.read_bytes(), wanted=())
        except LogError as error:
            refused[path.name] = str(error)
        else:
            assert log.first_boot_us <= log.last_boot_us, path.name
            assert log.last_boot_us - log.first_boot_us < 3_600e6, path.name
    assert len(paths) == 96
    assert set(refused.values()) == {"DataFlash text log: only binary .bin logs are read"}
    assert len(refused) == 3
