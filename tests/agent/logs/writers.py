"""Tiny logs, written by hand from the specifications."""

import struct

ULOG_HEADER = b"ULog\x01\x12\x35\x01"
SYNC = bytes.fromhex("2f731320250cbb12")
LETTERS = {"a": "64s", "Z": "64s", "N": "16s", "n": "4s", "g": "e", "M": "b", "L": "i"}
LETTERS |= {"c": "h", "C": "H", "e": "i", "E": "I"}


def ulog(*messages, opened_us=1_000_000):
    return ULOG_HEADER + opened_us.to_bytes(8, "little") + b"".join(messages)


def message(kind, payload):
    return struct.pack("<HB", len(payload), ord(kind)) + payload


def flags(incompatible=0, appended=(0, 0, 0)):
    return message("B", struct.pack("<8xQ3Q", incompatible, *appended))


def definition(text):
    """`topic:uint64_t timestamp;float x;`"""
    return message("F", text.encode())


def keyed(kind, key, value, before=b""):
    """I, P, M (`before` = continued?) or Q (`before` = which default)."""
    return message(kind, before + bytes([len(key)]) + key.encode() + value)


def subscribe(number, name, instance=0):
    return message("A", struct.pack("<BH", instance, number) + name.encode())


def unsubscribe(number):
    return message("R", struct.pack("<H", number))


def data(number, stamp_us, payload=b""):
    return message("D", struct.pack("<HQ", number, stamp_us) + payload)


def floats(number, stamp_us, *values):
    return data(number, stamp_us, struct.pack(f"<{len(values)}f", *values))


def text(line, stamp_us=2_000_000, level="4"):
    return message("L", level.encode() + struct.pack("<Q", stamp_us) + line.encode())


def tagged(line, stamp_us=2_000_000, level="6", tag=7):
    return message("C", level.encode() + struct.pack("<HQ", tag, stamp_us) + line.encode())


def dropout(duration_ms):
    return message("O", struct.pack("<H", duration_ms))


def small_ulog(rows=30):
    """Two instances of one topic, a parameter, a line of text, 10 ms apart."""
    return ulog(
        flags(),
        keyed("I", "char[9] ver_hw", b"PX4_FMU_X"),
        definition("accel:uint64_t timestamp;float[3] a;uint8_t[4] _padding0;"),
        keyed("P", "float GAIN", struct.pack("<f", 0.5)),
        subscribe(3, "accel"),
        subscribe(5, "accel", instance=1),
        text("Takeoff detected\t"),
        *(
            floats(3 + 2 * (row % 2), 2_000_000 + 10_000 * row, row, 0, -9.81)
            for row in range(rows)
        ),
        keyed("P", "float GAIN", struct.pack("<f", 0.75)),
        dropout(120),
    )


def fmt(number, name, codes, columns):
    """A DataFlash FMT message."""
    length = 3 + struct.calcsize("<" + "".join(LETTERS.get(code, code) for code in codes))
    body = struct.pack(
        "<BB4s16s64s", number, length, name.encode(), codes.encode(), columns.encode()
    )
    return b"\xa3\x95\x80" + body


FMT_ITSELF = fmt(128, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")


def row(number, codes, *values):
    """A DataFlash message."""
    packed = struct.pack("<" + "".join(LETTERS.get(code, code) for code in codes), *values)
    return bytes([0xA3, 0x95, number]) + packed


def small_dataflash(rows=30):
    """ATT, two instances of IMU, a parameter and a line of text, 10 ms apart."""
    flight = [
        row(130, "Qcc", 2_000_000 + 10_000 * one, 100 * one, -100 * one)
        + row(131, "QBf", 2_000_500 + 10_000 * one, one % 2, -9.81)
        for one in range(rows)
    ]
    return b"".join(
        [
            FMT_ITSELF,
            fmt(130, "ATT", "Qcc", "TimeUS,Roll,Pitch"),
            fmt(131, "IMU", "QBf", "TimeUS,I,AccZ"),
            fmt(132, "PARM", "QNff", "TimeUS,Name,Value,Default"),
            fmt(133, "MSG", "QZ", "TimeUS,Message"),
            fmt(134, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds"),
            row(134, "QBNN", 1_900_000, 131, b"s#o", b"F-0"),
            row(132, "QNff", 1_900_000, b"GAIN", 0.5, 0.25),
            row(133, "QZ", 1_900_000, b"ArduCopter V4.5.5 (12345678)"),
            *flight,
            row(132, "QNff", 2_500_000, b"GAIN", 0.75, 0.25),
        ]
    )
