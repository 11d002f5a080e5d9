"""Batches as bytes: the envelope of wire version 1.

::

    byte 0      0x57, "W"
    byte 1, 2   major, minor version
    byte 3      codec of the body: 0 plain, 1 zlib, 2 zlib with the preset dictionary
    byte 4..7   CRC-32 of everything but these four bytes, little-endian
    byte 8..    header, one msgpack array; behind it the body, one msgpack map

The header is never compressed and comes first, so that a body nobody can read still has a key.
"""

import zlib
from hashlib import blake2b
from typing import Annotated, Final, NamedTuple

import msgpack
import msgspec
from msgspec import Meta

from windsock.protocol.dictionary import DICTIONARY
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Count, Flight, Int64, LogRecord, Message, Name
from windsock.protocol.topics import AGENT_ID

MAGIC: Final = 0x57
MAJOR: Final = 1
MINOR: Final = 1
PLAIN: Final = 0
ZLIB: Final = 1
PRESET_ZLIB: Final = 2

MESSAGE_LIMIT: Final = 256 * 1024
"""Bytes on the wire."""
BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes after decompression; a column of zeros deflates to a thousandth."""
LANES: Final = 4
URGENT, FLIGHTS, SERIES, BACKLOG = range(LANES)

_DECODER: Final[msgspec.msgpack.Decoder[Message]] = msgspec.msgpack.Decoder(Message)
_MEMORY: Final = 9
_PREFIX = 8
_MAJOR_AT = 1
_CODEC_AT = 3
_CRC_AT = 4
_FLOAT32_LIMIT = 3e38
_BOOT_S_LIMIT = 1e10
"""Simulators' boot clocks show Unix time."""

AgentId = Annotated[str, Meta(pattern=f"^{AGENT_ID.pattern}$")]


class Key(NamedTuple):
    """What names a batch for ever."""

    agent: str
    epoch: int
    lane: int
    seq: int


class Header(msgspec.Struct, frozen=True, array_like=True):
    """Who sent which batch when; times are the station's own and may be wrong."""

    agent: AgentId
    epoch: Count
    lane: Annotated[int, Meta(ge=0, lt=LANES)]
    seq: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    wall_us: Int64
    monotonic_us: Count
    boot_id: Name
    agent_version: Name

    @property
    def key(self) -> Key:
        """The batch's key."""
        return Key(self.agent, self.epoch, self.lane, self.seq)


class Batch(NamedTuple):
    """One decoded message and where it comes from."""

    header: Header
    message: Message


def digest(payload: bytes) -> bytes:
    """Eight bytes that tell batches of the same key apart (BLAKE2b)."""
    return blake2b(payload, digest_size=8).digest()


def encode(header: Header, message: Message) -> bytes:
    """The bytes of a batch.

    Raises ValueError where they exceed `MESSAGE_LIMIT`: the caller splits its message.
    """
    plain = msgpack.packb(msgspec.to_builtins(message, builtin_types=(bytes,)))
    packed = _compress(plain)
    codec, body = (PRESET_ZLIB, packed) if len(packed) < len(plain) else (PLAIN, plain)
    start = bytes([MAGIC, MAJOR, MINOR, codec])
    rest: bytes = msgpack.packb(msgspec.to_builtins(header)) + body
    payload = start + _crc(start, rest) + rest
    if len(payload) > MESSAGE_LIMIT:
        raise ValueError(f"a batch of {len(payload)} bytes exceeds {MESSAGE_LIMIT}")
    return payload


def decode(payload: bytes) -> Batch:
    """The batch in *payload*; raises WireError, and nothing else, for any other bytes."""
    header, body_at = _open(payload)
    try:
        plain = _decompress(payload[_CODEC_AT], payload[body_at:])
        message = _message(plain)
        for record in message.logs if isinstance(message, Flight) else ():
            check_facts(record)
    except WireError as error:
        raise WireError(error.reason, body_at if error.at is None else error.at) from error
    return Batch(header, message)


def check_facts(record: LogRecord) -> None:
    """Raise WireError for a fact that is no number to reckon with, or no such time.

    JSON and SQL have no NaN: an absent fact is absent.
    """
    for flight in record.flights:
        for name, value in flight.facts.items():
            limit = _BOOT_S_LIMIT if name.endswith("_boot_s") else _FLOAT32_LIMIT
            if not abs(value) <= limit:  # false for NaN, too
                raise WireError(f"fact {name} is {value}")


def key_of(payload: bytes) -> Key | None:
    """The key of a batch whose body may be unreadable; None where the header is, too."""
    try:
        return _open(payload)[0].key
    except WireError:
        return None


def _open(payload: bytes) -> tuple[Header, int]:
    """The header and where the body begins."""
    if len(payload) > MESSAGE_LIMIT:
        raise WireError(f"{len(payload)} bytes are more than {MESSAGE_LIMIT}", MESSAGE_LIMIT)
    if len(payload) <= _PREFIX or payload[0] != MAGIC:
        raise WireError("not a windsock message", 0)
    if payload[_MAJOR_AT] != MAJOR:
        raise WireError(
            f"major version {payload[_MAJOR_AT]}, this reader knows {MAJOR}", _MAJOR_AT
        )
    if payload[_CRC_AT:_PREFIX] != _crc(payload[:_CRC_AT], payload[_PREFIX:]):
        raise WireError("checksum does not match: damaged or cut", _CRC_AT)
    return _header(payload)


def _header(payload: bytes) -> tuple[Header, int]:
    unpacker = msgpack.Unpacker(max_buffer_size=MESSAGE_LIMIT, strict_map_key=True)
    unpacker.feed(memoryview(payload)[_PREFIX:])
    try:
        header = msgspec.convert(unpacker.unpack(), Header)
    except (ValueError, msgpack.UnpackException, msgspec.ValidationError) as error:
        raise WireError(f"header: {str(error) or type(error).__name__}", _PREFIX) from error
    return header, _PREFIX + unpacker.tell()


def _crc(start: bytes, rest: bytes) -> bytes:
    return zlib.crc32(rest, zlib.crc32(start)).to_bytes(4, "little")


def _compress(plain: bytes) -> bytes:
    deflater = zlib.compressobj(zlib.Z_BEST_COMPRESSION, memLevel=_MEMORY, zdict=DICTIONARY)
    return deflater.compress(plain) + deflater.flush()


def _decompress(codec: int, body: bytes) -> bytes:
    if codec == PLAIN:
        return body
    if codec not in (ZLIB, PRESET_ZLIB):
        raise WireError(f"unknown body codec {codec}", _CODEC_AT)
    inflater = zlib.decompressobj(zdict=DICTIONARY if codec == PRESET_ZLIB else b"")
    try:
        plain = inflater.decompress(body, BODY_LIMIT)
    except zlib.error as error:
        raise WireError(f"body: {error}") from error
    if not inflater.eof:
        raise WireError(f"body: cut, or more than {BODY_LIMIT} bytes")
    return plain


def _message(plain: bytes) -> Message:
    """What msgspec makes of the body; what it doesn't know is skipped unread."""
    try:
        return _DECODER.decode(plain)
    except msgspec.ValidationError as error:
        raise WireError(f"message: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"body: {error}") from error
