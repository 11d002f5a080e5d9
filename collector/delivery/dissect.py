"""A batch that can't be read, as a person looks at it: parts, bytes and the place. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgpack

from windsock.collector.delivery.gap_rows import LANES
from windsock.protocol.envelope import MAGIC, MAJOR, PLAIN, PRESET_ZLIB, ZLIB, decode
from windsock.protocol.errors import WireError

WIDTH: Final = 16
_SHOWN: Final = 16
"""Lines of bytes: what there is more of is as dull."""
_PREFIX: Final = 8
_CODECS: Final = {PLAIN: "plain", ZLIB: "zlib", PRESET_ZLIB: "zlib with the preset dictionary"}
_NAMES: Final = (
    "agent", "epoch", "lane", "seq", "wall_us", "monotonic_us", "boot_id", "agent_version"
)  # fmt: skip


class Part(NamedTuple):
    """Bytes [first, last) and what they say."""

    first: int
    last: int
    says: str


class Line(NamedTuple):
    """One line of a hexdump."""

    offset: int
    octets: str
    text: str
    marked: bool
    """Here is what is wrong."""


def fault(payload: bytes) -> WireError | None:
    """Why *payload* can't be read by the present code; None where it can."""
    try:
        decode(payload)
    except WireError as error:
        return error
    return None


def parts(payload: bytes) -> list[Part]:
    """What the bytes are, as far as they say."""
    if len(payload) <= _PREFIX or payload[0] != MAGIC:
        return [Part(0, len(payload), "no windsock message begins like this")]
    major, minor, codec = payload[1:4]
    known = "" if major == MAJOR else f", we know {MAJOR}"
    found = [
        Part(0, 1, "windsock message"),
        Part(1, 3, f"wire version {major}.{minor}{known}"),
        Part(3, 4, f"body: {_CODECS.get(codec, f'unknown codec {codec}')}"),
        Part(4, _PREFIX, "checksum"),
    ]
    end, header = _header(payload)
    found += [Part(_PREFIX, end, f"header: {header}")]
    return [*found, Part(end, len(payload), f"body: {len(payload) - end:,} bytes")]


def hexdump(payload: bytes, at: int | None) -> Iterator[Line]:
    """The first lines, and those around the place *at* which something is wrong."""
    place = None if at is None else min(at, max(0, len(payload) - 1)) // WIDTH
    around = set() if place is None else set(range(place - 2, place + 3))
    for number in range(-(-len(payload) // WIDTH)):
        if number < _SHOWN or number in around:
            start = number * WIDTH
            octets = payload[start : start + WIDTH]
            text = "".join(chr(one) if 32 <= one < 127 else "." for one in octets)  # noqa: PLR2004 - what ASCII can print
            yield Line(start, octets.hex(" "), text, number == place)


def _header(payload: bytes) -> tuple[int, str]:
    """Where it ends, and what it says; whatever it is."""
    unpacker = msgpack.Unpacker(max_buffer_size=max(len(payload), 1), strict_map_key=True)
    unpacker.feed(payload[_PREFIX:])
    try:
        values = unpacker.unpack()
    except (ValueError, msgpack.UnpackException) as error:
        return len(payload), f"unreadable, {str(error) or type(error).__name__}"
    if not isinstance(values, list):
        return _PREFIX + unpacker.tell(), "not an array"
    said = [f"{name} {_value(name, value)}" for name, value in zip(_NAMES, values, strict=False)]
    return _PREFIX + unpacker.tell(), ", ".join(said)


def _value(name: str, value: object) -> str:
    if name == "lane" and isinstance(value, int) and 0 <= value < len(LANES):
        return LANES[value]
    return f"{value:x}" if name == "epoch" and isinstance(value, int) else str(value)[:64]
